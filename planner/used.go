package planner

import (
	"coppice/internal/druid"
	"coppice/internal/snapshot"
)

// planComponent decides every row of a component.
func (w *work) planComponent(c component) {
	if why, bad := w.unreadable(c); bad {
		w.freeze(c, why, "")
		return
	}
	planned, err := w.simulate(c, w.planned, true, &w.space.planned)
	inForce := planned
	if err == nil && (w.rulesChange || w.claimed != nil) {
		inForce, err = w.simulate(c, w.inForce, false, &w.space.inForce)
	}
	if err != nil {
		f := err.(*errFrozen)
		w.freeze(c, f.why, f.Error())
		return
	}
	w.decideUsed(c, planned, inForce)
	w.decideRemovals(c)
	w.resurfacing(c, planned, inForce)
	w.decideRestores(c)
	w.classify(c, planned.after)
}

// unreadable reports whether a row contradicts itself, or something about this time could not be read. A row without
// length, which Druid never writes, lies in no interval and yet in the reach of its neighbours' kill tasks.
func (w *work) unreadable(c component) (reason, bool) {
	if w.lengthless {
		return becauseOdd, true
	}
	for i := c.from; i < c.to; i++ {
		if w.rows[i].Has(snapshot.Odd) {
			return becauseOdd, true
		}
	}
	for _, gap := range w.seen.Gaps {
		if gap.What == unusedGap {
			continue // rules look at used segments only; the others are held, and none is restored
		}
		if gap.Interval == (druid.Interval{}) || w.touches(c, gap.Interval) {
			return becauseGap, true
		}
	}
	return 0, false
}

// unusedGap is how collect calls unused segments that could not be listed.
const unusedGap = "unused segments"

// touches reports whether a row of the component overlaps the interval.
func (w *work) touches(c component, with druid.Interval) bool {
	for i := c.from; i < c.to; i++ {
		if w.rows[i].Interval.Overlaps(with) {
			return true
		}
	}
	return false
}

// freeze keeps a component that cannot be predicted: nothing in it is dropped by this plan, restored or killed.
func (w *work) freeze(c component, why reason, detail string) {
	for i := c.from; i < c.to; i++ {
		w.verdicts[i] = w.frozenVerdict(i, why)
	}
	w.restores = w.restores || w.mayRestore() && w.anyOf(group{from: c.from, to: c.to}, w.candidate)
	w.complainFrozen(c, why, detail)
}

func (w *work) frozenVerdict(i int, why reason) verdict {
	v := verdict{decision: hold, class: unexplained, why: why, rule: -1, eligible: druid.NoInstant, since: druid.NoInstant}
	if w.used(i) {
		v.decision, v.class = keep, noClass
		at := w.rows[i].Interval
		v.doomed = w.rulesChange && w.judge(w.planned, at).action == druid.ActionDrop && w.judge(w.inForce, at).action != druid.ActionDrop
	}
	return v
}

func (w *work) decideUsed(c component, planned, inForce *run) {
	for k := range planned.first {
		i := c.from + k
		v := &w.verdicts[i]
		*v = verdict{rule: planned.rule[k], eligible: druid.NoInstant, since: druid.NoInstant}
		if !w.used(i) {
			continue
		}
		v.decision, v.then = planned.first[k], planned.then[k]
		v.byTime = planned.drops(k) && inForce.drops(k)
		switch {
		case planned.tombstone[k]:
			v.why = becauseTombstone
		case v.decision == drop:
			v.why = becauseRule
		case v.decision == shadowed:
			v.why = becauseShadowed
		case v.rule < 0:
			v.why = becauseNoRule
		default:
			v.why = becauseRule
		}
		if v.decision == keep && planned.judge(w, w.rows[i].Interval).failed {
			v.why = becauseUnknownRule
		}
	}
}

// resurfacing looks for time that newer data answered and that used older data answers at the fixpoint: queries would
// silently return old rows. Both lists of visible ranges are sorted and free of overlaps.
func (w *work) resurfacing(c component, planned, inForce *run) {
	w.uncovered(c, planned)
	type place struct {
		interval druid.Interval
		now      uint32
	}
	pieces := older(inForce.before, planned.after)
	if len(pieces) == 0 {
		return
	}
	already := map[place]bool{}
	for _, piece := range older(inForce.before, inForce.after) {
		already[place{piece.interval, piece.now}] = true
	}
	for _, piece := range pieces {
		w.complainResurfacing(piece, already[place{piece.interval, piece.now}])
	}
}

// uncovered notes data that one run uncovers and the following run drops.
func (w *work) uncovered(c component, planned *run) {
	for k := range planned.then {
		if planned.then[k] == drop {
			w.complainTransient(c.from + k)
			return
		}
	}
}

// resurfaced is a range whose answering version goes back from one to an older one.
type resurfaced struct {
	interval druid.Interval
	// was and now are the versions that answered and that will; wasOf and nowOf the intervals of their groups.
	was, now     uint32
	wasOf, nowOf druid.Interval
}

// older compares two timelines piece by piece and returns where the second answers with a lower version.
func older(before, after []druid.VisibleRange) []resurfaced {
	var list []resurfaced
	b := 0
	for _, a := range after {
		for b < len(before) && before[b].Interval.End <= a.Interval.Start {
			b++
		}
		for n := b; n < len(before) && before[n].Interval.Start < a.Interval.End; n++ {
			if a.Version < before[n].Version {
				list = append(list, resurfaced{a.Interval.Intersect(before[n].Interval), before[n].Version, a.Version,
					before[n].True, a.True})
			}
		}
	}
	return list
}
