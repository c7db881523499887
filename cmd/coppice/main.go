package main

import (
	"context"
	"os"
	"runtime/debug"
	"sync/atomic"
)

// garbage is by how much of what lives memory may grow before it is collected, in percent. Most of what lives are rows
// without pointers, which cost nothing to look through, so that collecting six times as often as usual saves memory for little time.
const garbage = 15

// spare is memory that nobody ever touches, so that it takes none. The collector counts it as living, and leaves a quarter
// of it for garbage beside what lives: as long as that is little, it would work all the time otherwise.
var spare atomic.Pointer[[48 << 20]byte]

// roomy is called before a few rows are picked out of many, and crowded before very many are held, which leave room enough.
func roomy() {
	if os.Getenv("GOGC") == "" {
		spare.Store(new([48 << 20]byte))
	}
}

func crowded() { spare.Store(nil) }

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbage)
	}
	p, stop := system()
	code := run(context.Background(), p)
	stop()
	os.Exit(int(code))
}
