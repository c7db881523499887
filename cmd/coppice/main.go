package main

import (
	"context"
	"os"
	"runtime/debug"
)

// garbage is by how much of what lives memory may grow before it is collected, in percent. Most of what lives are rows
// without pointers, which cost nothing to look through, so that collecting four times as often as usual saves memory for little time.
const garbage = 25

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbage)
	}
	p, stop := system()
	code := run(context.Background(), p)
	stop()
	os.Exit(int(code))
}
