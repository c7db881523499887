package planner

import (
	"fmt"
	"slices"

	"coppice/config"
	"coppice/internal/diag"
	"coppice/internal/druid"
	"coppice/internal/plan"
)

// A request to restore brings unused segments back under rules: those that the configuration declares, or, to undo an
// earlier apply, those that were in force before it. It is the one request that may change rules.

// Undo is what an earlier apply did, as its plan and its journal tell.
type Undo struct {
	// BeganAt is when it began, by the clock of whoever ran it.
	BeganAt druid.Instant
	// Lists are the rule lists that it changed, by key.
	Lists map[string]UndoneList
	// Marked are the segments that it, or the rules that it posted, were to mark unused, by datasource.
	Marked map[string][]plan.Run
	// Stays says what it did and a restore does not take back, one sentence each, by datasource.
	Stays map[string][]string
}

// UndoneList is a rule list before the apply, and what it may have been after each of its steps.
type UndoneList struct {
	Before druid.RuleList
	After  []druid.RuleList
}

// UndoOf reads a plan backwards; began says of an action whether it may have had an effect.
func UndoOf(p *plan.Plan, began func(*plan.Action) bool) *Undo {
	u := &Undo{Lists: map[string]UndoneList{}, Marked: map[string][]plan.Run{}, Stays: map[string][]string{}}
	for _, a := range p.Actions {
		if a.Blocked || !began(a) {
			continue
		}
		switch {
		case a.Kind == plan.SetRules:
			u.addRules(a)
		case a.Kind == plan.MarkUnused && !a.Restamp:
			u.Marked[a.Datasource] = append(u.Marked[a.Datasource], a.Runs...)
		case a.Kind == plan.MarkUnused:
			u.stays(a, "%d segments that it gave a new marking time keep it")
		case a.Kind == plan.MarkUsed:
			u.stays(a, "%d segments that it marked used are not marked unused; what the rules drop goes by itself, for the rest there is mark-unused")
		case a.Kind == plan.KillTask:
			u.lookAt(a.Datasource)
		}
	}
	for _, d := range p.Datasources {
		if u.changed(d.Name) && !d.Blocked {
			u.Marked[d.Name] = append(u.Marked[d.Name], notByTime(d.Drop.Runs, d.Drop.Later.Runs)...)
		}
	}
	return u
}

func (u *Undo) addRules(a *plan.Action) {
	list, known := u.Lists[a.Datasource]
	if !known {
		list.Before = a.RulesBefore
	}
	list.After = append(list.After, *a.RulesAfter)
	u.Lists[a.Datasource] = list
}

// lookAt makes the datasource one of Datasources, for what was deleted of it; see unrecoverable.
func (u *Undo) lookAt(datasource string) {
	if _, known := u.Stays[datasource]; !known {
		u.Stays[datasource] = nil
	}
}

func (u *Undo) stays(a *plan.Action, words string) {
	u.Stays[a.Datasource] = append(u.Stays[a.Datasource], fmt.Sprintf(words, a.Segments))
}

// changed reports whether the apply changed the chain of a datasource.
func (u *Undo) changed(name string) bool {
	_, own := u.Lists[name]
	_, byDefault := u.Lists[plan.DefaultRules]
	return own || byDefault
}

// Datasources are those that the apply acted on, without _default.
func (u *Undo) Datasources() []string {
	names := map[string]bool{}
	for name := range u.Lists {
		names[name] = true
	}
	for name := range u.Marked {
		names[name] = true
	}
	for name := range u.Stays {
		names[name] = true
	}
	delete(names, plan.DefaultRules)
	var list []string
	for name := range names {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

func notByTime(groups ...[]plan.Run) []plan.Run {
	var list []plan.Run
	for _, runs := range groups {
		for _, r := range runs {
			if !r.ByTime {
				list = append(list, r)
			}
		}
	}
	return list
}

// undoes reports whether the request is to undo an apply.
func (in *Input) undoes() bool { return in.Request != nil && in.Request.Apply != "" }

// undoing is what is to be undone; empty when nobody handed it over.
func (in *Input) undoing() *Undo {
	if in.Undo == nil {
		return &Undo{}
	}
	return in.Undo
}

// restoredDefault is the default list that a request puts back, nil when it leaves the default alone: a request about
// one datasource does.
func (in *Input) restoredDefault() *config.Rules {
	list, known := in.undoing().Lists[plan.DefaultRules]
	if !in.undoes() || in.Request.Datasource != "" || !known || !list.fits(in.Snapshot.DefaultRules.List) {
		return nil
	}
	return &config.Rules{List: orNone(list.Before)}
}

// orNone makes an empty list of no list: a POST cannot say "none", and to Druid's API both are the same.
func orNone(list druid.RuleList) druid.RuleList {
	if list == nil {
		return druid.RuleList{}
	}
	return list
}

// fits reports whether a list is as the apply left it, or as it was before.
func (l UndoneList) fits(live druid.RuleList) bool {
	return alike(live, l.Before) || slices.ContainsFunc(l.After, func(after druid.RuleList) bool { return alike(live, after) })
}

// alike compares meanings.
func alike(a, b druid.RuleList) bool { return len(a) == 0 && len(b) == 0 || a.Equal(b) }

// undoneSubjects are the datasources that the apply acted on; when it changed the default rules, all of the cluster.
func (in *Input) undoneSubjects() []subject {
	if in.Request.Datasource != "" {
		return []subject{in.askedOf(in.Request.Datasource)}
	}
	names := in.undoing().Datasources()
	if in.defaultChanges() {
		for _, seen := range in.Snapshot.Datasources {
			names = append(names, seen.Name)
		}
	}
	var list []subject
	for _, name := range distinct(names) {
		list = append(list, in.askedOf(name))
	}
	return list
}

// rulesAsked are the own rules that a restore puts in force; nil leaves those in force alone.
func (in *Input) rulesAsked(name string, declared *config.Datasource) *config.Rules {
	switch {
	case !in.asks(plan.AskRestore):
		return nil
	case !in.undoes() && declared != nil:
		return declared.Rules
	case !in.undoes():
		return nil
	}
	list, known := in.undoing().Lists[name]
	live := druid.RuleList(nil)
	if seen := in.Snapshot.Find(name); seen != nil {
		live = seen.Rules.List
	}
	if !known || !list.fits(live) || alike(live, list.Before) {
		return nil
	}
	return &config.Rules{List: orNone(list.Before)}
}

// undone are the rows that the apply marked unused: those that its plan names, which were used when it was made, and
// those that its rules have dropped since.
func (w *work) undone() []bool {
	w.marked = keysOf(w.in.undoing().Marked[w.seen.Name])
	rows := make([]bool, len(w.rows))
	for i := range w.rows {
		rows[i] = !w.used(i) && (w.marked[w.rowKey(i)] || w.droppedBetween(i))
	}
	return rows
}

// droppedBetween: only the rules that are taken back drop the row, and they marked it, after the apply had begun. Here not
// known is no: what was unused before is none of the apply's doing.
func (w *work) droppedBetween(i int) bool {
	at := w.rows[i].MarkedAt
	return w.rulesChange && at.Known() && at >= w.in.undoing().BeganAt && w.judge(w.planned, w.rows[i].Interval).action != druid.ActionDrop && w.droppedByRules(i)
}

// undoesID reports whether the apply marked a segment unused that is there no more.
func (w *work) undoesID(id druid.SegmentID) bool {
	return w.marked[rowKey{id.Interval, id.Version, id.Partition}]
}

// asksForNothing: what a restore of an interval would bring back is not there, so it posts no rules either.
func (w *work) asksForNothing(d *plan.Datasource) bool {
	return w.in.asks(plan.AskRestore) && !w.in.undoes() && d.Restore.Segments == 0
}

// restoreFindings complain about what a restore cannot do, or what would not last.
func (w *work) restoreFindings() {
	w.listFinding(w.seen.Name, w.seen.Rules.List)
	back := slices.ContainsFunc(w.verdicts, func(v verdict) bool { return v.decision == restore })
	if back && w.narrows() && !w.in.undoes() {
		w.complain(complaint{severity: diag.Error, code: "restore-narrows", summary: "The declared rules drop used data that the rules in force keep",
			detail: "A restore brings data back, and is no way to take any away.",
			hint: "Put the declared rules in force with apply first, which guards it. Or bring the interval back under\nthe rules in force: coppice mark-used " +
				w.seen.Name + " " + w.in.Request.Interval.String(), origin: w.rulesOrigin()})
	}
	for _, what := range w.in.undoing().Stays[w.seen.Name] {
		w.complain(complaint{severity: diag.Warning, code: "request-left", summary: "Not undone", detail: "Of apply " + w.in.Request.Apply + ": " + what + "."})
	}
	w.undeclared()
}

// listFinding: a list that somebody has changed since is not overwritten.
func (w *work) listFinding(key string, live druid.RuleList) {
	list, known := w.in.undoing().Lists[key]
	if !w.in.undoes() || !known || list.fits(live) {
		return
	}
	w.complain(changedSince(key, w.in.Request.Apply))
}

func changedSince(key, apply string) complaint {
	return complaint{severity: diag.Error, code: "restore-rules-changed", summary: "The rules of " + key + " were changed again since",
		detail: "They are neither as apply " + apply + " left them nor as they were before it. Putting the old list back would overwrite a newer change.",
		hint:   "coppice history shows what came later. Undo that first, or declare the rules that are right, apply them,\nand bring the data back with coppice restore DATASOURCE INTERVAL."}
}

// defaultChangedSince is the same of the default list.
func (in *Input) defaultChangedSince() []complaint {
	list, known := in.undoing().Lists[plan.DefaultRules]
	if !in.undoes() || in.Request.Datasource != "" || !known || list.fits(in.Snapshot.DefaultRules.List) {
		return nil
	}
	c := changedSince(plan.DefaultRules, in.Request.Apply)
	c.hint += "\nTo undo the part of one datasource alone: coppice restore --apply " + in.Request.Apply + " DATASOURCE"
	return []complaint{c}
}

// undeclared warns of what the configuration does again at the next apply.
func (w *work) undeclared() {
	if !w.in.undoes() || w.in.declared == nil {
		return
	}
	again := complaint{severity: diag.Warning, code: "restore-undeclared", summary: "The configuration still asks for what is undone",
		detail: "The next apply would do it again.", hint: "Revert the change of the configuration as well."}
	if d := w.in.declared.For(w.seen.Name); d != nil && d.Rules != nil && w.rulesChange && !alike(d.Rules.List, w.planned.Own) {
		again.origin = known(d.Rules.Origin)
		w.complain(again)
		return
	}
	for i := range w.rows {
		if w.verdicts[i].decision == restore && w.standOver != nil && w.standOver[i] > 0 {
			again.origin, again.witness = known(w.standing[w.standOver[i]-1].Origin), w.id(i)
			w.complain(again)
			return
		}
	}
}
