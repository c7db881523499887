package plan

import (
	"coppice/internal/druid"
)

// Comparison is what one configuration does to the segments that are there otherwise than another one, up to a moment.
type Comparison struct {
	FormatVersion string        `json:"format_version"`
	Cluster       string        `json:"cluster"`
	Now           druid.Instant `json:"now"`
	Until         druid.Instant `json:"until"`
	// Base and Head name the configurations, for people.
	Base string `json:"base"`
	Head string `json:"head"`
	// Datasources are those with any difference, sorted by name.
	Datasources []*Compared     `json:"datasources"`
	Summary     ComparedSummary `json:"summary"`
	// Unjudged are datasources of which nobody can tell all that will happen, under one of the two, sorted: as in Forecast.
	Unjudged []string `json:"unjudged,omitempty"`
}

// ComparedSummary adds up all datasources.
type ComparedSummary struct {
	Datasources int `json:"datasources"`
	// DiesEarlier and DiesLater as in Compared, without runs.
	DiesEarlier Difference `json:"dies_earlier"`
	DiesLater   Difference `json:"dies_later"`
}

// Compared is one datasource.
type Compared struct {
	Name        string     `json:"name"`
	DiesEarlier Difference `json:"dies_earlier"`
	DiesLater   Difference `json:"dies_later"`
	// OldestKeptBefore and OldestKeptAfter are where the oldest segment begins that is used once everything was done that
	// is due now; nil when none is.
	OldestKeptBefore *druid.Instant `json:"oldest_kept_before"`
	OldestKeptAfter  *druid.Instant `json:"oldest_kept_after"`
	// RulesBefore and RulesAfter are the datasource's own lists; null: none.
	RulesBefore druid.RuleList `json:"rules_before"`
	RulesAfter  druid.RuleList `json:"rules_after"`
}

// RulesChange reports whether the own lists differ in meaning.
func (c *Compared) RulesChange() bool { return !c.RulesBefore.Equal(c.RulesAfter) }

// Difference is segments whose end comes earlier (or later), each counted once: that they stop being used, that they are
// deleted for good, or both.
type Difference struct {
	Amount
	// FirstAt is the first moment at which it shows: at which the first of them ends that would not, or not yet; nil
	// without any.
	FirstAt *druid.Instant `json:"first_at"`
	// Deleted is the part of them that is deleted for good earlier (or later), or that is and otherwise would not be.
	Deleted Amount `json:"deleted"`
	// Runs name the segments, sorted by interval and version; nil in a summary.
	Runs []ComparedRun `json:"runs,omitempty"`
}

// Add takes another difference in, without its runs.
func (d *Difference) Add(o Difference) {
	d.Amount.Add(o.Amount)
	d.Deleted.Add(o.Deleted)
	if o.FirstAt != nil && (d.FirstAt == nil || *o.FirstAt < *d.FirstAt) {
		d.FirstAt = o.FirstAt
	}
}

// End is what ends for a segment.
type End string

const (
	// EndUse: it stops being used, so that queries do not see it.
	EndUse End = "use"
	// EndExistence: it is deleted for good.
	EndExistence End = "existence"
)

// ComparedRun is segments of one interval and version that share their fate.
type ComparedRun struct {
	Interval   druid.Interval `json:"interval"`
	Version    string         `json:"version"`
	Partitions Partitions     `json:"partitions"`
	Amount
	Ends End `json:"ends"`
	// Before and After are when that is, under the first and the second configuration; nil: not until the end of the
	// comparison. Of a segment that is unused now and is brought back by one of them, the moment under the other is now.
	Before *druid.Instant `json:"before"`
	After  *druid.Instant `json:"after"`
}
