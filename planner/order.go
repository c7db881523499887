package planner

import (
	"slices"

	"coppice/internal/druid"
	"coppice/internal/plan"
)

// The Coordinator may run its rules between any two POSTs. When a datasource's own list and the default list both
// change, a run in between sees one new list and one old one, and could drop what the plan keeps. So the planner chooses
// an order in which it cannot; where neither is safe, an own list that drops nothing is in force while the default
// changes.

// point is a chain that a datasource's segments may meet on the way.
type point uint8

const (
	atStart   point = iota
	ownOnly         // the planned own list, the default in force
	defOnly         // the own list in force, the planned default
	atEnd           // both planned
	wideStart       // the list that widens, the default in force
	wideEnd         // the list that widens, the planned default
	points
)

// crossing is what a change of the default rules means for one datasource on the way.
type crossing struct {
	datasource *plan.Datasource
	// why the own list is posted.
	why plan.Reason
	// own: its own list changes as well; wide may stand in between.
	own  bool
	wide druid.RuleList
	// ownFirst and defaultFirst: in that order nothing is dropped on the way that the plan keeps; nor, of what is not
	// there yet, anything that both ends keep.
	ownFirst, defaultFirst bool
	// loses says of two points whether the second drops a used segment that the first does not.
	loses [points][points]bool
	// byDefault: the new default takes something that the new own list alone would leave.
	byDefault bool
}

// crossing looks at both orders. It is asked only when the default rules change.
func (w *work) crossing(d *plan.Datasource) *crossing {
	c := &crossing{datasource: d, why: w.in.asDeclared(d.Rules.Range), own: d.Rules.Change != plan.ChangeNone}
	chains := [points]druid.Chain{atStart: w.inForce, ownOnly: w.inForce, defOnly: w.planned, atEnd: w.planned,
		wideStart: w.inForce, wideEnd: w.planned}
	if c.own {
		c.wide = widening(w.inForce, w.planned)
		chains[ownOnly].Own, chains[defOnly].Own = w.planned.Own, w.inForce.Own
		chains[wideStart].Own, chains[wideEnd].Own = c.wide, c.wide
	}
	for i := range w.rows {
		if w.used(i) && !(i > 0 && w.used(i-1) && w.rows[i-1].Interval == w.rows[i].Interval) {
			c.look(w.fates(chains, c.own, w.rows[i].Interval))
		}
	}
	if c.own {
		proof := newProof(w.inForce, w.planned)
		// A list in between that is one of the two makes no way of its own.
		c.ownFirst = c.wide.Equal(w.planned.Own) || !c.loses[atEnd][ownOnly] && proof.safe(ownNew, w.in.Now, w.in.expiry())
		c.defaultFirst = c.wide.Equal(w.inForce.Own) || !c.loses[atEnd][defOnly] && proof.safe(defaultIsNew, w.in.Now, w.in.expiry())
	}
	return c
}

// fates is what each chain says of an interval. Without a list of its own that changes there is only a start and an end.
func (w *work) fates(chains [points]druid.Chain, own bool, at druid.Interval) (f [points]judgement) {
	for p, chain := range chains {
		switch {
		case own || point(p) == atStart:
			f[p] = w.judge(chain, at)
		case point(p) == ownOnly || point(p) == wideStart:
			f[p] = f[atStart]
		case point(p) == defOnly:
			f[p] = w.judge(chain, at)
		default:
			f[p] = f[defOnly]
		}
	}
	return f
}

func (c *crossing) look(f [points]judgement) {
	for from := range f {
		for to := range f {
			c.loses[from][to] = c.loses[from][to] || worse(f[from], f[to])
		}
	}
	ownAlone := worse(f[atStart], f[ownOnly]) && !worse(f[atStart], f[defOnly])
	c.byDefault = c.byDefault || worse(f[atStart], f[atEnd]) && !ownAlone
}

// route is the way of one datasource: its own list's steps, and the points between which the default changes for it.
type route struct {
	steps    []step
	from, to point
}

// route chooses. late: the default rules take something away somewhere, so they change after what protects and what is
// marked; otherwise they change first.
func (c *crossing) route(late bool) route {
	narrows := c.loses[atStart][ownOnly]
	switch {
	case !c.own:
		return route{nil, atStart, atEnd}
	case c.ownFirst && late:
		return route{[]step{c.last(rank(narrows, stepNarrow, stepWiden), c.datasource.Rules.Before, narrows)}, ownOnly, atEnd}
	case c.ownFirst && !c.defaultFirst && (!narrows || c.wide.Equal(c.datasource.Rules.After)):
		return route{[]step{c.last(stepBeforeDefault, c.datasource.Rules.Before, narrows)}, ownOnly, atEnd}
	case c.defaultFirst:
		narrows = c.loses[defOnly][atEnd]
		return route{[]step{c.last(c.behind(late, narrows), c.datasource.Rules.Before, narrows)}, atStart, defOnly}
	}
	narrows = c.loses[wideEnd][atEnd]
	first := c.first(rank(late, stepWiden, stepBeforeDefault))
	return route{[]step{first, c.last(c.behind(late, narrows), c.wide, narrows)}, wideStart, wideEnd}
}

// behind is the rank of an own list that comes after the default.
func (c *crossing) behind(late, narrows bool) int {
	return rank(late, stepAfterDefault, rank(narrows, stepNarrow, stepWiden))
}

// first is the step that widens, where neither order is safe.
func (c *crossing) first(at int) step {
	why := plan.Reason{Code: "rules-widened-first", Text: "drops nothing while the default rules change: the new list with the old " +
		"default rules, or the old list with the new ones, could drop what this plan keeps", Range: c.datasource.Rules.Range}
	return step{at, 0, setRules(c.datasource.Name, c.datasource.Rules.Before, c.wide, c.loses[atStart][wideStart], why)}
}

// last is the step that posts the planned own list.
func (c *crossing) last(at int, before druid.RuleList, narrows bool) step {
	return step{at, 0, setRules(c.datasource.Name, before, c.datasource.Rules.After, narrows, c.why)}
}

// ruleSteps are the steps of all rule lists when the default changes: its own one and those of the datasources.
func (in *Input) ruleSteps(change plan.RuleChange, crossings []*crossing) []step {
	late := slices.ContainsFunc(crossings, func(c *crossing) bool { return c.byDefault })
	var steps []step
	narrows := false
	for _, c := range crossings {
		way := c.route(late)
		steps = append(steps, way.steps...)
		narrows = narrows || c.loses[way.from][way.to]
	}
	reason := in.asDeclared(change.Range)
	if !in.undoes() {
		reason.Text = "the default rules in force are not those declared"
	}
	return append(steps, step{rank(late, stepNarrowDefault, stepWidenDefault), 0,
		setRules(plan.DefaultRules, change.Before, change.After, narrows, reason)})
}

// worse reports whether a segment is, or might be, dropped that was not before.
func worse(before, after judgement) bool {
	drops := func(j judgement) bool { return !j.failed && j.action == druid.ActionDrop }
	return drops(after) && !drops(before) || after.failed && !before.failed && !drops(before)
}

// widening is an own list that drops nothing, whatever the default: the rules of the planned chain without those that
// drop, then those of the chain in force. What the plan keeps meets the very rule that keeps it in the end, so nothing
// is moved about on the way; what it does not keep meets the rule that keeps it now. What no rule of either chain
// applies to stays as it is. Rules that cannot be judged stay where they are.
func widening(inForce, planned druid.Chain) druid.RuleList {
	list, stops := druid.RuleList{}, false
	for _, chain := range []druid.Chain{planned, inForce} {
		for i := range chain.Len() {
			r := chain.At(i)
			if _, stop := r.StopsCoordinator(); stop {
				stops = true
			} else if r.Action() != druid.ActionDrop && !contains(list, r) {
				list = append(list, r)
			}
		}
	}
	if stops { // no rules run at present, so all is kept, and the list must not depend on that
		list = append(list, druid.Rule{Type: "loadForever", IncludeFuture: true, UseDefaultTierForNull: true,
			Replicants: druid.Replicants{{Tier: druid.DefaultTier, Count: druid.DefaultReplicants}}})
	}
	return list
}

func contains(list druid.RuleList, r druid.Rule) bool {
	for i := range list {
		if list[i].Equal(r) {
			return true
		}
	}
	return false
}
