package planner

import "coppice/internal/druid"

// memory is what a datasource needs while it is planned, and the next one after it: there may be very many.
type memory struct {
	space      space
	verdicts   []verdict
	components []component
	// rows are row numbers by decision, and victims those that are killed.
	rows           [len(decisionNames)][]int
	later, victims []int
	lumps          []lump
}

// memories are those that nobody uses right now.
type memories chan *memory

// borrow gives the work memory that an earlier one was done with, or new one.
func (w *work) borrow() {
	select {
	case w.memory = <-w.in.memories:
		w.space = w.memory.space
	default:
		w.memory = new(memory)
	}
}

// lent is the memory that the work has borrowed; memory of its own when what it decides is kept.
func (w *work) lent() *memory {
	if w.memory == nil {
		return new(memory)
	}
	return w.memory
}

// giveBack ends the work: nothing of what it decided is there any more.
func (w *work) giveBack() {
	w.memory.space = w.space
	select {
	case w.in.memories <- w.memory:
	default: // there are enough
	}
	*w = work{}
}

// space is memory that is used again for each component. Most components have one or two rows, so that making it anew
// costs more than what is decided in it.
type space struct {
	groups []group
	// planned and inForce are the runs under the two chains.
	planned, inForce run
	rows             []int
	shards           []druid.ShardSpec
	files            []filed
	versions         []uint32
	boundaries       []druid.Instant
	// valid, anything, unsafe and below are for what lies over each other in one component.
	valid, anything druid.Coverage
	unsafe, below   highest
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
