package collect

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// canonicalFlat appends to space what canonicalAny makes, ten times as fast, of what nearly all loadSpecs are: an object of
// plain texts, null, true and false, without blanks. For anything else ok is false.
func canonicalFlat(space, object []byte) (canonical []byte, ok bool) {
	if len(object) < 2 || object[0] != '{' || object[len(object)-1] != '}' {
		return nil, false
	}
	var room [8]flatField
	fields := room[:0]
	for rest := object[1 : len(object)-1]; len(rest) > 0; {
		field, end := flatFieldOf(rest)
		if end == 0 || end < len(rest) && (rest[end] != ',' || end+1 == len(rest)) {
			return nil, false
		}
		at := len(fields)
		for at > 0 && bytes.Compare(field.key, fields[at-1].key) <= 0 {
			if at--; bytes.Equal(field.key, fields[at].key) {
				return nil, false // of a key that is written twice the last one counts
			}
		}
		fields = append(fields, flatField{})
		copy(fields[at+1:], fields[at:])
		fields[at] = field
		rest = rest[min(end+1, len(rest)):]
	}
	canonical = append(space, '{')
	for i := range fields {
		if i > 0 {
			canonical = append(canonical, ',')
		}
		canonical = append(canonical, fields[i].whole...)
	}
	return append(canonical, '}'), true
}

// flatField is a field as it is written, and its key without quotes.
type flatField struct{ key, whole []byte }

// flatFieldOf returns the "key":value that rest begins with, and its length; 0 when it is not a plain one.
func flatFieldOf(rest []byte) (field flatField, end int) {
	colon := textEnd(rest)
	if colon == 0 || colon >= len(rest) || rest[colon] != ':' {
		return flatField{}, 0
	}
	field.key = rest[1 : colon-1]
	value := rest[colon+1:]
	n := textEnd(value)
	for _, word := range [...]string{"null", "true", "false"} {
		if n == 0 && bytes.HasPrefix(value, []byte(word)) {
			n = len(word)
		}
	}
	if n == 0 {
		return flatField{}, 0
	}
	end = colon + 1 + n
	field.whole = rest[:end]
	return field, end
}

// textEnd returns the length of the JSON text that b begins with; 0 when it is none, or holds what is or would be
// written with an escape, or is not ASCII.
func textEnd(b []byte) int {
	if len(b) == 0 || b[0] != '"' {
		return 0
	}
	at := 1
	for ; at+8 <= len(b); at += 8 {
		if found := special(binary.LittleEndian.Uint64(b[at:])); found != 0 {
			at += bits.TrailingZeros64(found) / 8
			break
		}
	}
	for ; at < len(b); at++ {
		switch c := b[at]; {
		case c == '"':
			return at + 1
		case c < ' ' || c > '~' || c == '\\' || c == '<' || c == '>' || c == '&':
			return 0
		}
	}
	return 0
}

// special has the highest bit of the first byte set that ends a plain text or does not belong into one; none, when there is no such byte.
func special(x uint64) uint64 {
	const every, high = 0x01010101_01010101, 0x80808080_80808080
	found := x | (x + every) | (x - ' '*every) // beyond ASCII or its last character, or below blank
	for _, c := range [...]uint64{'"', '\\', '<', '>', '&'} {
		differs := x ^ c*every
		found |= (differs - every) &^ differs
	}
	return found & high
}
