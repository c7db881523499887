package plan

import "coppice/internal/druid"

// Forecast is what will happen to the segments that are there, up to a moment.
type Forecast struct {
	FormatVersion string        `json:"format_version"`
	Cluster       string        `json:"cluster"`
	Now           druid.Instant `json:"now"`
	Until         druid.Instant `json:"until"`
	// Summary adds up everything, Datasources each one, sorted by name.
	Summary     Changes              `json:"summary"`
	Datasources []ForecastDatasource `json:"datasources"`
	// Days has a line for each day in UTC and datasource with a change, sorted by day, then by name. What is due at Now
	// itself stands in lines of its own, in front.
	Days []ForecastDay `json:"days"`
	// Unjudged are datasources with segments of which nobody can tell what will happen: rows that could not be read, or that
	// reach a rule of a kind that this version does not know. They are left out of everything above as far as that goes.
	Unjudged []string `json:"unjudged,omitempty"`
}

// ForecastDatasource is the sum of a datasource's lines.
type ForecastDatasource struct {
	Name string `json:"name"`
	Changes
	// Undated is what waits in the end for something that has no date, such as a lock.
	Undated Amount `json:"undated"`
}

// ForecastDay is what changes in a datasource on a day.
type ForecastDay struct {
	// Day is a date in UTC, such as 2026-11-20.
	Day        string `json:"day"`
	Datasource string `json:"datasource"`
	// AtOnce: due at Now, by the plan itself.
	AtOnce bool `json:"at_once"`
	Changes
}

// Changes are segments by what happens to them.
type Changes struct {
	// Drop is what rules mark unused. OverRetained is the part of it whose interval is longer than a day: a segment goes
	// as a whole, so that its oldest rows outlived the rule until then.
	Drop         Amount `json:"drop"`
	OverRetained Amount `json:"over_retained"`
	// Shadowed is what the Coordinator's clean-up marks unused below newer versions, Remove what removals mark.
	Shadowed Amount `json:"shadowed"`
	Remove   Amount `json:"remove"`
	Restore  Amount `json:"restore"`
	// Kill is what becomes killable.
	Kill Amount `json:"kill"`
}

// Add adds other changes.
func (c *Changes) Add(o Changes) {
	c.Drop.Add(o.Drop)
	c.OverRetained.Add(o.OverRetained)
	c.Shadowed.Add(o.Shadowed)
	c.Remove.Add(o.Remove)
	c.Restore.Add(o.Restore)
	c.Kill.Add(o.Kill)
}
