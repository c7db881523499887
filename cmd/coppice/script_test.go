package main

import (
	"context"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

var updateScripts = flag.Bool("update", false, "rewrite what scripts compare with")

// TestMain lets scripts run the program: the test binary started under its name.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"coppice": func() {
			p, stop := scriptProcess()
			code := run(context.Background(), p)
			stop()
			os.Exit(int(code))
		},
	})
}

// TestScripts runs whole sessions against the sandbox. The clock starts on 2026-11-20 at 09:00 UTC and is moved only by
// the script and by what commands wait for.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "script"), UpdateScripts: *updateScripts, RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			e.Setenv(clockFile, filepath.Join(e.WorkDir, ".clock"))
			e.Setenv("COPPICE_AUTHOR", "tester")
			e.Setenv("GIT_CEILING_DIRECTORIES", filepath.Dir(e.WorkDir))
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exits": exits, "clock": moveClock, "files": countFiles, "replace": replaceText,
			"lock": lockSandbox, "addrow": addRow, "setrules": setRules, "killtask": killTask,
		},
	})
}

// exits CODE COMMAND... runs a command that must end with that code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND...")
	}
	got := 0
	var ended *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &ended) {
		got = ended.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if strconv.Itoa(got) != args[0] {
		ts.Fatalf("%s ended with %d, not %s", strings.Join(args[1:], " "), got, args[0])
	}
}

// clock DURATION moves the clock on.
func moveClock(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: clock DURATION")
	}
	by, err := time.ParseDuration(args[0])
	ts.Check(err)
	millis := int64(startOfTests)
	if text, err := os.ReadFile(ts.Getenv(clockFile)); err == nil {
		millis, err = strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
		ts.Check(err)
	}
	ts.Check(os.WriteFile(ts.Getenv(clockFile), strconv.AppendInt(nil, millis+by.Milliseconds(), 10), 0o600))
}

// files DIRECTORY N wants so many segments' files below a directory.
func countFiles(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: files DIRECTORY N")
	}
	n := 0
	ts.Check(filepath.WalkDir(ts.MkAbs(args[0]), func(_ string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			n++
		}
		return err
	}))
	if strconv.Itoa(n) != args[1] {
		ts.Fatalf("%s has %d files, not %s", args[0], n, args[1])
	}
}

// replace FILE OLD NEW changes a text that occurs exactly once.
func replaceText(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: replace FILE OLD NEW")
	}
	text := ts.ReadFile(args[0])
	if strings.Count(text, args[1]) != 1 {
		ts.Fatalf("%s has %q %d times", args[0], args[1], strings.Count(text, args[1]))
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Replace(text, args[1], args[2], 1)), 0o600))
}
