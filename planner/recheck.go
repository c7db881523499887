package planner

import (
	"fmt"
	"slices"

	"coppice/internal/druid"
	"coppice/internal/plan"
	"coppice/internal/snapshot"
)

// Verdict says whether a kill task may still go.
type Verdict struct {
	// OK: every unused row in the task's reach is approved and still a victim.
	OK bool
	// Busy: not OK, and nothing stands in the way but others at work: locks, running tasks, or a Coordinator that stands
	// still. Once they are gone the task may go.
	Busy bool
	// Unread: not OK, and something was not read, so that nobody can tell what has changed.
	Unread bool
	// Differences says what is not, one sentence each; at most maxDifferences.
	Differences []string
	// Kept are approved rows that are there and out of the reach: used again, or marked anew since the plan.
	Kept []druid.SegmentID
	// Victims are the rows in the reach now, by id; those that were read, when Unread.
	Victims []Victim
}

// Victim is one row that the task will take.
type Victim struct {
	ID druid.SegmentID
	// Bytes is -1 when not known.
	Bytes int64
	// File is false for a row without a file (a tombstone).
	File bool
}

const maxDifferences = 10

// Recheck plans the action's datasource again, from a snapshot taken right now, and compares what the task would take
// with what was approved. Guards do not count: they were for the plan.
func Recheck(in Input, action *plan.Action) Verdict {
	v, changed := in.recheck(action)
	seen := orEmpty(in.Snapshot.Find(action.Datasource), action.Datasource)
	if !v.OK && in.Snapshot.DruidVersion == "" && in.unread(seen, &v, "version") {
		v.Unread = true // what a task of an unknown version takes is not known either
	}
	if v.OK || v.Unread || changed {
		return v
	}
	in.undisturbed = true
	calm, _ := in.recheck(action)
	switch {
	case !calm.OK:
		v.Unread = in.unread(seen, &v, "rules", "rule history")
	case seen.BusyKnown:
		v.Busy = true
	default:
		in.unread(seen, &v, "locks")
		v.Unread = true
	}
	return v
}

// recheck is one comparison; changed: nothing that is not known could explain it, such as a row in the reach that nobody
// approved.
func (in Input) recheck(action *plan.Action) (v Verdict, changed bool) {
	in.onlyAsked()
	w := newWork(&in, in.subjectOf(action.Datasource))
	if w.policy == nil && len(w.removals) == 0 || action.Task == nil {
		return Verdict{Differences: []string{"the configuration no longer declares " + action.Datasource}}, true
	}
	w.decide()
	v = Verdict{Differences: w.unseen(action.Task.Interval)}
	v.Unread = len(v.Differences) > 0
	v.Differences = append(v.Differences, w.unpinnedDifferences(action)...)
	approved := keysOf(action.Runs)
	for i := range w.rows {
		known := approved[w.rowKey(i)]
		switch {
		case w.reached(action.Task, i):
			changed = changed || !known
			v.judge(w, i, known)
		case known:
			v.Kept = append(v.Kept, w.seen.ID(&w.rows[i]))
		}
	}
	v.OK = len(v.Differences) == 0
	return v, changed
}

// unread adds what of these was not read: without it a segment that is due may look as if it were not.
func (in *Input) unread(seen *snapshot.Datasource, v *Verdict, parts ...string) bool {
	found := false
	for _, gap := range slices.Concat(in.Snapshot.Gaps, seen.Gaps) {
		if slices.Contains(parts, gap.What) {
			v.Differences, found = append(v.Differences, "not read: "+gap.What+": "+gap.Why), true
		}
	}
	return found
}

// unseen says what of the reach could not be read: a row that is not seen must not pass for one that is gone.
func (w *work) unseen(reach druid.Interval) []string {
	var found []string
	if !w.seen.UnusedKnown {
		found = append(found, "the unused segments could not be listed")
	}
	for _, gap := range w.seen.Gaps {
		everywhere := gap.Interval == druid.Interval{}
		if gap.What == "segment row" && (everywhere || gap.Interval.Overlaps(reach)) && len(found) < maxDifferences {
			found = append(found, "a row in its reach could not be read: "+gap.Why)
		}
	}
	return found
}

func (v *Verdict) judge(w *work, i int, approved bool) {
	why := ""
	switch verdict := &w.verdicts[i]; {
	case !approved:
		why = "was not part of the plan"
	case verdict.decision == pending && verdict.waits == waitsLock:
		why = "cannot go now: " + w.describe(verdict).Text
	case verdict.decision != kill:
		why = "is no victim any more: " + w.describe(verdict).Text
	}
	if why != "" && len(v.Differences) < maxDifferences {
		v.Differences = append(v.Differences, fmt.Sprintf("segment %s %s", w.id(i), why))
	}
	s := &w.rows[i]
	bytes := int64(snapshot.UnknownBytes)
	if s.Has(snapshot.Details) {
		bytes = s.Bytes
	}
	v.Victims = append(v.Victims, Victim{w.seen.ID(s), bytes, s.File != snapshot.NoFile})
}

// reached reports whether Druid's kill task would take the row (SqlSegmentsMetadataQuery: unused, contained, version in
// the list, marked at the cut-off or before; rows without a marking time are left alone). An unpinned one takes all that
// is unused and contained.
func (w *work) reached(t *plan.Task, i int) bool {
	s := &w.rows[i]
	within := t.Interval.Start <= s.Interval.Start && s.Interval.End <= t.Interval.End // also without length
	if w.used(i) || !within || !w.in.canPin() {
		return !w.used(i) && within
	}
	return slices.Contains(t.Versions, w.seen.Versions.At(s.Version)) &&
		s.MarkedAt.Known() && s.MarkedAt <= t.MaxUsedStatusLastUpdated
}

// rowKey names a row without building its id.
type rowKey struct {
	interval  druid.Interval
	version   string
	partition int32
}

func (w *work) rowKey(i int) rowKey {
	s := &w.rows[i]
	return rowKey{s.Interval, w.seen.Versions.At(s.Version), s.Partition}
}

// keysOf are the segments that runs name.
func keysOf(runs []plan.Run) map[rowKey]bool {
	named := map[rowKey]bool{}
	for _, r := range runs {
		for _, n := range r.Partitions {
			named[rowKey{r.Interval, r.Version, n}] = true
		}
	}
	return named
}
