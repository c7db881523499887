package main

import (
	"os"
	"path/filepath"
	"testing"
)

// TestInterruptedWhileComputing: what reads nothing any more ends at an interrupt all the same.
func TestInterruptedWhileComputing(t *testing.T) {
	dir, clock := writeConfig(t, quickstart+"\nvariable \"asked_for\" {\n  default = 1\n}\n"), startClock()
	file := filepath.Join(t.TempDir(), "seen.jsonl")
	code, m := command(t, clock, dir, "snapshot", "--out", file)
	wantCode(t, exitDone, code, m)
	for _, args := range [][]string{{"forecast"}, {"compare", dir}, {"plan"}, {"plan", "--json"}} {
		m := newMemoryProcess(append(args, "-C", dir, "--snapshot", file)...)
		ended, done := make(chan struct{}), false
		m.release = func() { close(ended) }
		m.env = func(name string) (string, bool) {
			if name == "COPPICE_VAR_asked_for" && !done {
				done = true
				m.interrupts <- os.Interrupt
				<-ended
			}
			return "", false
		}
		if code := run(t.Context(), &m.process); code != exitInterrupted || m.out.Len() > 0 {
			t.Errorf("%s: exit %d, want 130 and nothing else\n%s%s", args[0], code, &m.out, &m.errs)
		}
	}
}
