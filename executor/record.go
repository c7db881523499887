package executor

import (
	"coppice/internal/druid"
	"coppice/internal/plan"
)

// Recorder keeps on disk what happens; package journal fits it. The methods that are given something return once it
// would survive a power cut. After an error of theirs the executor makes no further call to the cluster.
type Recorder interface {
	Record(Record) error
	// Manifest is called before the intent of the kill task that it belongs to.
	Manifest(Manifest) error
	// Baseline is called before the intent of the first change of rules that concerns its datasource.
	Baseline(Baseline) error
	// Earlier is the baseline that a run before this one of the same apply has kept; nil when there is none.
	Earlier(dataSource string) (*Baseline, error)
}

// Step says what a record is about.
type Step string

const (
	// StepIntent comes before a call that changes the cluster; without an outcome after it, nobody knows yet whether
	// the call had an effect.
	StepIntent Step = "intent"
	// StepSubmitted: the Overlord has the kill task, which may wait and run for a long time.
	StepSubmitted Step = "submitted"
	// StepShutdown comes before a task of ours is ended.
	StepShutdown Step = "shutdown"
	// StepOutcome ends an action for this run.
	StepOutcome Step = "outcome"
	// StepMarks says what the Coordinator marked in a datasource after its rules were changed.
	StepMarks Step = "marks"
	// StepEnd is the last record of a run.
	StepEnd Step = "end"
)

// Record is one step of an apply.
type Record struct {
	At   druid.Instant `json:"-"`
	Step Step          `json:"-"`
	// Action is the plan's id of the action; empty for steps that concern no single one.
	Action     string    `json:"-"`
	Kind       plan.Kind `json:"kind,omitempty"`
	Datasource string    `json:"datasource,omitempty"`
	// Task is the id of the kill task that was really sent, which may be another attempt than the plan's.
	Task    string  `json:"task,omitempty"`
	Outcome Outcome `json:"outcome,omitempty"`
	Amounts *Counts `json:"amounts,omitempty"`
	// Detail is for people.
	Detail []string `json:"detail,omitempty"`
	// Complete is set on StepEnd when nothing of the plan is left that a resumed run could do.
	Complete bool `json:"complete,omitempty"`
}

// Manifest is what a kill task is about to delete.
type Manifest struct {
	At         druid.Instant `json:"at"`
	Action     string        `json:"action"`
	Datasource string        `json:"datasource"`
	// Task is as it is sent; its id may be another attempt than the plan's.
	Task    plan.Task `json:"task"`
	Victims []Victim  `json:"victims"`
}

// Resume is what an earlier run of the same plan is known to have done; the zero value means nothing.
type Resume struct {
	// Actions by the plan's action id.
	Actions map[string]Progress
}

// Progress is how far an action came.
type Progress struct {
	// Started: an intent is on record. Without an Outcome it is not known whether the call had an effect.
	Started bool
	// Outcome is the newest one on record; empty when there is none.
	Outcome Outcome
	// Task is the newest kill task on record, with the amounts of its manifest; Submitted says that the Overlord is
	// known to have taken it. For marks Amounts is what was sent.
	Task      string
	Submitted bool
	Amounts   Counts
	// ShutDown: we asked for the end of that task.
	ShutDown bool
}

// settled reports whether nothing is left to do or to find out.
func (p Progress) settled() bool { return p.Outcome == Done || p.Outcome == DoneBefore }

// inFlight reports whether a task may still be at work. Deferred and stale outcomes are written only once the task is
// known to have ended.
func (p Progress) inFlight() bool {
	return p.Task != "" && (p.Outcome == "" || p.Outcome == Unknown)
}
