package planner

import (
	"slices"

	"coppice/internal/druid"
)

// highest remembers the highest value that was put over each piece of time, and answers for any interval between its
// boundaries in logarithmic time. Values start at nothing.
type highest struct {
	boundaries []druid.Instant // ascending, distinct
	size       int             // pieces, a power of two
	best       []int64         // highest value anywhere below a node
	whole      []int64         // highest value put over all of a node
}

const nothing = int64(-1 << 63)

func newHighest(boundaries []druid.Instant) *highest {
	b := slices.Clone(boundaries)
	slices.Sort(b)
	b = slices.Compact(b)
	return new(highest).cleared(b)
}

// cleared has nothing over the pieces between the boundaries, which are ascending and distinct and must stay so. It is in the
// memory of what was there before.
func (h *highest) cleared(boundaries []druid.Instant) *highest {
	size := 1
	for size < len(boundaries) {
		size *= 2
	}
	*h = highest{boundaries, size, slices.Grow(h.best[:0], 2*size)[:2*size], slices.Grow(h.whole[:0], 2*size)[:2*size]}
	for i := range h.best {
		h.best[i], h.whole[i] = nothing, nothing
	}
	return h
}

func (h *highest) pieces(i druid.Interval) (from, to int) {
	from, _ = slices.BinarySearch(h.boundaries, i.Start)
	to, _ = slices.BinarySearch(h.boundaries, i.End)
	return from, to
}

// raise puts a value over an interval.
func (h *highest) raise(i druid.Interval, value int64) {
	from, to := h.pieces(i)
	h.raiseIn(1, 0, h.size, from, to, value)
}

func (h *highest) raiseIn(node, low, high, from, to int, value int64) {
	if to <= low || high <= from {
		return
	}
	h.best[node] = max(h.best[node], value)
	if from <= low && high <= to {
		h.whole[node] = max(h.whole[node], value)
		return
	}
	middle := (low + high) / 2
	h.raiseIn(2*node, low, middle, from, to, value)
	h.raiseIn(2*node+1, middle, high, from, to, value)
}

// over is the highest value that touches the interval by a millisecond or more.
func (h *highest) over(i druid.Interval) int64 {
	from, to := h.pieces(i)
	return h.overIn(1, 0, h.size, from, to)
}

func (h *highest) overIn(node, low, high, from, to int) int64 {
	if to <= low || high <= from {
		return nothing
	}
	if from <= low && high <= to {
		return h.best[node]
	}
	middle := (low + high) / 2
	return max(h.whole[node], h.overIn(2*node, low, middle, from, to), h.overIn(2*node+1, middle, high, from, to))
}
