package main

import (
	"time"

	"coppice/executor"
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
