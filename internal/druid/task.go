package druid

import (
	"encoding/json"
	"errors"
)

// KillTask is a kill task of the Overlord (indexing/common/task/KillUnusedSegmentsTask). It takes every unused
// segment of DataSource whose interval lies inside Interval, whose version is in Versions, and which was marked at
// MaxUsedStatusLastUpdated or before (inclusive; rows without a marking time are left alone).
type KillTask struct {
	ID         string
	DataSource string
	Interval   Interval
	Versions   []string
	// BatchSize and Limit are numbers of segments; both positive.
	BatchSize, Limit         int
	MaxUsedStatusLastUpdated Instant
	Context                  map[string]json.RawMessage
}

// LockContext are the keys of a task's context that decide how it locks (indexing/common/task/Tasks), each with why a
// kill task never carries it.
var LockContext = map[string]string{
	"priority":           "A raised priority revokes the locks of running ingestion.",
	"taskLockType":       "Another kind of lock lets the task run beside ingestion on the same interval.",
	"useConcurrentLocks": "A lock of this kind lets the task run beside appending ingestion on the same interval.",
	"forceTimeChunkLock": "A lock on single segments does not keep others from the interval.",
}

// TaskState is what the Overlord says of a task.
type TaskState uint8

const (
	TaskUnknown TaskState = iota // the Overlord does not know the id
	TaskWaiting                  // statusCode RUNNING and runnerStatusCode WAITING: usually for a lock
	TaskPending                  // waits for a worker
	TaskRunning
	TaskSucceeded
	TaskFailed
)

// Done reports whether the state is final.
func (s TaskState) Done() bool { return s == TaskSucceeded || s == TaskFailed }

// TaskStatus is a task's state, with Druid's own words when it failed.
type TaskStatus struct {
	ID    string
	State TaskState
	Error string
}

// KillReport is what a finished kill task says it did. Segments counts segments whose files were deleted, not rows.
type KillReport struct {
	Segments, Batches int
}

// ErrTaskExists is returned (wrapped) when the Overlord refuses an id that it has seen before.
var ErrTaskExists = errors.New("a task with this id exists already")
