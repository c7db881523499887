package planner

import (
	"slices"

	"coppice/config"
	"coppice/internal/druid"
	"coppice/internal/snapshot"
)

// chainVersion is the chain that was in force from since until the next newer one.
type chainVersion struct {
	since druid.Instant // MinInstant: always
	chain druid.Chain
}

// unknownList stands for a list that nobody knows any more: a rule that cannot be judged, which drops nothing. A chain
// with such a default still drops what its own rules decide.
var unknownList = druid.RuleList{{Type: "unknown"}}

// chainHistory merges the datasource's and the default's rule history, newest first, back to the beginning of time.
func (w *work) chainHistory() []chainVersion {
	if w.history != nil {
		return w.history
	}
	own, byDefault := versions(w.seen.Rules, w.in.Now), versions(w.in.Snapshot.DefaultRules, w.in.Now)
	for o, d := 0, 0; o < len(own) && d < len(byDefault); {
		v := chainVersion{max(own[o].Since, byDefault[d].Since), druid.Chain{Own: own[o].List, Default: byDefault[d].List}}
		w.history = append(w.history, v)
		ownEnds, defaultEnds := own[o].Since == v.since, byDefault[d].Since == v.since
		if ownEnds {
			o++
		}
		if defaultEnds {
			d++
		}
	}
	return w.history
}

// versions are the lists of one key, newest first, the one in force included. Where it is not known since when the
// list in force is there, it counts as written now; before what is known stands unknownList.
func versions(r snapshot.Rules, now druid.Instant) []snapshot.RuleVersion {
	list := append([]snapshot.RuleVersion{{Since: r.Since, List: r.List}}, r.History...)
	first := &list[0]
	switch {
	case !r.Set && len(r.History) == 0 && r.HistoryComplete:
		first.Since = druid.MinInstant
	case !first.Since.Known() || first.Since > now:
		first.Since = now
	}
	known := 1
	for known < len(list) && list[known].Since.Known() && list[known].Since <= list[known-1].Since {
		known++
	}
	complete := r.HistoryComplete && known == len(list)
	list = list[:known]
	if list[known-1].Since > druid.MinInstant {
		before := snapshot.RuleVersion{Since: druid.MinInstant}
		if !complete {
			before.List = unknownList
		}
		list = append(list, before)
	}
	return list
}

// droppedSince is the moment since which the rules in force have dropped the interval without a break. What is not
// known counts as not dropped, so a typo in a rule never finds its victims already ripe.
func (w *work) droppedSince(i druid.Interval) druid.Instant {
	until := w.in.Now
	for _, v := range w.chainHistory() {
		if v.since > until {
			continue
		}
		if judgeAt(v.chain, i, until).action != druid.ActionDrop {
			break
		}
		from := dropStarts(v.chain, i, v.since, until)
		if from > v.since || v.since == druid.MinInstant {
			return from
		}
		until = v.since - 1
	}
	return min(until+1, w.in.Now)
}

// dropStarts is the earliest moment in [from, until] from which on the chain drops the interval up to until, where it
// does. The chain's answer changes only at the ends of its rules' windows.
func dropStarts(c druid.Chain, i druid.Interval, from, until druid.Instant) druid.Instant {
	changes := changesOf(c, i, from, until)
	for _, t := range slices.Backward(changes) {
		if judgeAt(c, i, t-1).action != druid.ActionDrop {
			return t
		}
	}
	return from
}

// changesOf are the moments in (from, until] at which a rule of the chain begins or ends to apply to the interval,
// ascending. From a rule that cannot be evaluated on nothing changes: it keeps everything at all times.
func changesOf(c druid.Chain, i druid.Interval, from, until druid.Instant) []druid.Instant {
	var list []druid.Instant
	for n := range c.Len() {
		rule := c.At(n)
		if _, stops := rule.StopsCoordinator(); stops || rule.Action() == druid.ActionUnknown {
			break
		}
		for _, span := range rule.Windows(i) {
			for _, t := range [...]druid.Instant{span.From, span.Until} {
				if t > from && t <= until {
					list = append(list, t)
				}
			}
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// droppedWhen reports whether the rules in force at that moment dropped the interval; known is false when nobody can tell.
func (w *work) droppedWhen(i druid.Interval, at druid.Instant) (dropped, known bool) {
	for _, v := range w.chainHistory() {
		if v.since <= at {
			j := judgeAt(v.chain, i, at)
			return j.action == druid.ActionDrop, !j.failed
		}
	}
	return false, false
}

// graceStart is what the grace of an unused row counts from: its marking, and for expired rows not before the rules in
// force dropped it for good. NoInstant when the marking time is not known.
func (w *work) graceStart(i int, of class) druid.Instant {
	return graceFrom(&w.rows[i], w.droppedIf(of, w.rows[i].Interval))
}

// droppedIf is the moment since which the rules in force have dropped the interval, if that counts for the class; NoInstant
// if not.
func (w *work) droppedIf(of class, i druid.Interval) druid.Instant {
	if of != expired {
		return druid.NoInstant
	}
	return w.droppedSince(i)
}

func graceFrom(s *snapshot.Segment, dropped druid.Instant) druid.Instant {
	if !s.MarkedAt.Known() {
		return druid.NoInstant
	}
	return max(s.MarkedAt, dropped)
}

// grace is the policy line that lets a class die, nil for never.
func (w *work) grace(v *verdict) *config.Setting[druid.Period] {
	if v.class == removed {
		return w.removals[v.claim-1].KillAfter
	}
	if w.policy == nil || w.policy.Kill == nil {
		return nil
	}
	switch v.class {
	case superseded:
		return w.policy.Kill.SupersededAfter
	case expired:
		return w.policy.Kill.ExpiredAfter
	}
	return nil
}

// olderThan is the condition on the interval's own age, for expired segments only; nil when there is none.
func (w *work) olderThan(v *verdict) *config.Setting[druid.Period] {
	if v.class != expired {
		return nil
	}
	return w.policy.Kill.OlderThan
}

// due is start plus period, as Joda adds (day of month clamped); false when that moment lies behind the end of time.
func due(p druid.Period, start druid.Instant) (druid.Instant, bool) {
	if start >= druid.MaxInstant {
		return druid.NoInstant, false
	}
	t, err := p.After(max(start, druid.MinInstant))
	if err != nil || t >= druid.MaxInstant {
		return druid.NoInstant, false
	}
	return t, true
}
