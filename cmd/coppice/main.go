package main

import (
	"context"
	"os"
	"runtime/debug"
	"sync/atomic"
)

// garbage is by how much of what lives memory may grow before it is collected, in percent. Most of what lives are rows
// without pointers, which cost little to look through, so that collecting much more often than usual saves memory for little time.
const garbage = 6

// spare is memory that nobody ever touches, so that it takes none. The collector counts it as living, and so leaves 15 MB of room
// besides, however little lives: with a percentage alone it would work all the time until much does.
var spare atomic.Pointer[[256 << 20]byte]

// wide is garbage while a snapshot's file is planned as it is read: few rows live then, and what is spared by that is room.
const wide = 4 * garbage

// widen gives the collector that room, where main set one.
func widen() {
	if spare.Load() != nil {
		debug.SetGCPercent(wide)
	}
}

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbage)
		spare.Store(new([256 << 20]byte))
	}
	p, stop := system()
	code := run(context.Background(), p)
	stop()
	os.Exit(int(code))
}
