package planner

import (
	"cmp"
	"slices"

	"coppice/internal/druid"
)

// classify sorts the unused rows of a component into superseded, expired and unexplained, newest version first: the
// class of a row depends on higher versions only.
func (w *work) classify(c component, ranges []druid.VisibleRange) {
	if !w.anyUnused(c) {
		return
	}
	judge := w.classifyGroup
	groups := c.groups(w)
	alone := len(groups) == 1
	if w.leavesUnused(c) {
		judge = w.leaveGroup
		alone = !slices.ContainsFunc(groups, func(g group) bool { return olderAnswer(g, ranges) != nil })
	}
	if alone { // what lies above does not matter
		for _, g := range groups {
			judge(g, ranges, above{})
		}
		return
	}
	slices.SortStableFunc(groups, func(a, b group) int { return cmp.Compare(b.version, a.version) })
	boundaries, space := w.boundaries(groups), &w.space
	over := above{space.valid.Cleared(boundaries), space.anything.Cleared(boundaries), space.unsafe.cleared(boundaries)}
	for from := 0; from < len(groups); {
		to := from
		for to < len(groups) && groups[to].version == groups[from].version {
			to++
		}
		for _, g := range groups[from:to] {
			judge(g, ranges, over)
		}
		for _, g := range groups[from:to] {
			over.anything.Add(g.interval)
			if w.complete(g, w.counts) {
				over.valid.Add(g.interval)
			}
			if w.anyOf(g, func(i int) bool { return w.verdicts[i].class == unexplained }) {
				over.unsafe.raise(g.interval, 1)
			}
		}
		from = to
	}
}

// leavesUnused reports whether nothing deletes, restores or names an unused row of the component: nobody declared that
// anything be deleted. Then its class decides nothing, and is not looked for: that would take every payload of the
// datasource.
func (w *work) leavesUnused(c component) bool {
	return !w.in.everyClass && (w.policy == nil || w.policy.Kill == nil) && !w.mayTouchUnused(c)
}

// leaveGroup holds the unused rows of a group, and warns of those that used older data answers for.
func (w *work) leaveGroup(g group, ranges []druid.VisibleRange, over above) {
	warned := over.valid != nil && over.valid.Covers(g.interval)
	for i := g.from; i < g.to; i++ {
		if w.used(i) {
			continue
		}
		if !warned {
			warned = true
			w.hidesAnswer(g, ranges)
		}
		v := &w.verdicts[i]
		v.decision, v.why, v.unsized = hold, becauseNoPolicy, true
		if v.hold = w.holdOver(g.interval); v.hold > 0 {
			v.why = becauseHeld
		}
	}
}

// above is what higher versions cover: valid what counts for superseding (complete sets, used after this plan, dropped by
// a rule, or expired), anything all rows of any state, unsafe those that nobody can explain. Nil covers nothing.
type above struct {
	valid, anything *druid.Coverage
	unsafe          *highest
}

func (a above) unexplained(i druid.Interval) bool { return a.unsafe != nil && a.unsafe.over(i) > 0 }

// counts reports whether a row may supersede older ones. An eternity tombstone that the Coordinator takes away, and no
// rule drops, leaves nothing behind that explains what lies below it.
func (w *work) counts(i int) bool {
	v := &w.verdicts[i]
	return w.used(i) && v.why != becauseTombstone && v.decision != remove || v.decision == restore || v.class == expired
}

func (w *work) classifyGroup(g group, ranges []druid.VisibleRange, over above) {
	var of class
	dropped, rule := druid.NoInstant, int16(0)
	for i := g.from; i < g.to; i++ {
		if w.used(i) || w.verdicts[i].decision == restore {
			continue
		}
		if w.claimedBy(i) != nil {
			w.verdicts[i] = verdict{decision: pending, class: removed, claim: w.claimed[i], rule: -1, since: w.rows[i].MarkedAt, eligible: druid.NoInstant}
			if w.natural != nil {
				w.verdicts[i].natural = w.natural[i]
			}
			continue
		}
		if of == noClass {
			of = w.classOf(g, ranges, over)
			dropped, rule = w.droppedIf(of, g.interval), int16(w.judge(w.planned, g.interval).rule)
		}
		v := &w.verdicts[i]
		v.class, v.decision, v.rule = of, pending, rule
		v.since = graceFrom(&w.rows[i], dropped)
		if of == unexplained {
			v.decision, v.why = hold, becauseUnexplained
		} else if over.unexplained(g.interval) {
			v.decision, v.why = hold, becauseBelowUnexplained
		}
	}
}

// classOf is the class of the unused rows of a group, given what lies above it.
func (w *work) classOf(g group, ranges []druid.VisibleRange, over above) class {
	switch {
	case over.valid != nil && over.valid.Covers(g.interval):
		return superseded
	case w.hidesAnswer(g, ranges), over.anything != nil && over.anything.Covers(g.interval), !w.droppedByBoth(g.interval):
		return unexplained
	}
	return expired
}

func (w *work) droppedByBoth(i druid.Interval) bool {
	return w.judge(w.inForce, i).action == druid.ActionDrop && w.judge(w.planned, i).action == druid.ActionDrop
}

// hidesAnswer reports whether used older data answers in the group's place at the fixpoint: a newer segment was taken
// away over it.
func (w *work) hidesAnswer(g group, ranges []druid.VisibleRange) bool {
	older := olderAnswer(g, ranges)
	if older != nil {
		w.complainNewerHidden(g, *older)
	}
	return older != nil
}

// olderAnswer is the first of the ranges, which are sorted and free of overlaps, in which older data answers in the
// group's time; nil when there is none.
func olderAnswer(g group, ranges []druid.VisibleRange) *druid.VisibleRange {
	from, _ := slices.BinarySearchFunc(ranges, g.interval.Start, func(r druid.VisibleRange, start druid.Instant) int {
		return cmp.Compare(r.Interval.End, start+1) // the first range that ends behind the start
	})
	for i := from; i < len(ranges) && ranges[i].Interval.Start < g.interval.End; i++ {
		if ranges[i].Version < g.version {
			return &ranges[i]
		}
	}
	return nil
}

// stays reports whether the row is used at the fixpoint.
func (w *work) stays(i int) bool {
	v := &w.verdicts[i]
	return w.used(i) && (v.decision == keep || (v.decision == shadowed && v.then != drop))
}

func (w *work) anyUnused(c component) bool {
	for i := c.from; i < c.to; i++ {
		if !w.used(i) {
			return true
		}
	}
	return false
}

func (w *work) anyOf(g group, is func(i int) bool) bool {
	for i := g.from; i < g.to; i++ {
		if is(i) {
			return true
		}
	}
	return false
}
