package main

import (
	"context"
	"fmt"

	"coppice/config"
	"coppice/executor"
	"coppice/internal/druid"
	"coppice/internal/journal"
	"coppice/internal/plan"
	"coppice/internal/render"
	"coppice/planner"
)

// approval is a plan that somebody has approved, or is about to.
type approval struct {
	plan     *plan.Plan
	document []byte
	// past is what an earlier run did of it; nil for a first run.
	past *journal.Past
}

// unfinished looks for an earlier apply that was not finished: --resume takes it up, anything else only hears of it.
func (a *applying) unfinished(j *journal.Journal, saved *approval) (*approval, error) {
	past := j.State().Unfinished()
	switch {
	case past == nil && a.resume:
		return nil, failf(exitDone, "there is nothing to resume: no apply of this state directory was left unfinished")
	case past == nil:
		return saved, nil
	case !a.resume:
		a.process.say(fmt.Sprintf("An apply of %s was not finished; apply --resume goes on with it. This one starts anew.", past.BeganAt))
		return saved, nil
	}
	if saved != nil && saved.plan.Digest != past.Plan {
		return nil, failf(exitStale, "the apply that was not finished is of another plan than %s; resume it without a file, or apply the file without --resume; %s", a.file, notSent)
	}
	copied, err := j.Plan(past.Plan)
	if err != nil {
		return nil, fmt.Errorf("resume: %w", err)
	}
	document, err := plan.Encode(copied)
	if err != nil {
		return nil, fmt.Errorf("resume: %w", err)
	}
	return &approval{copied, document, past}, nil
}

// stillFits refuses a plan that is not for this configuration, this cluster, this moment and what was applied since. One
// that is resumed is under way.
func (a *approval) stillFits(state string, cfg *config.Config, cluster *config.Cluster, now druid.Instant) error {
	p := a.plan
	switch {
	case p.Cluster.Name != cluster.Name:
		return failf(exitStale, "the plan is for cluster %s, not for %s; %s", p.Cluster.Name, cluster.Name, notSent)
	case p.Now > now:
		return failf(exitStale, "the plan is for %s, which lies in the future: make a plan without --now; %s", p.Now, notSent)
	case now >= p.ExpiresAt:
		return failf(exitStale, "the plan of %s has expired at %s: make a new one; %s", p.Now, p.ExpiresAt, notSent)
	case p.ConfigDigest != cfg.Digest(cluster.Name):
		return failf(exitStale, "the configuration has changed since the plan was made, or the values of its variables are others: make a new plan; %s", notSent)
	}
	if f := planner.ConsentEnded(cfg, p, now); f != nil {
		return failf(exitStale, "the consent to %s of %s, with which the plan was made, has ended: make a new plan; %s", f.Code, *f.Datasource, notSent)
	}
	if a.past == nil {
		return a.withinBudget(state, cfg, now)
	}
	return nil
}

// planAndAsk makes a plan, shows it, and asks for consent. Without anything to do it returns nil.
func (a *applying) planAndAsk(ctx context.Context, look *session, j *journal.Journal) (*approval, error) {
	made, document, err := look.plan(ctx)
	if err != nil {
		return nil, err
	}
	if err := a.showPlan(made); err != nil {
		return nil, err
	}
	if !anyOpen(made) {
		if err := a.keepHolds(ctx, look, j, &approval{plan: made, document: document}); err != nil {
			return nil, err
		}
		return nil, a.nothingToDo(made)
	}
	if err := look.applicable(look.seen, look.now); err != nil {
		return nil, err
	}
	if err := a.consent(ctx, a.process, made); err != nil {
		return nil, err
	}
	return &approval{plan: made, document: document}, nil
}

// nothingToDo ends an apply whose plan has no action that may be done. A document is written all the same.
func (a *applying) nothingToDo(made *plan.Plan) error {
	code := planCode(made, false)
	if !a.settings.asJSON() {
		return leave(code)
	}
	now, class := a.process.now(), executor.ClassDone
	if code == exitBlocked {
		class = executor.ClassBlocked
	}
	empty := &executor.Report{PlanDigest: made.Digest, StartedAt: now, EndedAt: now, Actions: []*executor.ActionReport{},
		Marks: []*executor.MarkReport{}}
	if err := render.JSON(a.process.stdout, applied{plan.FormatVersion, made.Cluster.Name, class, empty}); err != nil {
		return err
	}
	return leave(code)
}

// showPlan writes the plan that is asked about: beside a document it goes to standard error.
func (a *applying) showPlan(made *plan.Plan) error {
	stream := a.process.stdout
	if a.settings.asJSON() {
		stream = a.process.stderr
	}
	options := a.settings.look(a.process, stream)
	options.Verbose = a.verbose
	return render.Plan(stream, made, options)
}

// anyOpen says whether the plan has anything that apply would do.
func anyOpen(p *plan.Plan) bool {
	for _, action := range p.Actions {
		if !action.Blocked {
			return true
		}
	}
	return false
}
