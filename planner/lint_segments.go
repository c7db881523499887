package planner

import (
	"cmp"
	"fmt"
	"slices"

	"coppice/internal/diag"
	"coppice/internal/druid"
	"coppice/internal/snapshot"
)

// lintSegments complains about segments that rules treat otherwise than one would think.
func (w *work) lintSegments() {
	if len(w.rows) == 0 {
		return
	}
	w.straddlers()
	w.unsafeTombstones()
	w.farFuture()
}

// cut is a moment that the rules draw a line at; length is that of the window that moves it, zero for a fixed one.
type cut struct {
	at, length druid.Instant
}

// cuts are the lines of the chain at present, the latest first.
func (w *work) cuts() []cut {
	var list []cut
	for _, s := range shapesOf(effective(w.planned)) {
		switch {
		case s.scope == opaque:
			return nil
		case s.scope == byInterval:
			list = append(list, cut{at: s.interval.Start}, cut{at: s.interval.End})
		case s.moves():
			if length, ok := distanceOf(s.period, w.in.Now); ok {
				list = append(list, cut{w.in.Now - length, length})
			}
		}
	}
	slices.SortFunc(list, func(a, b cut) int { return cmp.Compare(b.at, a.at) })
	return list
}

// straddling is what is known of the segments that reach across a line and stay whole because of it.
type straddling struct {
	count  int64
	oldest int // row, of those that leave one day; -1: none yet
	span   druid.Interval
}

// straddlers notes coarse segments of which the rules would drop a part, had they the choice: Druid keeps or drops whole
// segments.
func (w *work) straddlers() {
	cuts := w.cuts()
	if len(cuts) == 0 {
		return
	}
	ending, endless := straddling{}, straddling{}
	first, last := cuts[len(cuts)-1].at, cuts[0].at
	for i := range w.rows {
		at, v := w.rows[i].Interval, &w.verdicts[i]
		if v.decision != keep || at.Start >= last || at.End <= first || !w.overstays(at, cuts) {
			continue
		}
		if at.End >= druid.MaxInstant {
			endless.add(i, at)
		} else {
			ending.add(i, at)
		}
	}
	w.complainStraddle(ending)
	w.complainEndless(endless)
}

func (s *straddling) add(row int, at druid.Interval) {
	if s.count == 0 {
		s.oldest, s.span = row, at
	}
	s.span = span(s.span, at)
	s.count++
}

// overstays reports whether the rules would drop the older part of a kept segment at one of their lines, if the segment
// is coarse for that line's window.
func (w *work) overstays(at druid.Interval, cuts []cut) bool {
	for _, c := range cuts {
		if at.Start < c.at && c.at < at.End && c.coarse(at) &&
			w.judge(w.planned, druid.Interval{Start: at.Start, End: c.at}).action == druid.ActionDrop {
			return true
		}
	}
	return false
}

// coarse: a segment of a day at the edge of a window of days is how retention by segment works, and no news. Longer ones
// are, from a tenth of the window on, and any from half of it on.
func (c cut) coarse(i druid.Interval) bool {
	length := i.End - i.Start
	return c.length == 0 || length >= c.length/2 || length > dayMillis && length >= c.length/10
}

func (w *work) complainStraddle(s straddling) {
	if s.count == 0 {
		return
	}
	oldest := w.rows[s.oldest].Interval
	detail := fmt.Sprintf("Druid keeps or drops whole segments. The oldest rows that stay are from %s;", oldest.Start)
	if goes, _ := w.nextChange(s.oldest); goes != nil {
		detail += fmt.Sprintf(" they go at %s, once all of %s is behind the line.", goes, oldest)
	} else {
		detail += fmt.Sprintf(" nothing ever drops all of %s.", oldest)
	}
	w.complain(complaint{severity: diag.Note, code: "straddle", summary: fmt.Sprintf("Old rows stay in segments that reach across a line of the rules: %d", s.count),
		detail: detail, hint: "Finer segments (compaction with a smaller segmentGranularity) go on time.",
		witness: w.id(s.oldest), origin: w.ruleRange(int(w.verdicts[s.oldest].rule)), interval: s.span, segments: s.count})
}

func (w *work) complainEndless(s straddling) {
	if s.count == 0 {
		return
	}
	w.complain(complaint{severity: diag.Warning, code: "never-expires", summary: "Segments without an end never expire",
		detail: fmt.Sprintf("A segment goes once its end is behind the line of a rule, and the end of %s never is (segments: %d).",
			w.rows[s.oldest].Interval, s.count),
		hint:    "Ingest with a segment granularity other than ALL, or drop it by its interval: drop { interval = … }",
		witness: w.id(s.oldest), origin: w.ruleRange(int(w.verdicts[s.oldest].rule)), interval: s.span, segments: s.count})
}

// unsafeTombstones complains about tombstones that would go while segments appended to them stay. Segments that were
// appended to an old tombstone count it among their core partitions: without it their set is incomplete, and they
// vanish from queries.
func (w *work) unsafeTombstones() {
	if !slices.ContainsFunc(w.seen.Shards, func(s druid.ShardSpec) bool { return s.Kind == druid.ShardTombstone }) {
		return
	}
	for _, c := range w.components() {
		for _, g := range c.groups(w) {
			for i := g.from; i < g.to; i++ {
				if w.leaves(i) && w.tombstone(i) {
					w.unsafeTombstone(g, i)
				}
			}
		}
	}
}

func (w *work) tombstone(i int) bool {
	return w.rows[i].Has(snapshot.Details) && w.shard(i).Kind == druid.ShardTombstone
}

// leaves: the plan drops or kills the row.
func (w *work) leaves(i int) bool {
	v := &w.verdicts[i]
	return v.decision == drop || v.then == drop || v.decision == kill
}

func (w *work) unsafeTombstone(g group, tombstone int) {
	lives := func(i int) bool { return w.used(i) && w.verdicts[i].decision == keep && !w.tombstone(i) }
	with := func(i int) bool { return i == tombstone || lives(i) }
	if !w.anyOf(g, lives) || !w.complete(g, with) || w.complete(g, lives) {
		return
	}
	w.complain(complaint{severity: diag.Error, code: "tombstone-unsafe", summary: "A tombstone goes, and what was appended to it stays",
		detail: fmt.Sprintf("The segments of version %s in %s need the tombstone for a complete set; without it no query sees them.",
			w.seen.Versions.At(g.version), g.interval),
		hint:    "Write the interval again first (compaction), or consent with:" + w.allowBlock("tombstone-unsafe"),
		witness: w.id(tombstone), origin: w.rulesOrigin(), interval: g.interval, segments: 1})
}
