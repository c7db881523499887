package planner

import (
	"coppice/internal/druid"
)

// sighting is one segment at one moment.
type sighting struct {
	interval druid.Interval
	at       druid.Instant
}

// String is the form of witnesses.
func (s sighting) String() string { return s.interval.String() + " at " + s.at.String() }

// hiding says that an earlier rule takes something that a later one applies to.
type hiding struct {
	by    int
	shown sighting
}

// reachability says of each rule of a list whether any segment reaches it, now or at any later moment, and what stands
// in its way. The rule behind the last one is the fall-through: what no rule applies to.
type reachability struct {
	now    druid.Instant
	shapes []shape
	// reached says where a rule decides; nil when nothing ever reaches it.
	reached []*sighting
	// hidden lists the earlier rules that take something of a rule that is never reached, each once. Empty on such a rule
	// means that it never applies to anything.
	hidden [][]hiding
	// closed: a rule applies to everything, so that nothing falls through.
	closed bool
	// open: rules that cannot be judged stand in the list, so that nothing is known of what falls through.
	open bool
}

// reachabilityOf looks at every moment from now on; see moments for why a finite number of them is enough.
func reachabilityOf(list druid.RuleList, now druid.Instant) *reachability {
	r := &reachability{now: now, shapes: shapesOf(list)}
	n := len(r.shapes)
	r.reached, r.hidden = make([]*sighting, n+1), make([][]hiding, n+1)
	for i := range r.shapes {
		r.closed = r.closed || r.shapes[i].scope == forever
		r.open = r.open || r.shapes[i].scope == opaque
	}
	for t := range momentsOf(r.shapes, now).all() {
		r.look(newGrid(r.shapes, t))
		if r.settled() {
			break
		}
	}
	for i, s := range r.reached {
		if s != nil {
			r.hidden[i] = nil
		}
	}
	return r
}

// settled reports whether nothing is left to find out.
func (r *reachability) settled() bool {
	for i := range r.shapes {
		if r.reached[i] == nil {
			return false
		}
	}
	return r.closed || r.reached[len(r.shapes)] != nil
}

// look records what happens at one moment.
func (r *reachability) look(g *grid) {
	for s := range g.squares() {
		first := g.decides(s)
		if r.reached[first] == nil {
			r.reached[first] = &sighting{g.example(s), g.now}
		}
		for rule := range r.shapes {
			if r.reached[rule] != nil || !g.in(s, rule) {
				continue
			}
			if first < rule {
				r.hide(rule, first, g, s)
			} else { // it cannot be judged, and nothing before it is sure to apply
				r.reached[rule] = &sighting{g.example(s), g.now}
			}
		}
	}
}

func (r *reachability) hide(rule, by int, g *grid, s square) {
	for _, h := range r.hidden[rule] {
		if h.by == by {
			return
		}
	}
	r.hidden[rule] = append(r.hidden[rule], hiding{by, sighting{g.example(s), g.now}})
}

// fallsThrough is a segment that no rule applies to, nil when there is none at any moment, or when nobody can tell.
func (r *reachability) fallsThrough() *sighting {
	if r.closed || r.open {
		return nil
	}
	return r.reached[len(r.shapes)]
}

// harmless reports whether what hides a rule keeps at least as much as the rule would: no data goes that the rule was
// to keep. What a rule of an unknown kind would do is at most keeping.
func (r *reachability) harmless(rule int) bool {
	if !r.shapes[rule].keeps() && r.shapes[rule].scope != opaque {
		return len(r.hidden[rule]) > 0
	}
	for _, h := range r.hidden[rule] {
		if !r.shapes[h.by].keeps() {
			return false
		}
	}
	return len(r.hidden[rule]) > 0
}

// bands are the stretches of time that no rule applies to at the moment of planning: every segment inside one falls
// through. There may be none although segments that reach across a border do.
func (r *reachability) bands() []druid.Interval {
	g := newGrid(r.shapes, r.now)
	var list []druid.Interval
	for cell := range g.cells() {
		if g.decides(square{cell, cell}) < len(r.shapes) {
			continue
		}
		if n := len(list); n > 0 && list[n-1].End == g.bounds[cell] {
			list[n-1].End = g.bounds[cell+1]
			continue
		}
		list = append(list, druid.Interval{Start: g.bounds[cell], End: g.bounds[cell+1]})
	}
	return list
}
