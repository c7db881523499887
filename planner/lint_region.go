package planner

import (
	"strings"

	"coppice/internal/druid"
)

// shape is what reachability needs of a rule: which way it looks at a segment, without replicants.
type shape struct {
	action   druid.Action
	scope    scope
	period   druid.Period
	interval druid.Interval
	// future: the window has no end (includeFuture).
	future bool
}

// scope is how a rule chooses segments.
type scope uint8

const (
	// opaque rules cannot be judged: kinds that are not known, and rules that throw. They may apply to anything, so they
	// are out of reach only behind everything, and hide nothing.
	opaque scope = iota
	forever
	byInterval
	byPeriod
	beforePeriod
)

func shapeOf(r druid.Rule) shape {
	s := shape{action: r.Action(), future: r.IncludeFuture}
	if r.Period != nil {
		s.period = *r.Period
	}
	if r.Interval != nil {
		s.interval = *r.Interval
	}
	if _, stops := r.StopsCoordinator(); stops || s.action == druid.ActionUnknown {
		return s
	}
	switch {
	case strings.HasSuffix(r.Type, "Forever"):
		s.scope = forever
	case strings.HasSuffix(r.Type, "ByInterval"):
		s.scope = byInterval
	case strings.HasSuffix(r.Type, "BeforeByPeriod"):
		s.scope = beforePeriod
	case strings.HasSuffix(r.Type, "ByPeriod"):
		s.scope = byPeriod
	}
	return s
}

func shapesOf(list druid.RuleList) []shape {
	shapes := make([]shape, len(list))
	for i := range list {
		shapes[i] = shapeOf(list[i])
	}
	return shapes
}

// moves reports whether the rule's window moves with time.
func (s *shape) moves() bool { return s.scope == byPeriod || s.scope == beforePeriod }

// keeps reports whether the rule keeps what it applies to.
func (s *shape) keeps() bool {
	return s.action == druid.ActionLoad || s.action == druid.ActionBroadcast
}

// region is the set of segments that a rule applies to at one moment: a box. A segment is its first and its last
// millisecond (its end less one); from is in the box, below is not.
type region struct {
	firstFrom, firstBelow, lastFrom, lastBelow druid.Instant
}

// everything is all segments that Druid can have.
var everything = region{druid.MinInstant, druid.MaxInstant, druid.MinInstant, druid.MaxInstant}

// region restates Rule.Applies on first and last milliseconds. It is not ok when the rule cannot be judged then.
func (s *shape) region(now druid.Instant) (r region, ok bool) {
	cutoff := now
	if s.moves() {
		var err error
		if cutoff, err = s.period.Before(now); err != nil {
			return everything, false
		}
	}
	r = everything
	switch {
	case s.scope == beforePeriod:
		r.lastBelow = cutoff
	case s.scope == byInterval && s.action == druid.ActionDrop:
		r.firstFrom, r.lastBelow = s.interval.Start, s.interval.End
	case s.scope == byInterval:
		r.lastFrom, r.firstBelow = s.interval.Start, s.interval.End
	case s.scope == byPeriod && s.action == druid.ActionDrop:
		r.firstFrom = cutoff
		if !s.future {
			r.lastBelow = now
		}
	case s.scope == byPeriod:
		r.lastFrom = cutoff
		if !s.future {
			r.firstBelow = now
		}
	}
	return r.within(), s.scope != opaque
}

// within cuts off what lies outside Druid's range of time.
func (r region) within() region {
	for _, t := range [...]*druid.Instant{&r.firstFrom, &r.firstBelow, &r.lastFrom, &r.lastBelow} {
		*t = min(max(*t, druid.MinInstant), druid.MaxInstant)
	}
	return r
}
