package druid

// Capability is something that not every version of Druid does. The table of docs/druid.md is made of these, and
// internal/contract observes each on real clusters of the versions that are tested.
type Capability struct {
	// Name is how the table and the tests call it.
	Name string
	// Since is the first major version of Apache Druid that does it.
	Since int
	// ByVersion: nothing that a cluster answers tells whether it does this, so its version decides. All others are
	// found out by asking.
	ByVersion bool
}

var (
	// KillLimit: a kill task takes no more than its limit.
	KillLimit = Capability{"kill-limit", 28, true}
	// KillCutOff: a kill task leaves alone what was marked after maxUsedStatusLastUpdatedTime.
	KillCutOff = Capability{"kill-cut-off", 29, true}
	// KillVersions: a kill task takes only the versions that it lists.
	KillVersions = Capability{"kill-versions", 30, true}
	// ListsUnused: the Coordinator lists a datasource's unused segments.
	ListsUnused = Capability{"unused-list", 29, false}
	// ShowsLocks: the Overlord shows who holds which lock (activeLocks); before, only the locked intervals.
	ShowsLocks = Capability{"active-locks", 31, false}
	// MarksAtOverlord: the Overlord marks segments; before, the Coordinator did.
	MarksAtOverlord = Capability{"overlord-marks", 32, false}
	// ShowsDuties: the Coordinator shows when its duties ran.
	ShowsDuties = Capability{"duties", 32, false}
)

// Capabilities is the whole table.
var Capabilities = []Capability{KillLimit, KillCutOff, KillVersions, ListsUnused, ShowsLocks, MarksAtOverlord, ShowsDuties}

// newestMajor bounds what passes for a version of Apache Druid: others number theirs by the year, and what those do is
// not known.
const newestMajor = 999

// In reports whether a Druid of that version ("33.0.0") does it; one whose version cannot be read does nothing.
func (c Capability) In(version string) bool {
	major := majorOf(version)
	return major >= c.Since && major <= newestMajor
}

// PinsKills reports whether kill tasks of that version can be told exactly what to take: versions, cut-off and limit.
func PinsKills(version string) bool {
	return KillLimit.In(version) && KillCutOff.In(version) && KillVersions.In(version)
}

// majorOf is the first number of a version such as "33.0.0"; 0, older than any, when there is none.
func majorOf(version string) int {
	n := 0
	for _, r := range version {
		if r < '0' || r > '9' || n > newestMajor {
			break
		}
		n = 10*n + int(r-'0')
	}
	return n
}
