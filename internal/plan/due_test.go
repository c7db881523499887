package plan

import (
	"slices"
	"testing"

	"coppice/internal/druid"
)

// Rules that narrow wait for what is overshadowed below what they drop, and for what is to be removed of an older version.
func TestShadowedBelow(t *testing.T) {
	days := func(from, to int) druid.Interval {
		return druid.Interval{Start: druid.Instant(from) * 86_400_000, End: druid.Instant(to) * 86_400_000}
	}
	run := func(from, to int, version string) Run { return Run{Interval: days(from, to), Version: version} }
	byTime := run(40, 41, "2")
	byTime.ByTime = true
	d := &Datasource{Drop: Drop{Group: Group{Runs: []Run{run(0, 30, "2"), run(2, 3, "2"), run(35, 36, "2"), byTime}}},
		Shadowed: Group{Runs: []Run{run(29, 31, "1"), run(30, 35, "1"), run(34, 36, "1"), run(40, 41, "1")}},
		Remove:   Group{Runs: []Run{run(10, 11, "1"), run(10, 11, "2"), run(10, 11, "3"), run(35, 36, "1"), run(31, 32, "1"), run(40, 41, "1")}}}
	want := []Run{run(29, 31, "1"), run(34, 36, "1"), run(10, 11, "1"), run(35, 36, "1")}
	same := func(a, b Run) bool { return a.Interval == b.Interval && a.Version == b.Version }
	if got := d.ShadowedBelow(); !slices.EqualFunc(got, want, same) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}
