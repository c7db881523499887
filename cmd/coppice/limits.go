package main

import (
	"errors"
	"time"

	"github.com/spf13/pflag"

	"coppice/executor"
	"coppice/internal/druid"
	"coppice/internal/plan"
)

// sandboxPoll is longer than the sandbox takes to see new rules and to run them.
const sandboxPoll = 4 * time.Second

// limits are the executor's: how many tasks a datasource may have in flight, and how long rules take to be seen.
func (l *session) limits(of *plan.Plan) executor.Limits {
	limits := executor.Limits{Concurrency: map[string]int{}}
	for _, a := range of.Actions {
		if d := l.config.For(a.Datasource); d != nil && d.Kill != nil {
			limits.Concurrency[a.Datasource] = d.Kill.Task.Concurrency.Value
		}
	}
	if l.cluster.Sandbox != nil {
		limits.RulePoll = sandboxPoll
	}
	return limits
}

// waitFlag is how long a kill task may wait for a lock or a worker before it is shut down; zero is the executor's own.
type waitFlag time.Duration

// maxTaskWait: somebody watches a waiting task all the time.
const maxTaskWait = 24 * time.Hour

var errTaskWait = errors.New("more than zero and at most P1D is needed, such as PT15M")

// Set reads a period.
func (f *waitFlag) Set(text string) error {
	period, err := druid.ParsePeriod(text)
	if err != nil {
		return err
	}
	millis, err := period.After(0)
	if err != nil || millis <= 0 || millis > druid.Instant(maxTaskWait.Milliseconds()) {
		return errTaskWait
	}
	*f = waitFlag(time.Duration(millis) * time.Millisecond)
	return nil
}

// String is for the help text, which shows what holds when nothing is given.
func (f *waitFlag) String() string {
	if *f == 0 {
		return "PT15M"
	}
	return time.Duration(*f).String()
}

// Type names what is given.
func (f *waitFlag) Type() string { return "period" }

func (f *waitFlag) register(flags *pflag.FlagSet) {
	flags.Var(f, "task-wait", "how long a kill task may wait for a lock or a worker before it is shut down and left for later")
}
