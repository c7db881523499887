package main

import (
	"time"

	"coppice/executor"
)

// sandboxPoll is longer than the sandbox takes to see new rules and to run them.
const sandboxPoll = 4 * time.Second

// limits are the executor's: how many tasks a datasource may have in flight, and how long rules take to be seen.
func (l *session) limits() executor.Limits {
	limits := executor.Limits{Concurrency: map[string]int{}}
	for _, d := range l.config.Datasources {
		if d.Kill != nil {
			limits.Concurrency[d.Name] = d.Kill.Task.Concurrency.Value
		}
	}
	if l.cluster.Sandbox != nil {
		limits.RulePoll = sandboxPoll
	}
	return limits
}
