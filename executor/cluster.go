package executor

import (
	"context"

	"coppice/internal/druid"
	"coppice/internal/plan"
)

// Cluster is what the executor needs of Druid; package druidapi fits it.
type Cluster interface {
	// Rules reads a key's own list right now; set is false when the key has none ("[]" counts as none: Druid's API
	// does not tell them apart).
	Rules(ctx context.Context, key string) (list druid.RuleList, set bool, err error)
	// SetRules replaces the whole list.
	SetRules(ctx context.Context, key string, list druid.RuleList, author, comment string) error
	// Datasources names every datasource that has segments, used or not, and that the user may read.
	Datasources(ctx context.Context) ([]string, error)
	// UsedSegments lists the used segments of a datasource that overlap the interval.
	UsedSegments(ctx context.Context, dataSource string, interval druid.Interval) ([]druid.SegmentID, error)
	// MarkUsed and MarkUnused return how many rows Druid says it changed.
	MarkUsed(ctx context.Context, dataSource string, ids []druid.SegmentID) (changed int, err error)
	MarkUnused(ctx context.Context, dataSource string, ids []druid.SegmentID) (changed int, err error)
	// SubmitKill returns an error wrapping druid.ErrTaskExists when the id was seen before.
	SubmitKill(ctx context.Context, task druid.KillTask) error
	// KillTasks are the kill tasks of the whole cluster that have not ended, as far as the user may see them.
	KillTasks(ctx context.Context) ([]druid.TaskStatus, error)
	TaskStatus(ctx context.Context, id string) (druid.TaskStatus, error)
	// KillReport is of a task that succeeded; ok is false when Druid has no report (yet, or any more).
	KillReport(ctx context.Context, id string) (report druid.KillReport, ok bool, err error)
	// Shutdown ends a task.
	Shutdown(ctx context.Context, id string) error
}

// Recheck reads an action's datasource and plans it again at the clock of this moment, and says whether every unused
// row in the action's reach now is approved and still a victim. The command hands it over; the executor only asks.
// It is asked before a task is sent, while one waits, and after one ended otherwise than expected. The action's Task.ID
// is the id as it is really sent: a task or lock under that id is our own, and no obstacle.
type Recheck func(ctx context.Context, action *plan.Action) (Verdict, error)

// Marking looks who works on the segments that an action is about to mark, and whether they may be marked beside that.
// The command hands it over, and the planner decides. It is asked right before the marks are sent.
type Marking func(ctx context.Context, action *plan.Action) (Verdict, error)

// Verdict is the answer of a Recheck or of a Marking, which knows no victims.
type Verdict struct {
	// OK: the action may go.
	OK bool
	// Busy: nothing stands in the way but others at work; it may go once they are done.
	Busy bool
	// Unread: something could not be read, so that nobody can tell what has changed.
	Unread bool
	// Differences says what is not as approved, one sentence each.
	Differences []string
	// Victims are the segments in the reach, with what the manifest needs.
	Victims []Victim
	// Kept are approved segments that are there and out of the reach: used again, or marked anew since the plan.
	Kept []druid.SegmentID
}

// Victim is one segment that a kill task will delete.
type Victim struct {
	ID    string `json:"id"`
	Bytes int64  `json:"bytes"`
	// LoadSpec is Druid's JSON of where the files are; empty when not known.
	LoadSpec string `json:"load_spec"`
}
