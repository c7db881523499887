package planner

import (
	"slices"

	"coppice/config"
	"coppice/internal/druid"
	"coppice/internal/plan"
	"coppice/internal/snapshot"
)

// A request asks for something beside the configuration: mark these segments, delete those. It is planned by the same
// code as everything else, with the request in place of all that the configuration asks for by itself. Holds, guards
// and consent stay as they are declared.

// onlyAsked leaves of the configuration what protects, and takes away what asks for changes.
func (in *Input) onlyAsked() {
	if in.Request == nil {
		return
	}
	left := *in.Config
	left.DefaultRules, left.Removals = in.restoredDefault(), nil
	in.declared, in.Config, in.Select, in.Unfinished = in.Config, &left, nil, nil
}

// askedOf is a datasource that a request is about.
func (in *Input) askedOf(name string) subject {
	seen := in.Snapshot.Find(name)
	s := subject{nil, orEmpty(seen, name), seen != nil}
	declared := in.Config.For(name)
	rules := in.rulesAsked(name, declared)
	if rules != nil && declared == nil { // what nobody declares has the guards that hold for all
		declared = &config.Datasource{Name: name, Guard: in.Config.Guard}
	}
	if declared != nil {
		s.policy = &config.Datasource{Name: name, Origin: declared.Origin, Rules: rules, Guard: declared.Guard}
		if declared.Kill != nil { // no grace: nothing dies that was not asked for
			s.policy.Kill = &config.Kill{Origin: declared.Kill.Origin, Task: declared.Kill.Task}
		}
	}
	return s
}

func (in *Input) asks(c plan.Command) bool { return in.Request != nil && in.Request.Command == c }

// ask finds the rows that the request names. What is to be marked unused or killed is claimed as a removal claims.
func (w *work) ask() {
	if w.in.Request == nil {
		return
	}
	if w.asked = w.namedByRequest(); w.in.asks(plan.AskRestore) && w.in.declared != nil {
		w.standing = removalsOf(w.in.declared, w.seen.Name)
		w.standOver = w.claims(w.standing)
	}
	named := &config.Removal{Name: string(w.in.Request.Command), Datasource: w.seen.Name}
	switch w.in.Request.Command {
	case plan.AskKill:
		named.KillAfter = &config.Setting[druid.Period]{}
		if older := w.in.Request.OlderThanMarked; older != nil {
			named.KillAfter.Value = *older
		}
	case plan.AskUnused:
	default:
		return
	}
	w.removals, w.claimed = []*config.Removal{named}, make([]uint16, len(w.rows))
	for i := range w.rows {
		if w.asked[i] && w.fits(i) {
			w.claimed[i] = 1
		}
	}
}

// fits reports whether the row is in the state that the request is about: used for mark-unused, unused for the others,
// and for new marking times without one.
func (w *work) fits(i int) bool {
	if w.in.asks(plan.AskStamp) && w.rows[i].MarkedAt.Known() {
		return false
	}
	return w.used(i) == w.in.asks(plan.AskUnused)
}

func (w *work) namedByRequest() []bool {
	if w.in.undoes() {
		return w.undone()
	}
	r, named := w.in.Request, make([]bool, len(w.rows))
	ids, _ := r.IDs() // what is no id names nothing; strangeIDs complains
	if len(ids) > 0 {
		for _, id := range ids {
			if i, found := w.seen.IndexOf(id); found {
				named[i] = true
			}
		}
		return named
	}
	for i := range w.rows {
		named[i] = (r.Interval == nil || r.Interval.Contains(w.rows[i].Interval)) && w.ofAskedVersion(i)
	}
	return named
}

func (w *work) ofAskedVersion(i int) bool {
	versions := w.in.Request.Versions
	return len(versions) == 0 || slices.Contains(versions, w.seen.Versions.At(w.rows[i].Version))
}

// naturalClasses are the classes of unused rows as they were without a request to kill: they say what is about to die.
func (w *work) naturalClasses() []class {
	if !w.in.asks(plan.AskKill) {
		return nil
	}
	other := *w
	other.removals, other.claimed, other.complaints = nil, nil, nil
	other.verdicts = make([]verdict, len(w.rows))
	for _, c := range other.components() {
		other.planComponent(c)
	}
	classes := make([]class, len(w.rows))
	for i := range other.verdicts {
		classes[i] = other.verdicts[i].class
	}
	return classes
}

// restamps reports whether the row gets a new marking time. A row that contradicts itself is left alone.
func (w *work) restamps(i int) bool {
	s := &w.rows[i]
	return w.in.asks(plan.AskStamp) && w.asked[i] && w.fits(i) && !s.Has(snapshot.Odd) && !w.deferredRemoval(i)
}

// stamped are the rows that get a new marking time, nil without such a request.
func (w *work) stamped() *plan.Group {
	if !w.in.asks(plan.AskStamp) {
		return nil
	}
	var rows []int
	for i := range w.rows {
		if w.restamps(i) {
			w.verdicts[i] = verdict{decision: hold, why: becauseStamp, rule: -1, eligible: druid.NoInstant, since: druid.NoInstant}
			rows = append(rows, i)
		}
	}
	g := w.groupOfRows(rows)
	return &g
}

// restamp is the step that gives new marking times, nil when there is nothing to stamp.
func (w *work) restamp(d *plan.Datasource) *plan.Action {
	if d.Restamp == nil || d.Restamp.Segments == 0 {
		return nil
	}
	return &plan.Action{Kind: plan.MarkUnused, Datasource: d.Name, Restamp: true, Amount: d.Restamp.Amount, Runs: d.Restamp.Runs,
		Reason: d.Restamp.Runs[0].Reason}
}

// concerns reports whether the row is shown: a request is about the rows that it names, and no others.
// Of one to mark, what is not marked is told by findings alone.
func (w *work) concerns(i int) bool {
	if w.asked == nil {
		return true
	}
	switch w.in.Request.Command {
	case plan.AskKill:
		return w.asked[i] && w.fits(i)
	case plan.AskUnused:
		return w.verdicts[i].decision == remove
	case plan.AskUsed:
		return w.verdicts[i].decision == restore
	case plan.AskRestore: // its rules may drop something, and wait for the clean-up of what lies below
		d := w.verdicts[i].decision
		return d == restore || w.rulesChange && (d == drop || d == shadowed)
	}
	return false
}
