package druid

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestContested: what overlaps another interval, directly or through others, lies in what is found, and nothing else
// touches it.
func TestContested(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		distinct := map[Interval]bool{}
		for range rapid.IntRange(0, 9).Draw(t, "intervals") {
			from := Instant(rapid.IntRange(0, 40).Draw(t, "from"))
			distinct[Interval{Start: from, End: from + Instant(rapid.IntRange(1, 9).Draw(t, "length"))}] = true
		}
		var list []Interval
		for end := Instant(0); end < 60; end++ {
			for start := Instant(0); start < end; start++ {
				if i := (Interval{Start: start, End: end}); distinct[i] {
					list = append(list, i)
				}
			}
		}
		var want []Interval
		for _, i := range list { // the hull of all that i reaches
			hull := i
			for range list {
				for _, o := range list {
					if o.Overlaps(hull) {
						hull = Interval{Start: min(hull.Start, o.Start), End: max(hull.End, o.End)}
					}
				}
			}
			if hull != i || slices.ContainsFunc(list, func(o Interval) bool { return o != i && o.Overlaps(i) }) {
				want = append(want, hull)
			}
		}
		slices.SortFunc(want, Interval.Compare)
		want = slices.Compact(want)
		if found := Contested(slices.Clone(list)); !slices.Equal(found, want) {
			t.Fatalf("Contested(%v) = %v, want %v", list, found, want)
		}
	})
}
