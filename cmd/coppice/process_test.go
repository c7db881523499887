package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"coppice/internal/druid"
)

// Variables of test processes. A shipped process knows none of them.
const (
	// clockFile holds a test's time in milliseconds; waiting moves it on without taking time.
	clockFile = "TEST_CLOCK_FILE"
	// answering is set when standard input stands for a terminal.
	answering = "TEST_TERMINAL"
	// crashing is the number of the wait at which the process ends as if its power had failed.
	crashing = "TEST_CRASH"
)

// startOfTests is when tests take place: a Friday morning.
const startOfTests druid.Instant = 1_795_165_200_000 // 2026-11-20T09:00:00Z

// testClock is a clock that only waiting moves.
type testClock struct{ millis atomic.Int64 }

func (c *testClock) now() druid.Instant { return druid.Instant(c.millis.Load()) }

func (c *testClock) wait(ctx context.Context, d time.Duration) error {
	c.millis.Add(d.Milliseconds())
	return context.Cause(ctx)
}

// scriptProcess is a process of a script: the operating system's, on the script's clock.
func scriptProcess() (*process, func()) {
	p, stop := system()
	clock := &testClock{}
	clock.millis.Store(int64(startOfTests))
	file := os.Getenv(clockFile)
	if text, err := os.ReadFile(file); err == nil {
		if n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64); err == nil {
			clock.millis.Store(n)
		}
	}
	p.now, p.wait = clock.now, clock.wait
	if n, err := strconv.Atoi(os.Getenv(crashing)); err == nil {
		p.wait = func(ctx context.Context, d time.Duration) error {
			if n--; n == 0 {
				os.Exit(137)
			}
			return clock.wait(ctx, d)
		}
	}
	p.columns = func(stream any) int {
		if stream == any(os.Stdin) && os.Getenv(answering) != "" {
			return 80
		}
		return 0
	}
	return p, func() {
		stop()
		if file != "" {
			// A command takes a second.
			_ = os.WriteFile(file, []byte(strconv.FormatInt(clock.millis.Load()+1000, 10)), 0o600)
		}
	}
}

// memoryProcess is a process without an operating system.
type memoryProcess struct {
	process
	clock       *testClock
	out, errs   bytes.Buffer
	environment map[string]string
	interrupts  chan os.Signal
}

func newMemoryProcess(args ...string) *memoryProcess {
	m := &memoryProcess{clock: &testClock{}, environment: map[string]string{}, interrupts: make(chan os.Signal, 4)}
	m.clock.millis.Store(int64(startOfTests))
	m.process = process{args: args, stdin: strings.NewReader(""), stdout: &m.out, stderr: &m.errs,
		env: func(name string) (string, bool) { v, ok := m.environment[name]; return v, ok },
		now: m.clock.now, wait: m.clock.wait, signals: m.interrupts, release: func() {}, columns: func(any) int { return 0 }}
	return m
}

// terminal makes standard input a terminal on which something was typed.
func (m *memoryProcess) terminal(typed io.Reader) {
	m.stdin = typed
	m.columns = func(stream any) int {
		if stream == any(typed) {
			return 80
		}
		return 0
	}
}
