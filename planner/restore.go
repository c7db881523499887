package planner

import (
	"fmt"

	"coppice/internal/druid"
	"coppice/internal/plan"
	"coppice/internal/snapshot"
)

// decideRestores brings back what a widened window covers: unused rows that the planned rules keep, that the rules in
// force drop, and that rules (not hands) marked. Of these, what a timeline of used rows and candidates would show.
func (w *work) decideRestores(c component) {
	if !w.mayRestore() {
		return
	}
	picked := make([]bool, c.to-c.from)
	found := false
	for i := c.from; i < c.to; i++ {
		k := i - c.from
		candidate := w.candidate(i) && !w.belowKilled(i)
		found = found || candidate
		picked[k] = candidate || w.stays(i) || w.in.Request != nil && w.used(i) // Druid looks at what is used now
	}
	if !found {
		return
	}
	rows, t, err := w.timeline(c, picked)
	if err != nil {
		w.restores = true // such rows stay as they are
		w.hide(c.from, c.to, "its segments contradict each other: Druid could not build the timeline")
		return
	}
	shown := make([]bool, len(picked))
	for chunk, i := range rows {
		shown[i-c.from] = t == nil || !t.Overshadowed(chunk)
		if !shown[i-c.from] {
			w.hide(i, i+1, "newer segments cover it: no query would see it")
		}
	}
	for _, g := range c.groups(w) {
		w.restoreGroup(g, func(i int) bool { return shown[i-c.from] })
	}
}

// hide notes why rows that a request asks to mark used would not be seen; the first reason stays.
func (w *work) hide(from, to int, why string) {
	for i := from; i < to; i++ {
		if w.in.Request == nil || w.used(i) || w.unshown[i] != "" {
			continue
		}
		if w.unshown == nil {
			w.unshown = map[int]string{}
		}
		w.unshown[i] = why
	}
}

// restoreGroup restores the shown rows of a group when they make a complete set: an incomplete one answers no query.
func (w *work) restoreGroup(g group, shown func(i int) bool) {
	if !w.complete(g, shown) {
		w.hide(g.from, g.to, "its partitions make no complete set: no query would see it")
		w.restores = w.restores || w.anyOf(g, func(i int) bool { return shown(i) && !w.used(i) && !w.rows[i].Has(snapshot.Details) })
		return
	}
	for i := g.from; i < g.to; i++ {
		if shown(i) && !w.used(i) {
			v := &w.verdicts[i]
			w.restores = true
			v.decision, v.why, v.rule = restore, becauseRestore, int16(w.judge(w.planned, g.interval).rule)
			if w.deferredRemoval(i) {
				v.waits = waitsLock
			}
		}
	}
}

// candidate reports whether the row might be restored. What only might, because something is not known, stops the kills
// of this plan as a restore does: knowing less must not delete more.
func (w *work) candidate(i int) bool { return !w.used(i) && w.claimedBy(i) == nil && w.restorable(i) }

func (w *work) mayRestore() bool {
	if w.in.Request != nil {
		return (w.in.asks(plan.AskUsed) || w.in.asks(plan.AskRestore)) && w.seen.UnusedKnown
	}
	return w.policy != nil && w.policy.Restore.Value && (w.rulesChange || len(w.in.Unfinished) > 0) && w.seen.UnusedKnown
}

// restorable: the planned rules keep it, the rules in force drop it, and did so when it was marked (not known = yes); or
// an earlier apply was to bring it back.
func (w *work) restorable(i int) bool {
	s := &w.rows[i]
	if w.in.Request != nil {
		return w.asked[i] && w.mayAsk(i)
	}
	planned := w.judge(w.planned, s.Interval)
	if planned.failed || planned.action == druid.ActionDrop {
		return false
	}
	return w.unfinished(i) || w.droppedByRules(i)
}

// mayAsk reports whether a request may bring the row back. What a declared removal names is marked unused again by the
// next apply, unless the apply that is undone did so; and to undo an apply is not to bring back what time took since.
func (w *work) mayAsk(i int) bool {
	switch {
	case w.in.asks(plan.AskUsed):
		return true
	case !w.in.asks(plan.AskRestore):
		return false
	case !w.in.undoes() && w.standOver != nil && w.standOver[i] > 0:
		w.hide(i, i+1, fmt.Sprintf("removal %q names it: take its block away first", w.standing[w.standOver[i]-1].Name))
		return false
	case w.in.undoes() && w.judge(w.planned, w.rows[i].Interval).action == druid.ActionDrop:
		w.hide(i, i+1, "the rules drop it by now: "+w.ruleText(w.judge(w.planned, w.rows[i].Interval).rule))
		return false
	}
	return true
}

// droppedByRules: the rules in force drop the row, and did so when it was marked. Not known counts as yes.
func (w *work) droppedByRules(i int) bool {
	s := &w.rows[i]
	if w.judge(w.inForce, s.Interval).action != druid.ActionDrop {
		return false
	}
	if !s.MarkedAt.Known() {
		return true
	}
	dropped, known := w.droppedWhen(s.Interval, s.MarkedAt)
	return dropped || !known
}

// unfinished reports whether an earlier apply was to restore the row, and nobody has marked it since.
func (w *work) unfinished(i int) bool {
	if len(w.in.Unfinished) == 0 {
		return false
	}
	planned, known := w.in.Unfinished[w.seen.ID(&w.rows[i])]
	return known && (!w.rows[i].MarkedAt.Known() || w.rows[i].MarkedAt <= planned)
}
