package planner

import (
	"cmp"
	"math"
	"slices"

	"coppice/internal/druid"
)

// obstacles turns the classified unused rows into victims (kill), waiting rows (pending) and held ones (hold). First
// each row's own obstacles; then, to a fixpoint, those that depend on which others are victims.
func (w *work) obstacles(components []component) {
	future := uint32(w.notOver(w.in.Now.String()))
	sharing := map[int][][]int{} // by component, where files are shared
	for n, c := range components {
		if !w.anyOf(group{from: c.from, to: c.to}, func(i int) bool { return w.verdicts[i].decision == pending }) {
			continue
		}
		files := w.sharedFiles(c)
		if shared := files.groups(c); len(shared) > 0 {
			sharing[n] = shared
			w.countOnce(shared)
		}
		for i := c.from; i < c.to; i++ {
			if w.verdicts[i].decision == pending {
				w.ownObstacles(i, files, future)
			}
		}
	}
	for n, c := range components {
		for changed := w.waiting(c); changed; {
			w.waitForHidden(c)
			changed = w.waitForFiles(sharing[n])
			changed = w.waitForReach(c) || changed
			changed = w.waitForWhole(c) || changed
		}
	}
}

// waiting reports whether a row is killed or waits: others have no obstacles.
func (w *work) waiting(c component) bool {
	return w.anyOf(group{from: c.from, to: c.to}, func(i int) bool {
		return w.verdicts[i].decision == kill || w.verdicts[i].decision == pending
	})
}

// ownObstacles decides a row by itself: hold, pending, or kill so far.
func (w *work) ownObstacles(i int, files *fileUse, future uint32) {
	v := &w.verdicts[i]
	if why := w.holds(i, files, future); why != becauseNothing {
		v.decision, v.why = hold, why
		if why == becauseHeld {
			v.hold = w.holdOver(w.rows[i].Interval)
		}
		return
	}
	if v.eligible, v.waits, v.why = w.due(i); v.eligible.Known() && v.eligible <= w.in.Now {
		w.presentObstacles(i)
	}
}

// due is when a row has outlived its own grace and age, and which of them it waits for; NoInstant for never.
func (w *work) due(i int) (at druid.Instant, waits waits, why reason) {
	v := &w.verdicts[i]
	at, ends := due(w.grace(v).Value, v.since)
	older := w.olderThan(v)
	if !ends || older == nil {
		return at, waitsGrace, becauseGrace
	}
	ended, ends := due(older.Value, w.rows[i].Interval.End)
	switch {
	case !ends:
		return druid.NoInstant, waitsInterval, becauseInterval
	case ended > at:
		return ended, waitsInterval, becauseInterval
	}
	return at, waitsGrace, becauseGrace
}

// presentObstacles are those of a row whose time has come. They fall at a time nobody knows.
func (w *work) presentObstacles(i int) {
	v := &w.verdicts[i]
	v.eligible = druid.NoInstant
	switch {
	case w.restores:
		v.waits, v.why = waitsRestore, becauseRestorePlanned
	case w.in.undisturbed:
		v.decision, v.waits, v.why = kill, waitsForNothing, becauseClass
	case !w.seen.BusyKnown:
		v.waits, v.why = waitsLock, becauseBusyUnknown
	case w.busy(w.rows[i].Interval):
		v.waits, v.why = waitsLock, becauseBusy
	case w.in.blind():
		v.waits, v.why = waitsLock, becauseCoordinator
	default:
		v.decision, v.waits, v.why = kill, waitsForNothing, becauseClass
	}
}

// holds says why a row is never killed automatically.
func (w *work) holds(i int, files *fileUse, future uint32) reason {
	s, v := &w.rows[i], &w.verdicts[i]
	switch {
	case w.heldBy(s.Interval) != nil:
		return becauseHeld
	case v.class != removed && (w.policy == nil || w.policy.Kill == nil):
		return becauseNoPolicy
	case w.grace(v) == nil:
		return becauseNoGrace
	case !w.seen.UnusedKnown:
		return becauseUnlisted
	case !s.MarkedAt.Known():
		return becauseNoTime
	case s.Version >= future:
		return becauseFutureVersion
	case files.unknown:
		return becauseNoDetails
	case files.sharedWithUsed(i):
		return becauseFileUsed
	}
	return becauseNothing
}

// blind reports whether the Coordinator's rules stand still or its view is frozen: then nobody knows what it would do.
func (in *Input) blind() bool {
	d := in.Snapshot.Duties
	return d != nil && (d.Stopped || d.Frozen)
}

// busy reports whether somebody else works on the interval. A stream leaves thousands of locks and pending segments
// behind, so they are joined once and then searched.
func (w *work) busy(i druid.Interval) bool {
	if w.taken == nil {
		w.taken = w.joinBusy()
	}
	first, _ := slices.BinarySearchFunc(w.taken, i.Start, func(b druid.Interval, start druid.Instant) int {
		return cmp.Compare(b.End, start+1) // the first that ends behind the start
	})
	return first < len(w.taken) && w.taken[first].Overlaps(i)
}

// joinBusy is what others work on, as intervals by start that are apart from each other.
func (w *work) joinBusy() []druid.Interval {
	list := []druid.Interval{}
	for _, b := range w.seen.Busy {
		switch n := len(list); {
		case w.in.OwnTasks[b.By]:
		case n > 0 && b.Interval.Start <= list[n-1].End:
			list[n-1].End = max(list[n-1].End, b.Interval.End)
		default:
			list = append(list, b.Interval)
		}
	}
	return list
}

// What lies below a row, in the order of how long it may stay: a pending row's moment is itself such a value.
const (
	belowUnknown = math.MaxInt64 - 1 // a used row, or a pending one with no known time
	belowHeld    = math.MaxInt64
)

// waitForHidden lets nothing be killed before what it hides: a row waits for all lower versions that overlap it, so
// that no older copy can come back. Lowest version first.
func (w *work) waitForHidden(c component) {
	groups := c.groups(w)
	if len(groups) == 1 {
		return
	}
	slices.SortStableFunc(groups, func(a, b group) int { return cmp.Compare(a.version, b.version) })
	below := w.space.below.cleared(w.boundaries(groups))
	for from := 0; from < len(groups); {
		to := from
		for to < len(groups) && groups[to].version == groups[from].version {
			w.waitForBelow(groups[to], below.over(groups[to].interval))
			to++
		}
		for _, g := range groups[from:to] {
			for i := g.from; i < g.to; i++ {
				if value := w.stayingValue(i); value != nothing {
					below.raise(g.interval, value)
				}
			}
		}
		from = to
	}
}

func (w *work) waitForBelow(g group, value int64) {
	if value == nothing {
		return
	}
	for i := g.from; i < g.to; i++ {
		v := &w.verdicts[i]
		if v.decision != kill && v.decision != pending || v.class == removed {
			continue // what a removal names may go before what it hides: somebody asked for exactly that
		}
		switch {
		case value == belowHeld:
			v.decision, v.waits, v.why, v.eligible = hold, waitsForNothing, becauseHidesHeld, druid.NoInstant
		case value == belowUnknown:
			v.decision, v.waits, v.why, v.eligible = pending, waitsHides, becauseHides, druid.NoInstant
		case v.decision == kill || v.eligible.Known() && value > int64(v.eligible):
			v.decision, v.waits, v.why, v.eligible = pending, waitsHides, becauseHides, druid.Instant(value)
		}
	}
}

// stayingValue is how long a row stays that is not killed in this plan; nothing for victims.
func (w *work) stayingValue(i int) int64 {
	v := &w.verdicts[i]
	switch {
	case v.decision == kill:
		return nothing
	case v.decision == hold:
		return belowHeld
	case v.decision == pending && v.eligible.Known():
		return int64(v.eligible)
	}
	return belowUnknown
}

// waitForReach makes victims wait that no task could take without a row of the same version inside their interval which
// is no victim and was marked no later. It reports whether a victim became a waiting row.
func (w *work) waitForReach(c component) bool {
	if !w.anyOf(group{from: c.from, to: c.to}, func(i int) bool { return w.verdicts[i].decision == kill }) {
		return false
	}
	changed := false
	foreign := w.foreign(c)
	for _, g := range c.groups(w) {
		if !w.anyOf(g, func(i int) bool { return w.verdicts[i].decision == kill }) {
			continue
		}
		first := w.firstForeign(foreign[g.version], g.interval)
		for i := g.from; i < g.to; i++ {
			v := &w.verdicts[i]
			if v.decision == kill && w.rows[i].MarkedAt >= first {
				v.decision, v.waits, v.why, v.eligible = pending, waitsReach, becauseReach, druid.NoInstant
				changed = true
			}
		}
	}
	return changed
}

// foreign are, by version, the unused rows that are no victims. Those without a marking time are left out: a task with
// a cut-off leaves them alone.
func (w *work) foreign(c component) map[uint32][]int {
	rows := map[uint32][]int{}
	for i := c.from; i < c.to; i++ {
		if s := &w.rows[i]; !w.used(i) && w.verdicts[i].decision != kill && s.MarkedAt.Known() {
			rows[s.Version] = append(rows[s.Version], i)
		}
	}
	return rows
}

// firstForeign is the earliest marking time of those of the rows, which are in order, that lie inside the interval.
func (w *work) firstForeign(rows []int, inside druid.Interval) druid.Instant {
	first := druid.MaxInstant
	from, _ := slices.BinarySearchFunc(rows, inside.Start, func(i int, start druid.Instant) int {
		return cmp.Compare(w.rows[i].Interval.Start, start)
	})
	for _, i := range rows[from:] {
		if w.rows[i].Interval.Start >= inside.End {
			break
		}
		if inside.Contains(w.rows[i].Interval) {
			first = min(first, w.rows[i].MarkedAt)
		}
	}
	return first
}
