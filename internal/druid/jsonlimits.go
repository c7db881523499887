package druid

import "unicode/utf16"

// Jackson's limits (StreamReadConstraints), beyond which Druid reads no JSON at all.
const (
	mostNesting      = 1000
	mostNumberDigits = 1000
	mostNameLength   = 50000
)

// withinLimits reports whether Jackson would read a JSON value, which must be valid, to its end.
func withinLimits(data []byte) bool {
	depth := 0
	for at := 0; at < len(data); {
		end := at + 1
		switch c := data[at]; {
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			depth--
		case c == '"':
			end = stringEnd(data, at)
			if isName(data, end) && textLength(data[at:end]) > mostNameLength {
				return false
			}
		case isDigit(c):
			end = valueEnd(data, at)
			if numberDigits(data[at:end]) > mostNumberDigits {
				return false
			}
		}
		if depth > mostNesting {
			return false
		}
		at = end
	}
	return true
}

// isName reports whether the string that ends at a position is the name of a field.
func isName(data []byte, end int) bool {
	end = skipSpace(data, end)
	return end < len(data) && data[end] == ':'
}

// textLength counts the characters of a JSON string as Java does, which is never more than it has bytes.
func textLength(raw []byte) int {
	if len(raw)-2 <= mostNameLength {
		return len(raw) - 2
	}
	text, _ := plainString(raw)
	return len(utf16.Encode([]rune(text)))
}

// numberDigits counts digits of all parts of a number without its sign. A zero in front of the point is not counted.
func numberDigits(raw []byte) int {
	n := 0
	for _, c := range raw {
		if isDigit(c) {
			n++
		}
	}
	if raw[0] == '0' {
		n--
	}
	return n
}
