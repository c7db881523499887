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

// article puts "a" or "an" before the name of a kind.
func article(noun string) string {
	if strings.ContainsRune("aeio", rune(noun[0])) {
		return "an " + noun
	}
	return "a " + noun
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// didYouMean is a sentence with the nearest name, led by a blank, or nothing.
func didYouMean(name string, known []string) string {
	if best := diag.Nearest(name, known); best != "" {
		return " Did you mean " + best + "?"
	}
	return ""
}
