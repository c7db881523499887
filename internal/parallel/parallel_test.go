package parallel

import (
	"sync/atomic"
	"testing"
)

func TestEachRunsAllOnceWithinTheLimit(t *testing.T) {
	for _, limit := range []int{1, 2, 7} {
		var running, most atomic.Int32
		calls := make([]atomic.Int32, 100)
		Each(len(calls), limit, func(i int) {
			now := running.Add(1)
			for seen := most.Load(); now > seen && !most.CompareAndSwap(seen, now); seen = most.Load() {
			}
			calls[i].Add(1)
			running.Add(-1)
		})
		for i := range calls {
			if calls[i].Load() != 1 {
				t.Errorf("limit %d: piece %d ran %d times", limit, i, calls[i].Load())
			}
		}
		if int(most.Load()) > limit {
			t.Errorf("%d at once, the limit is %d", most.Load(), limit)
		}
	}
	Each(0, 4, func(int) { t.Error("called for nothing") })
}

// TestEachIsAtOnce: each of two pieces waits for the other.
func TestEachIsAtOnce(t *testing.T) {
	meeting := make(chan bool)
	Each(2, 2, func(i int) {
		if i == 0 {
			meeting <- true
		} else {
			<-meeting
		}
	})
}

func TestEachPassesAPanicOn(t *testing.T) {
	defer func() {
		if got := recover(); got != "the moon is missing" {
			t.Errorf("recovered %v", got)
		}
	}()
	Each(10, 3, func(i int) {
		if i == 4 {
			panic("the moon is missing")
		}
	})
}
