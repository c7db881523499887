package main

import (
	"context"
	"fmt"
	"time"

	"coppice/executor"
	"coppice/internal/druid"
	"coppice/internal/plan"
	"coppice/planner"
)

// applying makes a plan of so many kill tasks in a hundred datasources, and carries it out on a cluster in memory, ten tasks
// at a time: what is measured is what apply itself does, without Druid, the store and the disk.
func applying(size int) (func() error, error) {
	const datasources = 100
	in, err := replaced(datasources, size)
	if err != nil {
		return nil, err
	}
	p := planner.Build(in)
	return func() error {
		c := &idealCluster{plan: p, now: moment}
		report, err := executor.Run(context.Background(), p, c, executor.Options{Recorder: nowhere{}, Recheck: c.recheck, Wait: c.wait,
			Now: func() druid.Instant { return c.now }, Author: "bench", Limits: executor.Limits{Slots: 10}})
		if err == nil && (report.Class() != executor.ClassDone || len(report.Actions) != size) {
			err = fmt.Errorf("%d of %d actions, %s", len(report.Actions), size, report.Class())
		}
		return err
	}, nil
}

// idealCluster has the rules that the plan saw, and does each task within a look.
type idealCluster struct {
	executor.Cluster // what is not needed
	plan             *plan.Plan
	now              druid.Instant
	lists            map[string]druid.RuleList
}

func (c *idealCluster) Rules(_ context.Context, key string) (list druid.RuleList, set bool, err error) {
	if c.lists == nil {
		c.lists = map[string]druid.RuleList{plan.DefaultRules: c.plan.DefaultRules.Before}
		for _, d := range c.plan.Datasources {
			c.lists[d.Name] = d.Rules.Before
		}
	}
	return c.lists[key], true, nil
}

func (c *idealCluster) SubmitKill(context.Context, druid.KillTask) error { return nil }

func (c *idealCluster) KillTasks(context.Context) ([]druid.TaskStatus, error) { return nil, nil }

func (c *idealCluster) TaskStatus(_ context.Context, id string) (druid.TaskStatus, error) {
	return druid.TaskStatus{ID: id, State: druid.TaskSucceeded}, nil
}

func (c *idealCluster) KillReport(context.Context, string) (druid.KillReport, bool, error) {
	return druid.KillReport{Segments: 1, Batches: 1}, true, nil
}

func (c *idealCluster) wait(_ context.Context, d time.Duration) error {
	c.now += druid.Instant(d / time.Millisecond)
	return nil
}

func (c *idealCluster) recheck(_ context.Context, a *plan.Action) (executor.Verdict, error) {
	v := executor.Verdict{OK: true}
	for _, r := range a.Runs {
		for id := range r.IDs(a.Datasource) {
			v.Victims = append(v.Victims, executor.Victim{ID: id.String(), Bytes: 1000, LoadSpec: `{"type":"local"}`})
		}
	}
	return v, nil
}

// nowhere keeps nothing.
type nowhere struct{}

func (nowhere) Record(executor.Record) error               { return nil }
func (nowhere) Manifest(executor.Manifest) error           { return nil }
func (nowhere) Baseline(executor.Baseline) error           { return nil }
func (nowhere) Earlier(string) (*executor.Baseline, error) { return nil, nil }
