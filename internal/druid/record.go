package druid

import "encoding/json"

// SegmentRecord is one row of the segments table, or one element of the API's lists of segments.
type SegmentRecord struct {
	ID   SegmentID
	Used bool
	// MarkedAt is used_status_last_updated and CreatedAt created_date; NoInstant when NULL, absent or not to be trusted.
	MarkedAt, CreatedAt Instant
	// Root is upgraded_from_segment_id; empty when NULL or absent.
	Root string
	// Place is where the row lies in the store, as long as its view is open; 0 when that is not known.
	Place uint64
	// Data is what the payload says; nil when it was not read.
	Data *DataSegment
}

// OddRecord is a row that cannot be understood, with the reason in one sentence part.
type OddRecord struct {
	// DataSource is empty when not even that is known.
	DataSource, ID, Reason string
	// Interval is the zero Interval when it is not known: the row may then be anywhere.
	Interval Interval
}

// RuleRecord is one version of a key's rule list.
type RuleRecord struct {
	// Key is a datasource's name or "_default".
	Key string
	// Since is when the list was written; NoInstant when not known.
	Since Instant
	List  RuleList
	// Author is who wrote it as far as known, for display only.
	// Comment is what came with the change; empty when not known.
	Comment string
	Author  string
	// Problem says why List cannot be believed; empty when it can.
	Problem string
}

// ClaimKind says what works on an interval.
type ClaimKind string

const (
	ClaimLock    ClaimKind = "lock"
	ClaimTask    ClaimKind = "task"
	ClaimPending ClaimKind = "pending"
)

// Claim is an interval of a datasource that something else works on.
type Claim struct {
	DataSource string
	Interval   Interval
	Kind       ClaimKind
	// By names the task or the pending segment.
	By string
}

// DutyGroup is what the Coordinator says of one of its groups of duties.
type DutyGroup struct {
	Name string
	// PeriodMillis is the pause between runs; 0 when not told.
	PeriodMillis int64
	// LastRunStart and LastRunEnd are NoInstant when never.
	LastRunStart, LastRunEnd Instant
}

// ParseLock reads the JSON of a lock, as the tasklocks table and the Overlord's active locks have it. Locks without a
// readable interval count over all time. A revoked lock holds nothing: ok is false then.
func ParseLock(data []byte, task string) (claim Claim, ok bool, err error) {
	var lock struct {
		DataSource, GroupID string
		Interval            string
		Revoked             bool
	}
	if err := json.Unmarshal(data, &lock); err != nil {
		return Claim{}, false, err
	}
	claim = Claim{DataSource: lock.DataSource, Interval: Eternity, Kind: ClaimLock, By: task}
	if claim.By == "" {
		claim.By = lock.GroupID
	}
	if interval, err := ParseInterval(lock.Interval); err == nil {
		claim.Interval = interval
	}
	return claim, !lock.Revoked, nil
}

// TaskIntervals finds the intervals that a task's JSON names: those of kill, compact and batch ingestion. Tasks that
// name none (streaming, for instance) give none; what they hold is seen in their locks.
func TaskIntervals(data []byte) []Interval {
	var task struct {
		Interval string
		IoConfig struct {
			Interval  string
			InputSpec struct{ Interval string }
		}
		Spec struct {
			DataSchema struct{ GranularitySpec struct{ Intervals []string } }
			IoConfig   struct{ InputSource struct{ Interval string } }
		}
	}
	// A task of another shape than this gives what could be read of it.
	_ = json.Unmarshal(data, &task)
	texts := append([]string{task.Interval, task.IoConfig.Interval, task.IoConfig.InputSpec.Interval,
		task.Spec.IoConfig.InputSource.Interval}, task.Spec.DataSchema.GranularitySpec.Intervals...)
	var found []Interval
	for _, text := range texts {
		if interval, err := ParseInterval(text); text != "" && err == nil {
			found = append(found, interval)
		}
	}
	return found
}
