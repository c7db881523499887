package executor

import (
	"slices"

	"coppice/internal/plan"
)

// queue holds the kills that have not begun. It is kept by datasource, in the order of the plan, so that the next one is
// found without looking at all that are done or have to wait: a plan may have a hundred thousand.
type queue struct {
	names []string // datasources with kills left, in the order of their first
	of    map[string][]*plan.Action
	// undone are the kills that ended without being carried out, by datasource, with their place in the plan.
	undone map[string][]placed
	places map[*plan.Action]int
}

type placed struct {
	action *plan.Action
	place  int
}

func newQueue(p *plan.Plan) queue {
	q := queue{of: map[string][]*plan.Action{}, undone: map[string][]placed{}, places: make(map[*plan.Action]int, len(p.Actions))}
	for n, a := range p.Actions {
		q.places[a] = n
	}
	return q
}

// fill takes up the kills that are open and not under way.
func (q *queue) fill(open []*plan.Action, flying func(*plan.Action) bool) {
	for _, a := range open {
		if a.Kind != plan.KillTask || flying(a) {
			continue
		}
		if q.of[a.Datasource] == nil {
			q.names = append(q.names, a.Datasource)
		}
		q.of[a.Datasource] = append(q.of[a.Datasource], a)
	}
}

// take removes one of a datasource's kills.
func (q *queue) take(name string, n int) {
	left := q.of[name]
	if n == 0 {
		left = left[1:]
	} else {
		left = slices.Delete(left, n, n+1)
	}
	if q.of[name] = left; len(left) == 0 {
		delete(q.of, name)
		q.names = slices.DeleteFunc(q.names, func(o string) bool { return o == name })
	}
}

// ended notes a kill that was not carried out.
func (q *queue) ended(a *plan.Action, outcome Outcome) {
	if a.Kind == plan.KillTask && outcome != Done && outcome != DoneBefore && outcome != SkippedBlocked {
		q.undone[a.Datasource] = append(q.undone[a.Datasource], placed{a, q.places[a]})
	}
}

// undoneBelow is the first kill of the datasource over the same time that comes before a and was not carried out. What
// comes later may hide what it was to delete, and deleting the cover first would let old data come back.
func (q *queue) undoneBelow(a *plan.Action) *plan.Action {
	first := placed{nil, q.places[a]}
	for _, o := range q.undone[a.Datasource] {
		if o.place < first.place && o.action.Task.Interval.Overlaps(a.Task.Interval) {
			first = o
		}
	}
	return first.action
}
