package collect

import (
	"sync"
	"sync/atomic"
)

// workers bound what runs at once: requests to one Coordinator, or cores.
const workers = 4

// inParallel calls work for 0 to n-1, at most limit at once, and returns when all are done.
func inParallel(n, limit int, work func(i int)) {
	var next atomic.Int64
	var group sync.WaitGroup
	for range min(n, limit) {
		group.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				work(i)
			}
		})
	}
	group.Wait()
}
