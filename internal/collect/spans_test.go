package collect

import (
	"testing"

	"coppice/internal/druid"

	"pgregory.net/rapid"
)

func drawSpans(t *rapid.T, name string) []druid.Interval {
	var list []druid.Interval
	for range rapid.IntRange(0, 9).Draw(t, name) {
		from := druid.Instant(rapid.IntRange(0, 40).Draw(t, "from"))
		list = append(list, druid.Interval{Start: from, End: from + druid.Instant(rapid.IntRange(1, 6).Draw(t, "length"))})
	}
	return list
}

// TestSpans: sets of time hold just the milliseconds that they should.
func TestSpans(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		raw, other := drawSpans(t, "raw"), joined(drawSpans(t, "other"))
		set := joined(raw)
		left := subtract(set, other)
		for at := druid.Instant(-1); at < 50; at++ {
			moment := druid.Interval{Start: at, End: at + 1}
			in := false
			for _, i := range raw {
				in = in || i.Contains(moment)
			}
			if overlapsAny(set, moment) != in {
				t.Fatalf("%d in %v: want %v of %v", at, set, in, raw)
			}
			if want := in && !overlapsAny(other, moment); overlapsAny(left, moment) != want {
				t.Fatalf("%d in %v: want %v of %v without %v", at, left, want, set, other)
			}
		}
		for i := 1; i < len(set); i++ {
			if set[i-1].End >= set[i].Start {
				t.Fatalf("%v is not apart", set)
			}
		}
		if len(set) > 0 {
			few := hulls(set)
			if len(few) > mostPieces || len(subtract(set, few)) > 0 || len(set) <= mostPieces && len(few) != len(set) {
				t.Fatalf("hulls(%v) = %v", set, few)
			}
		}
	})
}
