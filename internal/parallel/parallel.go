// Package parallel runs pieces of work that do not depend on each other at the same time.
package parallel

import (
	"sync"
	"sync/atomic"
)

// Each calls work for 0 to n-1, at most limit at once, and returns when all are done. A panic of one of them is passed
// on to the caller, once the others have ended.
func Each(n, limit int, work func(i int)) {
	var next atomic.Int64
	var group sync.WaitGroup
	var panicked atomic.Pointer[any]
	for range min(n, limit) {
		group.Go(func() {
			defer func() {
				if broken := recover(); broken != nil {
					panicked.CompareAndSwap(nil, &broken)
				}
			}()
			for i := int(next.Add(1)) - 1; i < n && panicked.Load() == nil; i = int(next.Add(1)) - 1 {
				work(i)
			}
		})
	}
	group.Wait()
	if broken := panicked.Load(); broken != nil {
		panic(*broken)
	}
}
