package plan

import (
	"coppice/internal/diag"
	"coppice/internal/druid"
)

// Explanation says of every asked segment what happens to it and why. Explaining never changes anything.
type Explanation struct {
	FormatVersion string             `json:"format_version"`
	Now           druid.Instant      `json:"now"`
	Datasource    string             `json:"datasource"`
	Segments      []ExplainedSegment `json:"segments"`
}

// ExplainedSegment is the verdict on one segment.
type ExplainedSegment struct {
	ID        string         `json:"id"`
	Interval  druid.Interval `json:"interval"`
	Version   string         `json:"version"`
	Partition int32          `json:"partition"`
	Used      bool           `json:"used"`
	// MarkedAt is nil when not known.
	MarkedAt *druid.Instant `json:"marked_at"`
	// Bytes is -1 when not known.
	Bytes    int64    `json:"bytes"`
	Decision Decision `json:"decision"`
	// Then is what the rule run after would do with a shadowed segment once it is uncovered: keep, drop, or empty (null).
	Then  Then  `json:"then"`
	Class Class `json:"class"`
	// Rule is the first rule of the planned chain that applies; nil when none does.
	Rule        *ExplainedRule `json:"rule"`
	PolicyRange *diag.Range    `json:"policy_range"`
	WaitsFor    WaitsFor       `json:"waits_for"`
	EligibleAt  *druid.Instant `json:"eligible_at"`
	// NextChangeAt is when time alone changes the decision next, and NextChange to what; nil and empty when never or not known.
	NextChangeAt *druid.Instant `json:"next_change_at"`
	NextChange   Then           `json:"next_change"`
	Reason       Reason         `json:"reason"`
}

// Then is a decision that may be absent (null in JSON).
type Then string

// MarshalJSON writes null for none.
func (t Then) MarshalJSON() ([]byte, error) { return nullable(string(t)) }

// ExplainedRule names a rule of the planned chain.
type ExplainedRule struct {
	// List is "own" or "default"; Index counts from 1 within that list.
	List  string      `json:"list"`
	Index int         `json:"index"`
	Type  string      `json:"type"`
	Range *diag.Range `json:"range"`
}
