package planner

import (
	"errors"

	"coppice/internal/druid"
	"coppice/internal/snapshot"
)

// run is what the Coordinator's rule runs make of a component's used rows under one chain, repeated to a fixpoint:
// a drop can uncover an older segment, which the next run judges. Rows are indexed from the component's first.
type run struct {
	chain druid.Chain
	// first is what the first run does (keep, drop, shadowed; undecided for unused rows); then what later runs do with
	// rows that were shadowed in the first (undecided when they are never uncovered).
	first, then []decision
	// rule is the index of the rule that decided, -1 for none.
	rule []int16
	// tombstone: dropped by the eternity tombstone clean-up, not by a rule.
	tombstone []bool
	// before and after are the visible ranges at the start and at the fixpoint.
	before, after []druid.VisibleRange
	// left marks rows that are still used at the fixpoint.
	left []bool
	// seen is the space for visible ranges.
	seen []druid.VisibleRange
	// said is what the chain says of the interval at, when asked: rows that follow each other often have the same.
	asked bool
	at    druid.Interval
	said  judgement
}

// judge is what the run's chain says of an interval.
func (r *run) judge(w *work, i druid.Interval) judgement {
	if !r.asked || r.at != i {
		r.asked, r.at, r.said = true, i, w.judge(r.chain, i)
	}
	return r.said
}

// errFrozen says that the component cannot be predicted; everything in it is kept.
type errFrozen struct {
	why   reason
	cause error
}

func (e *errFrozen) Error() string { return e.cause.Error() }

// simulate predicts RunRules (server/coordinator/duty/RunRules.java) on the used rows of a component; without those
// that removals mark unused before. The run is good until into is used again.
func (w *work) simulate(c component, chain druid.Chain, without bool, into *run) (*run, error) {
	n := c.to - c.from
	r := into.fresh(n, chain)
	for k := range n {
		r.left[k] = w.used(c.from+k) && !(without && w.removes(c.from+k))
		r.rule[k] = -1
	}
	for round := 0; ; round++ {
		dropped, err := w.round(c, r, round)
		if err != nil {
			return nil, err
		}
		if !dropped {
			return r, nil
		}
	}
}

// round is one rule run on what is left. It reports whether something was dropped.
func (w *work) round(c component, r *run, round int) (bool, error) {
	rows, t, err := w.timeline(c, r.left)
	if err != nil {
		return false, err
	}
	r.after = r.visible(w, rows, t)
	if round == 0 {
		r.before = r.after
	}
	dropped := false
	for chunk, i := range rows {
		k := i - c.from
		if t != nil && t.Overshadowed(chunk) {
			if round == 0 {
				r.first[k] = shadowed
			}
			continue
		}
		if w.settle(c, r, t, chunk, k, round) {
			dropped = true
		}
	}
	for k := range r.left {
		if r.first[k] == drop || r.then[k] == drop {
			r.left[k] = false
		}
	}
	return dropped, nil
}

// settle decides one visible row; true means that it is dropped now.
func (w *work) settle(c component, r *run, t *druid.Timeline, chunk, k, round int) bool {
	if r.then[k] == keep || (r.first[k] == keep && round > 0) {
		return r.released(t, chunk, k)
	}
	i := c.from + k
	j := r.judge(w, w.rows[i].Interval)
	r.rule[k] = int16(j.rule)
	verdict := keep
	if j.action == druid.ActionDrop {
		verdict = drop
	} else if t != nil && t.EternityTombstone(chunk) {
		verdict, r.tombstone[k], r.rule[k] = drop, true, -1
	}
	if r.first[k] == shadowed {
		r.then[k] = verdict
	} else {
		r.first[k] = verdict
	}
	return verdict == drop
}

// released: rules say of a visible row in every run what they said in the first one, but an eternity tombstone is kept
// only while it overlaps something overshadowed, which runs may take away from it.
func (r *run) released(t *druid.Timeline, chunk, k int) bool {
	if t == nil || !t.EternityTombstone(chunk) {
		return false
	}
	r.tombstone[k], r.rule[k] = true, -1
	if r.then[k] == keep {
		r.then[k] = drop
	} else {
		r.first[k] = drop
	}
	return true
}

// timeline builds Druid's timeline of the rows that are left. It is nil when they all share one interval and version
// and do not reach to an end of time, since nothing can be overshadowed then. rows are the row numbers of its chunks.
//
// The rows are good until the next call.
func (w *work) timeline(c component, left []bool) (rows []int, t *druid.Timeline, err error) {
	rows = w.space.rows[:0]
	defer func() { w.space.rows = rows }()
	contested := false
	for k, in := range left {
		if !in {
			continue
		}
		i := c.from + k
		rows = append(rows, i)
		first := &w.rows[rows[0]]
		contested = contested || w.rows[i].Interval != first.Interval || w.rows[i].Version != first.Version ||
			endless(first.Interval) && first.Has(snapshot.Details)
	}
	if !contested {
		return rows, nil, nil
	}
	t, err = druid.BuildTimeline(w.chunks(rows))
	return rows, t, frozen(err)
}

// endless: an eternity tombstone may hide behind such an interval.
func endless(i druid.Interval) bool { return i.Start <= druid.MinInstant || i.End >= druid.MaxInstant }

func (w *work) chunks(rows []int) []druid.Chunk {
	chunks := make([]druid.Chunk, len(rows))
	for n, i := range rows {
		chunks[n] = druid.Chunk{Interval: w.rows[i].Interval, Version: w.rows[i].Version, Shard: w.shard(i)}
	}
	return chunks
}

// visible is what answers queries; without a timeline that is the one interval and version there is.
func (r *run) visible(w *work, rows []int, t *druid.Timeline) []druid.VisibleRange {
	switch {
	case t != nil:
		return t.Visible()
	case len(rows) == 0:
		return nil
	}
	s := &w.rows[rows[0]]
	from := len(r.seen) // what an earlier round saw stays
	r.seen = append(r.seen, druid.VisibleRange{Interval: s.Interval, Version: s.Version, True: s.Interval})
	return r.seen[from:]
}

func frozen(err error) error {
	var clash *druid.ClashError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &clash):
		return &errFrozen{becauseClash, err}
	}
	return &errFrozen{becauseShard, err}
}

// drops reports whether the row is dropped sooner or later.
func (r *run) drops(k int) bool { return r.first[k] == drop || r.then[k] == drop }
