package e2e

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"coppice/internal/druid"
	"coppice/internal/plan"
)

// expectation says which segments of a datasource Druid is to mark in one phase, and which datasources are compared.
type expectation struct {
	phase string
	marks func(trial, *plan.Datasource) []string
	// leftOut are datasources of which the phase says nothing.
	leftOut func(trial) bool
}

// ruleRuns: all that runs of the rules drop, until nothing changes any more.
var ruleRuns = expectation{phase: "rules first",
	marks: func(_ trial, d *plan.Datasource) []string { return idsIn(d.Name, d.Drop.Group, d.Drop.Later) }}

// lastCleanUp: what is overshadowed goes. Where a broadcast rule keeps what covers it, the clean-up waits for servers
// that have loaded it, and nobody can load made-up segments.
var lastCleanUp = expectation{phase: "then the clean-up", marks: cleanedUp,
	leftOut: func(one trial) bool { return strings.Contains(rulesJSON(one.rules), "broadcast") }}

// firstCleanUp is the same under rules that keep everything.
var firstCleanUp = expectation{phase: "clean-up first", marks: cleanedUp}

// onlyVisible: with nothing overshadowed left, rules drop what the first run drops, and uncover nothing.
var onlyVisible = expectation{phase: "then the rules",
	marks: func(_ trial, d *plan.Datasource) []string { return idsIn(d.Name, d.Drop.Group) }}

// cleanedUp is what the clean-up takes, and with it all tombstones that reach to an end of time: Druid keeps those only
// while they overlap something overshadowed.
func cleanedUp(one trial, d *plan.Datasource) []string {
	list := idsIn(d.Name, d.Shadowed)
	for _, r := range one.rows {
		if r.tombstone && (r.id.Interval.Start == druid.MinInstant || r.id.Interval.End == druid.MaxInstant) {
			list = append(list, r.id.String())
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// compares waits until Druid has done what it does, and compares what it marked with what the plan says.
func (f *forecast) compares(e expectation) {
	f.Helper()
	after := f.settled(f.names()...)
	used, left := setOf(ids(f.before, true)), setOf(ids(after, true))
	f.before = after
	var sum struct{ datasources, segments, differences, marked int }
	for _, one := range f.trials {
		if f.moving[one.name] || e.leftOut != nil && e.leftOut(one) {
			continue
		}
		want, got := f.expected(e, one, used), one.marked(used, left)
		sum.datasources, sum.segments, sum.marked = sum.datasources+1, sum.segments+len(one.rows), sum.marked+len(want)
		if diff := difference(want, got); diff != "" {
			sum.differences++
			f.Errorf("%s: %s (-plan +Druid):\n%s\nrules %s\n%s", e.phase, one.name, diff, rulesJSON(one.rules), picture(one.rows, diff))
		}
	}
	f.Logf("predictions: %d datasources, %d segments, %d differences (Druid %s, %s: %d marked unused)",
		sum.datasources, sum.segments, sum.differences, f.Version, e.phase, sum.marked)
	if sum.marked < len(f.trials) {
		f.Errorf("%s: %d segments marked: the comparison says little", e.phase, sum.marked)
	}
}

// expected are the segments that the phase is to mark, of those that were still used before it.
func (f *forecast) expected(e expectation, one trial, used map[string]bool) []string {
	f.Helper()
	return slices.DeleteFunc(e.marks(one, find(f.T, f.made, one.name)), func(id string) bool { return !used[id] })
}

// marked are the trial's segments that were used before and no longer are, sorted.
func (one trial) marked(before, after map[string]bool) []string {
	var list []string
	for _, r := range one.rows {
		if id := r.id.String(); before[id] && !after[id] {
			list = append(list, id)
		}
	}
	slices.Sort(list)
	return list
}

func setOf(list []string) map[string]bool {
	set := make(map[string]bool, len(list))
	for _, each := range list {
		set[each] = true
	}
	return set
}

// comparesOvershadowed: the plan's timeline hides what the Coordinator's hides.
func (f *forecast) comparesOvershadowed() {
	f.Helper()
	var want, got []string
	for _, one := range f.trials {
		want = append(want, idsIn(one.name, find(f.T, f.made, one.name).Shadowed)...)
	}
	for id, overshadowed := range f.served(f.names()...) {
		if overshadowed {
			got = append(got, id)
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := difference(want, got); diff != "" || len(want) == 0 {
		f.Errorf("overshadowed segments (-plan +Druid):\n%s", diff)
	}
}

// difference compares two sorted lists of ids.
func difference(want, got []string) string {
	var text strings.Builder
	for _, id := range want {
		if _, found := slices.BinarySearch(got, id); !found {
			text.WriteString("- " + id + "\n")
		}
	}
	for _, id := range got {
		if _, found := slices.BinarySearch(want, id); !found {
			text.WriteString("+ " + id + "\n")
		}
	}
	return text.String()
}

// pictured is how many rows of a datasource are shown of a difference.
const pictured = 40

// picture shows the rows that overlap those that differ, for people.
func picture(rows []made, diff string) string {
	var lines []string
	for _, r := range rows {
		if slices.ContainsFunc(rows, func(o made) bool {
			return o.id.Interval.Overlaps(r.id.Interval) && strings.Contains(diff, o.id.String()+"\n")
		}) {
			lines = append(lines, fmt.Sprintf("%s %s used=%t %s", r.id.Interval, r.id.Version, r.used, r.shardSpec))
		}
	}
	slices.SortFunc(lines, cmp.Compare[string])
	return strings.Join(lines[:min(len(lines), pictured)], "\n")
}
