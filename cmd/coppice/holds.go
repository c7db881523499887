package main

import (
	"context"
	"reflect"
	"slices"

	"coppice/config"
	"coppice/executor"
	"coppice/internal/druid"
	"coppice/internal/journal"
	"coppice/internal/plan"
	"coppice/planner"
)

// recall is what the journal tells of a cluster's newest apply: the holds that it knew, and when it ended.
func recall(folder string, cfg *config.Config, cluster string) (holds []plan.Hold, ended *druid.Instant, err error) {
	state, err := journal.Read(folder)
	if err != nil {
		return nil, nil, err
	}
	var declared []string
	for _, c := range cfg.Clusters {
		declared = append(declared, c.Name)
	}
	if newest := state.Newest(cluster, declared); newest != nil {
		return newest.Holds(), &newest.LastAt, nil
	}
	return nil, nil, nil
}

// obeys has the session obey the withdrawn holds of a plan that is carried out, and refuses a plan that does not know one
// which the journal knows: it was made with another state directory, or before the hold was declared. What is resumed
// stands in the journal itself.
func (l *session) obeys(a *approval) error {
	for _, h := range planner.Withdrawn(l.config.Holds, l.remembered, l.process.now()) {
		if a.past == nil && !slices.ContainsFunc(a.plan.Holds, func(of plan.Hold) bool { return of.Withdrawn && sameHold(of, h) }) {
			return failf(exitStale, "hold %q is not in the configuration any more, and the plan does not know that it binds once more: "+
				"make a new plan with this state directory; %s", h.Name, notSent)
		}
	}
	l.remembered = slices.DeleteFunc(slices.Clone(a.plan.Holds), func(h plan.Hold) bool { return !h.Withdrawn })
	return nil
}

// sameHold reports whether two say the same, whoever lets them go.
func sameHold(a, b plan.Hold) bool {
	a.LetGo, b.LetGo = false, false
	return reflect.DeepEqual(a, b)
}

// keepHolds records an apply that has nothing to do, when it changes which holds are remembered: a new one is to bind when
// it is withdrawn, and one that the plan lets go would bind for ever.
func (a *applying) keepHolds(ctx context.Context, look *session, j *journal.Journal, made *approval) error {
	if slices.EqualFunc(made.plan.Remembered(), look.remembered, sameHold) {
		return nil
	}
	record, err := j.BeginBy(made.document, a.process.now(), a.by(ctx))
	if err != nil {
		return err
	}
	return record.Record(executor.Record{At: a.process.now(), Step: executor.StepEnd, Complete: true})
}
