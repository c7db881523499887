package planner

import (
	"fmt"
	"slices"

	"coppice/config"
	"coppice/internal/diag"
	"coppice/internal/druid"
	"coppice/internal/snapshot"
)

// claims is which of the removals, if any, names each row: its number, from 1; 0 for none. Nil without removals.
func (w *work) claims(removals []*config.Removal) []uint16 {
	if len(removals) == 0 {
		return nil
	}
	claimed := make([]uint16, len(w.rows))
	for n, r := range removals {
		wants := w.wants(r)
		for i := range w.rows {
			if claimed[i] == 0 && (r.Interval == nil || r.Interval.Contains(w.rows[i].Interval)) && wants(i) {
				claimed[i] = uint16(n + 1)
			}
		}
	}
	return claimed
}

// wants says which rows a removal is about, their interval aside. What cannot be told is not wanted.
func (w *work) wants(r *config.Removal) func(i int) bool {
	switch {
	case r.Before != nil:
		old := make([]bool, w.seen.Versions.Len())
		for n := range old {
			at, err := druid.ParseInstant(w.seen.Versions.At(uint32(n)))
			old[n] = err == nil && at < *r.Before
		}
		return func(i int) bool {
			s := &w.rows[i]
			return old[s.Version] && s.CreatedAt.Known() && s.CreatedAt < *r.Before
		}
	case r.Versions != nil:
		return func(i int) bool { return slices.Contains(r.Versions, w.seen.Versions.At(w.rows[i].Version)) }
	case r.Tombstones:
		return func(i int) bool { return w.shard(i).Kind == druid.ShardTombstone && w.rows[i].Has(snapshot.Details) }
	}
	ids := map[druid.SegmentID]bool{}
	for _, id := range r.SegmentIDs {
		ids[id] = true
	}
	return func(i int) bool { return ids[w.seen.ID(&w.rows[i])] }
}

// looksForTombstones reports whether a removal asks what kind of segment lies in the interval.
func (w *work) looksForTombstones(i druid.Interval) bool {
	return slices.ContainsFunc(w.removals, func(r *config.Removal) bool { return r.Tombstones && r.Interval.Overlaps(i) })
}

// claimedBy is the removal that names the row; nil when none does.
func (w *work) claimedBy(i int) *config.Removal {
	if w.claimed == nil || w.claimed[i] == 0 {
		return nil
	}
	return w.removals[w.claimed[i]-1]
}

// removes reports whether a used row will be marked unused since a removal names it. A hold beats it.
func (w *work) removes(i int) bool {
	return w.used(i) && w.claimedBy(i) != nil && w.heldBy(w.rows[i].Interval) == nil
}

// deferredRemoval: somebody works on the interval, so that nothing is marked there now.
func (w *work) deferredRemoval(i int) bool { return !w.seen.BusyKnown || w.busy(w.rows[i].Interval) }

// decideRemovals marks what a removal names: the first that applies of remove, shadowed, drop and keep decides.
func (w *work) decideRemovals(c component) {
	if w.claimed == nil {
		return
	}
	for i := c.from; i < c.to; i++ {
		if !w.removes(i) {
			continue
		}
		v := &w.verdicts[i]
		*v = verdict{decision: remove, why: becauseRemoval, claim: w.claimed[i], rule: -1, eligible: druid.NoInstant, since: druid.NoInstant}
		if w.deferredRemoval(i) {
			v.waits = waitsLock
		}
	}
}

// removalFindings complain about removals that marking cannot satisfy, or that have nothing to do.
func (w *work) removalFindings() {
	for n, r := range w.removals {
		wants, inside, over := w.wants(r), 0, 0
		for i := range w.rows {
			at := w.rows[i].Interval
			switch {
			case w.claimed[i] == uint16(n+1):
				inside++
			case r.Interval != nil && at.Overlaps(*r.Interval) && !r.Interval.Contains(at) && wants(i):
				over++
				if w.used(i) {
					w.complainPartial(r, i)
				}
			}
		}
		w.unknownIDs(r)
		if inside == 0 {
			w.complain(complaint{severity: diag.Warning, code: "removal-empty", summary: fmt.Sprintf("Removal %q names nothing", r.Name),
				detail: fmt.Sprintf("0 segments are contained in it, %d overlap it.", over), origin: known(r.Origin)})
		}
	}
}

func (w *work) complainPartial(r *config.Removal, i int) {
	at := w.rows[i].Interval
	w.complain(complaint{severity: diag.Error, code: "partial-overlap", summary: fmt.Sprintf("Removal %q cuts through a segment", r.Name),
		detail:  fmt.Sprintf("A segment can only be marked whole. To remove %s of it, rewrite %s without those rows first.", r.Interval.Intersect(at), at),
		hint:    "Widen the removal's interval to whole segments, or consent with:" + w.allowBlock("partial-overlap"),
		witness: w.id(i), origin: known(r.Origin), interval: at, segments: 1})
}

// unknownIDs complains about ids that the cluster does not have: Druid would ignore them without a word.
func (w *work) unknownIDs(r *config.Removal) {
	for _, id := range r.SegmentIDs {
		if !slices.ContainsFunc(w.rows, func(s snapshot.Segment) bool { return s.Interval == id.Interval && w.seen.ID(&s) == id }) {
			w.complain(complaint{severity: diag.Warning, code: "removal-empty", summary: fmt.Sprintf("Removal %q names a segment that is not there", r.Name),
				detail: "The cluster has no such segment, used or unused.", witness: id.String(), origin: known(r.Origin)})
		}
	}
}
