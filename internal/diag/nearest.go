package diag

import (
	"strings"
	"unicode/utf8"
)

// Nearest returns the known name that is most likely meant by a mistyped one, or "". Camel case, underscores, hyphens
// and blanks count as the same name ("includeFuture" means "include_future").
func Nearest(name string, known []string) string {
	best, bestDistance := "", 1+max(1, (utf8.RuneCountInString(name)+1)/3)
	for _, candidate := range known {
		if d := Distance(folded(name), folded(candidate)); d < bestDistance {
			best, bestDistance = candidate, d
		}
	}
	return best
}

func folded(name string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "-", "", " ", "").Replace(name))
}

// Distance counts the characters to put in, take out or replace to turn one word into another; an exchange of
// neighbours counts as one.
func Distance(one, other string) int {
	a, b := []rune(one), []rune(other)
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range a {
		row[0] = i + 1
		for j := range b {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
