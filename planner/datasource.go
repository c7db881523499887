package planner

import (
	"slices"

	"coppice/internal/diag"
	"coppice/internal/druid"
	"coppice/internal/plan"
)

// decide gives every row its verdict.
func (w *work) decide() {
	w.natural = w.naturalClasses()
	w.decideRows()
	w.freezeAll()
	w.rowFindings()
	if w.in.Request == nil || w.in.asks(plan.AskRestore) && w.rulesChange {
		w.holdFindings()
	}
	if w.in.Request == nil {
		w.removalFindings()
	}
}

// decideRows decides component by component, and returns them.
func (w *work) decideRows() []component {
	m := w.lent()
	m.verdicts = zeroed(m.verdicts, len(w.rows))
	w.verdicts = m.verdicts
	w.noteKilled()
	components := w.components()
	for _, c := range components {
		w.planComponent(c)
	}
	w.obstacles(components)
	return components
}

// clashes reports whether the Coordinator cannot build the timeline.
func (w *work) clashes() bool {
	return slices.ContainsFunc(w.complaints, func(c complaint) bool { return c.code == "timeline-clash" })
}

// freezeAll: one clash freezes the Coordinator's view of every datasource, so nothing of this one is predicted or killed.
func (w *work) freezeAll() {
	if !w.clashes() {
		return
	}
	for i := range w.verdicts {
		w.verdicts[i] = w.frozenVerdict(i, becauseClash)
	}
}

// output is the datasource's part of the plan.
func (w *work) output() *plan.Datasource {
	d := &plan.Datasource{Name: w.seen.Name, Managed: w.policy != nil, Rules: w.ruleChange(),
		Used: &plan.Amount{}, Keep: &plan.Amount{}}
	d.Restamp = w.stamped()
	rows, later := w.rowLists()
	for i := range w.verdicts {
		v := &w.verdicts[i]
		w.count(d, i)
		if !w.concerns(i) {
			continue
		}
		if v.unsized && v.why == becauseNoPolicy {
			d.Hold.Unlisted++
		} else if v.decision != keep {
			rows[v.decision] = append(rows[v.decision], i)
		}
		if v.decision == shadowed && v.then == drop {
			*later = append(*later, i)
		}
	}
	d.Drop.Group, d.Drop.Later = w.groupOfRows(rows[drop]), w.groupOfRows(*later)
	d.Shadowed, d.Restore = w.groupOfRows(rows[shadowed]), w.groupOfRows(rows[restore])
	d.Kill, d.Pending, d.Hold.Group = w.groupOfRows(rows[kill]), w.groupOfRows(rows[pending]), w.groupOfRows(rows[hold])
	d.Hold.Segments += d.Hold.Unlisted
	d.Remove = w.groupOfRows(rows[remove])
	if w.asksForNothing(d) {
		d.Rules = plan.RuleChange{Change: plan.ChangeNone, Before: d.Rules.Before, After: w.inForce.Own, Effective: effective(w.inForce)}
		d.Drop.Group, d.Drop.Later, d.Shadowed = w.groupOfRows(nil), w.groupOfRows(nil), w.groupOfRows(nil)
	}
	return d
}

// rowLists are empty lists of row numbers: by decision, and of what later rule runs drop.
func (w *work) rowLists() (byDecision *[len(decisionNames)][]int, later *[]int) {
	m := w.lent()
	for n := range m.rows {
		m.rows[n] = m.rows[n][:0]
	}
	m.later = m.later[:0]
	return &m.rows, &m.later
}

func (w *work) count(d *plan.Datasource, i int) {
	v, size := &w.verdicts[i], w.amount(i)
	if w.used(i) {
		d.Used.Add(size)
	}
	if w.stays(i) {
		d.Keep.Add(size)
	}
	if v.decision == drop && v.byTime && w.concerns(i) {
		d.Drop.ByTime.Add(size)
	}
}

// ruleChange is the semantic difference of the own list.
func (w *work) ruleChange() plan.RuleChange {
	c := plan.RuleChange{Change: plan.ChangeNone, After: w.planned.Own, Effective: effective(w.planned),
		Outside: w.in.outside(&w.seen.Rules)}
	if w.seen.Rules.Set {
		c.Before = w.inForce.Own
	}
	if w.policy != nil && w.policy.Rules != nil {
		c.Range = known(w.policy.Rules.Origin)
		for _, r := range w.policy.Rules.Sources {
			c.Sources = append(c.Sources, known(r))
		}
	}
	if !w.planned.Own.Equal(w.inForce.Own) {
		c.Change = plan.ChangeUpdate
		if len(w.inForce.Own) == 0 {
			c.Change = plan.ChangeCreate
		}
	}
	return c
}

func effective(c druid.Chain) druid.RuleList {
	list := make(druid.RuleList, 0, c.Len())
	for i := range c.Len() {
		list = append(list, c.At(i))
	}
	return list
}

// defaultChange is the semantic difference of the default list.
func (in *Input) defaultChange() plan.RuleChange {
	c := plan.RuleChange{Change: plan.ChangeNone, Before: in.Snapshot.DefaultRules.List, After: in.Snapshot.DefaultRules.List,
		Outside: in.outside(&in.Snapshot.DefaultRules)}
	if in.Config.DefaultRules != nil {
		c.After, c.Range = in.Config.DefaultRules.List, known(in.Config.DefaultRules.Origin)
		for _, r := range in.Config.DefaultRules.Sources {
			c.Sources = append(c.Sources, known(r))
		}
	}
	if in.defaultChanges() {
		c.Change = plan.ChangeUpdate
		if len(c.Before) == 0 {
			c.Change = plan.ChangeCreate
		}
	}
	return c
}

// narrows reports whether the plan's rules drop something here that the rules in force keep.
func (w *work) narrows() bool {
	for i := range w.verdicts {
		if w.verdicts[i].newlyDropped() {
			return true
		}
	}
	return false
}

// stopsCoordinator complains about rules in the cluster that stop the Coordinator's rule run for every datasource. What
// this plan replaces is no complaint.
func (w *work) stopsCoordinator() {
	for n := range w.inForce.Own {
		why, stops := w.inForce.Own[n].StopsCoordinator()
		if stops && w.planned.Own.Equal(w.inForce.Own) {
			w.complain(stopsComplaint(why, w.inForce.Own[n]))
		}
	}
}

func stopsComplaint(why string, r druid.Rule) complaint {
	return complaint{severity: diag.Warning, code: "rule-stops-coordinator",
		summary: "A rule in the cluster stops the rules of every datasource",
		detail:  "Rule " + r.Summary() + ": " + why + ". The Coordinator's rule run dies at the first segment that reaches it.",
		hint:    "Replace the list; coppice does so when the datasource declares its rules.", witness: r.Summary()}
}
