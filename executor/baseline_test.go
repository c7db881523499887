package executor

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"coppice/internal/druid"
	"coppice/internal/plan"
)

// A process that dies after it has posted rules leaves its baseline behind: the resumed run still finds what the
// Coordinator marked though the plan keeps it.
func TestAResumedRunComparesWhatThePlanKeeps(t *testing.T) {
	kept := druid.SegmentID{DataSource: "d", Interval: days(19_990, 19_991), Version: "v1", Partition: 1}
	for _, marked := range []bool{false, true} {
		s, _ := narrowing()
		kill := s.kill("d", s.rows("d", 10, "v1", 1, unusedRow))
		s.world.after = func(_ int, name string) error {
			if name == "set_rules" {
				panic(crash{"the rules are posted"})
			}
			return nil
		}
		if s.survive(t) != nil {
			t.Fatal("the first run did not crash")
		}
		s.world.after, s.o.Resume = nil, s.journal.resume()
		if s.world.segments[kept].used = !marked; marked {
			s.rows("d", 5, "v9", 1, usedRow) // newer, and elsewhere: it explains nothing
		}
		report := s.run(t)
		m := report.Marks[0]
		if want := int64(len(s.world.segments)); m.Problem != "" || m.Predicted != 3 || m.Marked != 3 {
			t.Errorf("of %d segments: %+v", want, m)
		}
		if !marked {
			expect(t, report, ClassDone, DoneBefore, Done)
			continue
		}
		expect(t, report, ClassDifference, DoneBefore, NotStarted)
		if m.NotPredicted != 1 || !slices.Equal(m.NotPredictedIDs, []string{kept.String()}) || s.world.segments[slices.Collect(kill.Runs[0].IDs("d"))[0]] == nil {
			t.Errorf("the kept one is not named, or a kill was sent: %+v", m)
		}
	}
}

// The first baseline counts: one that is taken after the change would miss what was marked meanwhile.
func TestTheFirstBaselineCounts(t *testing.T) {
	s, _ := narrowing()
	s.world.after = func(_ int, name string) error {
		if name == "set_rules" {
			panic(crash{name})
		}
		return nil
	}
	s.survive(t)
	first := s.journal.baselines["d"]
	// Somebody sets the rules back, so that the action is done anew.
	s.world.after, s.world.rules["d"], s.o.Resume = nil, keepYear, s.journal.resume()
	s.world.segments[druid.SegmentID{DataSource: "d", Interval: days(19_990, 19_991), Version: "v1"}].used = false
	report := s.run(t)
	expect(t, report, ClassDifference, Done)
	if report.Marks[0].NotPredicted != 1 || s.journal.baselines["d"].At != first.At {
		t.Errorf("marks %+v, baseline of %s, first of %s", report.Marks[0], s.journal.baselines["d"].At, first.At)
	}
}

func TestALostBaselineIsSaid(t *testing.T) {
	s, _ := narrowing()
	s.run(t)
	s.o.Resume, s.journal.baselines = s.journal.resume(), nil
	report := s.run(t)
	expect(t, report, ClassPartial, DoneBefore)
	if !strings.Contains(report.Marks[0].Problem, "is not on record") || report.Complete() {
		t.Errorf("marks %+v", report.Marks[0])
	}
}

// unreadable is a recorder whose baselines cannot be read.
type unreadable struct{ *memory }

func (unreadable) Earlier(string) (*Baseline, error) { return nil, errors.New("input/output error") }

func TestRulesAreNotChangedWithoutABaseline(t *testing.T) {
	s, _ := narrowing()
	s.o.Recorder = unreadable{s.journal}
	expect(t, s.run(t), ClassError, Failed)
	if len(s.world.writes) > 0 {
		t.Errorf("done all the same: %v", s.world.writes)
	}
}

func TestWhatWasNotComparedIsNotComplete(t *testing.T) {
	s, _ := narrowing()
	s.world.stopped = true
	report := s.run(t)
	if expect(t, report, ClassPartial, Done); report.Complete() {
		t.Error("nothing was compared, and nothing is left to resume")
	}
	s.world.stopped, s.o.Resume = false, s.journal.resume()
	s.world.tick()
	report = s.run(t)
	if expect(t, report, ClassDone, DoneBefore); !report.Complete() || report.Marks[0].Marked != 3 {
		t.Errorf("marks %+v", report.Marks[0])
	}
	if n := len(slices.DeleteFunc(s.world.writes, func(w string) bool { return !strings.HasPrefix(w, string(plan.SetRules)) })); n != 1 {
		t.Errorf("rules were posted %d times", n)
	}
}
