package druid

import "unicode/utf8"

// Jackson's limits (StreamReadConstraints), beyond which Druid reads no JSON at all.
const (
	mostNesting      = 1000
	mostNumberDigits = 1000
	mostNameLength   = 50000
)

// withinLimits reports whether Jackson would read a JSON value, which must be valid, to its end.
func withinLimits(data []byte) bool {
	depth, digits := 0, 0
	for at := 0; at < len(data); at++ {
		c := data[at]
		switch {
		case isDigit(c):
			digits++
		case c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E':
			// inside a number
		default:
			digits = 0
		}
		switch c {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case '"':
			end := stringEnd(data, at)
			if end-at-2 > mostNameLength && isName(data, end) && utf8.RuneCount(data[at+1:end-1]) > mostNameLength {
				return false
			}
			at = end - 1
		}
		if depth > mostNesting || digits > mostNumberDigits {
			return false
		}
	}
	return true
}

// isName reports whether the string that ends at a position is the name of a field.
func isName(data []byte, end int) bool {
	end = skipSpace(data, end)
	return end < len(data) && data[end] == ':'
}
