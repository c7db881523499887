package planner

import (
	"testing"

	"coppice/internal/druid"
	"coppice/internal/plan"
	"coppice/internal/snapshot"

	"pgregory.net/rapid"
)

// A recheck that did not see everything in the reach never says that a task may go, or that nothing is left of it: also
// when it sees no row at all.
func TestRecheckOfWhatIsNotSeen(t *testing.T) {
	check(t, func(t *rapid.T, w *world) {
		found := kills(Build(w.input(nil)))
		if len(found) == 0 {
			t.Skip("nothing is deleted")
		}
		action := rapid.SampledFrom(found).Draw(t, "task")
		gap := snapshot.Gap{What: "segment row", Why: "no JSON"}
		if rapid.Bool().Draw(t, "somewhere") {
			gap.Interval = action.Runs[0].Interval
		}
		gaps, rows := w.gaps, w.rows
		for _, seen := range [][]row{rows, nil} {
			w.rows = seen
			w.gaps = append(gaps[:len(gaps):len(gaps)], gap)
			if v := Recheck(w.input(nil), action); v.OK {
				t.Fatalf("with a gap and %d rows: OK", len(seen))
			}
			w.gaps, w.unlisted = gaps, true
			if v := Recheck(w.input(nil), action); v.OK {
				t.Fatalf("unused rows not listed, %d rows: OK", len(seen))
			}
			w.unlisted = false
		}
		// A gap elsewhere is no obstacle to seeing that the reach is empty.
		w.gaps = append(gaps[:len(gaps):len(gaps)], snapshot.Gap{What: "segment row", Interval: beyond(action.Task)})
		if v := Recheck(w.input(nil), action); !v.OK {
			t.Fatalf("with a gap elsewhere: %v", v.Differences)
		}
	})
}

func beyond(t *plan.Task) druid.Interval {
	return druid.Interval{Start: t.Interval.End, End: t.Interval.End + day}
}
