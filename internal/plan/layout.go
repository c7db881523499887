package plan

import (
	"bytes"
	"encoding/json"
	"errors"
)

// What follows knows just enough of JSON to lay a document out and to find its outermost keys: encoding/json does both
// too, in several passes that cost more than everything else about a plan. None of it says whether a document is valid.

// indented lays out what encoding/json writes without blanks, as its SetIndent("", " ") would, but for runs: each is one
// line, since there may be many.
func indented(compact []byte) []byte {
	l := layout{out: make([]byte, 0, len(compact)+len(compact)/2)}
	for i := 0; i < len(compact); i++ {
		switch c := compact[i]; c {
		case '"':
			end := stringEnd(compact, i)
			l.out, i = append(l.out, compact[i:end]...), end-1
		case '{', '[':
			empty := compact[i+1] == c+2
			l.open(c, empty)
			if empty {
				i++
			}
		case '}', ']':
			l.close(c)
		case ',':
			l.out = append(l.out, c)
			l.newLine()
		case ':':
			l.out = append(l.out, ": "...)
		default:
			l.out = append(l.out, c)
		}
	}
	return l.out
}

// layout is a document that is being laid out.
type layout struct {
	out   []byte
	depth int
	// runs is the depth of the elements of the list of runs that is open; 0 when none is.
	runs int
}

func (l *layout) open(bracket byte, empty bool) {
	runs := bracket == '[' && bytes.HasSuffix(l.out, []byte(`"runs": `))
	l.out = append(l.out, bracket)
	if empty {
		l.out = append(l.out, bracket+2)
		return
	}
	l.depth++
	if runs && l.runs == 0 {
		l.runs = l.depth
	}
	if l.depth == l.runs || l.runs == 0 {
		l.newLine()
	}
}

func (l *layout) close(bracket byte) {
	within := l.runs > 0 && l.depth > l.runs
	if l.depth == l.runs {
		l.runs = 0
	}
	l.depth--
	if !within {
		l.newLine()
	}
	l.out = append(l.out, bracket)
}

// newLine begins one, or goes on in that of a run.
func (l *layout) newLine() {
	if l.runs > 0 && l.depth > l.runs {
		l.out = append(l.out, ' ')
		return
	}
	l.out = append(l.out, '\n')
	for range l.depth {
		l.out = append(l.out, ' ')
	}
}

// squeezed is a document without the blanks beside brackets, commas and colons. Other blanks are in strings or make a
// document invalid; they stay, so that what was invalid stays so.
func squeezed(document []byte) []byte {
	out := make([]byte, 0, len(document))
	for i := 0; i < len(document); i++ {
		switch c := document[i]; {
		case c == '"':
			end := stringEnd(document, i)
			out, i = append(out, document[i:end]...), end-1
		case isBlank(c):
			end := skipBlanks(document, i)
			within := len(out) > 0 && !isMark(out[len(out)-1]) && end < len(document) && !isMark(document[end])
			if i = end - 1; within {
				out = append(out, ' ')
			}
		default:
			out = append(out, c)
		}
	}
	return out
}

// stringEnd is where the string that begins at from ends, behind its closing quote; the end of the text when there is none.
func stringEnd(text []byte, from int) int {
	for at := from + 1; ; at++ {
		n := bytes.IndexByte(text[min(at, len(text)):], '"')
		if n < 0 {
			return len(text)
		}
		at += n
		slashes := 0
		for text[at-1-slashes] == '\\' { // ends at the opening quote
			slashes++
		}
		if slashes%2 == 0 {
			return at + 1
		}
	}
}

func isBlank(c byte) bool { return c == ' ' || c == '\n' || c == '\r' || c == '\t' }

func isMark(c byte) bool {
	return c == '{' || c == '}' || c == '[' || c == ']' || c == ',' || c == ':'
}

func skipBlanks(text []byte, at int) int {
	for at < len(text) && isBlank(text[at]) {
		at++
	}
	return at
}

// span is a part of a document, half open.
type span struct{ start, end int }

func (s span) of(document []byte) []byte { return document[s.start:s.end] }

var errLayout = errors.New("it is cut short or not JSON")

// outermost calls visit with each key of the document's object and where its value is. An error means that the
// document is not valid; that there is none does not mean that it is.
func outermost(document []byte, visit func(key string, value span)) error {
	at := skipBlanks(document, 0)
	if at == len(document) || document[at] != '{' {
		return errLayout
	}
	for first := true; ; first = false {
		at = skipBlanks(document, at+1)
		if at < len(document) && document[at] == '}' && first {
			break
		}
		key, value, err := member(document, at)
		if err != nil {
			return err
		}
		visit(key, value)
		at = skipBlanks(document, value.end)
		if at == len(document) || document[at] != ',' && document[at] != '}' {
			return errLayout
		}
		if document[at] == '}' {
			break
		}
	}
	if skipBlanks(document, at+1) != len(document) {
		return errors.New("something follows its end")
	}
	return nil
}

// member reads a key and finds its value.
func member(document []byte, at int) (key string, value span, err error) {
	if at == len(document) || document[at] != '"' {
		return "", span{}, errLayout
	}
	end := stringEnd(document, at)
	if err := json.Unmarshal(document[at:end], &key); err != nil {
		return "", span{}, errLayout
	}
	colon := skipBlanks(document, end)
	if colon == len(document) || document[colon] != ':' {
		return "", span{}, errLayout
	}
	value.start = skipBlanks(document, colon+1)
	value.end = valueEnd(document, value.start)
	return key, value, nil
}

// valueEnd is where the value that begins at from ends; the end of the text when it does not.
func valueEnd(text []byte, from int) int {
	depth := 0
	for i := from; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			i = stringEnd(text, i) - 1
		case c == '{' || c == '[':
			depth++
		case depth > 0 && (c == '}' || c == ']'):
			depth--
		case depth == 0 && (isMark(c) || isBlank(c)):
			return i
		default:
			continue
		}
		if depth == 0 {
			return min(i+1, len(text))
		}
	}
	return len(text)
}
