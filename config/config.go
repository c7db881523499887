package config

import (
	"encoding/json"
	"slices"
	"strings"

	"coppice/internal/diag"
	"coppice/internal/druid"
)

// Setting is a value with the place it was written at; a zero Range means a default.
type Setting[T any] struct {
	Value T
	Range diag.Range
}

// Config is one directory's meaning.
type Config struct {
	// Clusters are in the order of their names.
	Clusters []*Cluster
	// Datasources are in the order of their names, which are exact.
	Datasources []*Datasource
	// Families are in the order of their names, which are patterns; an exact name beats them. See For and Ambiguous.
	Families []*Datasource
	// Guard is the directory's own: that of everything no datasource block says anything about.
	Guard Guard
	// DefaultRules is nil when the block is absent: the cluster's default rules are then left alone.
	DefaultRules *Rules
	// Holds and Removals are in the order of their names.
	Holds    []Hold
	Removals []Removal
	Allows   []Allow
	// Policies are the names of the policy blocks, in their order.
	Policies []string `json:"-"`
	// Files are the sources by file name, for showing lines in messages.
	// They are kept out of JSON, since a password may have been typed into one.
	Files map[string][]byte `json:"-"`
}

// Cluster says where the cluster is and how to get in.
type Cluster struct {
	Name   string
	Origin diag.Range
	// Coordinator and Overlord are base URLs without a trailing slash; empty when absent.
	Coordinator, Overlord Setting[string]
	// CoordinatorSensitive and OverlordSensitive: the URL came from env(); print ShownCoordinator and ShownOverlord.
	CoordinatorSensitive, OverlordSensitive bool
	// Metadata is nil when absent.
	Metadata *Metadata
	Auth     *Auth
	TLS      *TLS
	// MaxSlotsPercent is the share of task slots that kill tasks of all datasources may take (default 10, at least one slot).
	MaxSlotsPercent Setting[int]
	// Sandbox is nil unless the cluster is the embedded sandbox; then Coordinator and Metadata are absent.
	Sandbox *Sandbox
}

// Secret is a string that is never printed, saved or logged: its String is "(sensitive)".
type Secret struct{ reveal string }

// NewSecret wraps a value.
func NewSecret(value string) Secret { return Secret{value} }

// Reveal returns the value, for the one place that connects.
func (s Secret) Reveal() string { return s.reveal }

// String hides the value; so does GoString.
func (s Secret) String() string   { return "(sensitive)" }
func (s Secret) GoString() string { return "(sensitive)" }

// MarshalJSON hides the value.
func (s Secret) MarshalJSON() ([]byte, error) { return json.Marshal("(sensitive)") }

// Metadata is the PostgreSQL metadata store.
type Metadata struct {
	Origin diag.Range
	DSN    Setting[Secret]
	// Tables is the base name of the tables (default "druid").
	Tables Setting[string]
	// StatementTimeout is set on the server's side (default PT15M).
	StatementTimeout Setting[druid.Period]
}

// Auth is basic (Username, Password) or bearer (Token).
type Auth struct {
	Origin   diag.Range
	Username string
	Password Secret
	Token    Secret
	Bearer   bool
}

// TLS names files with PEM contents; empty strings are absent.
type TLS struct {
	Origin                                diag.Range
	CAFile, CertFile, KeyFile, ServerName string
}

// Sandbox is the embedded Druid-compatible cluster.
type Sandbox struct {
	Origin diag.Range
	// Directory is relative to the configuration directory; created and seeded when absent.
	Directory Setting[string]
	// Seed names what to seed an absent directory with; empty starts without data.
	Seed Setting[string]
}

// Datasource is the policy of one datasource, or of a family of them.
type Datasource struct {
	// Name is a pattern with "*" in Families and exact everywhere else.
	Name   string
	Origin diag.Range
	// Except are patterns of names that do not belong to the family; of a family only.
	Except []string
	// Rules is nil when neither rules nor retention is declared: the rules in force are left alone.
	Rules *Rules
	// Kill is nil when nothing is ever deleted for good.
	Kill  *Kill
	Guard Guard
	// Restore: bring back what a widened window covers (default true).
	Restore Setting[bool]
}

// Rules is a rule list with the line that asks for each rule.
type Rules struct {
	Origin diag.Range
	List   druid.RuleList
	// Sources has one range per rule of List.
	Sources []diag.Range
	// FromRetention: compiled from a retention block.
	FromRetention bool
}

// Kill says what may be deleted for good. Grace counts from the moment of marking; nil = never.
type Kill struct {
	Origin          diag.Range
	SupersededAfter *Setting[druid.Period]
	ExpiredAfter    *Setting[druid.Period]
	// OlderThan: besides, the interval itself must have ended this long ago (expired only); nil = no such condition.
	OlderThan *Setting[druid.Period]
	Task      Task
}

// Task shapes kill tasks.
type Task struct {
	// MaxSegments is a task's limit and its batch size (default 1000).
	MaxSegments Setting[int]
	// MaxInterval bounds a task's span (default P31D); one chunk wider than it is a task of its own.
	MaxInterval Setting[druid.Period]
	// Concurrency is the number of tasks in flight for the datasource (default 1).
	Concurrency Setting[int]
	// Context is passed to the task as JSON values; priority and taskLockType are refused.
	Context map[string]json.RawMessage
}

// Guard limits what one plan may change. Nil means no limit.
type Guard struct {
	Origin diag.Range
	// MaxUnusedPercent of used segments, from 10 segments up (default 30).
	MaxUnusedPercent Setting[float64]
	// NewestVictimAge: nil value = "none" (default P1D).
	NewestVictimAge Setting[*druid.Period]
	// MaxKillSegments and MaxRestoreSegments a run (default 100000).
	MaxKillSegments, MaxRestoreSegments Setting[int64]
	// Bytes a run; nil = no limit.
	MaxUnusedBytes, MaxKillBytes, MaxRestoreBytes *Setting[int64]
	// MaxFuture: data may end this far ahead of now before the finding far-future says so; nil = any distance.
	MaxFuture *Setting[druid.Period]
	// Budget is nil when runs are not added up.
	Budget *Budget
}

// Budget limits what all runs of a rolling window may delete for good, counted in the journal.
type Budget struct {
	// Origin is the block of the highest authority that says anything about it: the datasource's before its policy's
	// before the directory's.
	Origin diag.Range
	// Window reaches back from now; it is longer than nothing.
	Window Setting[druid.Period]
	// MaxSegments and MaxBytes: at least one is not nil; nil = no limit of that kind.
	MaxSegments, MaxBytes *Setting[int64]
}

// Hold protects data from every deletion, whatever other blocks ask for.
type Hold struct {
	Name   string
	Origin diag.Range
	// Datasources are patterns with "*".
	Datasources []string
	// Interval: what overlaps it is held; nil = all time.
	Interval *druid.Interval
	// Until: the hold ends at this instant (exclusive); nil = never.
	Until  *druid.Instant
	Reason string
}

// Removal is a declared deletion. Exactly one of Before, Versions, SegmentIDs and Tombstones says what it claims.
type Removal struct {
	Name   string
	Origin diag.Range
	// Datasource is an exact name.
	Datasource string
	// Interval: only what lies in it is claimed. Nil only with SegmentIDs, all of which lie in it otherwise.
	Interval *druid.Interval
	// Before claims versions that are instants before it (exclusive) and were created before it.
	Before *druid.Instant
	// Versions claims these, in the order written and none twice.
	Versions []string
	// SegmentIDs claims these, in the order written and none twice.
	SegmentIDs []druid.SegmentID
	// Tombstones claims tombstones.
	Tombstones bool
	// KillAfter is the grace, since marking, after which what is claimed is deleted for good; nil = never.
	KillAfter *Setting[druid.Period]
	Reason    string
}

// Allow is consent to one blocking finding, recorded in git.
type Allow struct {
	Code   string
	Origin diag.Range
	// Datasources are patterns with "*".
	Datasources []string
	// Interval and MaxSegments narrow the consent; nil = any.
	Interval    *druid.Interval
	MaxSegments *int64
	// Until: the consent ends at this instant (exclusive).
	Until  druid.Instant
	Reason string
}

// Find returns the datasource of that name, or nil.
func (c *Config) Find(name string) *Datasource {
	at, found := slices.BinarySearchFunc(c.Datasources, name, func(d *Datasource, name string) int {
		return strings.Compare(d.Name, name)
	})
	if !found {
		return nil
	}
	return c.Datasources[at]
}

// Options are values from outside.
type Options struct {
	// Env looks a variable of the environment up, for env() and for variables (COPPICE_VAR_name).
	Env func(name string) (string, bool)
	// Offline: the cluster will not be reached, so that secrets which are not set are no mistakes. They are empty then.
	Offline bool
	// Cluster is the only one that will be reached: secrets of others that are not set are no mistakes. Empty: any may be.
	Cluster string
	// Values are files of values for variables, in the order given: later ones win.
	Values []ValueFile
	// Vars are values given one by one; they beat the files, and later ones win.
	Vars []Assignment
}

// ValueFile is a file of HCL attributes, one for each variable that it gives a value.
type ValueFile struct {
	// Name is for messages.
	Name string
	Text []byte
}

// Assignment gives a variable a value: the text itself for a string, number or bool, and an HCL expression for others.
type Assignment struct{ Name, Text string }
