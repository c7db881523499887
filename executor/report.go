package executor

import (
	"coppice/internal/druid"
	"coppice/internal/plan"
)

// Outcome is how an action ended in this run.
type Outcome string

const (
	Done Outcome = "done"
	// DoneBefore: an earlier run did it, or nothing was left to do.
	DoneBefore Outcome = "done_before"
	// SkippedBlocked: a finding, guard or hold blocks the action in the plan.
	SkippedBlocked Outcome = "skipped_blocked"
	// Stale: the cluster is not as the plan saw it; the action was not done.
	Stale Outcome = "stale"
	// Failed: Druid or the way to it said no.
	Failed Outcome = "failed"
	// Deferred: not done in time, and given up without harm; another run can do it.
	Deferred Outcome = "deferred"
	// Unknown: a call was made and its effect could not be found out.
	Unknown Outcome = "unknown"
	// NotStarted: the run ended, or an earlier action that this one relies on was not done.
	NotStarted Outcome = "not_started"
)

// Outcomes are all outcomes, for tests that walk them.
var Outcomes = []Outcome{Done, DoneBefore, SkippedBlocked, Stale, Failed, Deferred, Unknown, NotStarted}

// Counts is a number of segments, their bytes, and how many of them have files of their own. Negative is not known.
type Counts struct {
	Segments int64 `json:"segments"`
	Bytes    int64 `json:"bytes"`
	Files    int64 `json:"files"`
}

// Report says what really happened, in the order of the plan.
type Report struct {
	PlanDigest string          `json:"plan_digest"`
	StartedAt  druid.Instant   `json:"started_at"`
	EndedAt    druid.Instant   `json:"ended_at"`
	Actions    []*ActionReport `json:"actions"`
	// Marks is what the Coordinator did after rules were changed, by datasource.
	Marks []*MarkReport `json:"marks"`
	// Interrupted: an interrupt left something undone.
	Interrupted bool `json:"interrupted"`
	// Stopped says why the run ended before its time, such as a journal that cannot be written; empty when it did not.
	Stopped string `json:"stopped"`
}

// ActionReport is the end of one action.
type ActionReport struct {
	ID         string    `json:"id"`
	Kind       plan.Kind `json:"kind"`
	Datasource string    `json:"datasource"`
	Permanent  bool      `json:"permanent"`
	Outcome    Outcome   `json:"outcome"`
	// Reasons say why, one sentence each; empty when there is nothing to say.
	Reasons []string `json:"reasons"`
	Planned Counts   `json:"planned"`
	// Real is what was found to have been done: segments marked, or deleted for good.
	Real Counts `json:"real"`
	// Differences are what verification found, one sentence each. An action with differences is never simply done.
	Differences []string `json:"differences"`
	// Task is the id of the kill task that was sent.
	Task string `json:"task,omitempty"`
}

// sample bounds how many segment ids a report names one by one; counts are always whole.
const sample = 20

// MarkReport compares what the Coordinator marked in a datasource with what the plan predicted.
type MarkReport struct {
	Datasource string `json:"datasource"`
	// Predicted and Marked are numbers of segments.
	Predicted int64 `json:"predicted"`
	Marked    int64 `json:"marked"`
	// NotMarked were predicted and are still used; NotMarkedIDs are the first of them.
	NotMarked    int64    `json:"not_marked"`
	NotMarkedIDs []string `json:"not_marked_ids"`
	// UsedAgain were marked, and are used again at the end of the run.
	UsedAgain    int64    `json:"used_again"`
	UsedAgainIDs []string `json:"used_again_ids"`
	// NotPredicted are used no more though the plan keeps them, and nothing newer explains it.
	NotPredicted    int64    `json:"not_predicted"`
	NotPredictedIDs []string `json:"not_predicted_ids"`
	// Waited is set when the wait ended at its limit.
	Waited bool `json:"waited"`
	// Problem is why it could not be compared; empty when it was.
	Problem string `json:"problem"`
}

// Class sums up a run for whoever turns it into an exit code.
type Class uint8

// The classes in the order of precedence: when several apply, the greatest counts.
const (
	ClassDone Class = iota
	ClassBlocked
	ClassStale
	ClassPartial
	ClassDifference
	ClassError
	ClassInterrupted
)

var classNames = [...]string{"done", "blocked", "stale", "partial", "difference", "error", "interrupted"}

// String is the stable text form.
func (c Class) String() string { return classNames[min(int(c), len(classNames)-1)] }

// MarshalText implements encoding.TextMarshaler.
func (c Class) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// classOf is the class that one outcome alone gives.
var classOf = map[Outcome]Class{
	Done: ClassDone, DoneBefore: ClassDone, SkippedBlocked: ClassBlocked, Stale: ClassStale, Failed: ClassError,
	Deferred: ClassPartial, Unknown: ClassPartial, NotStarted: ClassPartial,
}

// Class is the greatest class that anything in the report gives.
func (r *Report) Class() Class {
	var class Class
	for _, a := range r.Actions {
		class = max(class, a.class())
	}
	for _, m := range r.Marks {
		class = max(class, m.class())
	}
	if r.Stopped != "" {
		class = max(class, ClassError)
	}
	if r.Interrupted {
		class = max(class, ClassInterrupted)
	}
	return class
}

func (a *ActionReport) class() Class {
	if len(a.Differences) > 0 {
		return max(ClassDifference, classOf[a.Outcome])
	}
	return classOf[a.Outcome]
}

func (m *MarkReport) class() Class {
	switch {
	case m.NotPredicted > 0 || m.UsedAgain > 0:
		return ClassDifference
	case m.NotMarked > 0 || m.Problem != "":
		return ClassPartial
	}
	return ClassDone
}

// Complete reports whether nothing is left that a resumed run of the same plan could do, or compare.
func (r *Report) Complete() bool {
	for _, m := range r.Marks {
		if m.NotMarked > 0 || m.Problem != "" {
			return false
		}
	}
	for _, a := range r.Actions {
		if a.Outcome != Done && a.Outcome != DoneBefore && a.Outcome != SkippedBlocked {
			return false
		}
	}
	return r.Stopped == ""
}
