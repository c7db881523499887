package executor

import (
	"fmt"

	"coppice/internal/druid"
	"coppice/internal/plan"
)

// setRules replaces one rule list. A POST replaces the whole list and has no precondition, so the list is read again
// right before it; what remains is the moment in between.
func (r *run) setRules(a *plan.Action) {
	if r.alreadySet(a) {
		r.rulesDone(a, DoneBefore, "an earlier run had posted the rules")
		return
	}
	if r.outOfTurn(a) || !r.uncovered(a) || r.strange(a) || !r.remember(a) || !r.intend(a, "", nil) {
		return
	}
	live, _, err := r.cluster.Rules(r.ctx, a.Datasource)
	switch {
	case err != nil:
		r.endFailed(a, Failed, fmt.Sprintf("read rules again: %v", err))
	case !same(live, a.RulesBefore):
		r.endStale(a, "somebody changed the rules since this run began")
	default:
		r.postRules(a)
	}
}

// alreadySet: an earlier run began this action and the list is what it should become.
func (r *run) alreadySet(a *plan.Action) bool {
	if !r.progress(a).Started {
		return false
	}
	live, _, err := r.cluster.Rules(r.ctx, a.Datasource)
	return err == nil && same(live, *a.RulesAfter)
}

// postRules trusts neither an answer nor its absence: what the list is afterwards decides.
func (r *run) postRules(a *plan.Action) {
	comment := r.o.Comment
	if comment == "" {
		comment = "coppice plan " + r.digest
	}
	posted := r.cluster.SetRules(r.ctx, a.Datasource, *a.RulesAfter, r.o.Author, comment)
	switch state, err := r.readBack(a); {
	case err != nil:
		r.endFailed(a, Unknown, notes("posted the rules", posted), fmt.Sprintf("read them back: %v", err))
	case state == listAfter && posted != nil:
		r.rulesDone(a, Done, fmt.Sprintf("the answer was an error (%v); reading the rules back shows that they are set", posted))
	case state == listAfter:
		r.rulesDone(a, Done)
	case state == listBefore && posted != nil:
		r.endFailed(a, Failed, fmt.Sprintf("post rules: %v; the rules are unchanged", posted))
	case state == listBefore:
		r.reports[a.ID].Differences = append(r.reports[a.ID].Differences, "Druid accepted the rules, and still shows the old ones")
		r.endFailed(a, Unknown)
	default:
		r.reports[a.ID].Differences = append(r.reports[a.ID].Differences,
			"the rules are neither the old ones nor those posted: somebody else posted others at the same time")
		r.endFailed(a, Unknown, notes("posted the rules", posted))
	}
}

func notes(what string, err error) string {
	if err == nil {
		return what
	}
	return fmt.Sprintf("%s: %v", what, err)
}

func (r *run) rulesDone(a *plan.Action, outcome Outcome, reasons ...string) {
	r.rules[a.Datasource].advance()
	r.noteRulesDone(a)
	r.end(a, outcome, reasons...)
}

// listState is what a list turned out to be after a POST.
type listState uint8

const (
	listOther listState = iota
	listBefore
	listAfter
)

// readBack reads until the list is no longer the old one, as long as a poll of the rules may take. Reading goes on
// after an interrupt for one more look only.
func (r *run) readBack(a *plan.Action) (listState, error) {
	var state listState
	var err error
	r.until(r.limits.RulePoll, &Waiting{For: "the posted rules to be seen", Datasource: a.Datasource}, func() bool {
		var live druid.RuleList
		live, _, err = r.cluster.Rules(r.ctx, a.Datasource)
		state = listOther
		if same(live, *a.RulesAfter) {
			state = listAfter
		} else if same(live, a.RulesBefore) {
			state = listBefore
		}
		return err == nil && state != listBefore
	})
	return state, err
}

// affected are the datasources whose chain the action changes, blocked ones left out.
func (r *run) affected(a *plan.Action) []*plan.Datasource {
	var found []*plan.Datasource
	for _, d := range r.plan.Datasources {
		if !d.Blocked && (a.Datasource == plan.DefaultRules || a.Datasource == d.Name) {
			found = append(found, d)
		}
	}
	return found
}

// outOfTurn: new default rules rely on the own lists that come before them, since a Coordinator that met the old ones
// could drop what the plan keeps.
func (r *run) outOfTurn(a *plan.Action) bool {
	if a.Datasource != plan.DefaultRules {
		return false
	}
	for _, before := range r.plan.Actions {
		if before == a {
			break
		}
		outcome := r.reports[before.ID].Outcome
		if before.Kind != plan.SetRules || outcome == Done || outcome == DoneBefore {
			continue
		}
		why := fmt.Sprintf("the rules of %s come first and were not set; with its old ones the new default could drop what the plan keeps",
			before.Datasource)
		if outcome == Stale {
			r.endStale(a, why)
		} else {
			r.endFailed(a, NotStarted, why)
		}
		return true
	}
	return false
}

// strange ends new default rules when there is a datasource that the plan has not looked at.
func (r *run) strange(a *plan.Action) bool {
	if a.Datasource != plan.DefaultRules {
		return false
	}
	problem, outcome := r.stranger()
	switch outcome {
	case "":
		return false
	case Stale:
		r.endStale(a, problem)
	default:
		r.endFailed(a, outcome, problem)
	}
	return true
}

// uncovered waits, before rules that narrow are posted, until no overshadowed segment lies below what they drop: the
// clean-up must come first, or the older data would answer again. Not in time: not posted.
func (r *run) uncovered(a *plan.Action) bool {
	if a.Widens {
		return true
	}
	for _, d := range r.affected(a) {
		covered := inventoryOf(d.ShadowedBelow())
		if covered.count() == 0 {
			continue
		}
		left, err := r.waitGone(d.Name, covered, r.limits.Shadowed, "the overshadow clean-up")
		if err != nil {
			r.endFailed(a, Failed, fmt.Sprintf("read used segments of %s: %v", d.Name, err))
			return false
		}
		if left.count() > 0 {
			r.endFailed(a, Deferred, fmt.Sprintf("%d overshadowed segments of %s lie below what these rules drop and were "+
				"not cleaned up, such as %v; posting now would let old data answer again. Druid cleans up once millisToWaitBeforeDeleting "+
				"has passed since the Coordinator became the leader, and what covers them is loaded or wants no replicas",
				left.count(), d.Name, left.names(d.Name)[:1]))
			return false
		}
	}
	return true
}
