package config

import "testing"

func TestMatches(t *testing.T) {
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{
		{"clicks", "clicks", true}, {"clicks", "clicks2", false}, {"clicks*", "clicks", true}, {"clicks*", "clicks2", true},
		{"*", "", true}, {"*_tmp", "a_tmp", true}, {"*_tmp", "a_tmp2", false}, {"a*a", "a", false}, {"a*a", "aa", true},
		{"a*b*c", "axxbyyc", true}, {"a*b*c", "acb", false}, {"a.c", "abc", false},
	} {
		if got := Matches(c.pattern, c.name); got != c.want {
			t.Errorf("Matches(%q, %q) = %v", c.pattern, c.name, got)
		}
	}
}
