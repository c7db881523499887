package executor

import (
	"fmt"
	"slices"
	"time"

	"coppice/internal/druid"
	"coppice/internal/plan"
)

// flight is a kill task that the Overlord has.
type flight struct {
	action  *plan.Action
	task    string
	victims Counts
	state   druid.TaskState
	// idleSince: it waits for a lock or a worker since then; NoInstant while it runs.
	idleSince    druid.Instant
	runningSince druid.Instant
	recheckedAt  druid.Instant
	// blindSince: its status could not be read since then.
	blindSince druid.Instant
	// misses counts answers in a row in which the Overlord did not know the task.
	misses int
	// ending is set once we asked for its end, with what will be reported.
	ending    *ending
	endingAt  druid.Instant
	noReports int
}

// forgotten is after how many answers in a row an Overlord that does not know a task is believed.
const forgotten = 3

// reportLooks is how often a report of a finished task is asked for.
const reportLooks = 3

// launch puts a task under watch.
func (r *run) launch(a *plan.Action, id string, victims Counts) *flight {
	now := r.o.Now()
	f := &flight{action: a, task: id, victims: victims, idleSince: now, runningSince: druid.NoInstant, recheckedAt: now,
		blindSince: druid.NoInstant}
	r.reports[a.ID].Task = id
	r.flights, r.sent = append(r.flights, f), true
	return f
}

// watch is launch for a task that the Overlord is known to have, which is recorded.
func (r *run) watch(a *plan.Action, id string, victims Counts, adopted bool) {
	f := r.launch(a, id, victims)
	r.record(Record{Step: StepSubmitted, Action: a.ID, Kind: a.Kind, Datasource: a.Datasource, Task: id, Amounts: &f.victims})
	r.emit(TaskSubmitted{a, id, victims, adopted})
}

// land takes the task out of the watch and ends its action.
func (r *run) land(f *flight, outcome Outcome, reasons ...string) {
	r.flights = slices.DeleteFunc(r.flights, func(o *flight) bool { return o == f })
	switch outcome {
	case Stale:
		r.endStale(f.action, reasons...)
	case Done, Deferred:
		r.end(f.action, outcome, reasons...)
	default:
		r.endFailed(f.action, outcome, reasons...)
	}
}

// pollAll asks for every task once, and reports whether anything moved.
func (r *run) pollAll() (moved bool) {
	for _, f := range slices.Clone(r.flights) {
		status, err := r.cluster.TaskStatus(r.ctx, f.task)
		if err != nil {
			r.blind(f, err)
			continue
		}
		moved = r.step(f, status) || moved
		if r.broken != nil || r.ctx.Err() != nil {
			break
		}
	}
	return moved
}

// blind: a status that cannot be read is asked for again, for as long as a task may wait.
func (r *run) blind(f *flight, err error) {
	if !f.blindSince.Known() {
		f.blindSince = r.o.Now()
	}
	if r.since(f.blindSince) >= r.limits.TaskWait {
		r.land(f, Unknown, fmt.Sprintf("the task was submitted; read its status: %v", err))
	}
}

// step goes on from one status, and reports whether it is a new one.
func (r *run) step(f *flight, status druid.TaskStatus) (moved bool) {
	f.blindSince = druid.NoInstant
	if moved = status.State != f.state; moved {
		f.state = status.State
		r.emit(TaskChanged{f.action, f.task, status.State})
	}
	if status.State != druid.TaskUnknown {
		f.misses = 0
	}
	switch status.State {
	case druid.TaskUnknown:
		if f.misses++; f.misses >= forgotten {
			r.lost(f)
		}
	case druid.TaskSucceeded:
		r.succeeded(f)
	case druid.TaskFailed:
		r.failed(f, status.Error)
	case druid.TaskRunning:
		r.running(f)
	default:
		r.idle(f)
	}
	return moved
}

// running: a task that runs is not disturbed, and not waited for without end.
func (r *run) running(f *flight) {
	if !f.runningSince.Known() {
		f.runningSince, f.idleSince = r.o.Now(), druid.NoInstant
	}
	if f.ending != nil {
		r.unending(f)
		return
	}
	if waited := r.since(f.runningSince); waited >= r.limits.TaskRun {
		r.land(f, Unknown, fmt.Sprintf("the task still runs after %s and was left to itself", waited.Round(time.Second)))
	}
}

// idle: the task waits for a lock or a worker. The world may change meanwhile, so its datasource is planned again from
// time to time.
func (r *run) idle(f *flight) {
	f.runningSince = druid.NoInstant
	if !f.idleSince.Known() {
		f.idleSince = r.o.Now()
	}
	if f.ending != nil {
		r.unending(f)
		return
	}
	if end, closed := r.closed[f.action.Datasource]; closed {
		if end.outcome != Stale {
			end.outcome = Deferred
		}
		r.shutdown(f, end)
		return
	}
	waited := r.since(f.idleSince)
	r.emit(Waiting{For: "a lock or a worker, for task " + f.task, Datasource: f.action.Datasource, Waited: waited, Limit: r.limits.TaskWait})
	if waited >= r.limits.TaskWait {
		r.shutdown(f, ending{Deferred, []string{fmt.Sprintf("the task waited %s for a lock or a worker and was shut down", waited.Round(time.Second))}})
		return
	}
	if r.since(f.recheckedAt) >= r.limits.Recheck {
		r.recheckIdle(f)
	}
}

func (r *run) recheckIdle(f *flight) {
	f.recheckedAt = r.o.Now()
	verdict, err := r.o.Recheck(r.ctx, withTask(f.action, f.task))
	if err != nil {
		// Not knowing is not a reason to let it go: it is shut down, and can be sent again.
		r.shutdown(f, ending{Deferred, []string{fmt.Sprintf("plan the datasource again while the task waited: %v", err)}})
		return
	}
	if refused := refusedBy(f.action, verdict); refused != nil {
		r.shutdown(f, *refused)
	}
}

// shutdown asks for the end of a task of ours; what is reported waits until the task has really ended.
func (r *run) shutdown(f *flight, end ending) {
	if !r.record(Record{Step: StepShutdown, Action: f.action.ID, Kind: f.action.Kind, Datasource: f.action.Datasource, Task: f.task,
		Detail: end.reasons}) {
		return
	}
	f.ending, f.endingAt = &end, r.o.Now()
	if err := r.cluster.Shutdown(r.ctx, f.task); err != nil {
		r.note(f.action, fmt.Sprintf("shut the task down: %v", err))
	}
}

// unending: we asked for its end and it goes on.
func (r *run) unending(f *flight) {
	if r.since(f.endingAt) >= r.limits.RulePoll {
		r.land(f, Unknown, concat(f.ending.reasons, []string{"the task did not end when it was shut down"})...)
	}
}

// lastLooks is how often a task that was shut down at the very end is asked for.
const lastLooks = 5

// leaveFlights: the run ends while tasks are under way. One that still waits is shut down, since nobody would plan its
// datasource again before it begins; one that runs is left, and the journal knows it.
func (r *run) leaveFlights() {
	for _, f := range slices.Clone(r.flights) {
		r.leave(f)
		if r.flying(f.action) {
			r.land(f, Unknown, "the run ended before the task did; a resumed run looks after it")
		}
	}
}

func (r *run) leave(f *flight) {
	for range lastLooks {
		if r.broken != nil || r.ctx.Err() != nil {
			return
		}
		status, err := r.cluster.TaskStatus(r.ctx, f.task)
		if err != nil || status.State == druid.TaskRunning && f.ending == nil {
			return
		}
		if status.State.Done() {
			f.noReports = reportLooks
			r.step(f, status)
			return
		}
		if f.ending == nil {
			r.shutdown(f, ending{Deferred, []string{"interrupted while the task waited; it was shut down"}})
		}
		// Not the waiting that an interrupt cuts short: this is the end of the action in hand.
		if r.o.Wait(r.ctx, r.limits.PollMin) != nil {
			return
		}
	}
}
