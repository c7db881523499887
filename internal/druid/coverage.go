package druid

import "slices"

// Coverage is a set of time, built up by Add, that answers whether an interval is wholly inside it. It works on the
// pieces between neighbouring boundaries; each piece is added once and then skipped (union-find), so that n calls cost
// O(n log n) for finding the pieces and next to nothing beyond.
type Coverage struct {
	bounds []Instant
	// next[p] leads to the first piece from p on that is not covered; len(bounds)-1 (no piece) is the end.
	next []int32
}

// NewCoverage makes an empty set over the pieces between the boundaries, which should be all ends of intervals that Add
// and Covers will name. They may be in any order and repeated; the slice is not kept.
func NewCoverage(boundaries []Instant) *Coverage {
	bounds := slices.Clone(boundaries)
	slices.Sort(bounds)
	return new(Coverage).Cleared(slices.Compact(bounds))
}

// Cleared makes the set empty, over other boundaries: ascending, without repetition, and kept, so that they must stay so.
// It uses the memory of what was there before.
func (c *Coverage) Cleared(bounds []Instant) *Coverage {
	*c = Coverage{bounds: bounds, next: slices.Grow(c.next[:0], len(bounds))[:len(bounds)]}
	for i := range c.next {
		c.next[i] = int32(i)
	}
	return c
}

// Add puts the interval into the set. Of an interval whose ends are not boundaries only the whole pieces inside it are
// added, so that Covers never says too much.
func (c *Coverage) Add(i Interval) {
	from, _ := slices.BinarySearch(c.bounds, i.Start)
	to, exact := slices.BinarySearch(c.bounds, i.End)
	if !exact {
		to--
	}
	c.add(int32(from), int32(to), func(int32) {})
}

// add covers the pieces from up to (not with) to, and reports those that were not covered yet, in order.
func (c *Coverage) add(from, to int32, report func(piece int32)) {
	for p := c.open(from, to); p < to; p = c.open(p, to) {
		report(p)
		c.next[p] = p + 1
	}
}

// Covers reports whether every moment of the interval is in the set. An empty interval is not covered by anything.
func (c *Coverage) Covers(i Interval) bool {
	if i.Empty() {
		return false
	}
	from, exact := slices.BinarySearch(c.bounds, i.Start)
	if !exact {
		from--
	}
	to, _ := slices.BinarySearch(c.bounds, i.End)
	return from >= 0 && to < len(c.bounds) && c.covers(int32(from), int32(to))
}

func (c *Coverage) covers(from, to int32) bool { return c.open(from, to) >= to }

// open is the first piece from p on that is not covered; to when that lies at or behind to. It shortens the way for
// the calls to come.
func (c *Coverage) open(p, to int32) int32 {
	for p < to && c.next[p] != p {
		c.next[p] = c.next[c.next[p]]
		p = c.next[p]
	}
	return min(p, to)
}
