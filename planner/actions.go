package planner

import (
	"cmp"
	"slices"

	"coppice/internal/diag"
	"coppice/internal/druid"
	"coppice/internal/plan"
)

// The order of execution: what protects first, then what narrows, then what destroys.
const (
	stepBeforeDefault = iota
	stepWidenDefault
	stepWiden
	stepRestore
	stepMark
	stepNarrow
	stepNarrowDefault
	stepAfterDefault
	stepMarkAfterNarrow
	stepRestoreAfterNarrow
	stepKill
)

type step struct {
	rank   int
	oldest int // kills: position within the datasource
	action *plan.Action
}

// actions are the steps of one datasource.
func (w *work) actions(d *plan.Datasource) []step {
	var steps []step
	narrows := w.narrows()
	if d.Rules.Change != plan.ChangeNone && !w.in.defaultChanges() { // else see ruleSteps
		steps = append(steps, step{rank(narrows, stepNarrow, stepWiden), 0,
			setRules(d.Name, d.Rules.Before, d.Rules.After, narrows, w.in.asDeclared(d.Rules.Range))})
	}
	if a := w.markUsed(d); a != nil {
		after := narrows || w.in.defaultChanges() // the default may narrow elsewhere, and then comes late
		steps = append(steps, step{rank(after, stepRestoreAfterNarrow, stepRestore), 0, a})
	}
	steps = append(steps, w.markUnused(d)...)
	if a := w.restamp(d); a != nil {
		steps = append(steps, step{stepMark, 0, a})
	}
	for _, s := range steps {
		s.action.ID = plan.ActionID(s.action)
	}
	var of victims
	for n, e := range w.errands() {
		if !of.are(e.rows) {
			of = w.victims(e.rows, d.Kill.Runs)
		}
		steps = append(steps, step{stepKill, n, w.killAction(e, &of)})
	}
	return steps
}

func rank(narrows bool, yes, no int) int {
	if narrows {
		return yes
	}
	return no
}

// setRules is the step that replaces a list; narrows: it drops something that the rules before it did not.
func setRules(name string, before, after druid.RuleList, narrows bool, why plan.Reason) *plan.Action {
	return &plan.Action{Kind: plan.SetRules, Datasource: name, Widens: !narrows, RulesBefore: before, RulesAfter: &after, Reason: why}
}

// asDeclared is why rules are posted: the configuration, or an apply that is undone.
func (in *Input) asDeclared(at *diag.Range) plan.Reason {
	if in.undoes() {
		return plan.Reason{Code: "undo", Text: "the rules as they were before apply " + in.Request.Apply}
	}
	return plan.Reason{Code: "rules-declared", Text: "the rules in force are not those declared", Range: at}
}

// markUsed is the step that restores, nil when there is nothing to mark now.
func (w *work) markUsed(d *plan.Datasource) *plan.Action {
	a := &plan.Action{Kind: plan.MarkUsed, Datasource: d.Name,
		Reason: plan.Reason{Code: "window-widened", Text: "the planned rules keep what the rules in force dropped", Range: d.Rules.Range}}
	if w.in.Request != nil {
		a.Reason = plan.Reason{Code: "asked", Text: "asked for by " + string(w.in.Request.Command)}
	}
	return someRuns(a, d.Restore.Runs)
}

// markUnused are the steps of the removals, none when there is nothing to mark now: first what may go at once, then what
// would uncover older data that is dropped itself, by rules that this plan posts perhaps.
func (w *work) markUnused(d *plan.Datasource) []step {
	u := w.uncovers()
	var steps []step
	for n, late := range []bool{false, true} {
		runs := slices.DeleteFunc(slices.Clone(d.Remove.Runs), func(r plan.Run) bool { return u.over[place{r.Interval, r.Version}] != late })
		if a := someRuns(&plan.Action{Kind: plan.MarkUnused, Datasource: d.Name}, runs); a != nil {
			a.Reason = a.Runs[0].Reason
			if late {
				a.Uncovers = w.groupOfRows(u.rows).Runs
			}
			steps = append(steps, step{[]int{stepMark, stepMarkAfterNarrow}[n], 0, a})
		}
	}
	return steps
}

// someRuns fills in those of the runs that wait for nothing; nil when all wait.
func someRuns(a *plan.Action, runs []plan.Run) *plan.Action {
	for _, r := range runs {
		if r.WaitsFor == "" {
			a.Runs = append(a.Runs, r)
			a.Add(r.Amount)
		}
	}
	if len(a.Runs) == 0 {
		return nil
	}
	return a
}

// victims are the rows of a kill task, folded. Tasks of equal reach share them, since each may take any: a chunk of many
// rows goes in many tasks, and folding and digesting it for each would cost the square of its rows.
type victims struct {
	rows   []int
	group  plan.Group
	digest string
	// first is the id of the first task that may take them; empty before there is one.
	first string
}

// victims are all or some of those that the runs name.
func (w *work) victims(rows []int, all []plan.Run) victims {
	g, whole := w.wholeRuns(rows, all)
	if !whole {
		g = w.groupOfRows(rows)
	}
	return victims{rows: rows, group: g, digest: plan.RunsDigest(w.seen.Name, g.Runs)}
}

// wholeRuns is the part of the runs, which are by start, that names just these rows: those that begin no sooner than the
// first of the rows and no later than the last, when they are as many. They are not copied.
func (w *work) wholeRuns(rows []int, all []plan.Run) (g plan.Group, ok bool) {
	first, last := w.rows[rows[0]].Interval.Start, w.rows[rows[len(rows)-1]].Interval.Start
	from := startsFrom(all, first)
	to := from + startsFrom(all[from:], last+1)
	g.Runs = all[from:to:to]
	for i := range g.Runs {
		g.Add(g.Runs[i].Amount)
	}
	return g, g.Segments == int64(len(rows))
}

// startsFrom is the first run that begins at the moment or later.
func startsFrom(runs []plan.Run, at druid.Instant) int {
	n, _ := slices.BinarySearchFunc(runs, at, func(r plan.Run, at druid.Instant) int { return cmp.Compare(r.Interval.Start, at) })
	return n
}

// are reports whether these are the very rows, in the same memory.
func (v *victims) are(rows []int) bool { return len(v.rows) == len(rows) && &v.rows[0] == &rows[0] }

func (w *work) killAction(e errand, of *victims) *plan.Action {
	g := of.group
	a := &plan.Action{Kind: plan.KillTask, Datasource: w.seen.Name, Permanent: true, Runs: g.Runs,
		Amount: plan.Amount{Segments: int64(e.limit), Bytes: g.Bytes}, Reason: g.Runs[0].Reason}
	if e.limit < len(e.rows) { // one of several tasks of equal reach: Druid chooses which rows each takes
		a.Bytes = g.Bytes * int64(e.limit) / int64(len(e.rows))
	}
	limit := e.limit + e.strays
	t := &plan.Task{Interval: e.interval, Limit: limit, BatchSize: max(limit, w.task().MaxSegments.Value),
		MaxUsedStatusLastUpdated: e.cutoff, Context: w.task().Context}
	t.Versions = make([]string, len(e.versions))
	for n, v := range e.versions {
		t.Versions[n] = w.seen.Versions.At(v)
	}
	t.ID = plan.TaskID(w.seen.Name, t.Interval, t.Versions, t.MaxUsedStatusLastUpdated, of.digest, e.ordinal)
	a.Task = t
	a.ID, a.RunsOf = plan.ActionIDOf(a, of.digest), of.first
	of.first = cmp.Or(of.first, a.ID)
	return a
}

func inOrder(steps []step) []*plan.Action {
	slices.SortStableFunc(steps, func(a, b step) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.action.Datasource, b.action.Datasource), cmp.Compare(a.oldest, b.oldest))
	})
	actions := make([]*plan.Action, 0, len(steps))
	for _, s := range steps {
		if s.action.ID == "" {
			s.action.ID = plan.ActionID(s.action)
		}
		actions = append(actions, s.action)
	}
	return actions
}
