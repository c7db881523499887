package safety

import (
	"fmt"
	"strings"

	"coppice/executor"
	"coppice/internal/druid"
	"coppice/internal/plan"
)

// guard knows what was approved, and writes down what must never happen.
type guard struct {
	// approved are the ids that each task may take, by the id that the plan gives the task.
	approved map[string]map[druid.SegmentID]bool
	// wanted is the declared list of the datasource; without one the rules in force are left alone.
	wanted *druid.RuleList
	// keeps are the chains at the start and at the end: what both keep, no run of the Coordinator marks on the way.
	keeps [2]druid.Chain
	// manifests are those on record.
	manifests []executor.Manifest
	// trouble is what went wrong.
	trouble []string
}

func newGuard(p *plan.Plan, wanted *druid.RuleList) *guard {
	g := &guard{approved: map[string]map[druid.SegmentID]bool{}, wanted: wanted}
	before, after := p.Datasources[0].Rules.Before, p.Datasources[0].Rules.After
	g.keeps = [2]druid.Chain{{Own: before, Default: p.DefaultRules.Before}, {Own: after, Default: p.DefaultRules.After}}
	for _, a := range p.Actions {
		if a.Kind != plan.KillTask {
			continue
		}
		ids := map[druid.SegmentID]bool{}
		for _, r := range a.Runs {
			for id := range r.IDs(name) {
				ids[id] = true
			}
		}
		g.approved[a.Task.ID] = ids
	}
	return g
}

func (g *guard) wrong(format string, args ...any) {
	g.trouble = append(g.trouble, fmt.Sprintf(format, args...))
}

// may reports whether the task, or the attempt of one, was approved to take the segment.
func (g *guard) may(task string, id druid.SegmentID) bool {
	for base, ids := range g.approved {
		if (task == base || strings.HasPrefix(task, base+"-")) && ids[id] {
			return true
		}
	}
	return false
}

// marks is asked before a run of the Coordinator marks a row. Nobody answers for what others have touched, or for rules
// that others have posted.
func (g *guard) marks(c *cluster, r *row) {
	if g == nil || r.touched || c.edited || c.hidden(r) {
		return
	}
	for _, chain := range g.keeps {
		if chain.Match(r.id.Interval, c.now).Action == druid.ActionDrop {
			return
		}
	}
	g.wrong("%s is kept by the rules at the start and in the end, and was marked unused between two lists", r.id)
}

// dies is asked before a task of ours deletes a row.
func (g *guard) dies(c *cluster, t *kill, r *row) {
	if r.used {
		g.wrong("%s is used and was deleted", r.id)
	}
	if !g.may(t.ID, r.id) {
		g.wrong("%s was not approved and was deleted by %s", r.id, t.ID)
	}
	if !g.announced(t.ID, r.id) {
		g.wrong("%s was deleted and is in no manifest of %s", r.id, t.ID)
	}
	for _, below := range c.rows {
		if below.id.Interval == r.id.Interval && below.id.Version < r.id.Version && !below.used && !below.touched &&
			!g.takes(c, t, below) && !c.covered(below, r) {
			g.wrong("%s, hidden by %s until now, can come back", below.id, r.id)
		}
	}
}

func (g *guard) announced(task string, id druid.SegmentID) bool {
	for _, m := range g.manifests {
		for _, v := range m.Victims {
			if m.Task.ID == task && v.ID == id.String() {
				return true
			}
		}
	}
	return false
}

// takes reports whether the task at work takes another row as well.
func (g *guard) takes(c *cluster, t *kill, other *row) bool {
	for _, r := range c.reach(t.KillTask) {
		if r == other {
			return true
		}
	}
	return false
}

// covered reports whether a row of a higher version than below stays when one dies.
func (c *cluster) covered(below, dying *row) bool {
	for _, r := range c.rows {
		if r != dying && r.id.Interval == below.id.Interval && r.id.Version > below.id.Version {
			return true
		}
	}
	return false
}

// sent is asked when a task comes to the Overlord. When nobody has acted since the last look at the cluster, every row
// that the task would take must be approved and due.
func (g *guard) sent(c *cluster, task druid.KillTask, fresh bool) {
	for _, r := range c.reach(task) {
		if !g.may(task.ID, r.id) && fresh {
			g.wrong("%s was sent and reaches %s, which was not approved", task.ID, r.id)
		}
		if why := g.notDue(c, r); why != "" && fresh {
			g.wrong("%s was sent and %s %s", task.ID, r.id, why)
		}
	}
}

// Graces of the configuration.
const supersededAfter, expiredAfter = day, 30 * day

// notDue says why an unused row may not be deleted now; empty when it may. It follows docs/design.md and shares nothing
// with the planner.
func (g *guard) notDue(c *cluster, r *row) string {
	for _, o := range c.rows {
		if o != r && o.id.Interval == r.id.Interval && o.used && o.id.Version > r.id.Version {
			if c.now < r.marked+supersededAfter {
				return "is superseded since too short a time"
			}
			return ""
		}
	}
	inForce := druid.Chain{Own: c.rules(), Default: c.defaults}
	if inForce.Match(r.id.Interval, c.now).Action != druid.ActionDrop {
		return "is kept by the rules in force, and nothing newer is there"
	}
	wanted := inForce
	if g.wanted != nil {
		wanted.Own = *g.wanted
	}
	if wanted.Match(r.id.Interval, c.now).Action != druid.ActionDrop {
		return "is kept by the planned rules, and nothing newer is there"
	}
	for _, o := range c.rows {
		if o.id.Interval == r.id.Interval && o.id.Version < r.id.Version && o.used {
			return "has used data below it"
		}
	}
	if c.now < r.marked+min(supersededAfter, expiredAfter) {
		return "is unused since too short a time"
	}
	return ""
}

// believes compares a report with the cluster.
func (g *guard) believes(c *cluster, p *plan.Plan, r *executor.Report) {
	for i, a := range p.Actions {
		said := r.Actions[i].Outcome
		if said != executor.Done && said != executor.DoneBefore {
			continue
		}
		for _, run := range a.Runs {
			for id := range run.IDs(name) {
				row := c.find(id)
				if a.Kind == plan.KillTask && row != nil && !row.touched && !row.used {
					g.wrong("%s is reported as deleted and is there", id)
				}
			}
		}
	}
}
