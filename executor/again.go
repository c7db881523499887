package executor

import (
	"fmt"
	"slices"

	"coppice/internal/plan"
)

// compareAgain looks, at the very end, whether what this run and those before it did is still so: deleting takes
// hours, and others act meanwhile. What is not so any more is a difference. A datasource that is closed has said already
// what is wrong with it.
func (r *run) compareAgain() {
	for n, a := range r.plan.Actions {
		outcome := r.reports[a.ID].Outcome
		_, closed := r.closed[a.Datasource]
		if closed || a.Kind == plan.KillTask || a.Restamp || outcome != Done && outcome != DoneBefore {
			continue
		}
		if r.halted() {
			return
		}
		if a.Kind == plan.SetRules {
			r.compareListAgain(a, r.plan.Actions[n+1:])
		} else {
			r.compareMarkAgain(a)
		}
	}
	r.compareMarksAgain()
}

// compareListAgain reads a list that was posted; later are the actions behind it, which may have posted the next one.
func (r *run) compareListAgain(a *plan.Action, later []*plan.Action) {
	if slices.ContainsFunc(later, func(o *plan.Action) bool { return o.Kind == plan.SetRules && o.Datasource == a.Datasource }) {
		return
	}
	switch problem, outcome := r.compareRules(a.Datasource); outcome {
	case "":
	case Stale:
		r.differs(a, fmt.Sprintf("the rules of %s are not those that were posted any more: somebody changed them", a.Datasource))
	default:
		r.unseen(a, problem)
	}
}

// compareMarkAgain reads what was marked. Of segments that were marked used, those that newer data replaced and those
// that the rules drop by now are as they should be.
func (r *run) compareMarkAgain(a *plan.Action) {
	named := inventoryOf(a.Runs)
	ids, err := r.cluster.UsedSegments(r.ctx, a.Datasource, named.hull())
	if err != nil {
		r.unseen(a, fmt.Sprintf("read used segments: %v", err))
		return
	}
	now := newInventory(ids)
	if a.Kind == plan.MarkUnused {
		if again := named.and(now); again.count() > 0 {
			r.markedLess(a, again)
			r.differs(a, fmt.Sprintf("%d segments that were marked unused are used again, such as %v", again.count(), again.names(a.Datasource)[:1]))
		}
		return
	}
	before, _, _ := r.baseline(a.Datasource) // not on record: any newer data may be the reason
	lost := r.unexplained(a.Datasource, named.minus(now), newCover(now.minus(named).minus(before)))
	if lost.count() > 0 {
		r.markedLess(a, lost)
		r.differs(a, fmt.Sprintf("%d segments that were marked used are unused again, and neither newer data nor the rules explain it, such as %v",
			lost.count(), lost.names(a.Datasource)[:1]))
	}
}

// markedLess takes what is not so any more off what was found to be done; what an earlier run or somebody else had marked
// was never counted.
func (r *run) markedLess(a *plan.Action, lost inventory) {
	real := &r.reports[a.ID].Real
	real.Segments = max(real.Segments-lost.count(), min(real.Segments, 0))
}

// compareMarksAgain does the same for what the Coordinator marked after rules were changed, when deleting took time since.
func (r *run) compareMarksAgain() {
	for _, report := range r.report.Marks {
		d := r.datasource(report.Datasource)
		_, closed := r.closed[d.Name]
		if closed || report.Problem != "" || !r.sent || r.halted() {
			continue
		}
		r.compareDroppedAgain(d, report)
		r.compareKept(d, report)
		r.recordMarks(report)
	}
}

func (r *run) compareDroppedAgain(d *plan.Datasource, report *MarkReport) {
	predicted := inventoryOf(d.Drop.Runs)
	if predicted.count() == 0 {
		return
	}
	ids, err := r.cluster.UsedSegments(r.ctx, d.Name, predicted.hull())
	if err != nil {
		report.Problem = fmt.Sprintf("read used segments: %v", err)
		return
	}
	used := predicted.and(newInventory(ids))
	if report.NotMarked == 0 {
		report.UsedAgain, report.UsedAgainIDs = used.count(), used.names(d.Name)
	}
}

// differs adds what verification found to an action that is done, on record too.
func (r *run) differs(a *plan.Action, difference string) {
	report := r.reports[a.ID]
	report.Differences = append(report.Differences, difference)
	r.endAgain(a, report.Outcome)
}

// unseen: what cannot be read cannot be compared, so a resumed run has to look.
func (r *run) unseen(a *plan.Action, problem string) {
	r.note(a, "compare at the end: "+problem)
	r.endAgain(a, Unknown)
}

// endAgain puts the outcome on record once more.
func (r *run) endAgain(a *plan.Action, outcome Outcome) {
	report := r.reports[a.ID]
	report.Outcome = outcome
	amounts := report.Real
	r.record(Record{Step: StepOutcome, Action: a.ID, Kind: a.Kind, Datasource: a.Datasource, Outcome: outcome, Amounts: &amounts,
		Detail: concat(report.Reasons, report.Differences)})
}
