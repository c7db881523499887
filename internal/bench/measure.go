package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"syscall"
	"time"
)

// contender is a program that is measured as a whole process.
type contender struct {
	name      string
	arguments []string
	// exits are exit codes that mean success besides 0.
	exits []int
}

// measured is one run of a contender. output is the bytes it wrote, peak the most memory it held, in bytes.
type measured struct {
	wall, cpu    time.Duration
	peak, output int64
}

// rounds runs all contenders in turn, so many times, so that load from elsewhere meets them alike. One run of each that
// is not counted warms the caches.
func rounds(ctx context.Context, n int, list []contender) (map[string][]measured, error) {
	results := map[string][]measured{}
	for round := range n + 1 {
		for _, c := range list {
			m, err := c.run(ctx)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", c.name, err)
			}
			fmt.Fprintf(os.Stderr, "bench: round %d of %d: %-12s %6.2f s wall, %6.2f s cpu, %5d MB, %d bytes out\n", round, n, c.name, m.wall.Seconds(),
				m.cpu.Seconds(), m.peak>>20, m.output)
			if round > 0 {
				results[c.name] = append(results[c.name], m)
			}
		}
	}
	return results, nil
}

func (c contender) run(ctx context.Context) (measured, error) {
	command := exec.CommandContext(ctx, c.arguments[0], c.arguments[1:]...)
	var complaints bytes.Buffer
	output := &counter{}
	command.Stdout, command.Stderr = output, &complaints
	start := time.Now()
	err := command.Run()
	wall := time.Since(start)
	var exit *exec.ExitError
	if errors.As(err, &exit) && slices.Contains(c.exits, exit.ExitCode()) {
		err = nil
	}
	if err != nil {
		return measured{}, fmt.Errorf("%w: %s", err, complaints.String())
	}
	state := command.ProcessState
	m := measured{wall: wall, cpu: state.UserTime() + state.SystemTime(), output: output.bytes}
	if usage, ok := state.SysUsage().(*syscall.Rusage); ok {
		m.peak = usage.Maxrss << 10 // Linux counts in KiB
	}
	return m, nil
}

// counter throws away what is written, and counts it.
type counter struct{ bytes int64 }

func (c *counter) Write(p []byte) (int, error) {
	c.bytes += int64(len(p))
	return len(p), nil
}

// median of what is measured in each run.
func median(list []measured, of func(measured) float64) float64 {
	values := make([]float64, len(list))
	for i, m := range list {
		values[i] = of(m)
	}
	slices.Sort(values)
	return values[len(values)/2]
}

// ratios compares two contenders round by round.
func ratios(list, base []measured) (middle, least, most float64) {
	values := make([]float64, len(list))
	for i := range list {
		values[i] = list[i].wall.Seconds() / base[i].wall.Seconds()
	}
	slices.Sort(values)
	return values[len(values)/2], values[0], values[len(values)-1]
}
