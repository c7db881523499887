package planner

import (
	"cmp"
	"fmt"
	"slices"

	"coppice/internal/diag"
	"coppice/internal/druid"
	"coppice/internal/plan"
	"coppice/internal/snapshot"
)

// Killed is what earlier applies deleted for good, as their manifests tell, of the datasources that Restoring named.
type Killed struct {
	// Unknown says, in one sentence each, what of it nobody can tell.
	Unknown []string
	List    []KilledSegment
}

// KilledSegment is a segment that an apply sent a kill task for. It is gone when the cluster does not show it.
type KilledSegment struct {
	ID druid.SegmentID
	// Bytes is -1 when not known.
	Bytes int64
	// Place says where its files were; empty when not known.
	Place string
	// Apply is the id of the apply, At when its manifest was written.
	Apply string
	At    druid.Instant
}

// Restoring names the datasources in which rows may be restored: what was deleted of them must be known to Build. It
// needs no payloads.
func Restoring(in Input) []string {
	in.onlyAsked()
	var names []string
	for _, s := range in.subjects() {
		w := newWork(&in, s)
		if w.mayRestore() {
			names = append(names, s.seen.Name)
		}
	}
	return names
}

// gone are the segments that were deleted for good and that the cluster no longer has, by id.
func (w *work) gone() []KilledSegment {
	if w.in.Killed == nil {
		return nil
	}
	var list []KilledSegment
	for _, k := range w.in.Killed.List {
		if k.ID.DataSource != w.seen.Name {
			continue
		}
		if _, there := w.seen.IndexOf(k.ID); !there {
			list = append(list, k)
		}
	}
	slices.SortStableFunc(list, func(a, b KilledSegment) int {
		return cmp.Or(a.ID.Interval.Compare(b.ID.Interval), druid.CompareVersions(a.ID.Version, b.ID.Version), cmp.Compare(a.ID.Partition, b.ID.Partition))
	})
	return slices.CompactFunc(list, func(a, b KilledSegment) bool { return a.ID == b.ID })
}

// noteKilled remembers, for every piece of time, below which version something was deleted for good.
func (w *work) noteKilled() {
	if !w.mayRestore() {
		return
	}
	if w.lost = w.gone(); len(w.lost) == 0 {
		return
	}
	if w.in.asks(plan.AskUsed) { // who names segments may bring older data back
		return
	}
	boundaries := component{0, len(w.rows)}.boundaries(w)
	for _, k := range w.lost {
		boundaries = append(boundaries, k.ID.Interval.Start, k.ID.Interval.End)
	}
	w.killed, w.below = newHighest(boundaries), map[int]bool{}
	for n := range w.lost {
		if k := &w.lost[n]; !w.goneBefore(k) {
			w.killed.raise(k.ID.Interval, int64(w.lowerThan(k.ID.Version)))
		}
	}
}

// goneBefore reports whether the segment answered no query any more when the apply that is undone was planned: what the
// apply took away was seen without it.
func (w *work) goneBefore(k *KilledSegment) bool {
	return w.in.undoes() && (k.Apply == w.in.Request.Apply || k.At < w.in.undoing().BeganAt)
}

// lowerThan is how many of the datasource's versions sort below this one, notOver how many do not sort above it.
func (w *work) lowerThan(version string) int {
	n, _ := w.seen.Versions.Find(version)
	return n
}

func (w *work) notOver(version string) int {
	n, found := w.seen.Versions.Find(version)
	if found {
		n++
	}
	return n
}

// belowKilled reports whether a newer version was deleted for good somewhere in the row's interval: queries would get
// older data than they ever did. Such a row is not restored.
func (w *work) belowKilled(i int) bool {
	if w.killed == nil || int64(w.rows[i].Version) >= w.killed.over(w.rows[i].Interval) {
		return false
	}
	w.below[i] = true
	w.hide(i, i+1, "a newer version of its time was deleted for good: queries would get older data than before")
	return true
}

// piece is data that a restore leaves out: deleted for good, or a row below such.
type piece struct {
	interval druid.Interval
	// newer is the lowest of the datasource's versions that is higher than the piece's own.
	newer  int
	killed *KilledSegment // nil: a row
	row    int
}

// unrecoverable names what a restore cannot bring back and nothing newer stands for.
func (w *work) unrecoverable() {
	if !w.mayRestore() || w.in.Killed == nil {
		return
	}
	for _, why := range w.in.Killed.Unknown {
		w.complain(complaint{severity: diag.Warning, code: "gap", summary: "Not known what earlier applies deleted for good", detail: why})
	}
	var missed []piece
	for n := range w.lost {
		if k := &w.lost[n]; w.missed(k) {
			missed = append(missed, piece{k.ID.Interval, w.notOver(k.ID.Version), k, -1})
		}
	}
	for i := range w.rows {
		if w.below[i] {
			missed = append(missed, piece{w.rows[i].Interval, int(w.rows[i].Version) + 1, nil, i})
		}
	}
	all := len(missed)
	missed = w.unanswered(missed)
	if n := all - len(missed); n > 0 && w.in.undoes() {
		w.complain(complaint{severity: diag.Note, code: "restore-unrecoverable", summary: "Deleted for good: old copies whose newer data is there",
			detail: fmt.Sprintf("%d segments. No query saw them, and they stay deleted.", n), segments: int64(n)})
	}
	slices.SortStableFunc(missed, func(a, b piece) int { return a.interval.Compare(b.interval) })
	w.lostFinding(missed)
	w.belowFinding(missed)
}

// unanswered leaves out the pieces for whose whole interval newer rows answer after this plan. Other partitions of the
// same version do not answer for one that is gone.
func (w *work) unanswered(pieces []piece) []piece {
	if len(pieces) == 0 {
		return nil
	}
	boundaries := component{0, len(w.rows)}.boundaries(w)
	for _, p := range pieces {
		boundaries = append(boundaries, p.interval.Start, p.interval.End)
	}
	groups, answer, next := w.answering(), druid.NewCoverage(boundaries), 0
	slices.SortStableFunc(pieces, func(a, b piece) int { return b.newer - a.newer })
	return slices.DeleteFunc(pieces, func(p piece) bool {
		for ; next < len(groups) && int(groups[next].version) >= p.newer; next++ {
			answer.Add(groups[next].interval)
		}
		return answer.Covers(p.interval)
	})
}

// answering are the groups that answer queries after this plan, newest version first. What nothing contests was not
// read in full, and counts.
func (w *work) answering() []group {
	var list []group
	after := func(i int) bool { return w.stays(i) || w.verdicts[i].decision == restore }
	for _, c := range w.components() {
		for _, g := range c.groups(w) {
			unread := w.anyOf(g, func(i int) bool { return after(i) && !w.rows[i].Has(snapshot.Details) })
			if unread || w.complete(g, after) {
				list = append(list, g)
			}
		}
	}
	slices.SortStableFunc(list, func(a, b group) int { return cmp.Compare(b.version, a.version) })
	return list
}

// lostFinding counts what is gone, with the ids and places of the first.
func (w *work) lostFinding(missed []piece) {
	found := complaint{severity: diag.Note, code: "restore-unrecoverable", summary: "Deleted for good: this cannot be brought back"}
	var names, applies []string
	bytes := int64(0)
	for _, p := range missed {
		if p.killed == nil {
			continue
		}
		name := p.killed.ID.String()
		if found.segments++; found.segments == 1 {
			found.witness, found.interval = name, p.interval
		}
		found.interval = span(found.interval, p.interval)
		if bytes += max(p.killed.Bytes, 0); p.killed.Place != "" {
			name += " (its files were at " + p.killed.Place + ")"
		}
		names, applies = append(names, name), append(applies, "apply "+p.killed.Apply)
	}
	if found.segments == 0 {
		return
	}
	found.detail = fmt.Sprintf("%d segments (%d bytes) of %s were deleted by %s: %s.", found.segments, bytes, found.interval,
		few(distinct(applies)), firstOf(names, maxPlaces))
	found.hint = "Only a copy of deep storage, or ingesting again, brings it back. The manifests in the state directory name every segment."
	w.complain(found)
}

// maxPlaces is how many of what is gone are named with the place of their files: such a line is long.
const maxPlaces = 3

// missed reports whether the restore that is planned would have wanted the deleted segment.
func (w *work) missed(k *KilledSegment) bool {
	if w.in.Request != nil {
		return w.wanted(k)
	}
	planned, inForce := w.judge(w.planned, k.ID.Interval), w.judge(w.inForce, k.ID.Interval)
	return planned.action != druid.ActionDrop && inForce.action == druid.ActionDrop
}

// wanted reports whether a request is about the deleted segment.
func (w *work) wanted(k *KilledSegment) bool {
	if w.in.undoes() {
		return k.Apply == w.in.Request.Apply || w.undoesID(k.ID)
	}
	r := w.in.Request
	return r.Interval != nil && r.Interval.Overlaps(k.ID.Interval)
}

// belowFinding counts the rows that are left because something above them is gone.
func (w *work) belowFinding(missed []piece) {
	for _, p := range missed {
		if p.killed != nil {
			continue
		}
		w.complain(complaint{severity: diag.Note, code: "restore-unrecoverable", summary: "Not brought back: older than what was deleted for good",
			detail:  "A newer version of their time was deleted for good. Queries would get older data than they ever did.",
			hint:    "When older data is better than none: coppice mark-used " + w.seen.Name + " --segment-ids ID brings it back.",
			witness: w.id(p.row), interval: p.interval, segments: 1})
	}
}
