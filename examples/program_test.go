package examples

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite what the examples are compared with")

// program is coppice, built once for all tests.
var program string

func TestMain(m *testing.M) {
	flag.Parse()
	code, err := withProgram(m.Run)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func withProgram(run func() int) (int, error) {
	folder, err := os.MkdirTemp("", "coppice-examples-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(folder)
	program = filepath.Join(folder, "coppice")
	if out, err := exec.Command("go", "build", "-o", program, "../cmd/coppice").CombinedOutput(); err != nil {
		return 0, fmt.Errorf("build coppice: %w\n%s", err, out)
	}
	return run(), nil
}

// golden compares a text with a file, or rewrites the file.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v (run the tests with -update)", err)
	}
	if diff := cmp.Diff(string(text), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

// coppice runs the program and returns its standard output; it must end with the code.
func coppice(t *testing.T, code int, arguments ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, arguments...)
	cmd.Env = append(os.Environ(), "COLUMNS=100", "NO_COLOR=1")
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if got := cmd.ProcessState.ExitCode(); got != code {
		t.Fatalf("coppice %s ended with %d, not %d: %v\n%s%s", strings.Join(arguments, " "), got, code, err, out, errs.String())
	}
	return string(out)
}

// needs leaves a test out where a program of GitHub's runners is missing; with COPPICE_REAL nothing is left out.
func needs(t *testing.T, programs ...string) {
	t.Helper()
	for _, name := range programs {
		if _, err := exec.LookPath(name); err != nil && os.Getenv("COPPICE_REAL") == "" {
			t.Skipf("left out: %s is not installed (run make test)", name)
		} else if err != nil {
			t.Fatal(err)
		}
	}
}
