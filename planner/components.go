package planner

import (
	"slices"

	"coppice/internal/druid"
)

// component is a run of rows that share time, directly or through each other; no row outside it overlaps one inside.
// Timelines, classes, what hides what and shared files are decided component by component.
type component struct {
	from, to int // rows[from:to]
}

// group is the rows of one interval and version inside a component: what Druid calls a PartitionHolder.
type group struct {
	from, to int
	interval druid.Interval
	version  uint32
}

// components cuts the rows, which are sorted by start, wherever a row starts at or after the end of all before it.
func (w *work) components() []component {
	m := w.lent()
	list := m.components[:0]
	from, end := 0, druid.MinInstant
	for i := range w.rows {
		if i > from && w.rows[i].Interval.Start >= end {
			list = append(list, component{from, i})
			from = i
		}
		if i == from {
			end = w.rows[i].Interval.End
		}
		end = max(end, w.rows[i].Interval.End)
	}
	if from < len(w.rows) {
		list = append(list, component{from, len(w.rows)})
	}
	m.components = list
	return list
}

// groups are in the order of rows. They are good until the next call: the space is used again.
func (c component) groups(w *work) []group {
	list := w.space.groups[:0]
	for i := c.from; i < c.to; i++ {
		s := &w.rows[i]
		if n := len(list); n > 0 && list[n-1].interval == s.Interval && list[n-1].version == s.Version {
			list[n-1].to = i + 1
			continue
		}
		list = append(list, group{i, i + 1, s.Interval, s.Version})
	}
	w.space.groups = list
	return list
}

// contested reports whether the rows differ in interval, version or state: only then do their payloads matter.
func (c component) contested(w *work) bool {
	first := &w.rows[c.from]
	for i := c.from + 1; i < c.to; i++ {
		s := &w.rows[i]
		if s.Interval != first.Interval || s.Version != first.Version || s.Flags&1 != first.Flags&1 {
			return true
		}
	}
	return false
}

// boundaries are all interval ends of the groups, ascending and each once. They are good until the next call.
func (w *work) boundaries(groups []group) []druid.Instant {
	list := w.space.boundaries[:0]
	for n := range groups {
		list = append(list, groups[n].interval.Start, groups[n].interval.End)
	}
	slices.Sort(list)
	list = slices.Compact(list)
	w.space.boundaries = list
	return list
}

// boundaries are all interval ends of the component.
func (c component) boundaries(w *work) []druid.Instant {
	list := make([]druid.Instant, 0, 2*(c.to-c.from))
	for i := c.from; i < c.to; i++ {
		list = append(list, w.rows[i].Interval.Start, w.rows[i].Interval.End)
	}
	return list
}

// complete reports whether those rows of the group that are picked make a complete set.
func (w *work) complete(g group, picked func(i int) bool) bool {
	shards := w.space.shards[:0]
	for i := g.from; i < g.to; i++ {
		if picked(i) {
			shards = append(shards, w.shard(i))
		}
	}
	w.space.shards = shards
	return len(shards) > 0 && druid.GroupComplete(shards)
}
