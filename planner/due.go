package planner

import (
	"slices"

	"coppice/config"
	"coppice/internal/druid"
	"coppice/internal/plan"
	"coppice/internal/snapshot"
)

// A plan of what is due now needs only the rows that rules, grace or somebody's word can concern, and what overlaps them.
// Why these suffice is in docs/decisions/2026-11-27-due.md.

// Concern says which rows a plan of what is due depends on. The snapshot holds the datasources with their rules, and no
// rows yet.
func Concern(in Input) snapshot.Concern {
	in.onlyAsked()
	if in.defaultChanges() {
		return snapshot.Concern{Everything: "the default rules change, which concerns every datasource"}
	}
	subjects := slices.DeleteFunc(in.subjects(), func(s subject) bool { return !s.seen.HasRows() })
	regions := make([][]druid.Region, len(subjects))
	in.each(len(subjects), func(i int) { regions[i] = newWork(&in, subjects[i]).concern() })
	c := snapshot.Concern{Regions: slices.Concat(regions...)}
	for _, s := range subjects {
		c.Counted = append(c.Counted, s.seen.Name)
	}
	return c
}

// RecheckConcern says which rows Recheck depends on: the reach of the task, and what would stop all kills of the
// datasource.
func RecheckConcern(in Input, action *plan.Action) snapshot.Concern {
	in.onlyAsked()
	w := newWork(&in, in.subjectOf(action.Datasource))
	if !w.seen.HasRows() {
		return snapshot.Concern{}
	}
	if action.Task == nil {
		return snapshot.Concern{Everything: "the action is no task"}
	}
	regions := append(w.both(action.Task.Interval), w.restoreRegions()...)
	return snapshot.Concern{Regions: regions, Counted: []string{action.Datasource}}
}

// concern is the regions of one datasource.
func (w *work) concern() []druid.Region {
	name := w.seen.Name
	inForce, planned := regionsOf(w.inForce, w.in.Now), regionsOf(w.planned, w.in.Now)
	if w.rulesChange && planned.unknown {
		return w.both(druid.Eternity) // any used row that reaches such a rule is complained about
	}
	list := dropped(name, inForce)
	if w.rulesChange {
		list = append(list, dropped(name, planned)...)
	}
	list = append(list, w.killRegions(inForce)...)
	list = append(list, w.restoreRegions()...)
	for _, r := range w.removals {
		switch {
		case r.Interval != nil:
			list = append(list, w.both(*r.Interval)...)
		case len(r.SegmentIDs) == 0:
			list = append(list, w.both(druid.Eternity)...)
		}
		for _, id := range r.SegmentIDs {
			list = append(list, w.both(id.Interval)...)
		}
	}
	return append(list, w.exposedRegions()...)
}

// dropped are the used rows that a chain drops, with what the plan says of their sizes.
func dropped(name string, chain chainRegions) []druid.Region {
	list := regionsIn(name, true, chain.drops)
	for i := range list {
		list[i].Payloads = !chain.unknown // what is unknown may be anything
	}
	return list
}

// both are the rows of either state that overlap an interval.
func (w *work) both(i druid.Interval) []druid.Region {
	return []druid.Region{druid.Overlapping(w.seen.Name, true, i), druid.Overlapping(w.seen.Name, false, i)}
}

// killRegions hold all unused rows whose grace is over. Grace never ends before marking plus period, so what was marked
// later is not due. Without superseded_after only what the rules in force drop can die.
func (w *work) killRegions(inForce chainRegions) []druid.Region {
	if w.policy == nil || w.policy.Kill == nil {
		return nil
	}
	_, dies := latestMarked(w.in.Now, w.policy.Kill.SupersededAfter)
	_, expires := latestMarked(w.in.Now, w.policy.Kill.ExpiredAfter)
	var list []druid.Region
	if dies {
		list = regionsIn(w.seen.Name, false, []region{everything})
	} else if expires {
		list = regionsIn(w.seen.Name, false, inForce.drops)
	}
	for i := range list {
		list[i].MarkedUntil = w.ripeUntil()
	}
	return list
}

// latestMarked is a moment such that nothing marked after it is due now; false when nothing is. Adding months and years
// moves the ends of months together, by up to three days.
func latestMarked(now druid.Instant, grace *config.Setting[druid.Period]) (druid.Instant, bool) {
	if grace == nil {
		return druid.NoInstant, false
	}
	t, err := grace.Value.Before(now)
	if err != nil {
		return druid.NoInstant, false
	}
	if grace.Value.Years != 0 || grace.Value.Months != 0 {
		t += 4 * dayMillis
	}
	return t, true
}

// restoreRegions hold all unused rows that the rules in force drop and the planned ones keep, and those that an earlier
// apply was to restore.
func (w *work) restoreRegions() []druid.Region {
	if w.in.Request != nil || w.policy == nil || !w.policy.Restore.Value {
		return nil
	}
	var list []druid.Region
	if w.rulesChange {
		dropped, kept := regionsOf(w.inForce, w.in.Now).drops, regionsOf(w.planned, w.in.Now).keeps
		for _, d := range dropped {
			for _, k := range kept {
				list = append(list, regionsIn(w.seen.Name, false, []region{d.and(k)})...)
			}
		}
	}
	for id := range w.in.Unfinished {
		if id.DataSource == w.seen.Name {
			list = append(list, druid.Overlapping(id.DataSource, false, id.Interval))
		}
	}
	slices.SortFunc(list, func(a, b druid.Region) int {
		return druid.Interval{Start: a.EndAfter, End: a.StartBelow}.Compare(druid.Interval{Start: b.EndAfter, End: b.StartBelow})
	})
	return list
}

// exposedRegions hold what a hold protects where the cluster deletes by itself.
func (w *work) exposedRegions() []druid.Region {
	var list []druid.Region
	if len(w.foreignKillers()) == 0 {
		return nil
	}
	for _, h := range w.heldBlocks {
		at := druid.Eternity
		if h.Interval != nil {
			at = *h.Interval
		}
		list = append(list, w.both(at)...)
	}
	return list
}

// mayTouchUnused reports whether the plan may kill, restore or name an unused row of the component. Where it may not, the
// unused rows stay, whatever their payloads say, and are not shown; and no used row's decision depends on them.
func (w *work) mayTouchUnused(c component) bool {
	ripe := w.ripeUntil()
	for i := c.from; i < c.to; i++ {
		s := &w.rows[i]
		if w.used(i) {
			continue
		}
		if w.claimedBy(i) != nil || w.asked != nil || w.looksForTombstones(s.Interval) || s.MarkedAt.Known() && s.MarkedAt <= ripe ||
			w.mayRestore() && w.candidate(i) {
			return true
		}
	}
	return false
}

// ripeUntil is a moment such that nothing that was marked after it is killed now by the kill block.
func (w *work) ripeUntil() druid.Instant {
	if w.policy == nil || w.policy.Kill == nil {
		return druid.NoInstant
	}
	superseded, _ := latestMarked(w.in.Now, w.policy.Kill.SupersededAfter)
	expired, _ := latestMarked(w.in.Now, w.policy.Kill.ExpiredAfter)
	return max(superseded, expired)
}

// neededUsed are the used rows of a component whose payload matters beside unused rows that stay: those that contest
// their time among themselves, and those that go.
func (w *work) neededUsed(c component) []int32 {
	var rows []int32
	contested := w.usedContested(c)
	for i := c.from; i < c.to; i++ {
		s := &w.rows[i]
		if w.used(i) && !s.Has(snapshot.Details) && !s.Has(snapshot.Odd) &&
			(contested || endless(s.Interval) || w.claimedBy(i) != nil || w.looksForTombstones(s.Interval) || w.mayDrop(s.Interval)) {
			rows = append(rows, int32(i))
		}
	}
	return rows
}

// usedContested reports whether the used rows of the component differ in interval or version.
func (w *work) usedContested(c component) bool {
	first := -1
	for i := c.from; i < c.to; i++ {
		if !w.used(i) {
			continue
		}
		if first < 0 {
			first = i
		} else if s := &w.rows[i]; s.Interval != w.rows[first].Interval || s.Version != w.rows[first].Version {
			return true
		}
	}
	return false
}

// regionsIn restates regions for reading; empty ones are left out.
func regionsIn(name string, used bool, regions []region) []druid.Region {
	var list []druid.Region
	for _, r := range regions {
		if !r.empty() {
			list = append(list, druid.Region{DataSource: name, Used: used, StartFrom: r.firstFrom, StartBelow: r.firstBelow,
				EndAfter: r.lastFrom, EndUntil: r.lastBelow, MarkedUntil: druid.NoInstant})
		}
	}
	return list
}
