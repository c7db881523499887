package planner

import (
	"slices"
	"strings"
	"testing"

	"coppice/config"
	"coppice/internal/druid"
	"coppice/internal/plan"

	"pgregory.net/rapid"
)

// unpinnedWorld is a world of a Druid that ignores versions and cut-off, in which somebody consented to that.
func unpinnedWorld(t *rapid.T, w *world) Input {
	in := w.input(nil)
	in.Snapshot.DruidVersion = "28.0.0"
	left := *in.Config
	left.Allows = append(slices.Clone(left.Allows), config.Allow{Code: "kill-unpinned", Datasources: []string{"*"}, Until: druid.MaxInstant, Reason: "r"})
	in.Config = &left
	return in
}

// A task that cannot be pinned takes every unused row of its interval, whatever it says. Exactly those are approved, no
// used one is among them, and it takes them at once. It may go; without consent it may not, nor when a row is used again or
// one more is there.
func TestUnpinnedTasksTakeWholeIntervals(t *testing.T) {
	tasks := 0
	check(t, func(t *rapid.T, w *world) {
		w.nest(t)
		in := unpinnedWorld(t, w)
		p := Build(in)
		if err := plan.Check(p); err != nil {
			t.Fatalf("Check: %v", err)
		}
		approved := killed(Build(w.input(nil)))
		for _, a := range kills(p) {
			tasks++
			ids := named(a)
			for _, r := range w.rows {
				if inside := a.Task.Interval.Contains(r.Interval); inside != ids[r.id()] || inside && (r.used() || !approved[r.id()]) {
					t.Fatalf("task %s: %s, used %v, approved %v", a.Task.Interval, r.id(), r.used(), ids[r.id()])
				}
			}
			if a.Task.Limit != len(ids) {
				t.Fatalf("task %s takes %d of %d", a.Task.Interval, a.Task.Limit, len(ids))
			}
			w.recheckUnpinned(t, a)
		}
	})
	if tasks == 0 {
		t.Error("no task was planned")
	}
}

func (w *world) recheckUnpinned(t *rapid.T, a *plan.Action) {
	if v := Recheck(unpinnedWorld(t, w), a); !v.OK || len(v.Victims) != len(named(a)) {
		t.Fatalf("a fresh task is refused: %+v", v)
	}
	without := w.input(nil)
	without.Snapshot.DruidVersion = "28.0.0"
	if v := Recheck(without, a); v.OK || !strings.Contains(strings.Join(v.Differences, " "), "nothing allows kill-unpinned") {
		t.Fatalf("without consent: %+v", v)
	}
	rows := slices.Clone(w.rows)
	defer func() { w.rows = rows }()
	more := rows[slices.IndexFunc(rows, func(r row) bool { return takes(a.Task, r) })]
	more.version, more.Partition, more.File = "zz", 9, 99 // another version, marked at any time, used or not
	more.MarkedAt = w.now
	if rapid.Bool().Draw(t, "used") {
		more.Flags |= 1
	}
	w.rows = append(slices.Clone(rows), more)
	if v := Recheck(unpinnedWorld(t, w), a); v.OK {
		t.Fatalf("%s is in the reach, and the task may go", more.id())
	}
}
