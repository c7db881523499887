package main

import (
	"runtime"
	"testing"
)

// TestGrowthIsLinear: what a table measures takes memory in step with its size, which, unlike time, does not depend on what
// else the machine does. A step that goes over everything for each takes the square.
func TestGrowthIsLinear(t *testing.T) {
	sizes := map[string]int{"Loading a configuration": 500, "Planning many datasources": 500,
		"A plan of many victims": 20 * chunkVictims * chunksOfVictims} // whole datasources
	for _, table := range growths {
		t.Run(table.title, func(t *testing.T) {
			first := 3_000
			if size, special := sizes[table.title]; special {
				first = size
			}
			least := allocated(t, table, first)
			for _, times := range []int{2, 4} {
				if got := allocated(t, table, times*first); got > 1.25*least {
					t.Errorf("%d: %.0f bytes for one, %d: %.0f", first, least, times*first, got)
				}
			}
		})
	}
}

// allocated is the number of bytes that one run takes from the heap, for one.
func allocated(t *testing.T, table growing, size int) float64 {
	t.Helper()
	run, err := table.prepare(size)
	if err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if err := run(); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	return float64(after.TotalAlloc-before.TotalAlloc) / float64(size)
}
