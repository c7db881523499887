package executor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"coppice/internal/druid"
	"coppice/internal/plan"

	"github.com/google/go-cmp/cmp"
)

func TestWholePlan(t *testing.T) {
	s := newScene()
	report := s.run(t)
	want := []Outcome{Done, Done, Done, Done, Done, Done, Done, SkippedBlocked}
	if diff := cmp.Diff(want, outcomes(report)); diff != "" {
		t.Fatalf("outcomes (-want +got):\n%s%s", diff, describe(report))
	}
	s.finalState(t)
	if report.Class() != ClassBlocked || !report.Complete() {
		t.Errorf("class %s, complete %v: want blocked and complete", report.Class(), report.Complete())
	}
	for _, a := range report.Actions {
		if a.Kind == plan.KillTask && a.Outcome == Done && a.Real != (Counts{a.Planned.Segments, a.Planned.Bytes, a.Planned.Segments}) {
			t.Errorf("%s: real %+v, planned %+v", a.ID, a.Real, a.Planned)
		}
	}
	for _, m := range report.Marks {
		if m.NotMarked != 0 || m.NotPredicted != 0 || m.Marked != m.Predicted || m.Problem != "" {
			t.Errorf("marks %+v", *m)
		}
	}
	if last := s.journal.records[len(s.journal.records)-1]; last.Step != StepEnd || !last.Complete {
		t.Errorf("last record %+v", last)
	}
}

func TestIntentComesBeforeEveryWrite(t *testing.T) {
	s := newScene()
	s.world.before = func(_ int, name string) error {
		if !slices.Contains(writing, name) {
			return nil
		}
		last := s.journal.records[len(s.journal.records)-1]
		if last.Step != StepIntent {
			t.Errorf("%s was called after a record of step %s", name, last.Step)
		}
		if name == "submit" && s.journal.manifests[len(s.journal.manifests)-1].Task.ID != last.Task {
			t.Errorf("the newest manifest is not that of %s", last.Task)
		}
		return nil
	}
	s.run(t)
}

func TestOrderOfThePlanIsKept(t *testing.T) {
	s := newScene()
	s.run(t)
	var kinds []string
	for _, write := range s.world.writes {
		kinds = append(kinds, strings.Fields(write)[0])
	}
	want := []string{"set_rules", "mark_used", "set_rules", "mark_unused", "submit"}
	if got := slices.Compact(kinds); !slices.Equal(got, want) {
		t.Errorf("writes %v, want %v", got, want)
	}
}

func TestRestoreWaitsForRulesToBePolled(t *testing.T) {
	s := newScene()
	posted := druid.NoInstant
	s.world.before = func(_ int, name string) error {
		switch name {
		case "set_rules":
			posted = s.world.now
		case "mark_used":
			if waited := s.world.now - posted; waited < druid.Instant(minute.Milliseconds()) {
				t.Errorf("marked used %d ms after the rules", waited)
			}
		}
		return nil
	}
	s.run(t)
}

func TestRefusedBeforeAnything(t *testing.T) {
	cases := []struct {
		name   string
		change func(*scene)
		want   error
	}{
		{"unsound plan", func(s *scene) { s.plan.Actions[4].Task.Limit = 0 }, nil},
		{"unknown kind", func(s *scene) { s.plan.Actions[4].Kind = "erase" }, plan.ErrUnknownKind},
		{"newer format", func(s *scene) { s.plan.FormatVersion = "2.0" }, plan.ErrVersion},
		{"no recorder", func(s *scene) { s.o.Recorder = nil }, nil},
		{"no recheck", func(s *scene) { s.o.Recheck = nil }, nil},
		{"no clock", func(s *scene) { s.o.Now = nil }, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := newScene()
			c.change(s)
			report, err := Run(t.Context(), s.plan, s.world, s.o)
			if err == nil || report != nil || c.want != nil && !errors.Is(err, c.want) {
				t.Errorf("Run: %v, %v; want %v", report, err, c.want)
			}
			if s.world.calls != 0 || s.journal.writes != 0 {
				t.Errorf("%d calls and %d records were made", s.world.calls, s.journal.writes)
			}
		})
	}
}

func TestStaleBeforeAnything(t *testing.T) {
	cases := []struct {
		name   string
		change func(*scene)
		// stale lists the datasources of which nothing may run.
		stale []string
	}{
		{"own rules", func(s *scene) { s.world.rules["hot"] = foreign }, []string{"hot"}},
		{"own rules are gone", func(s *scene) { delete(s.world.rules, "gone") }, []string{"gone"}},
		{"already as planned, by somebody else", func(s *scene) { s.world.rules["hot"] = keepMonth }, []string{"hot"}},
		{"default rules", func(s *scene) { s.world.rules[plan.DefaultRules] = foreign }, []string{"hot", "wide", "gone"}},
		{"rules of a blocked one", func(s *scene) { s.world.rules["stuck"] = foreign }, nil},
		{"expired", func(s *scene) { s.plan.ExpiresAt = start }, []string{"hot", "wide", "gone"}},
		{"from the future", func(s *scene) { s.plan.Now = start + 1 }, []string{"hot", "wide", "gone"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := newScene()
			c.change(s)
			report := s.run(t)
			for _, a := range report.Actions {
				if got := a.Outcome == Stale; got != slices.Contains(c.stale, a.Datasource) {
					t.Errorf("%s of %s: %s", a.Kind, a.Datasource, a.Outcome)
				}
			}
			for _, write := range s.world.writes {
				for _, name := range c.stale {
					if strings.Contains(write, " "+name) || strings.Contains(write, "kill-"+name) {
						t.Errorf("written all the same: %s", write)
					}
				}
			}
			if want := len(c.stale) > 0; (report.Class() == ClassStale) != want {
				t.Errorf("class %s", report.Class())
			}
			s.onlyApproved(t)
		})
	}
}

// TestForeignWriterInBetween changes rules right before each call in turn. No list is posted over the foreign one; of
// what relies on it at most the action in hand goes on, since what it read was still right; nothing begins after that.
func TestForeignWriterInBetween(t *testing.T) {
	calls := callsOf(t)
	for _, key := range []string{"hot", "wide", "gone", plan.DefaultRules} {
		for n := 1; n <= calls; n++ {
			s := newScene()
			changed, inHand, late := false, "", map[string]bool{}
			s.o.Events = func(e Event) {
				if e, ok := e.(ActionStarted); ok {
					inHand = e.Action.ID
				}
			}
			s.world.before = func(call int, name string) error {
				// A POST has no precondition: what comes between the last reading and the POST cannot be noticed before.
				if call == n && name != "set_rules" {
					s.world.rules[key], changed = foreign, true
				}
				a := find(s.plan, inHand)
				if !changed || !slices.Contains(writing, name) || key != plan.DefaultRules && a.Datasource != key {
					return nil
				}
				late[inHand] = true
				if name == "set_rules" && key == a.Datasource {
					t.Errorf("rules of %s changed at call %d: overwritten", key, n)
				}
				return nil
			}
			report := s.run(t)
			s.onlyApproved(t)
			if len(late) > 1 {
				t.Errorf("rules of %s changed at call %d: %d actions wrote after it", key, n, len(late))
			}
			if class := report.Class(); class == ClassDone {
				t.Errorf("rules of %s changed at call %d: class %s", key, n, class)
			}
		}
	}
}

// writing are the calls that change something.
var writing = []string{"set_rules", "mark_used", "mark_unused", "submit"}

func find(p *plan.Plan, id string) *plan.Action {
	for _, a := range p.Actions {
		if a.ID == id {
			return a
		}
	}
	return nil
}

func callsOf(t *testing.T) int {
	t.Helper()
	s := newScene()
	s.run(t)
	return s.world.calls
}

func TestRecheckStopsAKill(t *testing.T) {
	s := newScene()
	s.rows("hot", 19_000, "v1", 4, unusedRow) // two more of a version in reach
	report := s.run(t)
	if diff := cmp.Diff([]Outcome{Done, Done, Done, Done, Done, Stale, Stale, SkippedBlocked}, outcomes(report)); diff != "" {
		t.Fatalf("outcomes (-want +got):\n%s%s", diff, describe(report))
	}
	if report.Class() != ClassStale {
		t.Errorf("class %s", report.Class())
	}
	s.onlyApproved(t)
}

// TestVerdictIsNotTrusted: a recheck that says yes and lists a victim outside the plan does not get it deleted.
func TestVerdictIsNotTrusted(t *testing.T) {
	s := newScene()
	honest := s.o.Recheck
	s.o.Recheck = func(ctx context.Context, a *plan.Action) (Verdict, error) {
		v, err := honest(ctx, a)
		v.Victims = append(v.Victims, Victim{ID: "hot_another"})
		return v, err
	}
	report := s.run(t)
	if len(s.world.tasks) > 0 || report.Class() != ClassStale {
		t.Errorf("%d tasks were sent; class %s", len(s.world.tasks), report.Class())
	}
}

func TestRecheckThatFails(t *testing.T) {
	s := newScene()
	s.o.Recheck = func(context.Context, *plan.Action) (Verdict, error) { return Verdict{OK: true}, errLost }
	report := s.run(t)
	if len(s.world.tasks) > 0 || report.Class() != ClassError {
		t.Errorf("%d tasks were sent; class %s", len(s.world.tasks), report.Class())
	}
}

func TestNothingLeftToDelete(t *testing.T) {
	s := newScene()
	for _, id := range s.approved {
		if id.DataSource == "hot" {
			delete(s.world.segments, id)
		}
	}
	report := s.run(t)
	if got := outcomes(report)[5:7]; !slices.Equal(got, []Outcome{DoneBefore, DoneBefore}) {
		t.Errorf("outcomes %v", got)
	}
}

func TestEveryEventIsOfTheSet(t *testing.T) {
	s := newScene()
	s.run(t)
	seen := map[string]bool{}
	for _, e := range s.events {
		seen[fmt.Sprintf("%T", e)] = true
	}
	for _, e := range []Event{Started{}, ActionStarted{}, ActionEnded{}, TaskSubmitted{}, TaskChanged{}, Waiting{}, MarksCompared{}, Ended{}} {
		if !seen[fmt.Sprintf("%T", e)] {
			t.Errorf("no event %T", e)
		}
	}
}
