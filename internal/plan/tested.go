package plan

import (
	"coppice/internal/diag"
	"coppice/internal/druid"
)

// TestRun is what policy tests came to.
type TestRun struct {
	FormatVersion string        `json:"format_version"`
	Passed        int           `json:"passed"`
	Failed        int           `json:"failed"`
	Tests         []TestOutcome `json:"tests"`
}

// TestOutcome is one test. It passed when all its segments did.
type TestOutcome struct {
	Name   string        `json:"name"`
	Range  diag.Range    `json:"range"`
	Now    druid.Instant `json:"now"`
	Passed bool          `json:"passed"`
	// Segments are in the order written; those that one block chooses from a snapshot in the order of their ids.
	Segments []TestedSegment `json:"segments"`
}

// TestedSegment is what was expected of a segment, and what was decided.
type TestedSegment struct {
	// Range is the segment block's.
	Range      diag.Range     `json:"range"`
	Datasource string         `json:"datasource"`
	Interval   druid.Interval `json:"interval"`
	// OfSnapshot: a snapshot gave the segment; the test did not make it up.
	OfSnapshot bool     `json:"of_snapshot"`
	Passed     bool     `json:"passed"`
	Expect     Decision `json:"expect"`
	// ExpectRule and Rule count from 1 through the own list and the default one behind it. ExpectRule is nil when the rule
	// does not matter, Rule when none decided.
	ExpectRule *int `json:"expect_rule"`
	Rule       *int `json:"rule"`
	// RuleText words the rule that decided; empty when none did.
	RuleText string `json:"rule_text"`
	// Got is nil when a snapshot has no such segment.
	Got *ExplainedSegment `json:"got"`
}

// Add counts an outcome.
func (r *TestRun) Add(o TestOutcome) {
	if o.Passed {
		r.Passed++
	} else {
		r.Failed++
	}
	r.Tests = append(r.Tests, o)
}
