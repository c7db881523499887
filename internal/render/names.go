package render

import (
	"slices"
	"strconv"
	"strings"
)

// names are neighbours: one name, or several that differ only in a number at their end, which counts on without a gap.
type names struct {
	first, last string
	count       int
}

// leastSpan is how many names are written as a span.
const leastSpan = 3

// spans sorts names and joins neighbours that count on.
func spans(all []string) []names {
	sorted := slices.Sorted(slices.Values(all))
	var joined []names
	for i := 0; i < len(sorted); {
		j := i + 1
		for j < len(sorted) && countsOn(sorted[j-1], sorted[j]) {
			j++
		}
		if j-i < leastSpan {
			j = i + 1
		}
		joined = append(joined, names{sorted[i], sorted[j-1], j - i})
		i = j
	}
	return joined
}

// countsOn reports whether the second name is the first one with the next number, written in as many digits.
func countsOn(a, b string) bool {
	head, digits := cutNumber(a)
	nextHead, nextDigits := cutNumber(b)
	if digits == "" || head != nextHead || len(digits) != len(nextDigits) {
		return false
	}
	number, err := strconv.ParseUint(digits, 10, 63)
	next, nextErr := strconv.ParseUint(nextDigits, 10, 63)
	return err == nil && nextErr == nil && next == number+1
}

// cutNumber cuts the digits off the end of a name.
func cutNumber(name string) (head, digits string) {
	head = strings.TrimRight(name, "0123456789")
	return head, name[len(head):]
}

// nameWords lists names for a sentence, those that count on as "web_000 to web_179". Only the first limit of them are
// written (all when 0), with how many more there are. Word is how a name is written.
func nameWords(all []string, limit int, word func(string) string) string {
	joined := spans(all)
	var words []string
	left := len(all)
	for i, s := range joined {
		if limit > 0 && i == limit && len(joined) > limit+1 {
			return strings.Join(words, ", ") + " and " + count(int64(left)) + " more"
		}
		left -= s.count
		text := word(s.first)
		if s.count > 1 {
			text += " to " + word(s.last)
		}
		words = append(words, text)
	}
	return strings.Join(words, ", ")
}

// asIs writes a name that was made safe already.
func asIs(name string) string { return name }
