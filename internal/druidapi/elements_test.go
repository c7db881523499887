package druidapi

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// cutAll returns the elements of a list, whole says that the list ended with its bracket and nothing behind it.
func cutAll(from io.Reader) (elements []string, whole bool) {
	e := newElements(from)
	if e.open() != nil {
		return nil, false
	}
	for {
		element, err := e.next()
		if err != nil {
			return elements, false
		}
		if element == nil {
			rest, err := io.ReadAll(io.MultiReader(e.rest(), from))
			return elements, err == nil && len(bytes.Trim(rest, jsonSpace)) == 0
		}
		elements = append(elements, string(element))
	}
}

// FuzzElements: of what encoding/json takes for a list the elements are the same, and what it does not take is refused, or
// has an element that is not valid.
func FuzzElements(f *testing.F) {
	for _, seed := range []string{`[]`, ` [ ] `, `[1]`, `[{"a":"]"},{"b":["x","\"]}"]}]`, `["a\\","\\\"",""]`, `[,]`, `[1,]`, `[1 2]`, `[[[]]]`, `[{]}]`,
		`[nul]`, `[1]x`, `{}`, ``, `[`, `["`, `[{"a":1}`, "[1\n,2\t]\r", `["\`, `[tru,false]`, "[\x00]", `["ä€"]`, `[1]]`, "[]\f"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, document []byte) {
		got, whole := cutAll(bytes.NewReader(document))
		slow, slowWhole := cutAll(iotest.OneByteReader(bytes.NewReader(document)))
		if whole != slowWhole || whole && strings.Join(got, "\n") != strings.Join(slow, "\n") {
			t.Fatalf("%q: at once %q %v, byte by byte %q %v", document, got, whole, slow, slowWhole)
		}
		var want []json.RawMessage
		if err := json.Unmarshal(document, &want); err != nil || bytes.Trim(document, jsonSpace)[0] != '[' {
			for _, element := range got {
				whole = whole && json.Valid([]byte(element))
			}
			if whole {
				t.Fatalf("%q is taken for the list %q", document, got)
			}
			return
		}
		if !whole || len(got) != len(want) {
			t.Fatalf("%q: %q, %v, want %q", document, got, whole, want)
		}
		for i := range want {
			if got[i] != string(want[i]) {
				t.Fatalf("%q: element %d is %q, want %q", document, i, got[i], want[i])
			}
		}
	})
}

// TestElementsOfAnyLength: elements longer than the buffer, and texts that end at its edge.
func TestElementsOfAnyLength(t *testing.T) {
	for _, length := range []int{0, 1, firstBuffer - 4, firstBuffer - 3, firstBuffer - 2, firstBuffer - 1, firstBuffer, 3 * firstBuffer} {
		text := strings.Repeat("x", length) + `\\`
		got, whole := cutAll(strings.NewReader(`["` + text + `", "` + text + `"]`))
		if !whole || len(got) != 2 || got[0] != `"`+text+`"` || got[1] != got[0] {
			t.Errorf("length %d: %d elements, %v", length, len(got), whole)
		}
	}
}

// TestElementTooLong: an answer that never ends fills no memory.
func TestElementTooLong(t *testing.T) {
	e := newElements(io.MultiReader(strings.NewReader(`["`), endless{}))
	if err := e.open(); err != nil {
		t.Fatal(err)
	}
	if _, err := e.next(); err == nil || !strings.Contains(err.Error(), "longer than") {
		t.Errorf("next() = %v", err)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}
