package main

import (
	"context"
	"slices"
	"time"

	"coppice/executor"
	"coppice/internal/druid"
	"coppice/internal/journal"
	"coppice/internal/plan"
	"coppice/internal/render"
)

// carryOut hands the plan to the executor, shows what happens, and reports.
func (a *applying) carryOut(ctx context.Context, look *session, j *journal.Journal, approved *approval) error {
	record, err := begin(j, approved, a.process.now(), a.by(ctx))
	if err != nil {
		return err
	}
	limits := look.limits(approved.plan)
	limits.Slots, limits.TaskWait = look.slots(ctx, approved.plan), time.Duration(a.taskWait)
	own := map[string]bool{}
	options := executor.Options{
		Recorder: record, Recheck: look.recheck(own), Marking: look.marking(own), Wait: a.process.wait, Now: a.process.now,
		Events: a.events(own), Interrupted: a.halt.first,
		Author: author(a.process), Comment: plan.Comment(approved.plan.Digest, commit(ctx, a.settings.directory)), Limits: limits,
	}
	if approved.past != nil {
		options.Resume = approved.past.Resume
		for _, task := range approved.past.Tasks() {
			own[task] = true
		}
	}
	a.halt.gentle.Store(true)
	report, err := executor.Run(ctx, approved.plan, look.link.api, options)
	if err != nil {
		return err
	}
	a.sayUndo(record.ID(), approved.plan, report)
	return a.report(approved.plan, report)
}

// sayUndo tells how to take back what can be taken back, while it is at hand.
func (a *applying) sayUndo(id string, of *plan.Plan, report *executor.Report) {
	if of.Request != nil && of.Request.Command == plan.AskRestore {
		return
	}
	for _, done := range report.Actions {
		undoable := done.Kind == plan.SetRules || done.Kind == plan.MarkUnused
		untouched := []executor.Outcome{executor.NotStarted, executor.SkippedBlocked, executor.Stale, executor.Deferred}
		if undoable && !slices.Contains(untouched, done.Outcome) {
			a.process.say(a.settings.again() + " restore --apply " + id + " undoes the rule changes and marks of this apply.")
			return
		}
	}
}

// by is on whose behalf this is done.
func (a *applying) by(ctx context.Context) journal.By {
	return journal.By{Author: author(a.process), Commit: commit(ctx, a.settings.directory)}
}

// begin puts the plan and the begin of its apply on disk, before the first call.
func begin(j *journal.Journal, approved *approval, now druid.Instant, by journal.By) (*journal.Apply, error) {
	if approved.past != nil {
		return j.Resume(approved.past, now)
	}
	return j.BeginBy(approved.document, now, by)
}

// events shows progress on standard error, and remembers the tasks that this apply has sent: their locks are its own.
// Progress that cannot be shown stops nothing.
func (a *applying) events(own map[string]bool) func(executor.Event) {
	look := a.settings.look(a.process, a.process.stderr)
	return func(e executor.Event) {
		if sent, ok := e.(executor.TaskSubmitted); ok {
			own[sent.Task] = true
		}
		_ = render.Event(a.process.stderr, e, look)
	}
}

// applied is the document of apply --json.
type applied struct {
	FormatVersion string         `json:"format_version"`
	Cluster       string         `json:"cluster"`
	Outcome       executor.Class `json:"outcome"`
	*executor.Report
}

// report shows what was done, and turns it into an exit code.
func (a *applying) report(of *plan.Plan, report *executor.Report) error {
	class := report.Class()
	var err error
	if a.settings.asJSON() {
		err = render.JSON(a.process.stdout, applied{plan.FormatVersion, of.Cluster.Name, class, report})
	} else {
		look := a.settings.look(a.process, a.process.stdout)
		look.Verbose = a.verbose
		err = render.Report(a.process.stdout, report, look)
	}
	if err != nil {
		return err
	}
	return leave(classCodes[class])
}
