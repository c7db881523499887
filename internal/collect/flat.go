package collect

import (
	"bytes"
	"slices"
)

// canonicalFlat does what canonicalAny does, ten times as fast, for what nearly all loadSpecs are: an object of plain
// texts, null, true and false, without blanks. For anything else ok is false.
func canonicalFlat(object []byte) (canonical []byte, ok bool) {
	if len(object) < 2 || object[0] != '{' || object[len(object)-1] != '}' {
		return nil, false
	}
	var space [8][]byte
	fields := space[:0]
	for rest := object[1 : len(object)-1]; len(rest) > 0; {
		end := fieldEnd(rest)
		if end == 0 || end < len(rest) && (rest[end] != ',' || end+1 == len(rest)) {
			return nil, false
		}
		fields = append(fields, rest[:end])
		rest = rest[min(end+1, len(rest)):]
	}
	slices.SortFunc(fields, func(a, b []byte) int { return bytes.Compare(key(a), key(b)) })
	canonical = append(make([]byte, 0, len(object)), '{')
	for i, field := range fields {
		if i > 0 {
			if bytes.Equal(key(field), key(fields[i-1])) {
				return nil, false // of a key that is written twice the last one counts
			}
			canonical = append(canonical, ',')
		}
		canonical = append(canonical, field...)
	}
	return append(canonical, '}'), true
}

// key is the text of a field's key; plain texts end with the first quote.
func key(field []byte) []byte { return field[1 : 1+bytes.IndexByte(field[1:], '"')] }

// fieldEnd returns the length of the "key":value that rest begins with; 0 when it is not a plain one.
func fieldEnd(rest []byte) int {
	end := textEnd(rest)
	if end == 0 || end >= len(rest) || rest[end] != ':' {
		return 0
	}
	value := rest[end+1:]
	if n := textEnd(value); n > 0 {
		return end + 1 + n
	}
	for _, word := range []string{"null", "true", "false"} {
		if bytes.HasPrefix(value, []byte(word)) {
			return end + 1 + len(word)
		}
	}
	return 0
}

// textEnd returns the length of the JSON text that b begins with; 0 when it is none, or holds what is or would be
// written with an escape.
func textEnd(b []byte) int {
	if len(b) == 0 || b[0] != '"' {
		return 0
	}
	for i := 1; i < len(b); i++ {
		switch c := b[i]; {
		case c == '"':
			return i + 1
		case c < ' ' || c > '~' || c == '\\' || c == '<' || c == '>' || c == '&':
			return 0
		}
	}
	return 0
}
