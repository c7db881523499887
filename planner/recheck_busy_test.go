package planner

import (
	"slices"
	"testing"

	"coppice/config"
	"coppice/internal/druid"
	"coppice/internal/plan"
	"coppice/internal/snapshot"

	"pgregory.net/rapid"
)

// someTask draws one of the tasks of a world.
func someTask(t *rapid.T, w *world) *plan.Action {
	found := kills(Build(w.input(nil)))
	if len(found) == 0 {
		t.Skip("nothing is deleted")
	}
	return rapid.SampledFrom(found).Draw(t, "task")
}

// A lock in a task's reach is no change: the task waits for it. A row that comes into the reach is a change, and so is a
// victim that is none any more, lock or not.
func TestRecheckTellsBusyFromChanged(t *testing.T) {
	check(t, func(t *rapid.T, w *world) {
		action := someTask(t, w)
		w.busy = append(w.busy, action.Runs[0].Interval)
		if v := Recheck(w.input(nil), action); v.OK || !v.Busy || v.Unread {
			t.Fatalf("under a lock: %+v", v)
		}
		victim := slices.IndexFunc(w.rows, func(r row) bool { return takes(action.Task, r) })
		switch rapid.SampledFrom([]string{"no grace", "held", "stranger"}).Draw(t, "change") {
		case "no grace":
			w.kill = nil
			if len(w.removals) > 0 {
				t.Skip("removals delete without a kill block")
			}
		case "held":
			w.holds = append(w.holds[:0:0], holdOf(w.rows[victim].Interval))
		case "stranger":
			late := w.rows[victim]
			late.Partition, late.shard.Partition, late.File = 9, 9, 99
			w.rows = append(w.rows, late)
		}
		if v := Recheck(w.input(nil), action); v.OK || v.Busy || v.Unread {
			t.Fatalf("changed, under a lock: %+v", v)
		}
	})
}

// What could not be read is no change either: locks, history and the version of Druid. A row that nobody approved is one
// all the same.
func TestRecheckTellsUnreadFromChanged(t *testing.T) {
	check(t, func(t *rapid.T, w *world) {
		action := someTask(t, w)
		blind := func() Input {
			in := w.input(nil)
			in.Snapshot.Datasources[0].BusyKnown = false
			in.Snapshot.Gaps = []snapshot.Gap{{What: "locks", Why: "no answer"}}
			return in
		}
		if v := Recheck(blind(), action); v.OK || v.Busy || !v.Unread {
			t.Fatalf("locks not read: %+v", v)
		}
		in := w.input(nil)
		in.Snapshot.DruidVersion, in.Snapshot.Sources.Coordinator = "", true
		in.Snapshot.Gaps = []snapshot.Gap{{What: "version", Why: "no answer"}}
		if v := Recheck(in, action); v.OK || v.Busy || !v.Unread {
			t.Fatalf("version not read: %+v", v)
		}
		w.gaps = append(w.gaps, snapshot.Gap{What: "segment row", Interval: action.Runs[0].Interval})
		if v := Recheck(w.input(nil), action); v.OK || v.Busy || !v.Unread {
			t.Fatalf("row not read: %+v", v)
		}
		w.gaps = w.gaps[:len(w.gaps)-1]
		late := w.rows[slices.IndexFunc(w.rows, func(r row) bool { return takes(action.Task, r) })]
		late.Partition, late.shard.Partition, late.File = 9, 9, 99
		w.rows = append(w.rows, late)
		if v := Recheck(blind(), action); v.OK || v.Busy || v.Unread {
			t.Fatalf("locks not read, and a stranger: %+v", v)
		}
		in = w.input(nil)
		in.Snapshot.Datasources[0].Gaps = append(in.Snapshot.Datasources[0].Gaps, snapshot.Gap{What: "rule history"})
		if v := Recheck(in, action); v.OK || v.Busy || v.Unread {
			t.Fatalf("history not read, and a stranger: %+v", v)
		}
	})
}

func holdOf(over druid.Interval) config.Hold {
	return config.Hold{Name: "h", Datasources: []string{"d"}, Interval: &over, Reason: "r"}
}
