package snapshot

import "coppice/internal/druid"

// Cluster is one view of a Druid cluster. Slices are sorted when built (Finish) and not changed afterwards, but for
// the payload details that collect adds on the planner's request.
type Cluster struct {
	// TakenAt is the moment of reading, by the clock of the machine that read.
	TakenAt druid.Instant
	// Name is the cluster's name in the configuration; Identity tells two clusters apart by more than their name
	// (Coordinator's own address, metadata store's system identifier and table base; no secrets).
	Name     string
	Identity string
	// DruidVersion is the lowest version that answered ("33.0.0"); empty when no service was asked.
	DruidVersion string
	Sources      Sources
	// Datasources are all that were seen in segments or rules, sorted by name, without "_default".
	Datasources []*Datasource
	// DefaultRules is the list of "_default", and its history, newest first.
	DefaultRules Rules
	// Tiers are the tiers of live servers; meaningful when TiersKnown.
	Tiers      []string
	TiersKnown bool
	// Duties says whether the Coordinator's rules run; nil when no Coordinator was asked.
	Duties *Duties
	// AutoKill is what the leaders' settings say of the cluster's own killers; nil when no Coordinator was asked.
	AutoKill *AutoKill
	Gaps     []Gap
}

// Sources says where the view comes from.
type Sources struct {
	// Store and Coordinator: segments were read from PostgreSQL; a Coordinator was asked.
	Store, Coordinator bool
	// Replica: the store is in recovery. Such a view is for plans only.
	Replica bool
	// Disagree says, in one sentence, why store and Coordinator do not look like one cluster; empty when they agree or
	// when there is only one of them. Such a view is for plans only.
	Disagree string
}

// Duties is what the Coordinator says of its rule run.
type Duties struct {
	// LastRunStart and LastRunEnd are of the group HistoricalManagementDuties; NoInstant when never.
	LastRunStart, LastRunEnd druid.Instant
	// Stopped: LastRunEnd stands still while LastRunStart advances, or coordination is paused.
	Stopped bool
	// Frozen: the API's segments lag behind the store.
	Frozen bool
	// Detail says what was seen, in one sentence, for the finding.
	Detail string
}

// Rules is a datasource's rule list in force, and what is known of earlier ones.
type Rules struct {
	// Set says that the key has a list of its own ("[]" counts); without it List is nil.
	Set  bool
	List druid.RuleList
	// Since is when List was written; NoInstant when not known.
	Since druid.Instant
	// History are earlier lists, newest first, each with the moment it was written. HistoryComplete says that the
	// oldest of them is the first ever (so that before it there was none).
	History         []RuleVersion
	HistoryComplete bool
	// LastAuthor and LastComment are who wrote List and what they said to it, empty when not known; for display only.
	LastAuthor, LastComment string
}

// RuleVersion is one list that was in force from Since until the next newer one.
type RuleVersion struct {
	Since druid.Instant
	List  druid.RuleList
}

// Datasource is everything seen of one datasource.
type Datasource struct {
	Name  string
	Rules Rules
	// Versions are the distinct versions, sorted as Java compares strings (druid.CompareVersions). Shards and Roots are
	// interned details.
	Versions Versions
	Shards   []druid.ShardSpec
	Roots    []string
	// Segments are sorted by interval start, end, version, partition; ids are distinct.
	Segments []Segment
	// UnusedKnown says that the unused rows were listed completely. Without it nothing may be killed or restored.
	UnusedKnown bool
	// Busy are intervals that a lock, a running task or a pending segment touches, sorted; BusyKnown says that they
	// could be read. Without it nothing may be killed.
	Busy      []Busy
	BusyKnown bool
	// Gaps of this datasource alone.
	Gaps []Gap
	// Part says that Segments are not all there are; nil when they are.
	Part *Part
	// Elsewhere is how many rows there are that Segments does not have: see Spend.
	Elsewhere int
}

// Part is what is known of a datasource of which only some rows were read: those that a question concerns, each with
// everything that it shares time with, directly or through others.
type Part struct {
	// Used is how many used rows there are, read or not.
	Used int64
}

// Count is how many rows were read, here or elsewhere.
func (d *Datasource) Count() int { return len(d.Segments) + d.Elsewhere }

// HasRows reports whether the cluster has any row of the datasource, read or not, here or elsewhere.
func (d *Datasource) HasRows() bool { return len(d.Segments) > 0 || d.Part != nil || d.Elsewhere > 0 }

// Busy is an interval that something else works on.
type Busy struct {
	Interval druid.Interval
	// Kind is "lock", "task" or "pending"; By names the task or the pending segment.
	Kind, By string
}

// Gap says what could not be read, and why. The planner treats it as "keep".
type Gap struct {
	// What is missing, such as "segment row", "rules", "unused segments", "locks", "tiers".
	What string
	// Why, in one sentence that may be shown.
	Why string
	// Interval is the part concerned; the zero Interval means all of it.
	Interval druid.Interval
}

// Find returns the datasource of that name, or nil.
func (c *Cluster) Find(name string) *Datasource {
	low, high := 0, len(c.Datasources)
	for low < high {
		middle := (low + high) / 2
		if c.Datasources[middle].Name < name {
			low = middle + 1
		} else {
			high = middle
		}
	}
	if low < len(c.Datasources) && c.Datasources[low].Name == name {
		return c.Datasources[low]
	}
	return nil
}
