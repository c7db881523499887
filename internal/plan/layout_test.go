package plan

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// documents are what layouts are tried on, beside drawn ones.
var documents = []string{`{}`, `[]`, `{"a":{},"b":[]}`, `[1,-2.5e3,true,false,null]`, `{"a":"{,}:[\"]"}`, `{"\\":"\\","b\"":"\\\""}`, `"x"`, `[[[[1]],[]]]`,
	`{"digest":"x","a":{"digest":"y"}}`, "{\"\u00e4\":\"\u2028\"}"}

// drawValue draws what JSON can say, with texts that look like it.
func drawValue(t *rapid.T, depth int) any {
	text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[\\"{}\[\],: \n]{0,8}`))
	switch kind := rapid.IntRange(0, 6).Draw(t, "kind"); {
	case kind == 0 && depth > 0:
		object := map[string]any{}
		for range rapid.IntRange(0, 3).Draw(t, "members") {
			object[text.Draw(t, "key")] = drawValue(t, depth-1)
		}
		return object
	case kind == 1 && depth > 0:
		list := []any{}
		for range rapid.IntRange(0, 3).Draw(t, "elements") {
			list = append(list, drawValue(t, depth-1))
		}
		return list
	case kind < 4:
		return text.Draw(t, "text")
	case kind == 4:
		return rapid.Float64Range(-1e20, 1e20).Draw(t, "number")
	}
	return rapid.SampledFrom([]any{nil, true, false}).Draw(t, "literal")
}

// drawDocument draws valid JSON without blanks.
func drawDocument(t *rapid.T) []byte {
	if rapid.Bool().Draw(t, "known") {
		return []byte(rapid.SampledFrom(documents).Draw(t, "document"))
	}
	document, err := json.Marshal(drawValue(t, 4))
	if err != nil {
		t.Fatal(err)
	}
	return document
}

// TestLayoutIsThatOfJSON: both directions are what encoding/json does, but for runs.
func TestLayoutIsThatOfJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		document := drawDocument(t)
		var want, again bytes.Buffer
		if err := json.Indent(&want, document, "", " "); err != nil {
			t.Fatal(err)
		}
		got := indented(document)
		if !bytes.Equal(got, want.Bytes()) {
			t.Fatalf("indented(%s):\n%s\nwant\n%s", document, got, want.Bytes())
		}
		blanks := rapid.SampledFrom([]string{" ", "\t", "\r\n", " \n "}).Draw(t, "blanks")
		if err := json.Indent(&again, document, blanks, blanks); err != nil {
			t.Fatal(err)
		}
		spaced := slices.Concat([]byte(blanks), again.Bytes(), []byte(blanks))
		if squeezed := squeezed(spaced); !bytes.Equal(squeezed, document) {
			t.Fatalf("squeezed(%q) = %q, want %q", spaced, squeezed, document)
		}
	})
}

// TestRunsAreLines: each run is one line, wherever the list is and whatever is in it, and nothing else changes.
func TestRunsAreLines(t *testing.T) {
	const text = `{"a":{"runs":[{"r":{"x":[1,{}]},"runs":[1,2]},{"p":"0-7,9"},3],"b":[1]},"runs":[],"c":{"runs":null}}`
	const want = `{
 "a": {
  "runs": [
   {"r": {"x": [1, {}]}, "runs": [1, 2]},
   {"p": "0-7,9"},
   3
  ],
  "b": [
   1
  ]
 },
 "runs": [],
 "c": {
  "runs": null
 }
}`
	if got := indented([]byte(text)); string(got) != want {
		t.Errorf("indented:\n%s", got)
	}
	rapid.Check(t, func(t *rapid.T) {
		inner, behind := drawDocument(t), drawDocument(t)
		document := slices.Concat([]byte(`{"runs":[`), inner, []byte(`,`), inner, []byte(`],"z":`), behind, []byte(`}`))
		var want bytes.Buffer
		if err := json.Indent(&want, behind, " ", " "); err != nil {
			t.Fatal(err)
		}
		got := indented(document)
		line, _, _ := bytes.Cut(bytes.TrimPrefix(got, []byte("{\n \"runs\": [\n  ")), []byte("\n"))
		var compact bytes.Buffer
		if err := json.Compact(&compact, bytes.TrimSuffix(line, []byte(","))); err != nil || !bytes.Equal(compact.Bytes(), inner) {
			t.Fatalf("the line of %s is %s, %v", inner, line, err)
		}
		if again := squeezed(got); !bytes.Equal(again, document) || !bytes.HasSuffix(got, slices.Concat([]byte("\n \"z\": "), want.Bytes(), []byte("\n}"))) {
			t.Fatalf("indented(%s):\n%s", document, got)
		}
	})
}

// TestBlanksMakeNothingValid: what is not JSON is not JSON without its blanks.
func TestBlanksMakeNothingValid(t *testing.T) {
	for _, bad := range []string{`[1 2]`, `tr ue`, `{"a" "b"}`, `[1,  - 2]`, "[\"a\nb\"]", `"a`, `"a\`, `["\"]`, ` `, ``} {
		if got := squeezed([]byte(bad)); json.Valid(got) {
			t.Errorf("squeezed(%q) = %q is valid", bad, got)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		text := []byte(rapid.StringMatching(`[\\"{}\[\],: \n01tnul.e-]{0,14}`).Draw(t, "text"))
		if got := squeezed(text); json.Valid(got) != json.Valid(text) {
			t.Fatalf("squeezed(%q) = %q: valid %t, before %t", text, got, json.Valid(got), json.Valid(text))
		}
	})
}

// FuzzOutermost: of a valid object, keys and values are those that encoding/json sees, in its order; whatever the text
// is, looking ends.
func FuzzOutermost(f *testing.F) {
	for _, document := range documents {
		f.Add([]byte(document))
		f.Add([]byte(" " + document + "\n"))
		f.Add([]byte(document[:len(document)/2]))
	}
	f.Fuzz(func(t *testing.T, document []byte) {
		var got []string
		err := outermost(document, func(key string, value span) { got = append(got, key, string(value.of(document))) })
		if !json.Valid(document) || bytes.TrimLeft(document, " \t\r\n")[0] != '{' {
			return
		}
		if want := members(t, document); err != nil || !slices.Equal(got, want) {
			t.Errorf("outermost(%q) = %q, %v, want %q", document, got, err, want)
		}
	})
}

// members are keys and values, in turn, of a valid object.
func members(t *testing.T, document []byte) (list []string) {
	decoder := json.NewDecoder(bytes.NewReader(document))
	if _, err := decoder.Token(); err != nil {
		t.Fatal(err)
	}
	for decoder.More() {
		key, err := decoder.Token()
		var value json.RawMessage
		if err == nil {
			err = decoder.Decode(&value)
		}
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, key.(string), string(value))
	}
	return list
}

// TestAnotherLayoutIsRead: the digest is of the bytes, however they are laid out; and what was read is written as ever.
func TestAnotherLayoutIsRead(t *testing.T) {
	whole := encoded(t, small(t))
	at := digestAt(t, whole)
	var indented bytes.Buffer
	if err := json.Indent(&indented, slices.Concat(whole[:at.start], whole[at.end:]), "", "\t"); err != nil {
		t.Fatal(err)
	}
	other := indented.Bytes()
	at = digestAt(t, other)
	p, err := Decode(slices.Concat(other[:at.start], []byte(sum(other)), other[at.end:]))
	if err != nil {
		t.Fatalf("Decode: %v", err)
	}
	if again := encoded(t, p); !bytes.Equal(again, whole) {
		t.Errorf("encoding again (-first +second):\n%s", cmp.Diff(string(whole), string(again)))
	}
}
