package executor

import (
	"fmt"

	"coppice/internal/plan"
)

// end settles an action for this run, on record first. What never began is not recorded.
func (r *run) end(a *plan.Action, outcome Outcome, reasons ...string) {
	report := r.reports[a.ID]
	report.Outcome = outcome
	r.queue.ended(a, outcome)
	r.killing.ended(report)
	report.Reasons = append(report.Reasons, reasons...)
	if outcome != NotStarted && outcome != SkippedBlocked {
		amounts := report.Real
		r.record(Record{Step: StepOutcome, Action: a.ID, Kind: a.Kind, Datasource: a.Datasource, Task: report.Task,
			Outcome: outcome, Amounts: &amounts, Detail: concat(report.Reasons, report.Differences)})
	}
	r.emit(ActionEnded{report})
}

func concat(a, b []string) []string { return append(append([]string(nil), a...), b...) }

// close keeps every further action of the datasource from running. The first reason stays.
func (r *run) close(dataSource string, outcome Outcome, reasons ...string) {
	if _, closed := r.closed[dataSource]; closed {
		return
	}
	outcome = r.cutShort(outcome, false)
	r.closed[dataSource] = ending{outcome, reasons}
	if outcome == Stale {
		r.emit(DatasourceStale{dataSource, reasons})
	}
}

// endStale ends the action and closes its datasource, or all of them when it is about the default rules.
func (r *run) endStale(a *plan.Action, differences ...string) {
	r.end(a, Stale, differences...)
	r.closeFor(a, Stale, differences...)
}

// endFailed ends the action; what follows in the datasource relies on it and is not begun.
func (r *run) endFailed(a *plan.Action, outcome Outcome, reasons ...string) {
	r.end(a, r.cutShort(outcome, r.intended[a.ID]), reasons...)
	r.closeFor(a, NotStarted, fmt.Sprintf("%s was not done", a.ID))
}

// cutShort: what fails because the run is cancelled is not Druid's failure.
func (r *run) cutShort(outcome Outcome, intended bool) Outcome {
	if outcome != Failed || r.ctx.Err() == nil {
		return outcome
	}
	if intended {
		return Unknown
	}
	return NotStarted
}

// closeFor: everything was planned with the default rules as they should be by now.
func (r *run) closeFor(a *plan.Action, outcome Outcome, reasons ...string) {
	if a.Datasource != plan.DefaultRules {
		r.close(a.Datasource, outcome, reasons...)
		return
	}
	r.closeAll(outcome, reasons...)
}

func (r *run) closeAll(outcome Outcome, reasons ...string) {
	for _, a := range r.open() {
		r.close(a.Datasource, outcome, reasons...)
	}
}

// record writes one step down. It does not look at the context: also the last words of a cancelled run are kept.
func (r *run) record(record Record) bool {
	if r.broken != nil {
		return false
	}
	record.At = r.o.Now()
	if err := r.o.Recorder.Record(record); err != nil {
		r.broken = fmt.Errorf("write journal: %w", err)
		return false
	}
	return true
}

// intend records what is about to be called; without it the call must not be made.
func (r *run) intend(a *plan.Action, task string, amounts *Counts) bool {
	r.intended[a.ID] = true
	return r.record(Record{Step: StepIntent, Action: a.ID, Kind: a.Kind, Datasource: a.Datasource, Task: task, Amounts: amounts})
}

// finish closes the report and the journal.
func (r *run) finish() *Report {
	halted := r.halted()
	for _, a := range r.open() {
		end, closed := r.closed[a.Datasource]
		if !closed {
			end = ending{NotStarted, []string{"the run ended before"}}
		}
		r.end(a, end.outcome, end.reasons...)
	}
	r.report.EndedAt = r.o.Now()
	r.report.Interrupted = halted && r.broken == nil && !r.report.settled()
	if r.broken != nil {
		r.report.Stopped = r.broken.Error()
	}
	complete := r.report.Complete()
	if !r.record(Record{Step: StepEnd, Complete: complete, Detail: []string{r.report.Class().String()}}) {
		r.report.Stopped = r.broken.Error()
	}
	r.emit(Ended{r.report})
	return r.report
}

// settled reports whether an interrupt came too late to leave anything undone.
func (r *Report) settled() bool {
	for _, m := range r.Marks {
		if m.Problem != "" || m.NotMarked > 0 {
			return false
		}
	}
	for _, a := range r.Actions {
		if class := classOf[a.Outcome]; class == ClassPartial {
			return false
		}
	}
	return true
}
