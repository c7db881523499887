package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"coppice/internal/plan"
)

// binary is the program, built once.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "coppice-e2e-")
	if err != nil {
		return "", err
	}
	folder = dir
	path := filepath.Join(dir, "coppice")
	said, err := exec.Command("go", "build", "-o", path, "coppice/cmd/coppice").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build the program: %w\n%s", err, said)
	}
	return path, nil
})

// folder is where the program is built.
var folder string

// atOnce is how many parallel tests run at the same time: they mostly wait for Druid.
const atOnce = "8"

func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", atOnce); err != nil {
		panic(err)
	}
	code := m.Run()
	if folder != "" {
		os.RemoveAll(folder)
	}
	os.Exit(code)
}

// sources say what a configuration reads from.
type sources struct{ store, http bool }

var (
	both      = sources{store: true, http: true}
	storeOnly = sources{store: true}
	httpOnly  = sources{http: true}
)

// program is a configuration directory and the environment of the processes that use it.
type program struct {
	*testing.T
	dir         string
	environment map[string]string
}

// newProgram writes a configuration. The addresses come from the environment, so one text serves several clusters.
func newProgram(w *world, from sources, declarations string) *program {
	w.Helper()
	p := &program{T: w.T, dir: w.TempDir(), environment: map[string]string{
		"PATH": os.Getenv("PATH"), "HOME": w.TempDir(), "COPPICE_AUTHOR": "e2e-author", "GIT_CEILING_DIRECTORIES": os.TempDir(),
		"E2E_COORDINATOR": w.Coordinator, "E2E_DSN": w.reader(),
	}}
	p.configure(from, declarations)
	return p
}

func (p *program) configure(from sources, declarations string) {
	p.Helper()
	// The cluster comes last, so that the lines of what is declared do not depend on it.
	// All slots: the tests run side by side, and the kill tasks of each count for the others.
	text := declarations + "\ncluster \"e2e\" {\n  kill_tasks {\n    max_slots_percent = 100\n  }\n"
	if from.http {
		// Named twice, so that a test can stand in between for both.
		text += "  coordinator = env(\"E2E_COORDINATOR\")\n  overlord = env(\"E2E_COORDINATOR\")\n"
	}
	if from.store {
		text += "  metadata {\n    dsn = env(\"E2E_DSN\")\n  }\n"
	}
	text += "}\n"
	if err := os.WriteFile(filepath.Join(p.dir, "main.hcl"), []byte(text), 0o600); err != nil {
		p.Fatal(err)
	}
}

// file is a path inside the configuration directory.
func (p *program) file(name string) string { return filepath.Join(p.dir, name) }

// process is a run of the program that may still go on.
type process struct {
	*testing.T
	command        *exec.Cmd
	stdout, stderr lockedBuffer
	ended          chan struct{}
	err            error
}

// lockedBuffer may be read while it is written.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// String implements fmt.Stringer.
func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// start begins a run of the program.
func (p *program) start(arguments ...string) *process {
	p.Helper()
	path, err := binary()
	if err != nil {
		p.Fatal(err)
	}
	run := &process{T: p.T, command: exec.Command(path, arguments...), ended: make(chan struct{})}
	run.command.Dir = p.dir
	for name, value := range p.environment {
		run.command.Env = append(run.command.Env, name+"="+value)
	}
	run.command.Stdout, run.command.Stderr = &run.stdout, &run.stderr
	if err := run.command.Start(); err != nil {
		p.Fatal(err)
	}
	go func() { run.err = run.command.Wait(); close(run.ended) }()
	p.Cleanup(func() { _ = run.command.Process.Kill(); <-run.ended })
	return run
}

// signal sends a signal to the process.
func (r *process) signal(s os.Signal) {
	r.Helper()
	if err := r.command.Process.Signal(s); err != nil {
		r.Fatal(err)
	}
}

// killed is the code of a process that was ended by SIGKILL, as a shell would report it.
const killed = 137

// code waits for the end and returns the exit code.
func (r *process) code() int {
	r.Helper()
	select {
	case <-r.ended:
	case <-time.After(4 * time.Minute):
		r.Fatalf("%v does not end\n%s%s", r.command.Args, &r.stdout, &r.stderr)
	}
	var exit *exec.ExitError
	switch {
	case r.err == nil:
		return 0
	case errors.As(r.err, &exit) && exit.ExitCode() < 0:
		return killed
	case errors.As(r.err, &exit):
		return exit.ExitCode()
	}
	r.Fatal(r.err)
	return 0
}

// exits waits for the end with that code.
func (r *process) exits(want int) *process {
	r.Helper()
	if got := r.code(); got != want {
		r.Fatalf("%v ended with %d, want %d\n%s%s", r.command.Args[1:], got, want, &r.stdout, &r.stderr)
	}
	return r
}

// exits runs the program to its end with that code.
func (p *program) exits(want int, arguments ...string) *process {
	p.Helper()
	return p.start(arguments...).exits(want)
}

// says wants a text on standard error.
func (r *process) says(want string) {
	r.Helper()
	if got := r.stderr.String(); !strings.Contains(got, want) {
		r.Errorf("%v: standard error is %q, want %q in it", r.command.Args[1:], got, want)
	}
}

// plan runs plan --json, which must end with that code.
func (p *program) plan(want int, arguments ...string) *plan.Plan {
	p.Helper()
	run := p.exits(want, append([]string{"plan", "--json", "--detailed-exitcode"}, arguments...)...)
	made, err := plan.Decode([]byte(run.stdout.String()))
	if err != nil {
		p.Fatalf("read the plan: %v", err)
	}
	return made
}

// applied is what apply --json prints, reduced to what is compared.
type applied struct {
	Outcome string
	Actions []struct {
		Kind, Datasource, Outcome, Task string
		Permanent                       bool
		Planned, Real                   struct{ Segments, Bytes, Files int64 }
		Reasons, Differences            []string
	}
	Marks []struct {
		Datasource                                 string
		Predicted, Marked, NotMarked, NotPredicted int64
	}
}

// report reads the result of apply --json.
func (r *process) report() (a applied) {
	r.Helper()
	if err := json.Unmarshal([]byte(r.stdout.String()), &a); err != nil {
		r.Fatalf("read the report: %v in %s", err, &r.stdout)
	}
	return a
}

// find is a datasource's part of a plan.
func find(t *testing.T, of *plan.Plan, name string) *plan.Datasource {
	t.Helper()
	for _, d := range of.Datasources {
		if d.Name == name {
			return d
		}
	}
	t.Fatalf("the plan does not have %s", name)
	return nil
}
