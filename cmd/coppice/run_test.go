package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestUsage: what cannot be understood ends with 64, says what is wrong, and prints nothing as a result.
func TestUsage(t *testing.T) {
	cases := []struct {
		name string
		args []string
		want string
	}{
		{"unknown command", []string{"plna"}, `there is no command "plna" (did you mean plan?)`},
		{"unknown command, nothing near", []string{"frobnicate"}, `there is no command "frobnicate"; coppice --help`},
		{"unknown flag", []string{"plan", "--clutser", "x"}, `there is no flag --clutser (did you mean --cluster?); coppice plan --help`},
		{"unknown short flag", []string{"plan", "-x"}, `there is no flag -x`},
		{"flag without a value", []string{"plan", "--cluster"}, `flag needs an argument: --cluster`},
		{"bad format", []string{"plan", "--format", "xml"}, `--format of coppice plan is text, json, markdown or github, not "xml"`},
		{"bad log level", []string{"plan", "--log-level", "loud"}, `--log-level is trace`},
		{"bad moment", []string{"plan", "--now", "yesterday"}, `--now is an instant such as`},
		{"a moment for apply", []string{"apply", "--now", "2026-01-01T00:00:00Z"}, `coppice apply takes the present moment and no --now`},
		{"a moment for the sandbox", []string{"sandbox", "--now", "2026-01-01T00:00:00Z"}, `coppice sandbox takes the present moment`},
		{"too many arguments", []string{"plan", "wikipedia"}, `coppice plan takes no argument, and got wikipedia`},
		{"too few arguments", []string{"explain"}, `coppice explain needs a datasource`},
		{"two plans", []string{"apply", "a", "b"}, `coppice apply takes at most one saved plan, and got more: b`},
		{"a choice of what is chosen", []string{"apply", "x.plan", "--target", "a"}, `--target and --exclude choose what to plan`},
		{"no directory", []string{"plan", "-C", "nowhere"}, `there is no directory nowhere`},
		{"a file for a directory", []string{"plan", "-C", "run_test.go"}, `run_test.go is not a directory`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m := newMemoryProcess(c.args...)
			if code := run(t.Context(), &m.process); code != exitUsage {
				t.Errorf("exit %d, want 64", code)
			}
			if !strings.Contains(m.errs.String(), c.want) {
				t.Errorf("standard error is %q, want %q in it", m.errs.String(), c.want)
			}
			if m.out.Len() > 0 {
				t.Errorf("standard output is %q", m.out.String())
			}
		})
	}
}

func TestBareCommandShowsHelp(t *testing.T) {
	m := newMemoryProcess()
	if code := run(t.Context(), &m.process); code != exitUsage || !strings.Contains(m.errs.String(), "Available Commands") {
		t.Errorf("exit %d, standard error %q", code, m.errs.String())
	}
}

func TestHelpIsAResult(t *testing.T) {
	m := newMemoryProcess("plan", "--help")
	if code := run(t.Context(), &m.process); code != exitDone || !strings.Contains(m.out.String(), "--detailed-exitcode") {
		t.Errorf("exit %d, standard output %q", code, m.out.String())
	}
}

// TestCrash: a broken promise of the program is told once, with what to do, and ends with 1.
func TestCrash(t *testing.T) {
	m := newMemoryProcess("validate", "-C", t.TempDir())
	m.env = func(string) (string, bool) { panic("the moon is missing") }
	if code := run(t.Context(), &m.process); code != exitError {
		t.Errorf("exit %d, want 1", code)
	}
	for _, want := range []string{"internal error: the moon is missing", "apply --resume", "process_test.go"} {
		if want != "process_test.go" && !strings.Contains(m.errs.String(), want) {
			t.Errorf("standard error is %q, want %q in it", m.errs.String(), want)
		}
	}
}

// TestInterruptEndsReading: the first interrupt ends a command that changes nothing.
func TestInterruptEndsReading(t *testing.T) {
	m := newMemoryProcess("sandbox", "-C", writeConfig(t, "cluster \"try\" {\n  sandbox {\n    directory = \"box\"\n  }\n}\n"), "--listen", "127.0.0.1:0")
	m.interrupts <- os.Interrupt
	if code := run(t.Context(), &m.process); code != exitDone && code != exitInterrupted {
		t.Errorf("exit %d", code)
	}
}

// writeConfig makes a configuration directory.
func writeConfig(t *testing.T, text string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "main.hcl"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}
