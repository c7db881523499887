package planner

import "coppice/internal/druid"

// space is memory that is used again for each component. Most components have one or two rows, so that making it anew
// costs more than what is decided in it.
type space struct {
	groups []group
	// planned and inForce are the runs under the two chains.
	planned, inForce run
	rows             []int
}

// fresh gives a run of n rows, in the memory of an earlier one.
func (r *run) fresh(n int, chain druid.Chain) *run {
	*r = run{chain: chain, first: zeroed(r.first, n), then: zeroed(r.then, n), rule: zeroed(r.rule, n),
		tombstone: zeroed(r.tombstone, n), left: zeroed(r.left, n), seen: r.seen[:0]}
	return r
}

func zeroed[T any](list []T, n int) []T {
	if cap(list) < n {
		return make([]T, n)
	}
	list = list[:n]
	clear(list)
	return list
}
