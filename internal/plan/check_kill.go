package plan

import (
	"maps"
	"slices"
	"strings"

	"coppice/internal/druid"
)

// Bounds of a kill task: Druid's columns (a task id of 255 characters) and what a statement should carry.
const (
	maxTaskID       = 255
	maxTaskVersions = 1000
)

// kill checks that what the task reaches for is what the runs name, as far as the plan alone can tell.
func (c *checker) kill(a *Action) {
	if len(a.Runs) == 0 || a.Task == nil || a.RulesAfter != nil || len(a.RulesBefore) > 0 {
		c.complain("a kill has runs and a task and nothing else")
		return
	}
	// Of several tasks of equal reach each names the whole reach and takes no more than its limit.
	if named := c.killRuns(a); a.Segments != min(named, int64(a.Task.Limit)) {
		c.complain("it is said to have %d segments, and names %d with a limit of %d", a.Segments, named, a.Task.Limit)
	}
	c.task(a)
	c.reach(a)
	c.versions(a)
}

func (c *checker) task(a *Action) {
	t := a.Task
	if t.ID == "" || len(t.ID) > maxTaskID || strings.Contains(t.ID, "/") || c.tasks[t.ID] {
		c.complain("task id %q is empty, too long, has a slash or is used twice", t.ID)
	}
	c.tasks[t.ID] = true
	if t.Limit <= 0 || t.BatchSize < t.Limit {
		c.complain("limit %d and batch size %d: 0 < limit <= batch size is needed", t.Limit, t.BatchSize)
	}
	if t.Interval.Empty() {
		c.complain("the task's interval %s is empty", t.Interval)
	}
	for _, key := range slices.Sorted(maps.Keys(t.Context)) {
		if why, decides := druid.LockContext[key]; decides {
			c.complain("the task sets %s in its context. %s", key, why)
		}
	}
}

// reach: a run outside interval or cut-off would stay, and a run whose marking time is not known must not go.
func (c *checker) reach(a *Action) {
	t := a.Task
	if !t.MaxUsedStatusLastUpdated.Known() {
		c.complain("the task has no cut-off")
	}
	for _, r := range a.Runs {
		if r.Interval.Start < t.Interval.Start || r.Interval.End > t.Interval.End {
			c.complain("run %s lies outside the task's interval %s", r.Interval, t.Interval)
		}
		if r.MarkedAt == nil || !r.MarkedAt.Known() {
			c.complain("run %s, version %s does not say when it was marked", r.Interval, r.Version)
		} else if *r.MarkedAt > t.MaxUsedStatusLastUpdated {
			c.complain("run %s, version %s was marked at %s, after the cut-off %s", r.Interval, r.Version, *r.MarkedAt,
				t.MaxUsedStatusLastUpdated)
		}
	}
}

// versions must be exactly those of the runs: one more and the task could take what nobody approved.
func (c *checker) versions(a *Action) {
	var named []string
	for _, r := range a.Runs {
		named = append(named, r.Version)
	}
	slices.SortFunc(named, druid.CompareVersions)
	named = slices.Compact(named)
	if !slices.Equal(named, a.Task.Versions) {
		c.complain("the task's versions are not, in order, those of its runs")
	}
	if len(a.Task.Versions) > maxTaskVersions {
		c.complain("the task has %d versions, more than %d", len(a.Task.Versions), maxTaskVersions)
	}
}
