package planner

import (
	"slices"

	"coppice/internal/druid"
	"coppice/internal/snapshot"
)

// course follows the rows of a component from change to change. Nothing outside a component decides on what is in it.
type course struct {
	*work
	f *forecaster
	// input is what the rows are decided with; its Now moves.
	input Input
	// drifts: since when the rules in force are there is not known, so that it counts as now, at any moment.
	drifts bool
	// edges are the moments at which rules, holds and the clock may change a decision, ascending.
	edges []druid.Instant
}

// follow records all changes of the rows in c. w has decided them for now, later knows the rules that hold from then on.
func (f *forecaster) follow(w, later *work, c component) {
	edges := w.edgesOf(later, c, f.until)
	if !w.changesNow(c) && !(w.rulesChange && w.anyUnused(c)) && len(edges) == 0 && w.nextEligible(c, f.in.Now) > f.until {
		f.leave(w, c)
		return
	}
	r := f.courseOf(w, later, c, edges)
	if r.carryOut(w.restores) || w.rulesChange || w.restores {
		r.settle(f.in.Now)
	}
	r.run(f.in.Now)
}

// run goes on from a moment at which everything is settled.
func (r *course) run(t druid.Instant) {
	for {
		if parts := r.apart(); len(parts) > 1 {
			for _, p := range parts {
				r.partOf(p).run(t)
			}
			return
		}
		if t = r.next(t); t > r.f.until {
			r.f.leave(r.work, component{0, len(r.rows)})
			return
		}
		r.settle(t)
	}
}

// courseOf copies what the rows of c need into a work of their own.
func (f *forecaster) courseOf(w, later *work, c component, edges []druid.Instant) *course {
	own := *later
	own.rows, own.verdicts = slices.Clone(w.rows[c.from:c.to]), slices.Clone(w.verdicts[c.from:c.to])
	if w.claimed != nil {
		own.claimed = slices.Clone(w.claimed[c.from:c.to])
	}
	own.complaints = nil
	r := &course{work: &own, f: f, input: *later.in, edges: edges}
	own.in = &r.input
	r.drifts = drifting(own.seen.Rules, f.in.Now) || drifting(r.input.Snapshot.DefaultRules, f.in.Now)
	return r
}

func drifting(r snapshot.Rules, now druid.Instant) bool { return !r.Since.Known() || r.Since > now }

// settle decides and carries out until nothing changes any more at that moment.
func (r *course) settle(t druid.Instant) {
	r.input.Now = t
	for again := true; again; {
		r.decideAgain()
		again = r.carryOut(r.restores)
	}
}

func (r *course) decideAgain() {
	if r.drifts {
		r.history = nil
	}
	if len(r.input.Config.Holds)+len(r.input.Remembered) > 0 {
		r.heldBlocks = r.input.holdsOf(r.seen.Name)
	}
	r.complaints, r.restores = r.complaints[:0], false
	r.f.decided += len(r.rows)
	r.decideRows()
}

// carryOut does what was decided, and reports whether anything changed. What is shadowed is cleaned up when nothing else
// is to be done: a rule run comes first, and may uncover it.
func (r *course) carryOut(restores bool) bool {
	changed := r.each(drop, remove, restore, kill)
	if !changed && !restores {
		changed = r.each(shadowed)
	}
	gone := 0
	for i := range r.rows {
		if r.verdicts[i].decision == kill {
			gone++
			continue
		}
		r.rows[i-gone] = r.rows[i]
		if r.claimed != nil {
			r.claimed[i-gone] = r.claimed[i]
		}
	}
	r.rows, r.verdicts = r.rows[:len(r.rows)-gone], r.verdicts[:len(r.rows)-gone]
	return changed
}

// each carries out the rows of these decisions.
func (r *course) each(decisions ...decision) bool {
	changed := false
	for i := range r.rows {
		v := &r.verdicts[i]
		if !slices.Contains(decisions, v.decision) || v.waits == waitsLock {
			continue
		}
		changed = true
		r.record(i)
		r.note(i)
		switch s := &r.rows[i]; v.decision {
		case restore:
			s.Flags |= snapshot.Used
		case drop, remove, shadowed:
			s.Flags &^= snapshot.Used
			s.MarkedAt = r.input.Now
		}
	}
	return changed
}

func (r *course) record(i int) {
	size, to := r.amount(i), r.f.changes(r.input.Now)
	switch r.verdicts[i].decision {
	case drop:
		to.Drop.Add(size)
		if at := r.rows[i].Interval; at.End-at.Start > dayMillis {
			to.OverRetained.Add(size)
		}
	case remove:
		to.Remove.Add(size)
	case restore:
		to.Restore.Add(size)
	case shadowed:
		to.Shadowed.Add(size)
	case kill:
		to.Kill.Add(size)
	}
}

// next is the moment after t at which the next decision may change; behind the end when there is none.
func (r *course) next(t druid.Instant) druid.Instant {
	for len(r.edges) > 0 && r.edges[0] <= t {
		r.edges = r.edges[1:]
	}
	next := r.nextEligible(component{0, len(r.rows)}, t)
	if len(r.edges) > 0 {
		next = min(next, r.edges[0])
	}
	return next
}

// nextEligible is the first moment after t at which a waiting row has outlived its own grace; the end of time when there
// is none. Whatever it waits for besides is due at such a moment of another row, or at an edge.
func (w *work) nextEligible(c component, t druid.Instant) druid.Instant {
	next := druid.MaxInstant
	for i := c.from; i < c.to; i++ {
		if w.verdicts[i].decision != pending {
			continue
		}
		if at, _, _ := w.due(i); at.Known() && at > t && at < next && !w.driftsAway(i, t) {
			next = at
		}
	}
	return next
}

// driftsAway reports whether the grace of a row begins anew at every moment: rules drop it, and nobody knows since when.
func (w *work) driftsAway(i int, t druid.Instant) bool {
	v := &w.verdicts[i]
	if v.class != expired || v.since != t {
		return false
	}
	in, other := *w.in, *w
	in.Now, other.in, other.history = t+1, &in, nil
	return other.graceStart(i, expired) != v.since
}

// changesNow reports whether the plan itself changes a row.
func (w *work) changesNow(c component) bool {
	return w.anyOf(group{from: c.from, to: c.to}, func(i int) bool {
		switch w.verdicts[i].decision {
		case drop, remove, restore, kill, shadowed:
			return true
		}
		return false
	})
}

// edgesOf are the moments after now at which decisions on rows of c may change by themselves, their grace aside.
func (w *work) edgesOf(later *work, c component, until druid.Instant) []druid.Instant {
	var list []druid.Instant
	now := w.in.Now
	add := func(t druid.Instant) {
		if t > now && t <= until {
			list = append(list, t)
		}
	}
	for i := c.from; i < c.to; i++ {
		s := &w.rows[i]
		if i == c.from || s.Interval != w.rows[i-1].Interval {
			list = append(list, turnsOf(later.planned, s.Interval, now, until)...)
		}
		if i == c.from || s.Version != w.rows[i-1].Version { // what sorts after now is not killed
			if at, err := druid.ParseInstant(w.seen.Versions.At(s.Version)); err == nil {
				add(at)
			}
		}
	}
	for _, h := range w.heldBlocks {
		if h.Until != nil {
			add(*h.Until)
		}
	}
	add(later.seen.Rules.Since)
	add(later.in.Snapshot.DefaultRules.Since)
	slices.Sort(list)
	return slices.Compact(list)
}

// turnsOf are the moments in (from, until] at which the chain begins or ceases to drop the interval. Which rule keeps it
// decides nothing.
func turnsOf(c druid.Chain, i druid.Interval, from, until druid.Instant) []druid.Instant {
	dropped := judgeAt(c, i, from).action == druid.ActionDrop
	return slices.DeleteFunc(changesOf(c, i, from, until), func(t druid.Instant) bool {
		before := dropped
		dropped = judgeAt(c, i, t).action == druid.ActionDrop
		return dropped == before
	})
}

// leave counts what waits for something without a date.
func (f *forecaster) leave(w *work, c component) {
	for i := c.from; i < c.to; i++ {
		if v := &w.verdicts[i]; v.decision == pending && (!v.eligible.Known() || w.driftsAway(i, w.in.Now)) {
			f.undated.Add(w.amount(i))
		}
	}
}
