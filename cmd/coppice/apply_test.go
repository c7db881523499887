package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"coppice/internal/druidapi"
	"coppice/internal/journal"
	"coppice/internal/sandbox"

	"coppice/internal/druid"
)

// quickstart is the configuration of the tests: the story of the sandbox, with thirty days instead of sixty.
const quickstart = `cluster "try" {
  sandbox {
    directory = "sandbox"
    seed      = "quickstart"
  }
}

datasource "wikipedia" {
  retention {
    keep = "P30D"
  }
  kill {
    superseded_after = "P1D"
    expired_after    = "P30D"
  }
  guard {
    max_unused_percent = 60
  }
}
`

// Segments' files of the story before and after an apply.
const filesBefore, filesAfter = 163, 93

// command runs one command line on a directory and on the clock of a test.
func command(t *testing.T, clock *testClock, dir string, args ...string) (exitCode, *memoryProcess) {
	t.Helper()
	m := newMemoryProcess(append([]string{"-C", dir}, args...)...)
	m.clock = clock
	m.now, m.wait = clock.now, clock.wait
	return run(t.Context(), &m.process), m
}

func startClock() *testClock {
	clock := &testClock{}
	clock.millis.Store(int64(startOfTests))
	return clock
}

// wantCode fails with everything that a command said.
func wantCode(t *testing.T, want, got exitCode, m *memoryProcess) {
	t.Helper()
	if got != want {
		t.Fatalf("coppice %s ended with %d, not %d\n%s%s", strings.Join(m.args, " "), got, want, &m.out, &m.errs)
	}
}

// settled wants that nothing is left to do and that exactly the victims are gone.
func settled(t *testing.T, clock *testClock, dir string) {
	t.Helper()
	code, m := command(t, clock, dir, "plan", "--detailed-exitcode")
	wantCode(t, exitDone, code, m)
	if n := files(t, dir); n != filesAfter {
		t.Errorf("%d files are left, want %d", n, filesAfter)
	}
}

func files(t *testing.T, dir string) int {
	t.Helper()
	n := 0
	err := filepath.WalkDir(filepath.Join(dir, "sandbox", "deep-storage"), func(_ string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			n++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestInterruptAnywhere: an interrupt at any wait of an apply, gentle or hard, ends with 130 or is too late to matter,
// and --resume brings the same end as an apply that nobody disturbed.
func TestInterruptAnywhere(t *testing.T) {
	for _, signals := range []int{1, 2} {
		for n := 1; ; n++ {
			late := false
			t.Run(fmt.Sprintf("%d interrupts at wait %d", signals, n), func(t *testing.T) { late = interruptAt(t, n, signals) })
			if late || t.Failed() {
				break
			}
		}
	}
}

func interruptAt(t *testing.T, n, signals int) (late bool) {
	dir, clock := writeConfig(t, quickstart), startClock()
	m := newMemoryProcess("-C", dir, "apply", "--auto-approve")
	waits := 0
	m.now = clock.now
	m.wait = func(ctx context.Context, d time.Duration) error {
		if waits++; waits == n {
			for range signals {
				m.interrupts <- os.Interrupt
			}
			// The signal is taken in by another goroutine; a wait of no length would be over before.
			if signals > 1 {
				<-ctx.Done()
			}
		}
		return clock.wait(ctx, d)
	}
	code := run(t.Context(), &m.process)
	if waits < n {
		wantCode(t, exitDone, code, m)
		settled(t, clock, dir)
		return true
	}
	if code != exitInterrupted && (signals > 1 || code != exitDone) {
		t.Fatalf("exit %d, want 130\n%s%s", code, &m.out, &m.errs)
	}
	code, again := command(t, clock, dir, "apply", "--resume")
	wantCode(t, exitDone, code, again)
	settled(t, clock, dir)
	return false
}

// TestStale: what is not as the plan saw it is not done.
func TestStale(t *testing.T) {
	cases := []struct {
		name   string
		change func(t *testing.T, box *sandbox.Sandbox, api *druidapi.Client)
		want   exitCode
		left   int
	}{
		{"nothing changed", func(*testing.T, *sandbox.Sandbox, *druidapi.Client) {}, exitDone, filesAfter},
		{"the rules were changed", func(t *testing.T, box *sandbox.Sandbox, _ *druidapi.Client) {
			try(t, box.SetRules("wikipedia", `[{"type":"loadForever","tieredReplicants":{"_default_tier":1}}]`, "anna", "", startOfTests))
		}, exitStale, filesBefore},
		{"an expired victim is used again, and the rules drop it again", func(t *testing.T, _ *sandbox.Sandbox, api *druidapi.Client) {
			id := segmentID(t, "wikipedia_2026-07-20T00:00:00.000Z_2026-07-21T00:00:00.000Z_2026-07-21T01:00:00.000Z")
			changed, err := api.MarkUsed(t.Context(), "wikipedia", []druid.SegmentID{id})
			try(t, err)
			if changed != 1 {
				t.Fatalf("%d segments were marked used, want 1", changed)
			}
		}, exitDifference, filesAfter + 1},
		{"a row that nobody approved came into reach", func(t *testing.T, box *sandbox.Sandbox, _ *druidapi.Client) {
			near := segmentID(t, "wikipedia_2026-11-10T00:00:00.000Z_2026-11-11T00:00:00.000Z_2026-11-11T05:00:00.000Z")
			try(t, box.AddSegments(sandbox.Segment{DataSource: "wikipedia", Interval: near.Interval, Version: near.Version, Partition: 1,
				ShardSpec: `{"type":"numbered","partitionNum":1,"partitions":1}`, CreatedAt: startOfTests - 10*86_400_000,
				MarkedAt: startOfTests - 9*86_400_000}))
		}, exitStale, filesBefore + 1 - 40},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dir, clock := writeConfig(t, quickstart), startClock()
			saved := filepath.Join(dir, "saved.plan")
			code, m := command(t, clock, dir, "plan", "--out", saved)
			wantCode(t, exitDone, code, m)
			changeSandbox(t, clock, dir, c.change)
			code, m = command(t, clock, dir, "apply", saved)
			wantCode(t, c.want, code, m)
			if n := files(t, dir); n < c.left || (c.want == exitDone || c.want == exitDifference) && n != c.left {
				t.Errorf("%d files are left, want %d", n, c.left)
			}
		})
	}
}

func try(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func segmentID(t *testing.T, text string) druid.SegmentID {
	t.Helper()
	id, err := druid.ParseSegmentID("wikipedia", text)
	try(t, err)
	return id
}

// changeSandbox is somebody else at work.
func changeSandbox(t *testing.T, clock *testClock, dir string, change func(*testing.T, *sandbox.Sandbox, *druidapi.Client)) {
	t.Helper()
	box, err := sandbox.Open(filepath.Join(dir, "sandbox"), sandbox.Options{Clock: clock.now})
	try(t, err)
	api, err := druidapi.New(druidapi.Options{Coordinator: "http://sandbox.invalid", Transport: box.Transport(), Sleep: clock.wait})
	try(t, err)
	change(t, box, api)
	try(t, box.Close())
}

// TestOneApplyAtATime: while somebody holds the state directory, another apply ends with 6 and touches nothing.
func TestOneApplyAtATime(t *testing.T) {
	dir, clock := writeConfig(t, quickstart), startClock()
	held, err := journal.Open(filepath.Join(dir, ".coppice"), clock.now())
	try(t, err)
	code, m := command(t, clock, dir, "apply", "--auto-approve")
	wantCode(t, exitLocked, code, m)
	if !strings.Contains(m.errs.String(), "another apply holds the state directory") {
		t.Errorf("standard error is %q", &m.errs)
	}
	if _, err := os.Stat(filepath.Join(dir, "sandbox")); !os.IsNotExist(err) {
		t.Errorf("the cluster was opened: %v", err)
	}
	try(t, held.Close())
	code, m = command(t, clock, dir, "apply", "--auto-approve")
	wantCode(t, exitDone, code, m)
}

// TestSandboxInUse: two processes cannot have one sandbox.
func TestSandboxInUse(t *testing.T) {
	dir, clock := writeConfig(t, quickstart), startClock()
	box, err := sandbox.Open(filepath.Join(dir, "sandbox"), sandbox.Options{Clock: clock.now})
	try(t, err)
	defer box.Close()
	code, m := command(t, clock, dir, "plan")
	wantCode(t, exitLocked, code, m)
}

// TestJournalThatCannotBeWritten: nothing is sent to the cluster before the journal is on disk.
func TestJournalThatCannotBeWritten(t *testing.T) {
	dir, clock := writeConfig(t, quickstart), startClock()
	state := filepath.Join(dir, "state")
	try(t, os.WriteFile(state, nil, 0o600))
	code, m := command(t, clock, dir, "apply", "--auto-approve", "--state-dir", state)
	wantCode(t, exitError, code, m)
	if !strings.Contains(m.errs.String(), "state directory") {
		t.Errorf("standard error is %q", &m.errs)
	}
}
