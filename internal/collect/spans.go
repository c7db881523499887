package collect

import (
	"cmp"
	"slices"

	"coppice/internal/druid"
)

// Sets of time: intervals sorted by start that neither overlap nor touch.

// joined makes a set of any intervals.
func joined(intervals []druid.Interval) []druid.Interval {
	sorted := slices.Clone(intervals)
	slices.SortFunc(sorted, druid.Interval.Compare)
	var set []druid.Interval
	for _, i := range sorted {
		if n := len(set); n > 0 && i.Start <= set[n-1].End {
			set[n-1].End = max(set[n-1].End, i.End)
		} else {
			set = append(set, i)
		}
	}
	return slices.Clip(set)
}

// overlapsAny reports whether the interval overlaps the set by a millisecond or more.
func overlapsAny(set []druid.Interval, i druid.Interval) bool {
	first, _ := slices.BinarySearchFunc(set, i.Start, func(s druid.Interval, start druid.Instant) int {
		return cmp.Compare(s.End, start+1) // the first that ends behind the start
	})
	return first < len(set) && set[first].Overlaps(i)
}

// subtract is what is in the one set and not in the other.
func subtract(set, other []druid.Interval) []druid.Interval {
	var left []druid.Interval
	o := 0
	for _, i := range set {
		for o < len(other) && other[o].End <= i.Start {
			o++
		}
		at := i.Start
		for n := o; n < len(other) && other[n].Start < i.End; n++ {
			if at < other[n].Start {
				left = append(left, druid.Interval{Start: at, End: other[n].Start})
			}
			at = max(at, other[n].End)
		}
		if at < i.End {
			left = append(left, druid.Interval{Start: at, End: i.End})
		}
	}
	return left
}

// mostPieces is how many pieces of one datasource are asked for at once. Each costs a walk through its index to the end,
// so that many small ones are joined to few large ones.
const mostPieces = 4

// hulls joins a set to mostPieces, over the shortest gaps.
func hulls(set []druid.Interval) []druid.Interval {
	gaps := make([]int, len(set)-1) // the gap behind each
	for i := range gaps {
		gaps[i] = i
	}
	slices.SortStableFunc(gaps, func(a, b int) int {
		return cmp.Compare(set[b+1].Start-set[b].End, set[a+1].Start-set[a].End)
	})
	kept := slices.Sorted(slices.Values(gaps[:min(len(gaps), mostPieces-1)]))
	var list []druid.Interval
	from := 0
	for _, gap := range append(kept, len(set)-1) {
		list = append(list, druid.Interval{Start: set[from].Start, End: set[gap].End})
		from = gap + 1
	}
	return list
}
