package e2e

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"coppice/internal/plan"
)

// partly is exit code 5: what was put off can be done later.
const partly = 5

// TestHeldLock: somebody's ingestion takes the lock right before the first of two kill tasks arrives, and keeps it for
// longer than a task may wait. That task is shut down and nothing of it is deleted; the other goes. Its id is spent, so
// the resumed apply sends the same deletion under another one.
func TestHeldLock(t *testing.T) {
	t.Parallel()
	s := newReclaim(t, 4)
	release := func() {}
	gate{path: "/indexer/v1/task", before: func() bool { release = s.hold(s.ds, s.old[0].interval); return true }}.openGate(s.world, s.program)
	defer func() { release() }()
	report := s.program.exits(partly, "apply", "--json", "--auto-approve", "--task-wait", "PT5S").report()
	if len(report.Actions) != 2 || report.Actions[0].Outcome != "deferred" || report.Actions[1].Outcome != "done" {
		t.Fatalf("report: got %+v, want the first put off and the second done", report)
	}
	first := report.Actions[0].Task
	if got := s.taskStatus(first); got != "FAILED" || report.Actions[0].Real.Segments > 0 {
		t.Errorf("the task that waited: %s, %+v; want it shut down, and nothing deleted", got, report.Actions[0].Real)
	}
	s.left(slices.Concat(s.old[:2], s.live))

	release()
	report = s.program.exits(0, "apply", "--resume", "--json").report()
	if again := report.Actions[0]; again.Outcome != "done" || again.Task == first || again.Real.Segments != 2 {
		t.Errorf("resumed: got %+v, want it done under another id", again)
	}
	s.reclaimed()
}

// submit sends a kill task of the plan by hand, perhaps for other versions.
func (s *reclaim) submit(a *plan.Action, versions []string) {
	s.Helper()
	s.ask(http.MethodPost, overlord+"/task", asJSON(map[string]any{"type": "kill", "id": a.Task.ID, "dataSource": s.ds,
		"interval": a.Task.Interval.String(), "versions": versions, "limit": a.Task.Limit, "batchSize": a.Task.BatchSize,
		"maxUsedStatusLastUpdatedTime": a.Task.MaxUsedStatusLastUpdated.String()}), nil)
}

// TestDuplicateSubmit: Druid knows the id already. A task that ended under it without deleting anything does not count as
// the deletion, which is sent under another id. One that is the very deletion, sent a moment before, is not sent again.
func TestDuplicateSubmit(t *testing.T) {
	t.Parallel()
	t.Run("spent", func(t *testing.T) {
		t.Parallel()
		s := newReclaim(t, 2)
		made := s.program.plan(2, "--out", "it.plan")
		s.submit(made.Actions[0], []string{})
		s.succeeds(made.Actions[0].Task.ID)
		s.untouched()
		report := s.program.exits(0, "apply", "--json", "it.plan").report()
		if a := report.Actions[0]; a.Outcome != "done" || a.Task == made.Actions[0].Task.ID || a.Real.Segments != 2 || s.killed(a.Task) != 2 {
			t.Errorf("got %+v, want it done under another id than %s", a, made.Actions[0].Task.ID)
		}
		s.reclaimed()
	})
	t.Run("sent twice", func(t *testing.T) {
		t.Parallel()
		s := newReclaim(t, 2)
		planned := make(chan *plan.Action, 1)
		gate{path: "/indexer/v1/task", before: func() bool {
			a := <-planned
			s.submit(a, a.Task.Versions)
			return true
		}}.openGate(s.world, s.program)
		made := s.program.plan(2, "--out", "it.plan")
		planned <- made.Actions[0]
		report := s.program.exits(0, "apply", "--json", "it.plan").report()
		if got := report.Actions[0].Outcome; got != "done" && got != "done-before" {
			t.Errorf("got %+v", report.Actions[0])
		}
		if killed := s.killed(made.Actions[0].Task.ID); killed != 2 {
			t.Errorf("the task of that id killed %d, want both", killed)
		}
		var tasks []struct{ ID string }
		s.ask(http.MethodGet, overlord+"/tasks?type=kill&datasource="+s.ds, "", &tasks)
		if len(tasks) != 1 {
			t.Errorf("tasks: got %v, want one alone", tasks)
		}
		s.reclaimed()
	})
}

// TestCoordinatorCrash: the Coordinator, which is the Overlord too, is killed when it has taken the first of two kill
// tasks, and started again while the apply goes on. However that apply ends, resuming comes to the planned end, each row
// in a manifest once. It is not parallel: all others need the Coordinator.
func TestCoordinatorCrash(t *testing.T) {
	s := newReclaim(t, 4)
	revived := make(chan error, 1)
	gate{path: "/indexer/v1/task", after: func() {
		if err := s.Crash(); err != nil {
			revived <- err
			return
		}
		go func() { revived <- s.Revive() }()
	}}.openGate(s.world, s.program)
	run := s.program.start("apply", "--json", "--auto-approve")
	select {
	case err := <-revived:
		if err != nil {
			t.Fatal(err)
		}
	case <-time.After(3 * time.Minute):
		t.Fatalf("the Coordinator does not come back\n%s", &run.stderr)
	}
	if code := run.code(); code != 0 && code != stale && code != partly {
		t.Errorf("apply ended with %d\n%s%s", code, &run.stdout, &run.stderr)
	}
	t.Logf("apply over the crash ended with %d: %s", run.code(), run.report().Outcome)
	s.program.exits(0, "apply", "--resume")
	s.program.start("apply", "--auto-approve").code()
	s.reclaimed()
}
