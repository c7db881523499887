package safety

import (
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"coppice/internal/druid"
)

const (
	day = druid.Instant(86_400_000)
	// start is a morning.
	start = 20_000*day + day/3
)

// row is a row of the segments table.
type row struct {
	id druid.SegmentID
	// key is short for the id.
	key    uint64
	used   bool
	marked druid.Instant
	// touched: somebody else has acted on it.
	touched bool
}

// kill is a kill task that the Overlord has seen; no id is forgotten.
type kill struct {
	druid.KillTask
	state   druid.TaskState
	deleted int
}

// cluster is Druid in memory with one datasource. Its clock moves while somebody waits, and then its Coordinator runs
// and its tasks go on.
type cluster struct {
	now druid.Instant
	// own are the datasource's rules, newest first, each with its moment; defaults are the cluster's.
	own      []posted
	defaults druid.RuleList
	rows     []*row
	tasks    []*kill
	guard    *guard
	// edited: somebody else has posted rules.
	edited bool
}

type posted struct {
	list  druid.RuleList
	since druid.Instant
}

func (c *cluster) rules() druid.RuleList { return c.own[0].list }

func (c *cluster) find(id druid.SegmentID) *row {
	for _, r := range c.rows {
		if r.id == id {
			return r
		}
	}
	return nil
}

func (c *cluster) mark(r *row, used bool) { r.used, r.marked = used, c.now }

// hidden reports whether a used row of a higher version covers the row. All rows of a model either share their interval
// or have no time in common, and every version is one complete set.
func (c *cluster) hidden(r *row) bool {
	return slices.ContainsFunc(c.rows, func(o *row) bool {
		return o.used && o.id.Interval == r.id.Interval && o.id.Version > r.id.Version
	})
}

// coordinate is one run of the Coordinator: what is hidden is judged by no rule and marked by the clean-up.
func (c *cluster) coordinate() {
	chain := druid.Chain{Own: c.rules(), Default: c.defaults}
	var gone []*row
	for _, r := range c.rows {
		if r.used && (c.hidden(r) || chain.Match(r.id.Interval, c.now).Action == druid.ActionDrop) {
			gone = append(gone, r)
		}
	}
	for _, r := range gone {
		c.guard.marks(c, r)
		c.mark(r, false)
	}
}

// pass lets time go by.
func (c *cluster) pass(d time.Duration) {
	c.now += druid.Instant(d.Milliseconds())
	c.coordinate()
	for _, t := range c.tasks {
		c.advance(t)
	}
}

func (c *cluster) advance(t *kill) {
	switch t.state {
	case druid.TaskPending:
		t.state = druid.TaskRunning
	case druid.TaskRunning:
		for _, r := range c.reach(t.KillTask) {
			if t.deleted == t.Limit {
				break
			}
			c.guard.dies(c, t, r)
			c.remove(r)
			t.deleted++
		}
		t.state = druid.TaskSucceeded
	}
}

// reach is what a kill task takes (SqlSegmentsMetadataQuery): unused, inside, of a listed version, marked at the cut-off
// or before.
func (c *cluster) reach(t druid.KillTask) (found []*row) {
	for _, r := range c.rows {
		inside := t.Interval.Start <= r.id.Interval.Start && r.id.Interval.End <= t.Interval.End
		listed := t.Versions == nil || slices.Contains(t.Versions, r.id.Version)
		if !r.used && inside && listed && (t.MaxUsedStatusLastUpdated == 0 || r.marked <= t.MaxUsedStatusLastUpdated) {
			found = append(found, r)
		}
	}
	return found
}

func (c *cluster) remove(gone *row) {
	c.rows = slices.DeleteFunc(c.rows, func(r *row) bool { return r == gone })
}

// image is the whole state in bytes: equal states have equal images.
func (c *cluster) image() []byte {
	slices.SortFunc(c.rows, func(a, b *row) int { return cmp.Compare(a.key, b.key) })
	out := binary.AppendVarint(nil, int64(c.now))
	out = append(out, byte(len(c.own)), byte(len(c.rows)), byte(len(c.tasks)), bit(c.edited))
	out = append(out, digestOf(c.defaults)...)
	for _, p := range c.own {
		out = append(binary.AppendVarint(out, int64(p.since)), digestOf(p.list)...)
	}
	for _, r := range c.rows {
		out = binary.AppendVarint(binary.AppendUvarint(out, r.key), int64(r.marked))
		out = append(out, bit(r.used), bit(r.touched))
	}
	for _, t := range c.tasks {
		out = append(append(out, t.ID...), byte(t.state), byte(t.deleted))
	}
	return out
}

func keysOf(ids []druid.SegmentID) (out []byte) {
	for _, id := range ids {
		out = binary.AppendUvarint(out, keyOf(id))
	}
	return out
}

func bit(b bool) byte {
	if b {
		return 1
	}
	return 0
}

// keyOf tells the ids of a model apart: intervals are days, versions one letter, partitions small.
func keyOf(id druid.SegmentID) uint64 {
	return uint64(id.Interval.Start/day)<<16 | uint64(id.Version[0])<<8 | uint64(id.Partition)
}

// digestOf is the digest of one of the few lists of a model.
func digestOf(list druid.RuleList) string {
	for i := range lists {
		if list.Equal(lists[i]) {
			return string(rune('0' + i))
		}
	}
	return list.Digest()
}

// The methods below are executor.Cluster. Each is a point of the run, and what it answers is noted.

func (g *gate) Rules(_ context.Context, key string) (list druid.RuleList, set bool, err error) {
	g.call("rules", func() string {
		if list = g.defaults; key == name {
			list = g.rules()
		}
		return digestOf(list)
	})
	return list, len(list) > 0, nil
}

func (g *gate) SetRules(_ context.Context, key string, list druid.RuleList, _, _ string) error {
	g.change("set", func() string {
		if key != name {
			g.defaults = list
			return ""
		}
		g.own = append([]posted{{list, g.now}}, g.own...)
		return ""
	})
	return nil
}

// Datasources is no point: there is one, whatever others do.
func (g *gate) Datasources(context.Context) ([]string, error) { return []string{name}, nil }

func (g *gate) UsedSegments(_ context.Context, _ string, interval druid.Interval) (ids []druid.SegmentID, err error) {
	g.call("used", func() string {
		for _, r := range g.rows {
			if r.used && r.id.Interval.Overlaps(interval) {
				ids = append(ids, r.id)
			}
		}
		return string(keysOf(ids))
	})
	return ids, nil
}

func (g *gate) MarkUsed(_ context.Context, _ string, ids []druid.SegmentID) (changed int, err error) {
	g.change("mark", func() string {
		for _, id := range ids {
			if r := g.find(id); r != nil && !r.used && !g.hidden(r) {
				g.mark(r, true)
				changed++
			}
		}
		return fmt.Sprint(changed)
	})
	return changed, nil
}

func (g *gate) MarkUnused(_ context.Context, _ string, ids []druid.SegmentID) (changed int, err error) {
	g.change("mark", func() string {
		for _, id := range ids {
			if r := g.find(id); r != nil {
				g.mark(r, false)
				changed++
			}
		}
		return fmt.Sprint(changed)
	})
	return changed, nil
}

func (g *gate) SubmitKill(_ context.Context, task druid.KillTask) (err error) {
	g.change("submit", func() string {
		if g.task(task.ID) != nil {
			g.guard.wrong("%s was sent twice", task.ID)
			err = druid.ErrTaskExists
			return "exists"
		}
		g.guard.sent(g.cluster, task, g.fresh)
		g.tasks = append(g.tasks, &kill{KillTask: task, state: druid.TaskPending})
		return "taken"
	})
	return err
}

func (c *cluster) task(id string) *kill {
	for _, t := range c.tasks {
		if t.ID == id {
			return t
		}
	}
	return nil
}

// KillTasks is no point: it decides when a task is sent, and nothing else.
func (g *gate) KillTasks(context.Context) ([]druid.TaskStatus, error) { return nil, nil }

func (g *gate) TaskStatus(_ context.Context, id string) (status druid.TaskStatus, err error) {
	g.call("status", func() string {
		status.ID = id
		if t := g.task(id); t != nil {
			status.State = t.state
		}
		return fmt.Sprint(status.State)
	})
	return status, nil
}

func (g *gate) KillReport(_ context.Context, id string) (report druid.KillReport, ok bool, err error) {
	g.call("report", func() string {
		if t := g.task(id); t != nil && t.state == druid.TaskSucceeded {
			report, ok = druid.KillReport{Segments: t.deleted, Batches: 1}, true
		}
		return fmt.Sprint(report.Segments, ok)
	})
	return report, ok, nil
}

func (g *gate) Shutdown(_ context.Context, id string) error {
	g.call("shutdown", func() string {
		if t := g.task(id); t != nil && !t.state.Done() {
			t.state = druid.TaskFailed
		}
		return ""
	})
	return nil
}
