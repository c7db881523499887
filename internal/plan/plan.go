package plan

import (
	"encoding/json"

	"coppice/internal/diag"
	"coppice/internal/druid"
)

// FormatVersion is written into every document. Minor versions only add keys; an unknown major is refused.
const FormatVersion = "1.0"

// DefaultRules is the key of the cluster's default rule list in Druid.
const DefaultRules = "_default"

// Plan is one plan for one cluster.
type Plan struct {
	FormatVersion string        `json:"format_version"`
	ToolVersion   string        `json:"tool_version"`
	Now           druid.Instant `json:"now"`
	// ExpiresAt: apply refuses the plan from this moment on.
	ExpiresAt druid.Instant `json:"expires_at"`
	// Cluster stands in the document key by key: "cluster" is its name.
	Cluster
	// ConfigDigest covers what the configuration means (no positions, no sensitive values); SnapshotDigest what was
	// seen; Digest this document with Digest itself empty.
	ConfigDigest   string `json:"config_digest"`
	SnapshotDigest string `json:"snapshot_digest"`
	Digest         string `json:"digest"`
	// Due: only what is due now, without what stays; see OnlyDue.
	Due bool `json:"due,omitempty"`
	// Request is what was asked for beside the configuration; nil for a plan of the configuration.
	Request *Request `json:"request,omitempty"`
	// Holds are all that were in force, also those over nothing that was seen.
	Holds        []Hold        `json:"holds,omitempty"`
	DefaultRules RuleChange    `json:"default_rules"`
	Summary      Summary       `json:"summary"`
	Datasources  []*Datasource `json:"datasources"`
	// Actions in the order of execution.
	Actions  []*Action `json:"actions"`
	Findings []Finding `json:"findings"`
}

// Cluster says what the plan is for.
type Cluster struct {
	Name         string `json:"cluster"`
	Identity     string `json:"cluster_identity"`
	DruidVersion string `json:"druid_version"`
	// The following are for display only.
	Segments    int64 `json:"segments_read"`
	Datasources int   `json:"datasources_read"`
	Managed     int   `json:"datasources_managed"`
	// Sources is a short sentence part such as "PostgreSQL and Coordinator agree".
	Sources string `json:"sources"`
	// AutoKill says whether the cluster deletes by itself; empty when no Coordinator was asked.
	AutoKill string `json:"auto_kill,omitempty"`
}

// What is known of the cluster's own killers: on in one leader at least, off in both, or not known of one.
const (
	AutoKillOn      = "on"
	AutoKillOff     = "off"
	AutoKillUnknown = "unknown"
)

// Change is what happens to a rule list.
type Change string

const (
	ChangeNone   Change = "none"
	ChangeCreate Change = "create"
	ChangeUpdate Change = "update"
)

// RuleChange is a rule list before and after.
type RuleChange struct {
	Change Change `json:"change"`
	// Before is null when the key had no list of its own.
	Before druid.RuleList `json:"before"`
	After  druid.RuleList `json:"after"`
	// Effective is After followed by the planned default list (absent for the default list itself).
	Effective druid.RuleList `json:"effective,omitempty"`
	// Sources has one range per rule of After, for display: the line that asks for it (null when not from the configuration).
	Sources []*diag.Range `json:"sources,omitempty"`
	Range   *diag.Range   `json:"range"`
	// Outside, for display only: the list in force was written since the last apply, and not by coppice.
	Outside *Outside `json:"outside,omitempty"`
}

// Outside is a change of rules that coppice did not make.
type Outside struct {
	At druid.Instant `json:"at"`
	// Author and Comment are Druid's audit log's; empty when it does not tell.
	Author  string `json:"author"`
	Comment string `json:"comment"`
}

// Amount is a number of segments and their bytes.
type Amount struct {
	Segments int64 `json:"segments"`
	Bytes    int64 `json:"bytes"`
}

// Add adds o, and leaves unknown sizes (negative) out.
func (a *Amount) Add(o Amount) {
	a.Segments += o.Segments
	a.Bytes += max(o.Bytes, 0)
}

// Summary is the totals, blocked datasources left out.
type Summary struct {
	RuleChanges int `json:"rule_changes"`
	// Unused: will be marked unused because of this plan (drops that time alone makes are in ByTime).
	Unused Amount `json:"unused"`
	ByTime struct {
		Amount
		Datasources int `json:"datasources"`
	} `json:"by_time"`
	Kill struct {
		Amount
		Tasks int `json:"tasks"`
	} `json:"kill"`
	Restore Amount `json:"restore"`
	// Restamp is nil unless a request asks for new marking times.
	Restamp *Amount `json:"restamp,omitempty"`
	// Left stands in the document key by key, and is nil in a plan of what is due.
	*Left
	Blocked []Blocked `json:"blocked"`
}

// Left is the totals of what a plan leaves as it is.
type Left struct {
	Shadowed Amount `json:"shadowed"`
	Pending  Amount `json:"pending"`
	// Deferred is the part of Pending that waits for neither grace nor interval.
	Deferred Amount `json:"deferred"`
	Hold     Amount `json:"hold"`
}

// Stays is what the plan leaves as it is; nothing in a plan of what is due, which does not tell.
func (s *Summary) Stays() Left {
	if s.Left == nil {
		return Left{}
	}
	return *s.Left
}

// Blocked names a datasource that apply will skip, and why; a null datasource means the whole plan.
type Blocked struct {
	Datasource *string `json:"datasource"`
	Code       string  `json:"code"`
}

// Datasource is the verdict on one managed datasource (or on every one, when the default rules change).
type Datasource struct {
	Name    string     `json:"name"`
	Managed bool       `json:"managed"`
	Blocked bool       `json:"blocked"`
	Rules   RuleChange `json:"rules"`
	Drop    Drop       `json:"drop"`
	Remove  Group      `json:"remove"`
	// Shadowed, Pending and Hold are absent from a plan of what is due.
	Shadowed Group `json:"shadowed,omitzero"`
	Kill     Group `json:"kill"`
	Restore  Group `json:"restore"`
	Pending  Group `json:"pending,omitzero"`
	Hold     Held  `json:"hold,omitzero"`
	// Restamp is what gets a new marking time, of a request alone; these segments count in no other group.
	Restamp *Group `json:"restamp,omitempty"`
	// Used is the number and size of used segments, for percentages; Keep those that the plan keeps. Both are nil in a
	// plan of what is due.
	Used *Amount `json:"used,omitempty"`
	Keep *Amount `json:"keep,omitempty"`
}

// Group is the segments of one decision, folded into runs.
type Group struct {
	Amount
	Runs []Run `json:"runs"`
}

// Drop is a Group, with the part that time alone does, and what the following rule runs drop.
type Drop struct {
	Group
	ByTime Amount `json:"by_time"`
	Later  Group  `json:"later"`
	// Covered, of a plan of what is due alone, is what apply waits for: see Datasource.ShadowedBelow.
	Covered *Group `json:"covered,omitempty"`
}

// NoKillPolicy is the reason of what is held because nothing of its datasource is ever deleted.
const NoKillPolicy = "no-kill-policy"

// Held is a Group, with what stays because nothing of the datasource is ever deleted: see NoKillPolicy.
type Held struct {
	Group
	// Unlisted is how many of the segments are such. No run lists them, and their bytes do not count: their payloads were not
	// asked for.
	Unlisted int64 `json:"unlisted"`
}

// Class is why a segment is unused; see docs/design.md.
type Class string

const (
	ClassRemoved     Class = "removed"
	ClassSuperseded  Class = "superseded"
	ClassExpired     Class = "expired"
	ClassUnexplained Class = "unexplained"
)

// Decision is the verdict on one segment.
type Decision string

const (
	DecisionKeep     Decision = "keep"
	DecisionDrop     Decision = "drop"
	DecisionShadowed Decision = "shadowed"
	DecisionRemove   Decision = "remove"
	DecisionRestore  Decision = "restore"
	DecisionKill     Decision = "kill"
	DecisionPending  Decision = "pending"
	DecisionHold     Decision = "hold"
)

// nullable is how an empty class or obstacle is written.
func nullable(text string) ([]byte, error) {
	if text == "" {
		return []byte("null"), nil
	}
	return json.Marshal(text)
}

// MarshalJSON writes null for no class.
func (c Class) MarshalJSON() ([]byte, error) { return nullable(string(c)) }

// MarshalJSON writes null for no obstacle.
func (w WaitsFor) MarshalJSON() ([]byte, error) { return nullable(string(w)) }

// WaitsFor is the last obstacle to fall of a pending segment.
type WaitsFor string

const (
	WaitsGrace    WaitsFor = "grace"
	WaitsInterval WaitsFor = "interval"
	WaitsHides    WaitsFor = "hides"
	WaitsReach    WaitsFor = "reach"
	WaitsLock     WaitsFor = "lock"
	WaitsFile     WaitsFor = "file"
	WaitsRestore  WaitsFor = "restore"
)

// Run is segments of one version in one interval that share everything else said here. With the datasource, Interval,
// Version and Partitions name their ids exactly.
type Run struct {
	Interval druid.Interval `json:"interval"`
	Version  string         `json:"version"`
	// Partitions is a compact list, ascending: "0-7,9".
	Partitions Partitions `json:"partitions"`
	Amount
	// Class is empty (null in JSON) on used segments.
	Class  Class `json:"class"`
	ByTime bool  `json:"by_time"`
	// WaitsFor and EligibleAt of pending runs; EligibleAt is nil when the time is not known.
	WaitsFor   WaitsFor       `json:"waits_for"`
	EligibleAt *druid.Instant `json:"eligible_at"`
	// MarkedAt is the newest marking time within the run, of unused segments; nil when not known.
	MarkedAt *druid.Instant `json:"marked_at"`
	Reason   Reason         `json:"reason"`
}

// Reason says why, with the line of the configuration that asks for it.
type Reason struct {
	// Code is stable: kebab-case.
	Code  string      `json:"code"`
	Text  string      `json:"text"`
	Range *diag.Range `json:"range"`
}

// Kind is what an action does.
type Kind string

const (
	SetRules   Kind = "set_rules"
	MarkUnused Kind = "mark_unused"
	MarkUsed   Kind = "mark_used"
	KillTask   Kind = "kill"
)

// Kinds are all kinds, for tests that walk them.
var Kinds = []Kind{SetRules, MarkUnused, MarkUsed, KillTask}

// Action is one step. Exactly one payload fits the kind: RulesAfter for set_rules, Runs for marks, Task and Runs for
// kill (Runs are the approved segments; a kill that would reach any other unused row is not sent).
type Action struct {
	// ID is derived from the content.
	ID         string `json:"id"`
	Kind       Kind   `json:"kind"`
	Datasource string `json:"datasource"`
	Blocked    bool   `json:"blocked"`
	// Permanent: cannot be undone.
	Permanent bool `json:"permanent"`
	// Widens, of a set_rules alone: it drops nothing that the rules before it keep, so it waits for no clean-up.
	Widens bool `json:"widens,omitempty"`
	// Restamp, of a mark_unused alone: the segments are unused already, and get a new marking time.
	Restamp bool `json:"restamp,omitempty"`
	// Uncovers, of a mark_unused alone: used segments of older versions that the marks would uncover and that are dropped
	// themselves. The marks are sent once none of them is used, so that none answers in between.
	Uncovers []Run `json:"uncovers,omitempty"`
	Amount
	Reason Reason `json:"reason"`
	// RulesBefore is what must be in force right before the POST (null: no own list).
	RulesBefore druid.RuleList  `json:"rules_before,omitempty"`
	RulesAfter  *druid.RuleList `json:"rules_after,omitempty"`
	Runs        []Run           `json:"runs,omitempty"`
	// RunsOf is, of several kills of equal reach, each of which takes no more than its limit, the id of the first: Runs are
	// the very same, in the same memory, and the document has them once.
	RunsOf string `json:"runs_of,omitempty"`
	Task   *Task  `json:"task,omitempty"`
}

// Task is a Druid kill task, exactly as it will be sent.
type Task struct {
	ID       string         `json:"id"`
	Interval druid.Interval `json:"interval"`
	// Versions are exactly those of the victims, sorted.
	Versions                 []string                   `json:"versions"`
	Limit                    int                        `json:"limit"`
	BatchSize                int                        `json:"batch_size"`
	MaxUsedStatusLastUpdated druid.Instant              `json:"max_used_status_last_updated"`
	Context                  map[string]json.RawMessage `json:"context,omitempty"`
}

// Finding is a complaint about a plan; codes are in docs/design.md.
type Finding struct {
	Severity diag.Severity `json:"severity"`
	Code     string        `json:"code"`
	// Datasource is nil for the cluster.
	Datasource *string `json:"datasource"`
	Summary    string  `json:"summary"`
	Detail     string  `json:"detail"`
	Hint       string  `json:"hint"`
	// Witness is a real segment or instant that shows it; null when there is none.
	Witness *string     `json:"witness"`
	Range   *diag.Range `json:"range"`
	// AllowedBy is the allow block that consents to it.
	AllowedBy *diag.Range `json:"allowed_by"`
}
