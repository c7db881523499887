package druid

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// plainFields is eachField for plain JSON, which is what Druid itself writes: it checks and cuts in one pass, where
// checking first costs most of the time that reading payloads takes. False says that data is no object, not valid, or
// only not plain (an escape, deep nesting); what visit was told then counts for nothing.
func plainFields(data []byte, visit func(key, value []byte)) bool {
	at := skipSpace(data, 0)
	if at == len(data) || data[at] != '{' {
		return false
	}
	end := plainMembers(data, at+1, '}', 0, visit)
	return end > 0 && skipSpace(data, end) == len(data)
}

// notPlain is the end of a value that is not valid JSON, or not plain.
const notPlain = -1

// plainDepth bounds nesting; payloads nest five deep.
const plainDepth = 50

// plainMembers returns the position behind the object (closing is '}') or list (']') whose inside starts at at. visit may be nil.
func plainMembers(data []byte, at int, closing byte, depth int, visit func(key, value []byte)) int {
	if at = skipSpace(data, at); at < len(data) && data[at] == closing {
		return at + 1
	}
	for {
		var key []byte
		if closing == '}' {
			if key, at = plainKey(data, at); at < 0 {
				return notPlain
			}
		}
		end := plainEnd(data, at, depth)
		if end < 0 {
			return notPlain
		}
		if visit != nil {
			visit(key, data[at:end])
		}
		at = skipSpace(data, end)
		switch {
		case at == len(data) || data[at] != ',' && data[at] != closing:
			return notPlain
		case data[at] == closing:
			return at + 1
		}
		at = skipSpace(data, at+1)
	}
}

// plainKey reads a key and returns where its value starts.
func plainKey(data []byte, at int) (key []byte, value int) {
	end := plainEnd(data, at, 0)
	if end < 0 || data[at] != '"' {
		return nil, notPlain
	}
	colon := skipSpace(data, end)
	if colon == len(data) || data[colon] != ':' {
		return nil, notPlain
	}
	return data[at+1 : end-1], skipSpace(data, colon+1)
}

// plainEnd returns the position behind the value that starts at at.
func plainEnd(data []byte, at, depth int) int {
	if at >= len(data) || depth > plainDepth {
		return notPlain
	}
	switch c := data[at]; c {
	case '"':
		return plainTextEnd(data, at+1)
	case '{':
		return plainMembers(data, at+1, '}', depth+1, nil)
	case '[':
		return plainMembers(data, at+1, ']', depth+1, nil)
	case 't':
		return plainWordEnd(data, at, "true")
	case 'f':
		return plainWordEnd(data, at, "false")
	case 'n':
		return plainWordEnd(data, at, "null")
	}
	return plainNumberEnd(data, at)
}

func plainWordEnd(data []byte, at int, word string) int {
	if end := at + len(word); end <= len(data) && string(data[at:end]) == word {
		return end
	}
	return notPlain
}

// plainNumberEnd takes whole numbers only.
func plainNumberEnd(data []byte, at int) int {
	start := at
	if data[at] == '-' {
		start, at = at+1, at+1
	}
	for at < len(data) && '0' <= data[at] && data[at] <= '9' {
		at++
	}
	if at == start || data[start] == '0' && at > start+1 {
		return notPlain
	}
	return at // what may not follow, such as a fraction, is no comma and no bracket
}

// plainTextEnd returns the position behind the closing quote of the text whose inside starts at at. Eight bytes are looked at
// together: a byte is zero, or less than n, just when the subtraction borrows into its high bit.
func plainTextEnd(data []byte, at int) int {
	for far := at + 64; at+8 <= len(data); at += 8 {
		if at >= far {
			return longTextEnd(data, at)
		}
		x := binary.LittleEndian.Uint64(data[at:])
		quote, slash := x^'"'*everyByte, x^'\\'*everyByte
		if found := ((quote-everyByte)&^quote | (slash-everyByte)&^slash | (x-' '*everyByte)&^x) & highBits; found != 0 {
			at += bits.TrailingZeros64(found) / 8
			break
		}
	}
	for ; at < len(data); at++ {
		switch c := data[at]; {
		case c == '"':
			return at + 1
		case c == '\\' || c < ' ':
			return notPlain
		}
	}
	return notPlain
}

// longTextEnd is plainTextEnd in three passes, each of which is much faster than the one: lists of columns are long.
func longTextEnd(data []byte, at int) int {
	n := bytes.IndexByte(data[at:], '"')
	if n < 0 || bytes.IndexByte(data[at:at+n], '\\') >= 0 {
		return notPlain
	}
	text := data[at : at+n]
	for ; len(text) >= 32; text = text[32:] {
		a, b, c, d := binary.LittleEndian.Uint64(text), binary.LittleEndian.Uint64(text[8:]), binary.LittleEndian.Uint64(text[16:]), binary.LittleEndian.Uint64(text[24:])
		if ((a-' '*everyByte)&^a|(b-' '*everyByte)&^b|(c-' '*everyByte)&^c|(d-' '*everyByte)&^d)&highBits != 0 {
			return notPlain
		}
	}
	for _, c := range text {
		if c < ' ' {
			return notPlain
		}
	}
	return at + n + 1
}

const (
	everyByte = 0x0101010101010101
	highBits  = 0x8080808080808080
)
