package main

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"text/template"
)

//go:embed page.md.tmpl
var pageText string

// page is what docs/performance.md says.
type page struct {
	Machine, Sizes, LoadBefore, LoadAfter, Growth string
	Rounds                                        int
	// Lines are of the store, Files of a snapshot of it.
	Lines, Files []line
}

// line is one contender on one store.
type line struct {
	Rows                                    int
	Name                                    string
	Ratio, Least, Most, CPURatio, Wall, CPU float64
	Peak, Bound, Output                     int64
}

func newLine(rows int, name string, of, base []measured) line {
	cpu := func(m measured) float64 { return m.cpu.Seconds() }
	l := line{Rows: rows, Name: name, Wall: median(of, func(m measured) float64 { return m.wall.Seconds() }), CPU: median(of, cpu),
		Peak:   int64(median(of, func(m measured) float64 { return float64(m.peak >> 20) })),
		Bound:  (64<<20 + 120*int64(rows)) >> 20,
		Output: int64(median(of, func(m measured) float64 { return float64(m.output) }))}
	l.Ratio, l.Least, l.Most = ratios(of, base)
	l.CPURatio = l.CPU / median(base, cpu)
	return l
}

func (p *page) write(path string) error {
	shape, err := template.New("page").Parse(pageText)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := shape.Execute(&b, p); err != nil {
		return err
	}
	if path == "" {
		_, err = os.Stdout.Write(b.Bytes())
		return err
	}
	return os.WriteFile(path, b.Bytes(), 0o644)
}

// machine says what counts of the machine, and nothing that names it.
func machine(ctx context.Context) string {
	server, err := exec.CommandContext(ctx, "psql", "--version").Output()
	if err != nil {
		server = []byte("PostgreSQL")
	}
	return fmt.Sprintf("%d cores, %s, %s/%s, %s", runtime.NumCPU(), runtime.Version(), runtime.GOOS, runtime.GOARCH,
		strings.TrimPrefix(strings.TrimSpace(string(server)), "psql "))
}

// load is the average of the last minute, where the system tells it.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Fields(string(text))[0]
}

// profile plans a configuration once and keeps where the time went, as text.
func profile(ctx context.Context, module, configuration, to string) error {
	scratch, err := os.MkdirTemp("", "coppice-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	program, raw := filepath.Join(scratch, "plan.test"), filepath.Join(scratch, "cpu")
	run := exec.CommandContext(ctx, "go", "test", "./cmd/coppice", "-run", "^$", "-bench", "BenchmarkPlan$", "-benchtime", "1x", "-o", program, "-cpuprofile", raw)
	run.Dir, run.Env = module, append(os.Environ(), "COPPICE_BENCH_CONFIG="+configuration, "COPPICE_BENCH_NOW="+now)
	if output, err := run.CombinedOutput(); err != nil {
		return fmt.Errorf("profile: %w: %s", err, output)
	}
	text, err := exec.CommandContext(ctx, "go", "tool", "pprof", "-top", "-cum", "-nodecount", "80", program, raw).Output()
	if err != nil {
		return fmt.Errorf("profile: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.WriteFile(to, text, 0o644)
}
