package config

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"coppice/internal/diag"
)

// place names a position in a sentence.
func place(r diag.Range) string { return fmt.Sprintf("%s:%d", r.File, r.Line) }

// quote puts text in quotes; long text is cut.
func quote(text string) string {
	const most = 60
	if utf8.RuneCountInString(text) > most {
		text = string([]rune(text)[:most]) + "…"
	}
	return strconv.Quote(text)
}

// list joins names as a sentence does.
func list(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// didYouMean is a sentence with the nearest name, led by a blank, or nothing.
func didYouMean(name string, known []string) string {
	if best := nearest(name, known); best != "" {
		return " Did you mean " + best + "?"
	}
	return ""
}

// nearest returns the known name that is most likely meant, or "". Druid's camel case counts as the same name.
func nearest(name string, known []string) string {
	best, bestDistance := "", 1+max(1, (utf8.RuneCountInString(name)+1)/3)
	for _, candidate := range known {
		if d := distance(folded(name), folded(candidate)); d < bestDistance {
			best, bestDistance = candidate, d
		}
	}
	return best
}

func folded(name string) []rune {
	return []rune(strings.ToLower(strings.NewReplacer("_", "", "-", "", " ", "").Replace(name)))
}

// distance counts the insertions, deletions and replacements between two words, and exchanges of neighbours as one.
func distance(a, b []rune) int {
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
