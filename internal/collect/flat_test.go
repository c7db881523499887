package collect

import (
	"bytes"
	"encoding/json"
	"testing"

	"pgregory.net/rapid"
)

func TestCanonicalFlat(t *testing.T) {
	for text, want := range map[string]string{
		`{}`:                               `{}`,
		`{"b":"2","a":"1"}`:                `{"a":"1","b":"2"}`,
		`{"path":null,"type":"tombstone"}`: `{"path":null,"type":"tombstone"}`,
		`{"a-":"1","a":"2","a.b":true}`:    `{"a":"2","a-":"1","a.b":true}`,
		`{"a":"1","a":"2"}`:                "",
		`{"a":1}`:                          "",
		`{"a":{"b":"c"}}`:                  "",
		`{ "a":"1"}`:                       "",
		`{"a":"x&y"}`:                      "",
		`{"a":"\u0041"}`:                   "",
		`{"a":"1",}`:                       "",
		`{"a":"1"`:                         "",
		`{"a":nullx}`:                      "",
		`[]`:                               "",
		``:                                 "",
	} {
		got, ok := canonicalFlat(nil, []byte(text))
		if ok != (want != "") || string(got) != want {
			t.Errorf("%s becomes %q, %v; want %q", text, got, ok, want)
		}
	}
}

// TestFlatIsAny: where the fast way answers, it answers as the general one does.
func TestFlatIsAny(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		fields := rapid.MapOf(rapid.StringMatching(`[a-z."\\&é ]{0,4}`), rapid.SampledFrom([]any{"", "x", "a/b c", `q"`, "<", nil, true, 5})).Draw(t, "fields")
		object, err := json.Marshal(fields)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := canonicalFlat(nil, object); ok && !bytes.Equal(got, canonicalAny(object)) {
			t.Fatalf("%s becomes %s and %s", object, got, canonicalAny(object))
		}
	})
}

// BenchmarkFingerprint is of a loadSpec of ordinary size.
func BenchmarkFingerprint(b *testing.B) {
	loadSpec := []byte(`{"type":"s3_zip","bucket":"druid-deep-storage","key":"druid/segments/events/2026-01-01T00:00:00.000Z_2026-01-02T00:00:00.000Z/2026-01-03T01:02:03.004Z/0/index.zip","S3Schema":"s3n"}`)
	b.ReportAllocs()
	for b.Loop() {
		fingerprint(loadSpec)
	}
}
