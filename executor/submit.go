package executor

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"coppice/internal/druid"
	"coppice/internal/plan"
)

// submit puts manifest and intent on disk and sends the task. It reports whether another attempt under another id is
// needed: Druid knows this one, and it has ended.
func (r *run) submit(a *plan.Action, id string, victims []Victim) (again bool) {
	amounts := amountsOf(victims)
	if !r.manifest(a, id, victims) || !r.intend(a, id, &amounts) {
		return false
	}
	r.reports[a.ID].Task = id
	err := r.cluster.SubmitKill(r.ctx, killTask(a, id))
	switch {
	case err == nil:
		r.watch(a, id, amounts, false)
		return false
	case errors.Is(err, druid.ErrTaskExists):
		return r.adoptKnown(a, id, amounts)
	}
	r.doubt(a, id, amounts, err)
	return false
}

func (r *run) manifest(a *plan.Action, id string, victims []Victim) bool {
	if r.broken != nil {
		return false
	}
	m := Manifest{At: r.o.Now(), Action: a.ID, Datasource: a.Datasource, Task: *withTask(a, id).Task, Victims: victims}
	if err := r.o.Recorder.Manifest(m); err != nil {
		r.broken = fmt.Errorf("write manifest: %w", err)
		return false
	}
	return true
}

func killTask(a *plan.Action, id string) druid.KillTask {
	return druid.KillTask{ID: id, DataSource: a.Datasource, Interval: a.Task.Interval, Versions: slices.Clone(a.Task.Versions),
		BatchSize: a.Task.BatchSize, Limit: a.Task.Limit, MaxUsedStatusLastUpdated: a.Task.MaxUsedStatusLastUpdated,
		Context: a.Task.Context}
}

// adoptKnown: the id is a digest of exactly this deletion, so a task that bears it is ours, from an earlier run.
func (r *run) adoptKnown(a *plan.Action, id string, amounts Counts) (again bool) {
	status, err := r.cluster.TaskStatus(r.ctx, id)
	if err != nil {
		r.endFailed(a, Unknown, fmt.Sprintf("Druid knows the task already; read its status: %v", err))
		return false
	}
	if status.State.Done() || status.State == druid.TaskUnknown {
		r.note(a, fmt.Sprintf("an earlier task %s has ended; Druid takes no id twice", id))
		return true
	}
	r.watch(a, id, amounts, true)
	return false
}

// doubt: the answer was an error, and the task may be there all the same. It is not sent again; the Overlord is asked.
func (r *run) doubt(a *plan.Action, id string, amounts Counts, sent error) {
	var status druid.TaskStatus
	var err error
	found := r.until(r.limits.RulePoll, &Waiting{For: "the Overlord to say whether it has the task", Datasource: a.Datasource},
		func() bool {
			status, err = r.cluster.TaskStatus(r.ctx, id)
			return err == nil && status.State != druid.TaskUnknown
		})
	switch {
	case found:
		r.note(a, fmt.Sprintf("the answer to the task was an error (%v); the Overlord has it", sent))
		r.watch(a, id, amounts, false)
	case err != nil:
		r.endFailed(a, Unknown, fmt.Sprintf("submit task: %v", sent), fmt.Sprintf("read its status: %v", err))
	case r.halted():
		r.endFailed(a, Unknown, fmt.Sprintf("submit task: %v; interrupted before it was clear whether the Overlord has it", sent))
	default:
		r.endFailed(a, Failed, fmt.Sprintf("submit task: %v; the Overlord does not know the task", sent))
	}
}

// amountsOf counts the victims, and those that have files: tombstones have none. A size that is not known makes the sum
// unknown.
func amountsOf(victims []Victim) Counts {
	var sum Counts
	for _, v := range victims {
		sum.Segments++
		if v.hasFiles() {
			sum.Files++
		}
		if v.Bytes < 0 || sum.Bytes < 0 {
			sum.Bytes = -1
		} else {
			sum.Bytes += v.Bytes
		}
	}
	return sum
}

// hasFiles takes a load spec that is not known for one with files, so that a report of too few is noticed.
func (v Victim) hasFiles() bool {
	var spec struct {
		Type string `json:"type"`
	}
	return json.Unmarshal([]byte(v.LoadSpec), &spec) != nil || spec.Type != "tombstone"
}
