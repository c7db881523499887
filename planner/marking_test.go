package planner

import (
	"slices"
	"strings"
	"testing"

	"coppice/internal/druid"
	"coppice/internal/plan"
	"coppice/internal/snapshot"
)

// Marks are put off beside a lock, a task or a pending segment of somebody else, and when nobody knows.
func TestMarkingWaitsForOthers(t *testing.T) {
	april := func(from, to string) druid.Interval {
		return druid.Interval{Start: at(t, "2026-04-"+from), End: at(t, "2026-04-"+to)}
	}
	action := &plan.Action{Kind: plan.MarkUnused, Datasource: "d",
		Runs: []plan.Run{{Interval: april("01", "02")}, {Interval: april("10", "11")}}}
	lock := func(by string, on druid.Interval) snapshot.Busy {
		return snapshot.Busy{Interval: on, Kind: string(druid.ClaimLock), By: by}
	}
	cases := []struct {
		name         string
		busy         []snapshot.Busy
		known        bool
		own          string
		ok, isUnread bool
		says         string
	}{
		{"nobody", nil, true, "", true, false, ""},
		{"beside it", []snapshot.Busy{lock("x", april("02", "10"))}, true, "", true, false, ""},
		{"on the first", []snapshot.Busy{lock("x", april("01", "02"))}, true, "", false, false, "a lock of x is on"},
		{"on the last, by a day", []snapshot.Busy{lock("w", april("02", "03")), lock("x", april("10", "30"))}, true, "", false, false, "a lock of x is on"},
		{"a pending segment", []snapshot.Busy{{Interval: april("10", "11"), Kind: string(druid.ClaimPending), By: "s"}}, true, "", false, false,
			"a pending segment of s is on"},
		{"a task of this apply", []snapshot.Busy{lock("x", april("01", "02"))}, true, "x", true, false, ""},
		{"nobody knows", nil, false, "", false, true, "not read: locks: no answer"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			seen := &snapshot.Cluster{Datasources: []*snapshot.Datasource{{Name: "d", Busy: c.busy, BusyKnown: c.known}}}
			if !c.known {
				seen.Gaps = []snapshot.Gap{{What: "locks", Why: "no answer"}}
			}
			v := Marking(Input{Snapshot: seen, OwnTasks: map[string]bool{c.own: true}}, action)
			said := slices.ContainsFunc(v.Differences, func(d string) bool { return strings.Contains(d, c.says) })
			if v.OK != c.ok || v.Unread != c.isUnread || v.Busy != (!c.ok && !c.isUnread) || c.says != "" && !said {
				t.Errorf("%+v", v)
			}
		})
	}
}

// A datasource that the look does not know is not known to be free.
func TestMarkingKnowsNothingOfOthers(t *testing.T) {
	if v := Marking(Input{Snapshot: &snapshot.Cluster{}}, &plan.Action{Datasource: "d"}); v.OK || !v.Unread {
		t.Errorf("%+v", v)
	}
}
