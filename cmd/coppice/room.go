package main

import "runtime/debug"

// wide is garbage while a snapshot's file is planned as it is read: few rows live then, and what is spared by that is room.
const wide = 4 * garbage

// widen gives the collector that room, where main set one.
func widen() {
	if spare.Load() != nil {
		debug.SetGCPercent(wide)
	}
}
