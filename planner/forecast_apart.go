package planner

import (
	"cmp"
	"slices"

	"coppice/config"
	"coppice/internal/druid"
	"coppice/internal/snapshot"
)

// A long segment ties all that lie over it into one component, and each of their changes would be decided with all of them. Where it
// stays as it is until the end, whatever becomes of them, they depend on it and not on each other: the course goes on with each
// part by itself, and the long one beside it. Such rows are called stones. What is no stone for certain stays in the course.

// maxStones is how many groups, the longest, are looked at: a stone that is not found costs time and nothing else.
const maxStones = 8

// stretch is some rows of a course, in order, and which of them are stones.
type stretch struct {
	rows   []int
	stones map[int]bool
}

// apart are the parts that do not depend on each other, since what overlapped all of them is gone or a stone. Nil where there are not
// several, and where kills depend on the whole datasource. Everything is settled.
func (r *course) apart() []stretch {
	if len(r.rows) < 2 || len(r.f.in.Unfinished) > 0 {
		return nil
	}
	if parts, _ := r.between(nil); len(parts) > 1 {
		return parts
	}
	stones := r.stones()
	if len(stones) == 0 || !r.mayPart() {
		return nil
	}
	parts, spans := r.between(stones)
	if len(parts) < 2 {
		return nil
	}
	r.f.parted++
	for n := range parts {
		parts[n].stones = stones
		for i := range stones {
			if r.rows[i].Interval.Overlaps(spans[n]) {
				parts[n].rows = append(parts[n].rows, i)
			}
		}
		slices.Sort(parts[n].rows)
	}
	return parts
}

// between are the parts that are left without the stones, and the time that each spans.
func (r *course) between(stones map[int]bool) (parts []stretch, spans []druid.Interval) {
	for i := range r.rows {
		at := r.rows[i].Interval
		if stones[i] {
			continue
		}
		if n := len(parts) - 1; n >= 0 && at.Start < spans[n].End {
			parts[n].rows, spans[n].End = append(parts[n].rows, i), max(spans[n].End, at.End)
			continue
		}
		parts, spans = append(parts, stretch{rows: []int{i}}), append(spans, at)
	}
	return parts, spans
}

// mayPart leaves out what decides on a whole component at once: what could not be read or judged, restores, removals (which may
// delete what hides a stone), and kill tasks that cannot be told versions. An incomplete set answers when nothing else is used, and
// otherwise does not.
func (r *course) mayPart() bool {
	if r.lengthless || r.rulesChange || r.restores || len(r.removals) > 0 || len(r.seen.Gaps) > 0 || r.in.Request != nil || !r.in.canPin() {
		return false
	}
	return r.sharesWithin() && r.allComplete() && !r.anyOf(group{to: len(r.rows)}, func(i int) bool {
		switch r.verdicts[i].why {
		case becauseOdd, becauseGap, becauseClash, becauseShard:
			return true
		}
		return false
	})
}

// allComplete reports whether all used rows make complete sets.
func (r *course) allComplete() bool {
	return !slices.ContainsFunc(component{0, len(r.rows)}.groups(r.work), func(g group) bool { return r.anyOf(g, r.used) && !r.complete(g, r.used) })
}

// sharesWithin reports whether rows that share a file, or a root, have the same interval: then they stay together.
func (r *course) sharesWithin() bool {
	files, roots, anyRoot := map[uint64]druid.Interval{}, map[string]druid.Interval{}, r.anyRoot(component{0, len(r.rows)})
	return !r.anyOf(group{to: len(r.rows)}, func(i int) bool {
		s := &r.rows[i]
		return s.File != snapshot.NoFile && !sameOf(files, s.File, s.Interval) || anyRoot && !sameOf(roots, r.root(i), s.Interval)
	})
}

// sameOf remembers the first interval of a key, and reports whether this one is the same.
func sameOf[K comparable](seen map[K]druid.Interval, key K, i druid.Interval) bool {
	first, known := seen[key]
	if !known {
		seen[key] = i
	}
	return !known || first == i
}

// stones are the rows that stay as they are until the end.
func (r *course) stones() map[int]bool {
	found := map[int]bool{}
	for _, g := range r.longest() {
		if !r.isStone(g) {
			continue
		}
		for i := g.from; i < g.to; i++ {
			found[i] = true
		}
	}
	return found
}

// longest are the groups that span the most time.
func (r *course) longest() []group {
	groups := slices.Clone(component{0, len(r.rows)}.groups(r.work))
	length := func(g group) druid.Instant { return g.interval.End - g.interval.Start }
	slices.SortStableFunc(groups, func(a, b group) int { return cmp.Compare(length(b), length(a)) })
	return groups[:min(len(groups), maxStones)]
}

func (r *course) isStone(g group) bool {
	used := r.used(g.from)
	if r.anyOf(g, func(i int) bool { return r.used(i) != used }) {
		return false
	}
	if used {
		return r.staysUsed(g)
	}
	return r.staysHeld(g)
}

// staysUsed: it answers somewhere and rules keep it until the end. What covers it only gets less, so that it always does.
func (r *course) staysUsed(g group) bool {
	return !r.dropsUntilEnd(g.interval) && !r.anyOf(g, func(i int) bool {
		return r.verdicts[i].decision != keep || r.shard(i).Kind == druid.ShardTombstone
	})
}

// dropsUntilEnd reports whether the rules drop the interval now or at some moment until the end.
func (r *course) dropsUntilEnd(i druid.Interval) bool {
	return r.judge(r.planned, i).action == druid.ActionDrop || len(turnsOf(r.planned, i, r.input.Now, r.f.until)) > 0
}

// staysHeld: nothing lies below it that its class could matter to, and it is held in every class that it can get.
func (r *course) staysHeld(g group) bool {
	if r.anyOf(g, func(i int) bool { return r.verdicts[i].decision != hold }) {
		return false
	}
	grows := false
	for i := range r.rows {
		if i >= g.from && i < g.to || !r.rows[i].Interval.Overlaps(g.interval) {
			continue
		}
		if r.rows[i].Version < g.version {
			return false
		}
		grows = grows || r.verdicts[i].class == unexplained // and may be expired one day, which counts as covering
	}
	return r.heldAnyhow(g) || r.heldInEachClass(g, grows)
}

// heldAnyhow: held whatever its class is.
func (r *course) heldAnyhow(g group) bool {
	held := slices.ContainsFunc(r.heldBlocks, func(h *config.Hold) bool {
		return (h.Interval == nil || h.Interval.Overlaps(g.interval)) && (h.Until == nil || *h.Until > r.f.until)
	})
	return held || r.policy == nil || r.policy.Kill == nil || !r.seen.UnusedKnown ||
		!r.anyOf(g, func(i int) bool { return r.rows[i].MarkedAt.Known() })
}

// heldInEachClass: an unexplained one is held; a superseded and an expired one where such have no grace, or where it cannot become one.
// What covers it gets less, unless it grows.
func (r *course) heldInEachClass(g group, grows bool) bool {
	covered := r.anyOf(g, func(i int) bool { return r.verdicts[i].class == superseded })
	if (grows || covered) && r.grace(&verdict{class: superseded}) != nil {
		return false
	}
	return r.grace(&verdict{class: expired}) == nil || !r.dropsUntilEnd(g.interval) || covered && r.coverLasts(g)
}

// coverLasts reports whether what covers a superseded group that is held does so until the end: each lies alone over it, counts as used
// or as expired, and is not kept again once it was dropped. Nothing of it is deleted, since it hides what is held.
func (r *course) coverLasts(g group) bool {
	end := druid.MinInstant
	for _, o := range (component{0, len(r.rows)}).groups(r.work) {
		switch {
		case o.from == g.from || !o.interval.Overlaps(g.interval):
			continue
		case o.interval.Start < end, r.keptAgain(o.interval):
			return false
		case r.anyOf(o, func(i int) bool { return !r.used(i) && r.verdicts[i].class != expired }):
			return false
		}
		end = o.interval.End
	}
	return true
}

// keptAgain reports whether rules that drop an interval keep it later, until the end.
func (r *course) keptAgain(i druid.Interval) bool {
	turns := len(turnsOf(r.planned, i, r.input.Now, r.f.until))
	if r.judge(r.planned, i).action == druid.ActionDrop {
		return turns > 0
	}
	return turns > 1
}

// partOf is a course of some rows. A stone that is held is classified by what lies over it in this part alone, which may be another
// class than it has: it gets no marking time, so that it is held in any.
func (r *course) partOf(p stretch) *course {
	own := *r.work
	own.rows, own.verdicts, own.claimed, own.complaints = nil, nil, nil, nil
	for _, i := range p.rows {
		row := r.rows[i]
		if p.stones[i] {
			row.MarkedAt = druid.NoInstant
		}
		own.rows, own.verdicts = append(own.rows, row), append(own.verdicts, r.verdicts[i])
		if r.claimed != nil {
			own.claimed = append(own.claimed, r.claimed[i])
		}
	}
	c := &course{work: &own, f: r.f, input: r.input, drifts: r.drifts}
	own.in = &c.input
	c.edges = own.edgesOf(&own, component{0, len(own.rows)}, r.f.until)
	return c
}
