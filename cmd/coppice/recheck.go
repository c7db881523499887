package main

import (
	"context"
	"fmt"

	"coppice/executor"
	"coppice/internal/collect"
	"coppice/internal/plan"
	"coppice/internal/snapshot"
	"coppice/planner"
)

// recheck is what the executor asks right before it deletes: it reads anew what the task can
// reach, with all that overlaps it, and plans it at the clock of
// this moment. Own are the tasks that this apply has sent.
func (l *session) recheck(own map[string]bool) executor.Recheck {
	return func(ctx context.Context, action *plan.Action) (executor.Verdict, error) {
		if err := l.stillAlone(ctx); err != nil {
			return executor.Verdict{}, err
		}
		now := l.process.now()
		specs := &loadSpecs{within: action.Task.Interval}
		in := planner.Input{Config: l.config, Cluster: l.cluster, Now: now, ToolVersion: toolVersion(),
			Select: func(name string) bool { return name == action.Datasource }, OwnTasks: own, Remembered: l.remembered, Request: l.asked}
		seen, err := collect.DueOne(ctx, specs.listen(l.request()), action.Datasource, func(c *snapshot.Cluster) snapshot.Concern {
			in.Snapshot = c
			return planner.RecheckConcern(in, action)
		})
		if err != nil {
			return executor.Verdict{}, fmt.Errorf("plan %s again: %w", action.Datasource, err)
		}
		in.Snapshot = seen.Cluster
		verdict, err := l.judge(ctx, seen, in, action, specs)
		return verdict, l.process.after(err, seen.Close)
	}
}

// marking is what the executor asks right before it marks segments: who works on them now.
func (l *session) marking(own map[string]bool) executor.Marking {
	return func(ctx context.Context, action *plan.Action) (executor.Verdict, error) {
		if err := l.stillAlone(ctx); err != nil {
			return executor.Verdict{}, err
		}
		seen, err := collect.Claimed(ctx, l.request(), action.Datasource)
		if err != nil {
			return executor.Verdict{}, fmt.Errorf("read locks and tasks of %s: %w", action.Datasource, err)
		}
		judged := planner.Marking(planner.Input{Snapshot: seen, OwnTasks: own}, action)
		return executor.Verdict{OK: judged.OK, Busy: judged.Busy, Unread: judged.Unread, Differences: judged.Differences}, nil
	}
}

// judge turns the planner's answer into the executor's.
func (l *session) judge(ctx context.Context, seen *collect.Session, in planner.Input, action *plan.Action, specs *loadSpecs) (executor.Verdict, error) {
	if err := l.unfit(seen.Cluster, in.Now); err != nil {
		return executor.Verdict{}, err
	}
	if err := unlisted(seen.Cluster.Find(action.Datasource)); err != nil {
		return executor.Verdict{}, err
	}
	if err := fill(ctx, seen, planner.Needs(in)); err != nil {
		return executor.Verdict{}, err
	}
	judged := planner.Recheck(in, action)
	verdict := executor.Verdict{OK: judged.OK, Busy: judged.Busy, Unread: judged.Unread, Differences: judged.Differences,
		Kept: judged.Kept}
	for _, v := range judged.Victims {
		id := v.ID.String()
		verdict.Victims = append(verdict.Victims, executor.Victim{ID: id, Bytes: v.Bytes, LoadSpec: specs.of(id, v.File)})
	}
	return verdict, nil
}

// unlisted is why the unused segments could not be read: an error of the way to Druid, not a change of the cluster.
func unlisted(seen *snapshot.Datasource) error {
	if seen == nil || seen.UnusedKnown {
		return nil
	}
	err := fmt.Errorf("the unused segments of %s could not be listed", seen.Name)
	for _, gap := range seen.Gaps {
		err = fmt.Errorf("%w; %s: %s", err, gap.What, gap.Why)
	}
	return err
}
