package executor

import (
	"cmp"
	"iter"
	"maps"
	"slices"

	"coppice/internal/druid"
	"coppice/internal/plan"
)

// chunk is where segments of one version lie.
type chunk struct {
	interval druid.Interval
	version  string
}

func (c chunk) compare(o chunk) int {
	return cmp.Or(c.interval.Compare(o.interval), cmp.Compare(c.version, o.version))
}

// inventory is a set of segments of one datasource, folded so that a million of them fit into a few megabytes. The
// partitions of a chunk are sorted and distinct, and a chunk without partitions is not kept.
type inventory map[chunk][]int32

func newInventory(ids []druid.SegmentID) inventory {
	v := inventory{}
	for _, id := range ids {
		at := chunk{id.Interval, id.Version}
		v[at] = append(v[at], id.Partition)
	}
	return v.tidy()
}

func inventoryOf(groups ...[]plan.Run) inventory {
	v := inventory{}
	for _, runs := range groups {
		for _, run := range runs {
			at := chunk{run.Interval, run.Version}
			v[at] = append(v[at], run.Partitions...)
		}
	}
	return v.tidy()
}

func (v inventory) tidy() inventory {
	for at, partitions := range v {
		slices.Sort(partitions)
		v[at] = slices.Clip(slices.Compact(partitions))
		if len(partitions) == 0 {
			delete(v, at)
		}
	}
	return v
}

func (v inventory) count() int64 {
	var n int64
	for _, partitions := range v {
		n += int64(len(partitions))
	}
	return n
}

// filter keeps the segments that o has (in) or has not.
func (v inventory) filter(o inventory, in bool) inventory {
	kept := inventory{}
	for at, partitions := range v {
		others := o[at]
		for _, n := range partitions {
			if _, found := slices.BinarySearch(others, n); found == in {
				kept[at] = append(kept[at], n)
			}
		}
	}
	return kept
}

// plus are the segments that either has.
func (v inventory) plus(o inventory) inventory {
	all := maps.Clone(v)
	for at, partitions := range o {
		all[at] = slices.Concat(all[at], partitions)
	}
	return all.tidy()
}

func (v inventory) minus(o inventory) inventory { return v.filter(o, false) }
func (v inventory) and(o inventory) inventory   { return v.filter(o, true) }

// chunks are sorted, so that everything made from them is the same each time.
func (v inventory) chunks() []chunk { return slices.SortedFunc(maps.Keys(v), chunk.compare) }

// ids yields the segments in order.
func (v inventory) ids(dataSource string) iter.Seq[druid.SegmentID] {
	return func(yield func(druid.SegmentID) bool) {
		for _, at := range v.chunks() {
			for _, n := range v[at] {
				if !yield(druid.SegmentID{DataSource: dataSource, Interval: at.interval, Version: at.version, Partition: n}) {
					return
				}
			}
		}
	}
}

// hull is the smallest interval around all chunks.
func (v inventory) hull() druid.Interval {
	hull := druid.Interval{Start: druid.MaxInstant, End: druid.MinInstant}
	for at := range v {
		hull.Start, hull.End = min(hull.Start, at.interval.Start), max(hull.End, at.interval.End)
	}
	return hull
}

// names are the first ids, for a report.
func (v inventory) names(dataSource string) []string {
	names := []string{}
	for id := range v.ids(dataSource) {
		if len(names) == sample {
			break
		}
		names = append(names, id.String())
	}
	return names
}
