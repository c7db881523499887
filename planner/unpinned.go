package planner

import (
	"fmt"

	"coppice/internal/diag"
	"coppice/internal/druid"
	"coppice/internal/plan"
)

// A Druid before 30 takes every unused segment of a kill task's interval, whatever the task says of versions and marking
// times. There a task may only go where that is what was approved: an interval in which every row is a victim, used ones
// included, since one that is marked unused a moment later would die with the others. And only with consent.

// canPin reports whether the cluster's kill tasks honour versions and the cut-off. When no service was asked the plan is
// not applied from here, and the recheck asks again. One that was asked and did not say its version may be an old one.
func (in *Input) canPin() bool {
	v := in.Snapshot.DruidVersion
	return v == "" && !in.Snapshot.Sources.Coordinator || druid.PinsKills(v)
}

// waitForWhole makes victims wait that no unpinned task could take alone. It reports whether a victim became a waiting row.
func (w *work) waitForWhole(c component) bool {
	if w.in.canPin() {
		return false
	}
	changed := false
	for _, l := range w.lumpsIn(c) {
		if w.whole(l) {
			continue
		}
		for _, i := range l.rows {
			v := &w.verdicts[i]
			v.decision, v.waits, v.why, v.eligible = pending, waitsReach, becauseUnpinned, druid.NoInstant
			changed = true
		}
	}
	return changed
}

// whole reports whether every row inside the lump's interval is a victim, as far as everything there could be read, and
// whether one task may take them all: what an unpinned one leaves behind nobody can choose.
func (w *work) whole(l lump) bool {
	b := errandBuilder{w: w, task: w.task()}
	if w.lengthless || len(l.rows) > b.task.MaxSegments.Value || !l.chunk && !b.fits(l.interval) || len(w.unseen(l.interval)) > 0 {
		return false
	}
	for _, i := range w.inside(l.interval) {
		if w.verdicts[i].decision != kill {
			return false
		}
	}
	return true
}

// inside are the rows that lie in an interval, used and unused.
func (w *work) inside(at druid.Interval) []int {
	var found []int
	first := w.firstFrom(at.Start)
	for i := first; i < len(w.rows) && w.rows[i].Interval.Start < at.End; i++ {
		if at.Contains(w.rows[i].Interval) {
			found = append(found, i)
		}
	}
	return found
}

// complainUnpinned complains about a row of a Druid whose tasks cannot be pinned: an error when it is to die, since that
// needs consent, and a warning when others keep it alive.
func (w *work) complainUnpinned(i int) {
	c := w.unpinned()
	c.witness, c.interval = w.id(i), w.rows[i].Interval
	if w.verdicts[i].decision != kill {
		c.severity, c.summary = diag.Warning, "This Druid cannot be told to delete only these segments"
		c.detail += " Rows that are to stay, or more rows than task { max_segments }, lie in their intervals, so they wait."
		c.hint = "Upgrade to Druid 30 or newer."
	}
	w.complain(c)
}

// unpinned is what an allow block consents to.
func (w *work) unpinned() complaint {
	c := complaint{severity: diag.Error, code: "kill-unpinned", summary: "This Druid cannot be told exactly what to delete", segments: 1,
		detail: fmt.Sprintf("Druid %s ignores versions or the cut-off of kill tasks: it takes every unused segment of their intervals.", w.in.Snapshot.DruidVersion),
		hint: "Upgrade to Druid 30 or newer. Or consent to tasks over intervals in which, right now, every segment is to die;\n" +
			"one that appears there and is marked unused before the task runs dies too:" + w.allowBlock("kill-unpinned")}
	if w.in.Snapshot.DruidVersion == "" {
		c.detail = "The version of this Druid is not known. One before 30 takes every unused segment of a kill task's interval."
		c.hint = "Let the user read /status of the Coordinator and the Overlord. " + c.hint
	}
	return c
}

// unpinnedDifferences say why an unpinned task may not go: nobody consented to it, or a used row lies in its interval. Of
// unused ones the recheck looks at every single one.
func (w *work) unpinnedDifferences(a *plan.Action) []string {
	if w.in.canPin() {
		return nil
	}
	var found []string
	c := w.unpinned()
	c.interval, c.segments = a.Task.Interval, a.Segments
	if w.in.allowedBy(&a.Datasource, c) == nil {
		found = append(found, "kill tasks of this Druid take every unused segment of their interval, and nothing allows kill-unpinned")
	}
	for _, i := range w.inside(a.Task.Interval) {
		if w.used(i) && len(found) < maxDifferences {
			found = append(found, fmt.Sprintf("segment %s is used: once it is marked unused, this Druid would delete it too", w.id(i)))
		}
	}
	return found
}
