package main

import (
	"errors"
	"os"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"coppice/internal/druid"
	"coppice/internal/sandbox"
)

// inSandbox does something to a sandbox's folder on the script's clock.
func inSandbox(ts *testscript.TestScript, folder string, do func(*sandbox.Sandbox) error) {
	now := scriptNow(ts)
	box, err := sandbox.Open(ts.MkAbs(folder), sandbox.Options{Clock: func() druid.Instant { return now }})
	ts.Check(err)
	ts.Check(errors.Join(do(box), box.Close()))
}

// scriptNow is the script's clock.
func scriptNow(ts *testscript.TestScript) druid.Instant {
	now := startOfTests
	if text, err := os.ReadFile(ts.Getenv(clockFile)); err == nil {
		millis, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
		ts.Check(err)
		now = druid.Instant(millis)
	}
	return now
}

// setrules FOLDER DATASOURCE AUTHOR COMMENT JSON changes rules as somebody with a console does.
func setRules(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 5 {
		ts.Fatalf("usage: setrules FOLDER DATASOURCE AUTHOR COMMENT JSON")
	}
	now := scriptNow(ts)
	inSandbox(ts, args[0], func(box *sandbox.Sandbox) error { return box.SetRules(args[1], args[4], args[2], args[3], now) })
}

// lock FOLDER DATASOURCE INTERVAL TASK starts an ingestion that holds a lock; lock FOLDER TASK ends it.
func lockSandbox(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 && len(args) != 4 {
		ts.Fatalf("usage: lock FOLDER DATASOURCE INTERVAL TASK, or lock FOLDER TASK")
	}
	inSandbox(ts, args[0], func(box *sandbox.Sandbox) error {
		if len(args) == 2 {
			return box.EndTask(args[1], true)
		}
		interval, err := druid.ParseInterval(args[2])
		if err != nil {
			return err
		}
		_, err = box.Lock(sandbox.Lock{TaskID: args[3], DataSource: args[1], Interval: interval})
		return err
	})
}

// killtask FOLDER DATASOURCE TASK starts a kill task of somebody else, which runs on; killtask FOLDER TASK ends it.
func killTask(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 && len(args) != 3 {
		ts.Fatalf("usage: killtask FOLDER DATASOURCE TASK, or killtask FOLDER TASK")
	}
	inSandbox(ts, args[0], func(box *sandbox.Sandbox) error {
		if len(args) == 2 {
			return box.EndTask(args[1], true)
		}
		return box.StartTask(args[2], "kill", args[1])
	})
}

// addrow FOLDER DATASOURCE INTERVAL VERSION used|unused|null adds a segment: unused now, or without a marking time.
func addRow(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 5 {
		ts.Fatalf("usage: addrow FOLDER DATASOURCE INTERVAL VERSION used|unused|null")
	}
	interval, err := druid.ParseInterval(args[2])
	ts.Check(err)
	s := sandbox.Segment{DataSource: args[1], Interval: interval, Version: args[3], Used: args[4] == "used"}
	if args[4] == "null" {
		s.MarkedAt = druid.NoInstant
	}
	inSandbox(ts, args[0], func(box *sandbox.Sandbox) error { return box.AddSegments(s) })
}
