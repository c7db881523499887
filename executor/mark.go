package executor

import (
	"fmt"
	"slices"

	"coppice/internal/plan"
)

// markBatch is how many ids go into one request.
const markBatch = 10_000

// mark marks segments unused, or used again, by their exact ids. Only those that are not so yet are sent: marking an
// unused segment unused again would restart its grace (Druid stamps it anew).
func (r *run) mark(a *plan.Action) {
	if a.Kind == plan.MarkUsed && !r.rulesPolled(a) {
		return
	}
	if a.Restamp {
		r.restamp(a)
		return
	}
	if !r.nothingUncovered(a) {
		return
	}
	named := inventoryOf(a.Runs)
	todo, err := r.unlike(a, named)
	switch {
	case err != nil:
		r.endFailed(a, Failed, fmt.Sprintf("read used segments: %v", err))
	case todo.count() == 0:
		r.end(a, DoneBefore, "nothing is left to mark")
	case r.undisturbed(a) && r.intend(a, "", &Counts{Segments: todo.count(), Bytes: -1, Files: -1}):
		if already := named.count() - todo.count(); already > 0 {
			r.note(a, fmt.Sprintf("%d segments were so already", already))
		}
		r.postMarks(a, todo)
	}
}

// nothingUncovered waits until none of the older segments that the marks would uncover is used any more. Not in time: not
// marked.
func (r *run) nothingUncovered(a *plan.Action) bool {
	covered := inventoryOf(a.Uncovers)
	if covered.count() == 0 {
		return true
	}
	left, err := r.waitGone(a.Datasource, covered, r.limits.Shadowed, "older segments below to be marked unused")
	switch {
	case err != nil:
		r.endFailed(a, Failed, fmt.Sprintf("read used segments: %v", err))
	case left.count() > 0:
		r.endFailed(a, Deferred, fmt.Sprintf("%d older segments below are still used, such as %v; marking what covers them now would let "+
			"them answer again", left.count(), left.names(a.Datasource)[:1]))
	}
	return err == nil && left.count() == 0 && r.expectRules(a)
}

// undisturbed asks whether somebody works on what is about to be marked: a task that replaces or deletes it would meet
// other segments than it began with. Then the marks are put off, and so is what relies on them.
func (r *run) undisturbed(a *plan.Action) bool {
	verdict, err := r.o.Marking(r.ctx, a)
	switch {
	case err != nil:
		r.endFailed(a, Failed, fmt.Sprintf("look who works on the segments: %v", err))
	case !verdict.OK:
		r.endFailed(a, Deferred, verdict.Differences...)
	}
	return err == nil && verdict.OK
}

func (r *run) note(a *plan.Action, reason string) {
	r.reports[a.ID].Reasons = append(r.reports[a.ID].Reasons, reason)
}

// rulesPolled waits until rules that this run changed are known everywhere: what is marked used under the old rules
// would be dropped again.
func (r *run) rulesPolled(a *plan.Action) bool {
	if !r.changedAt.Known() {
		return true
	}
	left := r.limits.RulePoll - r.since(r.changedAt)
	if left <= 0 {
		return true
	}
	r.emit(Waiting{For: "the new rules to be polled", Datasource: a.Datasource, Limit: left})
	// Waited long enough, the rules are compared again: somebody may have changed them meanwhile.
	return r.pause(left) && r.expectRules(a)
}

// unlike are the named segments that are not yet as the action wants them.
func (r *run) unlike(a *plan.Action, named inventory) (inventory, error) {
	ids, err := r.cluster.UsedSegments(r.ctx, a.Datasource, named.hull())
	if err != nil {
		return nil, err
	}
	return named.filter(newInventory(ids), a.Kind == plan.MarkUnused), nil
}

// postMarks sends the ids, and then looks: a count or an error in an answer is not the proof, what is used then is.
func (r *run) postMarks(a *plan.Action, todo inventory) {
	changed, posted := r.sendMarks(a, todo)
	left, err := r.waitMarked(a, todo, posted)
	report := r.reports[a.ID]
	report.Real = Counts{Segments: todo.count() - left.count(), Bytes: -1, Files: -1}
	if int64(changed) != todo.count() && posted == nil {
		r.note(a, fmt.Sprintf("Druid says that it changed %d of %d segments", changed, todo.count()))
	}
	switch {
	case err != nil:
		report.Real.Segments = -1
		r.endFailed(a, Unknown, notes("sent the marks", posted), fmt.Sprintf("read used segments: %v", err))
	case left.count() == 0 && posted != nil:
		r.end(a, Done, fmt.Sprintf("an answer was an error (%v); reading back shows that all are marked", posted))
	case left.count() == 0:
		r.end(a, Done)
	case posted != nil:
		r.endFailed(a, Failed, fmt.Sprintf("mark segments: %v; %d of %d are not marked", posted, left.count(), todo.count()))
	case r.halted():
		r.endFailed(a, Unknown, "sent the marks; interrupted before they could be seen")
	default:
		report.Differences = append(report.Differences, fmt.Sprintf("%d of %d segments are not as they were marked, such as %v",
			left.count(), todo.count(), left.names(a.Datasource)[:1]))
		r.endFailed(a, Unknown)
	}
}

// sendMarks stops at the first error: what follows it would be sent blindly.
func (r *run) sendMarks(a *plan.Action, todo inventory) (changed int, err error) {
	send := r.cluster.MarkUsed
	if a.Kind == plan.MarkUnused {
		send = r.cluster.MarkUnused
	}
	for batch := range slices.Chunk(slices.Collect(todo.ids(a.Datasource)), markBatch) {
		n, err := send(r.ctx, a.Datasource, batch)
		changed += n
		if err != nil {
			return changed, err
		}
	}
	return changed, nil
}

// waitMarked looks until all are as wanted. After an error it looks as long as a poll may take: the Coordinator shows
// what it polled last.
func (r *run) waitMarked(a *plan.Action, todo inventory, posted error) (left inventory, err error) {
	limit := r.limits.Marks
	if posted != nil {
		limit = r.limits.RulePoll
	}
	left = todo
	what := &Waiting{For: "the marks to be seen", Datasource: a.Datasource, Left: todo.count(), Total: todo.count()}
	r.until(limit, what, func() bool {
		var now inventory
		if now, err = r.unlike(a, left); err != nil {
			return false
		}
		left = now
		what.Left = left.count()
		return what.Left == 0
	})
	return left, err
}
