package druid

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// written are payloads as Druid writes them, and what is nearly that.
var written = []string{
	`{"dataSource":"wiki","interval":"2026-01-01T00:00:00.000Z/2026-01-02T00:00:00.000Z","version":"v1","loadSpec":{"type":"s3_zip",` +
		`"bucket":"b","key":"a/b.zip"},"dimensions":"a,b","metrics":"","shardSpec":{"type":"numbered","partitionNum":3,"partitions":4},` +
		`"lastCompactionState":{"x":[1,-2,null,true,false,{}],"y":[]},"binaryVersion":9,"size":7,"identifier":"x"}`,
	` { "a" : [ 1 , "ä€" ] , "b" : 0 } `, `{}`, `{"a":-0}`,
}

// damaged are objects that are not valid, or not plain.
var damaged = []string{
	`{"a":01}`, `{"a":-}`, `{"a":1.5}`, `{"a":1e3}`, `{"a":"\u0041"}`, "{\"a\":\"\n\"}", "{\"abcdefgh\":\"ijklmnop\x01qrst\"}", `{"a":tru}`, `{"a":1,}`, `{,}`,
	`{"a" 1}`, `{"a":}`, `{a:1}`, `{1:1}`, `{"a":[1,]}`, `{"a":[1}`, `{"a":1]`, `{"a":1`, `{"a"`, `{"a`, `{`, ``, ` `, `[]`, `"a"`, `{"a":1}x`, `{"a":1}{`,
	`{"a":` + strings.Repeat("[", 60) + strings.Repeat("]", 60) + `}`, `{"a":nul`, `{"a":"abcdefghijklmn`, `{"abcdefghij\"k":1}`,
}

// fieldsOf is all that a scanner tells of an object.
func fieldsOf(scan func(visit func(key, value []byte))) []string {
	var told []string
	scan(func(key, value []byte) { told = append(told, fmt.Sprintf("%s=%s", key, value)) })
	return told
}

func TestPlainFields(t *testing.T) {
	for _, text := range written {
		var ok bool
		fieldsOf(func(visit func(key, value []byte)) { ok = plainFields([]byte(text), visit) })
		if !ok {
			t.Errorf("%s is not plain", text)
		}
	}
	for _, text := range damaged {
		if plainFields([]byte(text), func(_, _ []byte) {}) {
			t.Errorf("%s is plain", text)
		}
	}
}

// FuzzPlainFields: what is taken for plain is valid, and has the fields that eachField finds.
func FuzzPlainFields(f *testing.F) {
	for _, text := range append(written, damaged...) {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		before, ok := bytes.Clone(data), false
		got := fieldsOf(func(visit func(key, value []byte)) { ok = plainFields(data, visit) })
		if !bytes.Equal(before, data) {
			t.Fatal("the data was changed")
		}
		if !ok {
			return
		}
		if !json.Valid(data) {
			t.Fatalf("%q is not valid", data)
		}
		want := fieldsOf(func(visit func(key, value []byte)) {
			if err := eachField(data, visit); err != nil {
				t.Fatal(err)
			}
		})
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

// TestPlainTextEndOfEveryLength: what ends a text is found wherever it lies, in short texts and in long ones.
func TestPlainTextEndOfEveryLength(t *testing.T) {
	for length := range 200 {
		for _, c := range []struct {
			end  string
			want int
		}{{`"`, length + 1}, {`\"`, notPlain}, {"\x00\"", notPlain}, {"\x1f\"", notPlain}, {"", notPlain}, {"\x7f\"", length + 2}, {"\xff\"", length + 2}} {
			text := strings.Repeat("€", length/3) + strings.Repeat("a", length%3) + c.end
			if got := plainTextEnd([]byte(text), 0); got != c.want {
				t.Errorf("%q ends at %d, want %d", text, got, c.want)
			}
		}
	}
}

// benchSegment is a payload of ordinary size.
var benchSegment = []byte(strings.Replace(written[0], `"dimensions":"a,b"`, `"dimensions":"`+strings.Repeat("dimension_", 90)+`"`, 1))

func BenchmarkReadSegment(b *testing.B) {
	var r SegmentReader
	b.ReportAllocs()
	b.SetBytes(int64(len(benchSegment)))
	for b.Loop() {
		if _, err := r.Read(benchSegment); err != nil {
			b.Fatal(err)
		}
	}
}
