package config

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestMatches(t *testing.T) {
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{
		{"clicks", "clicks", true}, {"clicks", "clicks2", false}, {"clicks*", "clicks", true}, {"clicks*", "clicks2", true},
		{"*", "", true}, {"*_tmp", "a_tmp", true}, {"*_tmp", "a_tmp2", false}, {"a*a", "a", false}, {"a*a", "aa", true},
		{"a*b*c", "axxbyyc", true}, {"a*b*c", "acb", false}, {"a.c", "abc", false}, {"", "", true}, {"", "a", false},
		{"**", "a", true}, {"a**b", "ab", true}, {"*aab", "aaab", true}, {"*ab*ab", "ab", false}, {"*ab*ab", "abab", true},
		{"Clicks*", "clicks1", false}, {"ü*", "übung", true}, {"*\n*", "a\nb", true},
	} {
		if got := Matches(c.pattern, c.name); got != c.want {
			t.Errorf("Matches(%q, %q) = %v", c.pattern, c.name, got)
		}
	}
}

// wild is the regular expression that says the same as a pattern.
func wild(pattern string) *regexp.Regexp {
	return regexp.MustCompile(`(?s)^` + strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, `.*`) + `$`)
}

// Property: a pattern is the regular expression with .* for each star.
func TestMatchesAsARegularExpression(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pattern := rapid.StringMatching(`[ab*.]{0,8}`).Draw(t, "pattern")
		name := rapid.StringMatching(`[ab.]{0,10}`).Draw(t, "name")
		if got, want := Matches(pattern, name), wild(pattern).MatchString(name); got != want {
			t.Fatalf("Matches(%q, %q) = %v, want %v", pattern, name, got, want)
		}
	})
}
