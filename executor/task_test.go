package executor

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"coppice/internal/druid"
	"coppice/internal/plan"

	"github.com/google/go-cmp/cmp"
)

// deletion is a scene with kills alone: one datasource, one kill per day given.
func deletion(from ...int) *scene {
	s := newScene()
	s.world, s.journal = newWorld(), &memory{}
	s.plan.Actions, s.plan.Datasources, s.approved = nil, nil, nil
	s.world.rules[plan.DefaultRules] = keepForever
	s.datasource("d", keepForever, keepForever)
	for _, at := range from {
		s.kill("d", s.rows("d", at, "v1", 3, unusedRow))
	}
	s.defaults()
	return s
}

func (s *scene) first() string { return s.plan.Actions[0].Task.ID }

// expect compares the outcomes and the class of a run.
func expect(t *testing.T, r *Report, class Class, want ...Outcome) {
	t.Helper()
	if diff := cmp.Diff(want, outcomes(r)); diff != "" || r.Class() != class {
		t.Errorf("class %s, want %s; outcomes (-want +got):\n%s%s", r.Class(), class, diff, describe(r))
	}
}

func says(t *testing.T, a *ActionReport, want string) {
	t.Helper()
	if text := strings.Join(concat(a.Reasons, a.Differences), "\n"); !strings.Contains(text, want) {
		t.Errorf("the report says %q, want %q in it", text, want)
	}
}

func TestTaskThatWaitsTooLongIsDeferred(t *testing.T) {
	s := deletion(10, 20)
	s.world.locked["d"] = true
	report := s.run(t)
	expect(t, report, ClassPartial, Deferred, Deferred)
	says(t, report.Actions[0], "the task waited 15m3s for a lock or a worker")
	if got := s.world.now - start; got < druid.Instant(30*minute.Milliseconds()) || got > druid.Instant(32*minute.Milliseconds()) {
		t.Errorf("two tasks were given up after %d minutes", got/60_000)
	}
	if s.world.tasks[s.first()].state != druid.TaskFailed {
		t.Error("the task was not shut down")
	}
	s.world.locked["d"] = false
	s.o.Resume = s.journal.resume()
	again := s.run(t)
	expect(t, again, ClassDone, Done, Done)
	if want := plan.RetryTaskID(s.first(), 2); again.Actions[0].Task != want {
		t.Errorf("the second attempt is %s, want %s", again.Actions[0].Task, want)
	}
	s.finalState(t)
}

func TestDeferredKeepsWhatLiesOverIt(t *testing.T) {
	s := deletion(10)
	s.kill("d", s.rows("d", 10, "v2", 1, unusedRow))
	s.kill("d", s.rows("d", 30, "v1", 1, unusedRow))
	s.world.locked["d"] = true
	s.o.Events = func(e Event) {
		if e, ended := e.(ActionEnded); ended && e.Report.Outcome == Deferred {
			s.world.locked["d"] = false
		}
	}
	expect(t, s.run(t), ClassPartial, Deferred, NotStarted, Done)
	s.onlyApproved(t)
}

func TestWaitingTaskGoesStale(t *testing.T) {
	s := deletion(10, 20)
	s.world.locked["d"] = true
	changed := false
	s.o.Events = func(e Event) {
		if e, ok := e.(Waiting); ok && e.Waited > 3*minute && !changed {
			changed = true
			s.rows("d", 10, "v1", 4, unusedRow)
		}
	}
	report := s.run(t)
	expect(t, report, ClassStale, Stale, Stale)
	says(t, report.Actions[0], "was not part of the plan")
	if len(s.world.deleted) > 0 || s.world.tasks[s.first()].state != druid.TaskFailed {
		t.Error("the stale task was not ended in time")
	}
}

func TestWaitingTaskThatCannotBeRecheckedIsEnded(t *testing.T) {
	s := deletion(10)
	s.world.locked["d"] = true
	honest, asked := s.o.Recheck, 0
	s.o.Recheck = func(ctx context.Context, a *plan.Action) (Verdict, error) {
		if asked++; asked > 1 {
			return Verdict{}, errLost
		}
		return honest(ctx, a)
	}
	report := s.run(t)
	expect(t, report, ClassPartial, Deferred)
	says(t, report.Actions[0], "is not known")
}

// TestRecheckKnowsOurOwnTask: whoever plans again must tell our own lock from others, also at another attempt.
func TestRecheckKnowsOurOwnTask(t *testing.T) {
	s := deletion(10)
	spent := s.first()
	s.world.tasks[spent] = &fakeTask{state: druid.TaskFailed}
	honest := s.o.Recheck
	var asked []string
	s.o.Recheck = func(ctx context.Context, a *plan.Action) (Verdict, error) {
		asked = append(asked, a.Task.ID)
		return honest(ctx, a)
	}
	report := s.run(t)
	expect(t, report, ClassDone, Done)
	if want := []string{spent, plan.RetryTaskID(spent, 2)}; !slices.Equal(asked, want) {
		t.Errorf("rechecked as %v, want %v", asked, want)
	}
	says(t, report.Actions[0], "Druid takes no id twice")
	if s.plan.Actions[0].Task.ID != spent {
		t.Error("the plan was changed")
	}
}

func TestRunningTaskOfTheSameIdIsAdopted(t *testing.T) {
	s := deletion(10)
	a := s.plan.Actions[0]
	s.world.tasks[s.first()] = &fakeTask{KillTask: killTask(a, s.first()), state: druid.TaskRunning}
	expect(t, s.run(t), ClassDone, Done)
	if slices.ContainsFunc(s.world.writes, func(w string) bool { return strings.HasPrefix(w, "submit") }) {
		t.Errorf("sent another task: %v", s.world.writes)
	}
	s.onlyApproved(t)
}

func TestAllIdsSpent(t *testing.T) {
	s := deletion(10)
	for n := range maxAttempts + 1 {
		s.world.tasks[plan.RetryTaskID(s.first(), n)] = &fakeTask{state: druid.TaskFailed}
	}
	expect(t, s.run(t), ClassError, Failed)
}

func TestFailedTask(t *testing.T) {
	s := deletion(10, 20)
	s.world.after = func(_ int, name string) error {
		if name == "submit" {
			s.world.tasks[s.first()].state = druid.TaskFailed
		}
		return nil
	}
	report := s.run(t)
	expect(t, report, ClassError, Failed, NotStarted)
	says(t, report.Actions[0], "Druid says: no disk")
	says(t, report.Actions[0], "0 of 3 segments were deleted")
}

func TestOverlordForgets(t *testing.T) {
	s := deletion(10)
	s.world.forget = true
	report := s.run(t)
	expect(t, report, ClassDone, Done)
	says(t, report.Actions[0], "does not know the task any more; 3 of its rows are gone")
}

func TestOverlordForgetsBeforeItIsDone(t *testing.T) {
	s := deletion(10)
	s.world.after = func(_ int, name string) error {
		if name == "submit" {
			delete(s.world.tasks, s.first())
		}
		return nil
	}
	report := s.run(t)
	expect(t, report, ClassError, Failed)
	says(t, report.Actions[0], "0 of 3 segments are gone")
}

func TestReports(t *testing.T) {
	cases := []struct {
		name    string
		change  func(*scene)
		class   Class
		outcome Outcome
		says    string
	}{
		{"as expected", func(*scene) {}, ClassDone, Done, ""},
		{"none", func(s *scene) { s.world.noReport = true }, ClassDone, Done, "no report"},
		{"too few", func(s *scene) { s.world.reportOff = -1 }, ClassDifference, Done, "reports 2 segments deleted; 3 were expected"},
		{"too many", func(s *scene) { s.world.reportOff = 1 }, ClassDifference, Done, "reports 4 segments deleted"},
		{"a tombstone is not counted", func(s *scene) {
			s.world.reportOff = -1
			for _, id := range s.approved[:1] {
				s.world.segments[id].spec = `{"path":null,"type":"tombstone"}`
			}
		}, ClassDone, Done, ""},
		{"load spec not known", func(s *scene) {
			s.world.reportOff = -1
			s.world.segments[s.approved[0]].spec = ""
		}, ClassDifference, Done, "of which 3 have files"},
		{"success without an effect", func(s *scene) {
			s.world.after = func(_ int, name string) error {
				if name == "submit" {
					s.world.tasks[s.first()].state = druid.TaskSucceeded
				}
				return nil
			}
		}, ClassDifference, Unknown, "only 0 of 3 segments are gone"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := deletion(10)
			c.change(s)
			report := s.run(t)
			expect(t, report, c.class, c.outcome)
			says(t, report.Actions[0], c.says)
		})
	}
}

// TestTasksOfEqualReach: a chunk larger than a task goes in several, each of which reaches all of it.
func TestTasksOfEqualReach(t *testing.T) {
	s := deletion()
	runs := s.rows("d", 10, "v1", 5, unusedRow)
	for ordinal, limit := range []int{2, 2, 1} {
		a := s.kill("d", runs)
		a.Segments, a.Task.Limit = int64(limit), limit
		a.Task.ID = plan.TaskID("d", a.Task.Interval, a.Task.Versions, a.Task.MaxUsedStatusLastUpdated, plan.RunsDigest("d", a.Runs), ordinal)
		a.ID = plan.ActionID(a)
	}
	s.o.Limits.Slots, s.o.Limits.Concurrency = 5, map[string]int{"d": 5}
	report := s.run(t)
	expect(t, report, ClassDone, Done, Done, Done)
	for i, want := range []Counts{{2, 20, 2}, {2, 20, 2}, {1, 10, 1}} {
		if got := report.Actions[i].Real; got != want {
			t.Errorf("task %d: real %+v, want %+v", i, got, want)
		}
	}
	s.finalState(t)
}

func TestSlots(t *testing.T) {
	cases := []struct {
		name               string
		slots, concurrency int
		days               []int
		want               int
	}{
		{"one slot", 1, 5, []int{10, 20, 30}, 1},
		{"two slots", 2, 5, []int{10, 20, 30}, 2},
		{"one per datasource", 5, 0, []int{10, 20, 30}, 1},
		{"all at once", 5, 5, []int{10, 20, 30}, 3},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := deletion(c.days...)
			s.o.Limits.Slots, s.o.Limits.Concurrency = c.slots, map[string]int{"d": c.concurrency}
			most := 0
			s.world.before = func(int, string) error {
				flying := 0
				for _, task := range s.world.tasks {
					if !task.state.Done() {
						flying++
					}
				}
				most = max(most, flying)
				return nil
			}
			expect(t, s.run(t), ClassDone, slices.Repeat([]Outcome{Done}, len(c.days))...)
			if most != c.want {
				t.Errorf("%d tasks at once, want %d", most, c.want)
			}
		})
	}
}

func TestOverlappingTasksNeverRunSideBySide(t *testing.T) {
	s := deletion(10)
	s.kill("d", s.rows("d", 10, "v2", 1, unusedRow))
	s.o.Limits.Slots, s.o.Limits.Concurrency = 5, map[string]int{"d": 5}
	s.world.before = func(_ int, name string) error {
		if task := s.world.tasks[s.first()]; name == "submit" && task != nil && !task.state.Done() {
			t.Error("the second task was sent while the first, below it, was not done")
		}
		return nil
	}
	expect(t, s.run(t), ClassDone, Done, Done)
}

func TestTaskThatNeverEnds(t *testing.T) {
	s := deletion(10)
	s.world.slow = true
	report := s.run(t)
	expect(t, report, ClassPartial, Unknown)
	says(t, report.Actions[0], "still runs after 6h")
	s.world.slow = false
	s.o.Resume = s.journal.resume()
	expect(t, s.run(t), ClassDone, Done)
	s.finalState(t)
}

func TestStatusThatCannotBeRead(t *testing.T) {
	s := deletion(10)
	s.world.after = func(_ int, name string) error {
		if name == "status" {
			return errLost
		}
		return nil
	}
	expect(t, s.run(t), ClassPartial, Unknown)
	s.world.after = nil
	s.o.Resume = s.journal.resume()
	expect(t, s.run(t), ClassDone, Done)
	s.finalState(t)
}

// TestTimeoutOfTheSubmit: the answer is lost; whether the task is there decides.
func TestTimeoutOfTheSubmit(t *testing.T) {
	refuse := func(_ int, name string) error {
		if name == "submit" {
			return context.DeadlineExceeded
		}
		return nil
	}
	s := deletion(10)
	s.world.after = refuse
	report := s.run(t)
	expect(t, report, ClassDone, Done)
	says(t, report.Actions[0], "the Overlord has it")

	s = deletion(10)
	s.world.before = refuse
	report = s.run(t)
	expect(t, report, ClassError, Failed)
	says(t, report.Actions[0], "the Overlord does not know the task")
	if n := len(s.world.writes); n != 0 {
		t.Errorf("%d writes", n)
	}
}

// TestResumedTaskOfAStaleDatasource: what an earlier run submitted is watched also when its datasource is stale.
func TestResumedTaskOfAStaleDatasource(t *testing.T) {
	s := deletion(10, 20)
	s.world.locked["d"] = true
	s.world.after = func(_ int, name string) error {
		if name == "submit" {
			panic(crash{name})
		}
		return nil
	}
	if s.survive(t) != nil {
		t.Fatal("the run did not crash")
	}
	s.world.after = nil
	s.world.rules["d"] = foreign
	s.o.Resume = s.journal.resume()
	expect(t, s.run(t), ClassStale, Stale, Stale)
	if s.world.tasks[s.first()].state != druid.TaskFailed || len(s.world.deleted) > 0 {
		t.Error("the waiting task of a stale datasource was not ended")
	}
}

func TestShutdownThatDoesNotWork(t *testing.T) {
	s := deletion(10)
	s.world.locked["d"] = true
	s.world.before = func(_ int, name string) error {
		if name == "shutdown" {
			return errors.New("403")
		}
		return nil
	}
	report := s.run(t)
	expect(t, report, ClassPartial, Unknown)
	says(t, report.Actions[0], "did not end when it was shut down")
}

func TestPausesGrowToTheLimit(t *testing.T) {
	g := growing{time.Second, 4 * time.Second}
	var got []time.Duration
	for range 6 {
		got = append(got, g.pause())
	}
	want := []time.Duration{1000, 1500, 2250, 3375, 4000, 4000}
	for i := range want {
		want[i] *= time.Millisecond
	}
	if !slices.Equal(got, want) {
		t.Errorf("pauses %v, want %v", got, want)
	}
}

// TestUnclearReachProvesNothing: a verdict that is not OK may not list all that is there.
func TestUnclearReachProvesNothing(t *testing.T) {
	s := deletion(10)
	s.world.noReport = true
	honest, asked := s.o.Recheck, 0
	s.o.Recheck = func(ctx context.Context, a *plan.Action) (Verdict, error) {
		if asked++; asked > 1 {
			return Verdict{Differences: []string{"the unused segments could not be listed"}}, nil
		}
		return honest(ctx, a)
	}
	report := s.run(t)
	expect(t, report, ClassDifference, Unknown)
	says(t, report.Actions[0], "could not be listed")
}

// TestShutDownBeforeTheCrash: a task that we ended ourselves has not failed; what it was to do is sent again.
func TestShutDownBeforeTheCrash(t *testing.T) {
	s := deletion(10)
	s.world.locked["d"] = true
	s.world.after = func(_ int, name string) error {
		if name == "shutdown" {
			panic(crash{name})
		}
		return nil
	}
	if s.survive(t) != nil {
		t.Fatal("the run did not crash")
	}
	s.world.after, s.world.locked["d"] = nil, false
	s.o.Resume = s.journal.resume()
	expect(t, s.run(t), ClassDone, Done)
	s.finalState(t)
}
