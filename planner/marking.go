package planner

import (
	"fmt"
	"slices"

	"coppice/internal/druid"
	"coppice/internal/plan"
	"coppice/internal/snapshot"
)

// Marking says whether segments may be marked now, used or unused: not while somebody else works on their intervals, as
// in the plan itself, and not when that could not be read. Of the snapshot only locks and tasks are looked at.
func Marking(in Input, action *plan.Action) Verdict {
	known := in.Snapshot.Find(action.Datasource)
	seen, v := orEmpty(known, action.Datasource), Verdict{}
	if known == nil || !seen.BusyKnown {
		v.Differences = append(v.Differences, "locks and running tasks could not be read")
		in.unread(seen, &v, "locks")
		v.Unread = true
		return v
	}
	w := &work{in: &in, seen: seen}
	for _, run := range action.Runs {
		if w.busy(run.Interval) && len(v.Differences) < maxDifferences {
			v.Busy, v.Differences = true, append(v.Differences, w.whoIsOn(run.Interval))
		}
	}
	v.Differences = slices.Compact(v.Differences)
	v.OK = !v.Busy
	return v
}

var claimWords = map[string]string{string(druid.ClaimLock): "a lock", string(druid.ClaimTask): "a running task",
	string(druid.ClaimPending): "a pending segment"}

// whoIsOn names the first that works on the interval.
func (w *work) whoIsOn(i druid.Interval) string {
	n := slices.IndexFunc(w.seen.Busy, func(b snapshot.Busy) bool { return !w.in.OwnTasks[b.By] && b.Interval.Overlaps(i) })
	if n < 0 {
		return "somebody works on " + i.String()
	}
	b := w.seen.Busy[n]
	return fmt.Sprintf("%s of %s is on %s; what lies there is marked once it is done", claimWords[b.Kind], b.By, b.Interval)
}
