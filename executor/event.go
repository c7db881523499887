package executor

import (
	"time"

	"coppice/internal/druid"
	"coppice/internal/plan"
)

// Event is something that just happened, for whoever shows progress; the set is closed. Nothing depends on what is
// done with it.
type Event interface{ event() }

type (
	// Started: the run begins; Actions are those that are not blocked.
	Started struct{ Actions int }
	// ActionStarted: an action's turn has come.
	ActionStarted struct{ Action *plan.Action }
	// ActionEnded carries the final report of an action.
	ActionEnded struct{ Report *ActionReport }
	// DatasourceStale: no further action of the datasource will run.
	DatasourceStale struct {
		Datasource  string
		Differences []string
	}
	// TaskSubmitted: the Overlord has the task. Adopted: it had it already, from an earlier run.
	TaskSubmitted struct {
		Action  *plan.Action
		Task    string
		Victims Counts
		Adopted bool
	}
	// TaskChanged: the Overlord says something new of a task.
	TaskChanged struct {
		Action *plan.Action
		Task   string
		State  druid.TaskState
	}
	// Waiting repeats while the run waits for something that Druid does by itself.
	Waiting struct {
		// For is a clause such as "the Coordinator to mark what the rules drop".
		For        string
		Datasource string
		// Left of Total segments; both zero when it is not a matter of counting.
		Left, Total int64
		// Waited so far, of at most Limit (zero: no limit).
		Waited, Limit time.Duration
	}
	// Deleting says how far the deletions of this run are, now and then while there are many: tasks that have ended and
	// segments that they deleted, of all. Left is an estimate, by the segments that ended tasks were to delete; 0 when
	// there is none.
	Deleting struct {
		Tasks, AllTasks       int
		Segments, AllSegments int64
		Spent, Left           time.Duration
	}
	// QueueUnknown: the Overlord does not say which kill tasks it has, so tasks are sent without regard to others. Told once.
	QueueUnknown struct{ Problem string }
	// MarksCompared carries the verification of one datasource after its rules were changed.
	MarksCompared struct{ Report *MarkReport }
	// Interrupting: the first interrupt was seen; what is in hand is finished.
	Interrupting struct{}
	// Ended carries the final report.
	Ended struct{ Report *Report }
)

func (Started) event()         {}
func (ActionStarted) event()   {}
func (ActionEnded) event()     {}
func (DatasourceStale) event() {}
func (TaskSubmitted) event()   {}
func (TaskChanged) event()     {}
func (Waiting) event()         {}
func (Deleting) event()        {}
func (QueueUnknown) event()    {}
func (MarksCompared) event()   {}
func (Interrupting) event()    {}
func (Ended) event()           {}
