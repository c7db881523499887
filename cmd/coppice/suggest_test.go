package main

import "testing"

func TestNearest(t *testing.T) {
	names := []string{"plan", "apply", "validate", "explain", "version"}
	for word, want := range map[string]string{"plna": "plan", "aply": "apply", "Validate": "validate", "explian": "explain", "frobnicate": "", "": "", "pl": "plan"} {
		if got := nearest(word, names); got != want {
			t.Errorf("nearest(%q) = %q, want %q", word, got, want)
		}
	}
}

func TestEdits(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "abc", 3}, {"abc", "abc", 0}, {"kitten", "sitting", 3}, {"ab", "ba", 2}} {
		if got := edits(c.a, c.b); got != c.want {
			t.Errorf("edits(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
	}
}
