package planner

import (
	"testing"

	"coppice/internal/druid"
	"coppice/internal/plan"

	"pgregory.net/rapid"
)

// What an earlier apply was to restore comes back only under rules that keep it, and only when nobody has marked it
// since; and it never adds a deletion.
func TestUnfinishedRestores(t *testing.T) {
	met := 0
	check(t, func(t *rapid.T, w *world) {
		in := w.input(nil)
		without, died := restoredBy(Build(in)), killed(Build(in))
		r := rapid.SampledFrom(w.rows).Draw(t, "row")
		later := rapid.Bool().Draw(t, "marked later")
		planned := r.MarkedAt
		if later {
			planned--
		}
		in.Unfinished = map[druid.SegmentID]druid.Instant{r.id(): planned}
		made := Build(in)
		for id := range killed(made) {
			if !died[id] {
				t.Fatalf("%s dies only since %s is to be restored", id, r.id())
			}
		}
		chain := druid.Chain{Own: w.own, Default: w.defaults}
		if w.wanted != nil {
			chain.Own = w.wanted
		}
		for id := range restoredBy(made) {
			if without[id] {
				continue
			}
			met++
			if id != r.id() || r.used() || later && r.MarkedAt.Known() || chain.Match(id.Interval, w.now).Action == druid.ActionDrop {
				t.Fatalf("%s is restored: %+v, planned %v, marked later %v", id, r, planned, later)
			}
		}
	})
	if met == 0 {
		t.Error("nothing was restored in any of the worlds")
	}
}

func restoredBy(p *plan.Plan) map[druid.SegmentID]bool {
	all := map[druid.SegmentID]bool{}
	for _, a := range p.Actions {
		if a.Kind == plan.MarkUsed {
			for id := range named(a) {
				all[id] = true
			}
		}
	}
	return all
}
