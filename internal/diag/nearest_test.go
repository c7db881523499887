package diag

import "testing"

func TestNearest(t *testing.T) {
	known := []string{"include_future", "tiered_replicants", "period", "drop"}
	for name, want := range map[string]string{
		"includeFuture": "include_future", "tiered_replicant": "tiered_replicants", "preiod": "period", "dorp": "drop", "moon": "",
	} {
		if got := Nearest(name, known); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "abc", 3}, {"abc", "abc", 0}, {"abc", "acb", 1}, {"kitten", "sitting", 3}, {"é", "e", 1}} {
		if got := Distance(c.a, c.b); got != c.want {
			t.Errorf("Distance(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
	}
}
