package plan

import (
	"errors"
	"fmt"

	"coppice/internal/druid"
)

// Check says whether the plan can be carried out as it is written: every action has exactly the payload of its kind,
// concerns a datasource of the plan, and a kill names exactly what it reaches for. It knows nothing of the cluster.
// All complaints are joined.
func Check(p *Plan) error {
	if err := majorFits(p.FormatVersion); err != nil {
		return err
	}
	if err := checkKinds(p); err != nil {
		return err
	}
	c := checker{datasources: map[string]*Datasource{}, ids: map[string]bool{}, tasks: map[string]bool{}, first: sharer{}, named: map[string]int64{}}
	c.clock(p)
	c.index(p)
	c.request(p)
	c.lists = map[string]druid.RuleList{DefaultRules: p.DefaultRules.Before}
	for _, a := range p.Actions {
		c.action = a
		c.checkAction(a)
	}
	return errors.Join(c.found...)
}

type checker struct {
	datasources map[string]*Datasource
	ids, tasks  map[string]bool
	// lists is what each rule list is after the actions so far.
	lists   map[string]druid.RuleList
	killing bool
	first   sharer
	// named is how many segments the kills name that others have their runs of.
	named  map[string]int64
	action *Action
	found  []error
}

// complain adds a complaint about the action in hand.
func (c *checker) complain(format string, args ...any) {
	err := fmt.Errorf(format, args...)
	if c.action != nil {
		err = fmt.Errorf("action %s of %s: %w", c.action.ID, c.action.Datasource, err)
	}
	c.found = append(c.found, err)
}

func (c *checker) clock(p *Plan) {
	if !p.Now.Known() || !p.ExpiresAt.Known() {
		c.complain("the plan does not say when it was made or when it expires")
	} else if p.ExpiresAt < p.Now {
		c.complain("the plan expires at %s, before it was made at %s", p.ExpiresAt, p.Now)
	}
}

func (c *checker) index(p *Plan) {
	for _, d := range p.Datasources {
		if c.datasources[d.Name] != nil {
			c.complain("datasource %s is listed twice", d.Name)
		}
		c.datasources[d.Name] = d
	}
}

func (c *checker) checkAction(a *Action) {
	c.identity(a)
	c.order(a)
	c.target(a)
	if a.Permanent != (a.Kind == KillTask) {
		c.complain("permanent is %v on a %s", a.Permanent, a.Kind)
	}
	switch a.Kind {
	case SetRules:
		c.setRules(a)
	case MarkUnused, MarkUsed:
		c.mark(a)
	case KillTask:
		c.kill(a)
	}
}

func (c *checker) identity(a *Action) {
	if a.ID == "" || c.ids[a.ID] {
		c.complain("the id is empty or used twice")
	}
	c.ids[a.ID] = true
}

// order: what destroys comes last, so that nothing is deleted before everything that protects has been done.
func (c *checker) order(a *Action) {
	if c.killing && a.Kind != KillTask {
		c.complain("a %s comes after a kill", a.Kind)
	}
	c.killing = c.killing || a.Kind == KillTask
}

func (c *checker) target(a *Action) {
	d := c.datasources[a.Datasource]
	if d == nil && !(a.Kind == SetRules && a.Datasource == DefaultRules) {
		c.complain("the plan says nothing of this datasource")
	}
	if d != nil && d.Blocked && !a.Blocked {
		c.complain("the datasource is blocked and the action is not")
	}
}

func (c *checker) setRules(a *Action) {
	if a.RulesAfter == nil || a.Runs != nil || a.RunsOf != "" || a.Task != nil {
		c.complain("a set_rules has rules_after and nothing else")
		return
	}
	if a.Datasource == DefaultRules && len(*a.RulesAfter) == 0 {
		c.complain("the default rules cannot be empty")
	}
	before, begun := c.lists[a.Datasource]
	if d := c.datasources[a.Datasource]; d != nil && !begun {
		before = d.Rules.Before
	}
	// No list and an empty one are the same to Druid's API.
	if !(len(before) == 0 && len(a.RulesBefore) == 0) && !before.Equal(a.RulesBefore) {
		c.complain("rules_before are not those that the plan has at this point")
	}
	c.lists[a.Datasource] = *a.RulesAfter
}

func (c *checker) mark(a *Action) {
	if len(a.Runs) == 0 || a.RunsOf != "" || a.Task != nil || a.RulesAfter != nil || len(a.RulesBefore) > 0 {
		c.complain("a %s has runs and nothing else", a.Kind)
		return
	}
	if named := c.runs(a); named != a.Segments {
		c.complain("it is said to have %d segments, and names %d", a.Segments, named)
	}
}

// killRuns is runs of a kill, which may have those of an earlier one: they are looked at once.
func (c *checker) killRuns(a *Action) int64 {
	of, err := c.first.first(a)
	switch {
	case err != nil:
		c.complain("%w", err)
	case of != nil && sameRuns(of.Runs, a.Runs):
		return c.named[of.ID]
	case of != nil:
		c.complain("its runs are not those of %s", of.ID)
	}
	c.named[a.ID] = c.runs(a)
	return c.named[a.ID]
}

// runs checks that the runs name each segment once, and counts them.
func (c *checker) runs(a *Action) int64 {
	type place struct {
		interval  druid.Interval
		version   string
		partition int32
	}
	seen := map[place]bool{}
	var total int64
	for _, r := range a.Runs {
		if len(r.Partitions) == 0 || r.Version == "" || r.Interval.Start > r.Interval.End {
			c.complain("a run without partitions or version, or of a reversed interval")
		}
		if r.Segments != int64(len(r.Partitions)) {
			c.complain("a run of %d segments names %d", r.Segments, len(r.Partitions))
		}
		total += int64(len(r.Partitions))
		for _, n := range r.Partitions {
			at := place{r.Interval, r.Version, n}
			if seen[at] {
				c.complain("segment %s, version %s, partition %d is named twice", r.Interval, r.Version, n)
			}
			seen[at] = true
		}
	}
	return total
}
