package druid

import "encoding/json"

// Action is what a rule does to a segment it applies to.
type Action uint8

const (
	// ActionUnknown is the action of a rule of a kind this version cannot judge: everything from it on is kept.
	ActionUnknown Action = iota
	ActionLoad
	ActionDrop
	ActionBroadcast
)

// Rule is one retention rule as Druid stores it (server/coordinator/rules). Which fields mean something follows
// from Type, Druid's JSON discriminator ("loadByPeriod", "dropForever", ...).
type Rule struct {
	Type string
	// Period is nil when absent or null, which Druid accepts and treats as zero.
	Period *Period
	// Interval is nil when absent or null; such an interval rule stops the Coordinator's rule run.
	Interval *Interval
	// IncludeFuture has Druid's default (true) filled in.
	IncludeFuture bool
	// Replicants has Druid's default filled in; nil on kinds without replicants. {} is "deep storage only".
	Replicants            Replicants
	UseDefaultTierForNull bool
	// Raw holds the JSON of a kind that this version cannot judge (partial loads, unknown types, null), byte for byte.
	Raw json.RawMessage
}

// Replicants is tieredReplicants in the order written; the order means nothing to Druid but is kept on printing.
type Replicants []TierReplicants

// TierReplicants is the number of copies wanted in one tier.
type TierReplicants struct {
	Tier  string
	Count int32
}

// RuleList is a datasource's list, or the default's; the order is the meaning.
type RuleList []Rule
