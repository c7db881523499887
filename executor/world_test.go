package executor

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"coppice/internal/druid"
)

// world is a cluster in memory with a clock of its own, which moves only while somebody waits. Like Druid's, its
// Coordinator marks what the rules drop a while after they were posted, and its Overlord runs kill tasks that take
// whatever is unused in their reach.
type world struct {
	now      druid.Instant
	rules    map[string]druid.RuleList
	segments map[druid.SegmentID]*row
	tasks    map[string]*fakeTask
	// deleted counts how often each segment was deleted for good.
	deleted map[druid.SegmentID]int
	// ruleRuns says what the Coordinator marks in a datasource once its rules have a digest.
	ruleRuns map[string]map[string][]druid.SegmentID
	// stopped: the Coordinator does not run rules. locked: kill tasks of a datasource wait. noWorker: tasks stay pending.
	stopped  bool
	locked   map[string]bool
	noReport bool
	// workers is how many tasks run at once; 0 for any number.
	workers int
	// slow: running tasks do not end.
	slow bool
	// reportOff is added to the number of segments in kill reports.
	reportOff int
	// forget makes the Overlord forget a task once it has succeeded.
	forget bool
	// calls counts all calls; writes lists those that changed something, in order.
	calls  int
	writes []string
	// before and after, when set, are asked around each call: an error before means no effect, after that it is lost.
	before, after func(call int, name string) error
}

type row struct {
	used     bool
	markedAt druid.Instant
	bytes    int64
	spec     string
}

type fakeTask struct {
	druid.KillTask
	state   druid.TaskState
	deleted int
	// stays: it is somebody else's, and remains as it is.
	stays bool
}

func newWorld() *world {
	return &world{now: start, rules: map[string]druid.RuleList{}, segments: map[druid.SegmentID]*row{}, tasks: map[string]*fakeTask{},
		deleted: map[druid.SegmentID]int{}, ruleRuns: map[string]map[string][]druid.SegmentID{}, locked: map[string]bool{}}
}

// call wraps every method: errors before it, its effect, errors after it.
func (w *world) call(ctx context.Context, name string, effect func() error) error {
	w.calls++
	n := w.calls
	if err := ctx.Err(); err != nil {
		return err
	}
	if w.before != nil {
		if err := w.before(n, name); err != nil {
			return err
		}
	}
	if err := effect(); err != nil {
		return err
	}
	if w.after != nil {
		return w.after(n, name)
	}
	return nil
}

func (w *world) wrote(format string, args ...any) {
	w.writes = append(w.writes, fmt.Sprintf(format, args...))
}

func (w *world) Rules(ctx context.Context, key string) (list druid.RuleList, set bool, err error) {
	err = w.call(ctx, "rules", func() error {
		list = w.rules[key]
		set = len(list) > 0
		return nil
	})
	return list, set, err
}

func (w *world) SetRules(ctx context.Context, key string, list druid.RuleList, author, comment string) error {
	return w.call(ctx, "set_rules", func() error {
		if author == "" || comment == "" {
			return errors.New("no author or comment")
		}
		w.wrote("set_rules %s %s", key, list.Digest()[:8])
		w.rules[key] = list
		return nil
	})
}

func (w *world) Datasources(ctx context.Context) (names []string, err error) {
	err = w.call(ctx, "datasources", func() error {
		for id := range w.segments {
			names = append(names, id.DataSource)
		}
		slices.Sort(names)
		names = slices.Compact(names)
		return nil
	})
	return names, err
}

func (w *world) UsedSegments(ctx context.Context, dataSource string, interval druid.Interval) (ids []druid.SegmentID, err error) {
	err = w.call(ctx, "used", func() error {
		for id, r := range w.segments {
			if r.used && id.DataSource == dataSource && id.Interval.Overlaps(interval) {
				ids = append(ids, id)
			}
		}
		return nil
	})
	return ids, err
}

func (w *world) MarkUsed(ctx context.Context, dataSource string, ids []druid.SegmentID) (int, error) {
	return w.setUsed(ctx, "mark_used", ids, true)
}

func (w *world) MarkUnused(ctx context.Context, dataSource string, ids []druid.SegmentID) (int, error) {
	return w.setUsed(ctx, "mark_unused", ids, false)
}

func (w *world) setUsed(ctx context.Context, name string, ids []druid.SegmentID, used bool) (changed int, err error) {
	err = w.call(ctx, name, func() error {
		for _, id := range ids {
			if w.segments[id] == nil {
				return fmt.Errorf("could not find %s", id)
			}
		}
		for _, id := range ids {
			w.wrote("%s %s", name, id)
			// An already unused segment is stamped again, and counts.
			w.segments[id].markedAt = w.now
			if w.segments[id].used != used || !used {
				w.segments[id].used = used
				changed++
			}
		}
		return nil
	})
	return changed, err
}

func (w *world) SubmitKill(ctx context.Context, task druid.KillTask) error {
	return w.call(ctx, "submit", func() error {
		if w.tasks[task.ID] != nil {
			return fmt.Errorf("task %s: %w", task.ID, druid.ErrTaskExists)
		}
		w.wrote("submit %s", task.ID)
		w.tasks[task.ID] = &fakeTask{KillTask: task, state: druid.TaskPending}
		return nil
	})
}

func (w *world) KillTasks(ctx context.Context) (tasks []druid.TaskStatus, err error) {
	err = w.call(ctx, "kill_tasks", func() error {
		for _, id := range slices.Sorted(maps.Keys(w.tasks)) {
			if state := w.tasks[id].state; !state.Done() {
				tasks = append(tasks, druid.TaskStatus{ID: id, State: state})
			}
		}
		return nil
	})
	return tasks, err
}

func (w *world) TaskStatus(ctx context.Context, id string) (status druid.TaskStatus, err error) {
	err = w.call(ctx, "status", func() error {
		status.ID = id
		if t := w.tasks[id]; t != nil && !(w.forget && t.state == druid.TaskSucceeded) {
			status.State = t.state
			if t.state == druid.TaskFailed {
				status.Error = "no disk"
			}
		}
		return nil
	})
	return status, err
}

func (w *world) KillReport(ctx context.Context, id string) (report druid.KillReport, ok bool, err error) {
	err = w.call(ctx, "report", func() error {
		if t := w.tasks[id]; t != nil && !w.noReport && t.state == druid.TaskSucceeded {
			report, ok = druid.KillReport{Segments: t.deleted + w.reportOff, Batches: 2}, true
		}
		return nil
	})
	return report, ok, err
}

func (w *world) Shutdown(ctx context.Context, id string) error {
	return w.call(ctx, "shutdown", func() error {
		if t := w.tasks[id]; t != nil && !t.state.Done() {
			w.wrote("shutdown %s", id)
			t.state = druid.TaskFailed
		}
		return nil
	})
}

// wait moves the clock, and everything that Druid does by itself.
func (w *world) wait(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	w.now += druid.Instant(d / time.Millisecond)
	w.tick()
	return nil
}

func (w *world) tick() {
	for name, byDigest := range w.ruleRuns {
		if w.stopped {
			break
		}
		for _, id := range byDigest[w.rules[name].Digest()] {
			if r := w.segments[id]; r != nil && r.used {
				r.used, r.markedAt = false, w.now
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(w.tasks)) {
		w.tasks[id].advance(w)
	}
}

// advance is one step of a task: pending or waiting, running, done.
func (t *fakeTask) advance(w *world) {
	if t.stays {
		return
	}
	switch t.state {
	case druid.TaskPending, druid.TaskWaiting:
		if w.workers > 0 && w.inState(druid.TaskRunning) >= w.workers {
			t.state = druid.TaskPending
			return
		}
		t.state = druid.TaskRunning
		if w.locked[t.DataSource] {
			t.state = druid.TaskWaiting
		}
	case druid.TaskRunning:
		if w.slow {
			return
		}
		for _, id := range w.reach(t.KillTask) {
			if t.deleted == t.Limit {
				break
			}
			delete(w.segments, id)
			w.deleted[id]++
			t.deleted++
		}
		t.state = druid.TaskSucceeded
	}
}

func (w *world) inState(state druid.TaskState) (n int) {
	for _, t := range w.tasks {
		if t.state == state {
			n++
		}
	}
	return n
}

// reach is what a kill task takes, in a fixed order.
func (w *world) reach(t druid.KillTask) []druid.SegmentID {
	var found []druid.SegmentID
	for id, r := range w.segments {
		if id.DataSource == t.DataSource && !r.used && t.Interval.Contains(id.Interval) && slices.Contains(t.Versions, id.Version) &&
			r.markedAt <= t.MaxUsedStatusLastUpdated {
			found = append(found, id)
		}
	}
	slices.SortFunc(found, func(a, b druid.SegmentID) int { return cmpText(a.String(), b.String()) })
	return found
}

func cmpText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
