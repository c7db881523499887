package druid

import (
	"encoding/json"
	"errors"
)

// Action is what a rule does to a segment it applies to.
type Action uint8

const (
	// ActionUnknown is the action of a rule of a kind this version cannot judge: everything from it on is kept.
	ActionUnknown Action = iota
	ActionLoad
	ActionDrop
	ActionBroadcast
)

var actionNames = [...]string{"unknown", "load", "drop", "broadcast"}

// String is the action's name in Druid's words.
func (a Action) String() string { return actionNames[min(int(a), len(actionNames)-1)] }

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

// Druid's default for absent tieredReplicants (LoadRule, DruidServer.DEFAULT_TIER and DEFAULT_NUM_REPLICANTS).
const (
	DefaultTier             = "_default_tier"
	DefaultReplicants int32 = 2
)

// ErrUnknownRule is the error of judging a kind that this version does not know. What such a rule does is not known,
// so everything it might apply to is to be kept.
var ErrUnknownRule = errors.New("a kind of rule that this version cannot judge")

// Each of these stands for an exception that ends the Coordinator's whole rule run.
var (
	errNullRule       = errors.New("the rule is null")
	errNoInterval     = errors.New("the rule has no interval")
	errNegativePeriod = errors.New("the period is negative")
	errUnreadable     = errors.New("the period has more digits than Druid can read back")
)

// scope is the way in which a rule chooses segments: the part of its type behind load, drop or broadcast.
type scope uint8

const (
	scopeUnknown scope = iota
	scopeForever
	scopeInterval
	scopePeriod
	scopeBeforePeriod
)

// kind splits Type into its two halves (the names that Rule.java registers).
func (r *Rule) kind() (Action, scope) {
	switch r.Type {
	case "loadForever":
		return ActionLoad, scopeForever
	case "loadByInterval":
		return ActionLoad, scopeInterval
	case "loadByPeriod":
		return ActionLoad, scopePeriod
	case "dropForever":
		return ActionDrop, scopeForever
	case "dropByInterval":
		return ActionDrop, scopeInterval
	case "dropByPeriod":
		return ActionDrop, scopePeriod
	case "dropBeforeByPeriod":
		return ActionDrop, scopeBeforePeriod
	case "broadcastForever":
		return ActionBroadcast, scopeForever
	case "broadcastByInterval":
		return ActionBroadcast, scopeInterval
	case "broadcastByPeriod":
		return ActionBroadcast, scopePeriod
	}
	return ActionUnknown, scopeUnknown
}

// null reports whether the rule is a null in its list, which Druid stores and then stumbles over.
func (r *Rule) null() bool { return r.Type == "" && string(r.Raw) == "null" }

// Action is what the rule does to segments it applies to.
func (r Rule) Action() Action {
	action, _ := r.kind()
	return action
}

// period is the period in effect, not to be changed: none is zero.
func (r *Rule) period() *Period {
	if r.Period == nil {
		return &noPeriod
	}
	return r.Period
}

var noPeriod Period
