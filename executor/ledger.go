package executor

import (
	"fmt"
	"slices"

	"coppice/internal/druid"
	"coppice/internal/plan"
)

// ledger knows, for every rule list that the plan speaks of, what must be in force at this point of the run.
type ledger map[string]*expectation

// expectation is one list's way through the plan: states[0] is what the plan saw, states[n] what its n-th rule action
// leaves behind; done of them are behind us.
type expectation struct {
	states []druid.RuleList
	done   int
	// maybe: the next one was begun by an earlier run, and nobody knows whether it had an effect.
	maybe bool
}

func newLedger(p *plan.Plan, resume Resume) ledger {
	l := ledger{plan.DefaultRules: {states: []druid.RuleList{p.DefaultRules.Before}}}
	for _, d := range p.Datasources {
		l[d.Name] = &expectation{states: []druid.RuleList{d.Rules.Before}}
	}
	for _, a := range p.Actions {
		if a.Kind == plan.SetRules && !a.Blocked {
			l[a.Datasource].add(*a.RulesAfter, resume.Actions[a.ID])
		}
	}
	return l
}

func (e *expectation) add(after druid.RuleList, progress Progress) {
	if progress.settled() {
		e.done = len(e.states)
	} else if progress.Started && e.done == len(e.states)-1 {
		e.maybe = true
	}
	e.states = append(e.states, after)
}

// fits reports whether a list read just now is what the plan expects here.
func (e *expectation) fits(live druid.RuleList) bool {
	return same(live, e.states[e.done]) || e.maybe && same(live, e.states[e.done+1])
}

// advance: the next rule action is done.
func (e *expectation) advance() { e.done, e.maybe = e.done+1, false }

// same compares meanings. No list and an empty list are one: Druid's API does not tell them apart.
func same(a, b druid.RuleList) bool { return len(a) == 0 && len(b) == 0 || a.Equal(b) }

// preflight reads every rule list that an open action relies on, before anything is changed.
func (r *run) preflight() {
	open := r.open()
	if len(open) == 0 {
		return
	}
	if reason, ok := r.inTime(); !ok {
		r.closeAll(Stale, reason)
		return
	}
	if problem, outcome := r.compareRules(plan.DefaultRules); outcome != "" {
		r.closeAll(outcome, problem)
		return
	}
	if !r.preflightAll(open) {
		return
	}
	seen := map[string]bool{plan.DefaultRules: true}
	for _, a := range open {
		if seen[a.Datasource] {
			continue
		}
		seen[a.Datasource] = true
		if r.halted() {
			return
		}
		if problem, outcome := r.compareRules(a.Datasource); outcome != "" {
			r.close(a.Datasource, outcome, problem)
		}
	}
}

// preflightAll: new default rules act on every datasource that the plan looked at, so the own lists of all of them have
// to be as the plan saw them, also where nothing else is to be done.
func (r *run) preflightAll(open []*plan.Action) bool {
	if !slices.ContainsFunc(open, func(a *plan.Action) bool { return a.Datasource == plan.DefaultRules }) {
		return true
	}
	for _, d := range r.plan.Datasources {
		if r.halted() {
			return false
		}
		if problem, outcome := r.compareRules(d.Name); outcome != "" {
			r.closeAll(outcome, problem)
			return false
		}
	}
	if problem, outcome := r.stranger(); outcome != "" {
		r.closeAll(outcome, problem)
		return false
	}
	return true
}

// stranger looks for a datasource with used segments that the plan has not looked at, since it appeared later: new default
// rules would act on it too. The outcome is empty when there is none.
func (r *run) stranger() (problem string, outcome Outcome) {
	names, err := r.cluster.Datasources(r.ctx)
	if err != nil {
		return fmt.Sprintf("read datasources: %v", err), Failed
	}
	for _, name := range names {
		if slices.ContainsFunc(r.plan.Datasources, func(d *plan.Datasource) bool { return d.Name == name }) {
			continue
		}
		ids, err := r.cluster.UsedSegments(r.ctx, name, druid.Eternity)
		switch {
		case err != nil:
			return fmt.Sprintf("read used segments of %s: %v", name, err), Failed
		case len(ids) > 0:
			return fmt.Sprintf("the plan changes the default rules and does not know datasource %s, which has used segments by now", name), Stale
		}
	}
	return "", ""
}

// inTime refuses a plan that is too old, or from a clock that runs ahead of this one.
func (r *run) inTime() (string, bool) {
	now := r.o.Now()
	switch {
	case now >= r.plan.ExpiresAt:
		return fmt.Sprintf("the plan expired at %s", r.plan.ExpiresAt), false
	case now < r.plan.Now:
		return fmt.Sprintf("the plan was made at %s, which lies after now, %s", r.plan.Now, now), false
	}
	return "", true
}

// expectRules compares the rules of the action's datasource, and the default, with what the plan expects at this point,
// and ends the action when they are others.
func (r *run) expectRules(a *plan.Action) bool {
	keys := []string{plan.DefaultRules, a.Datasource}
	if a.Datasource == plan.DefaultRules {
		keys = keys[:1]
	}
	for _, key := range keys {
		problem, outcome := r.compareRules(key)
		switch outcome {
		case "":
			continue
		case Stale:
			r.endStale(a, problem)
			if key == plan.DefaultRules {
				r.closeAll(Stale, problem)
			}
		default:
			r.endFailed(a, outcome, problem)
		}
		return false
	}
	return true
}

// compareRules reads one list; the outcome is empty when it is as expected.
func (r *run) compareRules(key string) (problem string, outcome Outcome) {
	live, _, err := r.cluster.Rules(r.ctx, key)
	if err != nil {
		return fmt.Sprintf("read rules of %s: %v", key, err), Failed
	}
	if !r.rules[key].fits(live) {
		return fmt.Sprintf("the rules of %s are not those that the plan saw: somebody changed them", key), Stale
	}
	return "", ""
}
