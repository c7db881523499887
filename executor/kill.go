package executor

import (
	"fmt"
	"slices"

	"coppice/internal/druid"
	"coppice/internal/plan"
)

// maxAttempts bounds how many spent ids of one deletion are passed by.
const maxAttempts = 50

// kill runs the kill tasks: first those of an earlier run are taken over, then others are sent as slots and the
// Overlord's queue allow, in the order of the plan. One goroutine asks for all of them in turn.
func (r *run) kill() {
	r.killing.begin(r)
	r.adopt()
	r.queue.fill(r.open(), r.flying)
	pauses := r.growing()
	for {
		for r.startNext() {
			pauses = r.growing()
		}
		r.killing.show(r)
		if len(r.flights) == 0 && !r.room.full {
			return
		}
		if !r.pause(pauses.pause()) {
			r.leaveFlights()
			return
		}
		if r.pollAll() {
			pauses = r.growing()
		}
	}
}

// adopt takes over tasks that an earlier run had submitted, or was about to. They are watched even when the datasource
// is stale by now, since only who watches can end them.
func (r *run) adopt() {
	for _, a := range r.open() {
		progress := r.progress(a)
		if a.Kind != plan.KillTask || !progress.inFlight() || r.halted() {
			continue
		}
		status, err := r.cluster.TaskStatus(r.ctx, progress.Task)
		if err == nil && status.State == druid.TaskUnknown && !progress.Submitted {
			// The crash came between the intent and the call: it is sent like any other.
			continue
		}
		if err == nil && status.State == druid.TaskFailed && progress.ShutDown {
			// We ended it ourselves; what is left is looked at again and sent under another id.
			continue
		}
		f := r.launch(a, progress.Task, progress.Amounts)
		r.emit(TaskSubmitted{a, f.task, f.victims, true})
		if err == nil {
			r.step(f, status)
		}
	}
}

// startNext starts the first action that may start now, or ends it; false when there is none.
func (r *run) startNext() bool {
	r.room.full = false
	if r.halted() || len(r.flights) >= r.limits.Slots {
		return false
	}
	for _, name := range r.queue.names {
		if r.startOf(name) {
			return true
		}
		if r.room.full || len(r.queue.names) == 0 { // none has room where one has none
			break
		}
	}
	return false
}

// startOf is startNext for one datasource.
func (r *run) startOf(name string) bool {
	if end, closed := r.closed[name]; closed {
		a := r.queue.of[name][0]
		r.queue.take(name, 0)
		r.end(a, end.outcome, end.reasons...)
		return true
	}
	if r.flightsOf(name) >= r.limits.concurrency(name) {
		return false
	}
	for n, a := range r.queue.of[name] {
		blocker := r.queue.undoneBelow(a)
		if blocker == nil && r.crowded(a) {
			continue
		}
		if blocker == nil && !r.hasRoom() {
			return false
		}
		r.queue.take(name, n)
		if blocker != nil {
			r.end(a, NotStarted, fmt.Sprintf("%s, of the same time, was not done", blocker.ID))
		} else {
			r.startKill(a)
		}
		return true
	}
	return false
}

func (r *run) flying(a *plan.Action) bool {
	return slices.ContainsFunc(r.flights, func(f *flight) bool { return f.action == a })
}

func (r *run) flightsOf(name string) int {
	count := 0
	for _, f := range r.flights {
		if f.action.Datasource == name {
			count++
		}
	}
	return count
}

// crowded: the datasource has a task over the same time: what hides something goes after it.
func (r *run) crowded(a *plan.Action) bool {
	return slices.ContainsFunc(r.flights, func(f *flight) bool {
		return f.action.Datasource == a.Datasource && f.action.Task.Interval.Overlaps(a.Task.Interval)
	})
}

// startKill looks at rules and reach, and sends the task. A finished task under the same id cannot delete any more; then
// everything is looked at again and another attempt gets another id.
func (r *run) startKill(a *plan.Action) {
	r.emit(ActionStarted{a})
	for attempt := 1; attempt <= maxAttempts; attempt++ {
		if r.halted() || !r.expectRules(a) {
			return
		}
		id := plan.RetryTaskID(a.Task.ID, attempt)
		verdict, ok := r.recheck(a, id)
		switch {
		case !ok:
			return
		case len(verdict.Victims) == 0 && len(verdict.Kept) > 0:
			r.end(a, Stale, kept(verdict))
			return
		case len(verdict.Victims) == 0:
			r.end(a, DoneBefore, "nothing of it is left to delete")
			return
		}
		r.noteKept(a, verdict)
		if !r.submit(a, id, verdict.Victims) {
			return
		}
	}
	r.endFailed(a, Failed, fmt.Sprintf("%d ids of this deletion are spent", maxAttempts))
}

// recheck asks whether the task may still go, and ends the action when it may not. The executor does not take the
// answer's word for the victims: one that the plan does not name stops the task.
func (r *run) recheck(a *plan.Action, id string) (Verdict, bool) {
	verdict, err := r.o.Recheck(r.ctx, withTask(a, id))
	if err != nil {
		r.endFailed(a, Failed, fmt.Sprintf("plan the datasource again: %v", err))
		return verdict, false
	}
	refused := refusedBy(a, verdict)
	switch {
	case refused == nil:
		return verdict, true
	case refused.outcome == Stale:
		r.endStale(a, refused.reasons...)
	default:
		r.end(a, refused.outcome, refused.reasons...)
		if verdict.Unread { // the next task would read the same
			r.closeFor(a, refused.outcome, refused.reasons...)
		}
	}
	return verdict, false
}

// noteKept: what was approved and stays is a difference, and never counts as deleted.
func (r *run) noteKept(a *plan.Action, v Verdict) {
	r.kept[a.ID] = len(v.Kept)
	r.reports[a.ID].Differences = []string{}
	if len(v.Kept) > 0 {
		r.reports[a.ID].Differences = []string{kept(v)}
	}
}

// kept says what of the approved is there and will not be deleted.
func kept(v Verdict) string {
	if len(v.Kept) == 1 {
		return fmt.Sprintf("%s is used again or was marked anew since the plan, and is kept", v.Kept[0])
	}
	return fmt.Sprintf("%d approved segments are used again or were marked anew since the plan, and are kept, such as %s", len(v.Kept), v.Kept[0])
}

// refusedBy is how the action ends when it may not go: stale when something has changed, deferred when others are at
// work or when it cannot be told; nil when it may go.
func refusedBy(a *plan.Action, verdict Verdict) *ending {
	differences := unapproved(a, verdict)
	switch {
	case len(differences) == 0:
		return nil
	case !verdict.OK && (verdict.Busy || verdict.Unread):
		return &ending{Deferred, differences}
	}
	return &ending{Stale, differences}
}

// unapproved says why the task may not go; empty when it may.
func unapproved(a *plan.Action, verdict Verdict) []string {
	if !verdict.OK {
		if len(verdict.Differences) == 0 {
			return []string{"what the task would reach is no longer what was approved"}
		}
		return verdict.Differences
	}
	approved := map[string]bool{}
	for _, run := range a.Runs {
		for id := range run.IDs(a.Datasource) {
			approved[id.String()] = true
		}
	}
	var others []string
	for _, victim := range verdict.Victims {
		if !approved[victim.ID] && len(others) < sample {
			others = append(others, fmt.Sprintf("%s would be deleted and is not in the plan", victim.ID))
		}
	}
	return others
}

// withTask is the action as it will be sent: whoever rechecks must know our own task from others.
func withTask(a *plan.Action, id string) *plan.Action {
	sent, task := *a, *a.Task
	task.ID = id
	sent.Task = &task
	return &sent
}
