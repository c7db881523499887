package executor

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"coppice/internal/druid"

	"pgregory.net/rapid"
)

// others puts kill tasks of somebody else among those of the Overlord, which stay as they are.
func (w *world) others(n int, state druid.TaskState) {
	for i := range n {
		w.tasks[fmt.Sprintf("coordinator-issued_kill_%s_%d", []string{"", "waiting", "pending", "running"}[state], i)] =
			&fakeTask{KillTask: druid.KillTask{DataSource: "other"}, state: state, stays: true}
	}
}

// leave ends all tasks of others.
func (w *world) leave() {
	for id, t := range w.tasks {
		if t.stays {
			delete(w.tasks, id)
		}
	}
}

// spread is a scene of so many deletions, side by side as far as slots allow.
func spread(tasks, slots int) *scene {
	var at []int
	for n := range tasks {
		at = append(at, 10*n+10)
	}
	s := deletion(at...)
	s.o.Limits = Limits{Slots: slots, Concurrency: map[string]int{"d": tasks}}
	return s
}

func (s *scene) sent() (n int) {
	for _, write := range s.world.writes {
		if strings.HasPrefix(write, "submit") {
			n++
		}
	}
	return n
}

// waits lists what the run waited for, without repetition.
func (s *scene) waits() []string {
	var list []string
	for _, e := range s.events {
		if w, ok := e.(Waiting); ok {
			list = append(list, w.For)
		}
	}
	return slices.Compact(list)
}

func TestTasksOfOthersCount(t *testing.T) {
	s := spread(3, 3)
	s.world.others(1, druid.TaskWaiting)
	s.world.others(2, druid.TaskRunning)
	s.o.Events = func(e Event) {
		if w, ok := e.(Waiting); ok && strings.HasPrefix(w.For, "room") && w.Waited > 3*minute {
			if s.sent() > 0 {
				t.Error("a task was sent where there was no room")
			}
			s.world.leave()
		}
		s.events = append(s.events, e)
	}
	expect(t, s.run(t), ClassDone, Done, Done, Done)
	s.finalState(t)
	if got := s.waits(); got[0] != "room at the Overlord: it has 3 kill tasks of others, such as coordinator-issued_kill_running_0, "+
		"and kill_tasks { max_slots_percent } grants 3 in all" {
		t.Errorf("waited for %q", got)
	}
}

// TestRoomThatNeverComes: all that are left are given up together, and a resumed run does them.
func TestRoomThatNeverComes(t *testing.T) {
	s := spread(3, 1)
	s.world.others(1, druid.TaskRunning)
	report := s.run(t)
	expect(t, report, ClassPartial, Deferred, Deferred, Deferred)
	says(t, report.Actions[2], "there was no room at the Overlord for 15m")
	if got := s.world.now - start; got > druid.Instant(16*minute.Milliseconds()) || len(s.world.writes) > 0 || len(s.journal.manifests) > 0 {
		t.Errorf("given up after %d minutes, having done %v", got/60_000, s.world.writes)
	}
	s.world.leave()
	s.o.Resume = s.journal.resume()
	expect(t, s.run(t), ClassDone, Done, Done, Done)
	s.finalState(t)
}

// TestInterruptedWithoutRoom: whoever waits for room can be told to stop.
func TestInterruptedWithoutRoom(t *testing.T) {
	s := spread(2, 1)
	s.world.others(1, druid.TaskRunning)
	interrupt := make(chan struct{})
	s.o.Interrupted = interrupt
	s.o.Events = func(e Event) {
		if w, ok := e.(Waiting); ok && w.Waited > minute && interrupt != nil {
			close(interrupt)
			interrupt = nil
		}
	}
	expect(t, s.run(t), ClassInterrupted, NotStarted, NotStarted)
	if got := s.world.now - start; got > druid.Instant(3*minute.Milliseconds()) {
		t.Errorf("it went on for %d minutes", got/60_000)
	}
}

// TestUnknownShare: where nobody knows how many slots there are, others are no reason to wait, and one task goes at a time.
func TestUnknownShare(t *testing.T) {
	s := spread(3, 0)
	s.world.others(5, druid.TaskRunning)
	s.world.before = func(_ int, name string) error {
		if name == "submit" && s.active() > 0 {
			t.Error("two tasks at a time")
		}
		return nil
	}
	expect(t, s.run(t), ClassDone, Done, Done, Done)
}

// TestTheShareIsUsed: our own tasks are not taken for those of others.
func TestTheShareIsUsed(t *testing.T) {
	s := spread(8, 5)
	s.world.others(1, druid.TaskRunning)
	most := 0
	s.world.after = func(int, string) error {
		most = max(most, s.active())
		return nil
	}
	expect(t, s.run(t), ClassDone, slices.Repeat([]Outcome{Done}, 8)...)
	if most != 4 {
		t.Errorf("at most %d of ours at a time, beside one of somebody else in five slots", most)
	}
}

// active are our own tasks that have not ended.
func (s *scene) active() (n int) {
	for _, task := range s.world.tasks {
		if !task.stays && !task.state.Done() {
			n++
		}
	}
	return n
}

// TestTheQueueIsNotFilled: where few workers are free, few tasks wait for them.
func TestTheQueueIsNotFilled(t *testing.T) {
	for _, others := range []int{0, 2} {
		t.Run(fmt.Sprint(others), func(t *testing.T) {
			s := spread(12, 100)
			s.world.workers = 1
			s.world.others(others, druid.TaskPending)
			s.world.before = func(_ int, name string) error {
				if n := s.world.inState(druid.TaskPending) + s.world.inState(druid.TaskWaiting); name == "submit" && n >= maxQueued {
					t.Errorf("%d tasks waited when one was sent", n)
				}
				return nil
			}
			s.run(t)
			if len(s.world.deleted) != 36 {
				t.Errorf("%d segments were deleted", len(s.world.deleted))
			}
		})
	}
}

// TestPendingTasksOfOthersHoldBack: nothing is sent into a queue that does not move.
func TestPendingTasksOfOthersHoldBack(t *testing.T) {
	s := spread(1, 100)
	s.world.others(maxQueued, druid.TaskPending)
	report := s.run(t)
	expect(t, report, ClassPartial, Deferred)
	says(t, report.Actions[0], "kill tasks wait there already (3)")
	s.world.leave()
	s.world.others(maxQueued, druid.TaskWaiting) // these wait for locks, not for workers
	s.o.Resume = s.journal.resume()
	expect(t, s.run(t), ClassDone, Done)
}

// TestTheQueueThatCannotBeRead: tasks go as slots allow, it is said once, and asked again from time to time.
func TestTheQueueThatCannotBeRead(t *testing.T) {
	s := spread(8, 2)
	s.world.others(2, druid.TaskRunning)
	s.world.slow = true
	asked := 0
	s.world.before = func(_ int, name string) error {
		if name == "kill_tasks" {
			asked++
			return errLost
		}
		return nil
	}
	s.o.Wait = func(ctx context.Context, d time.Duration) error {
		s.world.slow = s.world.now-start < druid.Instant(5*minute.Milliseconds())
		return s.world.wait(ctx, d)
	}
	expect(t, s.run(t), ClassDone, slices.Repeat([]Outcome{Done}, 8)...)
	s.finalState(t)
	told := slices.DeleteFunc(slices.Clone(s.events), func(e Event) bool { _, unknown := e.(QueueUnknown); return !unknown })
	if len(told) != 1 || told[0] != (QueueUnknown{errLost.Error()}) || asked < 2 || asked > 8 {
		t.Errorf("told %v, asked %d times", told, asked)
	}
}

// TestRoomIsKept: whatever others do, no task is sent where the Overlord has no room, everything is deleted once, and a
// resumed run does what was given up.
func TestRoomIsKept(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		slots := rapid.IntRange(1, 6).Draw(rt, "slots")
		s := spread(rapid.IntRange(1, 12).Draw(rt, "tasks"), slots)
		s.world.workers = rapid.IntRange(1, 4).Draw(rt, "workers")
		s.world.before = func(_ int, name string) error {
			if name == "submit" && (s.active()+s.strangers() >= slots || s.world.inState(druid.TaskPending) >= maxQueued) {
				rt.Errorf("sent with %d of ours and %d others there, %d pending, %d slots", s.active(), s.strangers(), s.world.inState(druid.TaskPending), slots)
			}
			return nil
		}
		s.o.Wait = func(ctx context.Context, d time.Duration) error {
			if rapid.IntRange(0, 3).Draw(rt, "others act") == 0 {
				s.world.leave()
				s.world.others(rapid.IntRange(0, 4).Draw(rt, "others"), rapid.SampledFrom([]druid.TaskState{druid.TaskWaiting, druid.TaskPending, druid.TaskRunning}).Draw(rt, "state"))
			}
			return s.world.wait(ctx, d)
		}
		report := s.run(t)
		s.world.leave()
		s.o.Wait, s.world.before, s.o.Resume = s.world.wait, nil, s.journal.resume()
		if again := s.run(t); again.Class() != ClassDone || report.Class() != ClassDone && report.Class() != ClassPartial {
			rt.Errorf("%s\n%s", describe(report), describe(again))
		}
		s.finalState(t)
	})
}

// strangers are kill tasks of others.
func (s *scene) strangers() (n int) {
	for _, task := range s.world.tasks {
		if task.stays {
			n++
		}
	}
	return n
}
