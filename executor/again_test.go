package executor

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"coppice/internal/druid"
	"coppice/internal/plan"
)

// someMarks is a scene with one mark of each kind, and a kill of another datasource, during which time passes.
func someMarks() *scene {
	s := deletion()
	s.plan.Datasources = nil
	s.datasource("back", keepYear, keepYear)
	s.datasource("gone", keepForever, keepForever)
	s.datasource("d", keepForever, keepForever)
	s.mark(plan.MarkUsed, "back", s.rows("back", 19_900, "v1", 2, unusedRow))
	s.mark(plan.MarkUnused, "gone", s.rows("gone", 100, "v1", 2, usedRow))
	s.kill("d", s.rows("d", 10, "v1", 1, unusedRow))
	return s
}

// duringKill does something when the kill task is sent.
func (s *scene) duringKill(do func()) {
	s.o.Events = func(e Event) {
		if _, sent := e.(TaskSubmitted); sent {
			do()
		}
	}
}

// flip changes the used column of the first segment of a datasource's day.
func (s *scene) flip(name string, at int) {
	id := druid.SegmentID{DataSource: name, Interval: days(at, at+1), Version: "v1"}
	s.world.segments[id].used = !s.world.segments[id].used
}

func TestWhatWasDoneIsComparedAtTheEnd(t *testing.T) {
	cases := []struct {
		name   string
		change func(*scene)
		class  Class
		says   string
	}{
		{"nothing happens", func(*scene) {}, ClassDone, ""},
		{"a restored one is dropped again", func(s *scene) { s.flip("back", 19_900) }, ClassDifference, "1 segments that were marked used are unused again"},
		{"newer data replaces it", func(s *scene) {
			s.flip("back", 19_900)
			s.rows("back", 19_900, "v2", 1, usedRow)
		}, ClassDone, ""},
		{"a removed one is used again", func(s *scene) { s.flip("gone", 100) }, ClassDifference, "1 segments that were marked unused are used again"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := someMarks()
			s.duringKill(func() { c.change(s) })
			report := s.run(t)
			expect(t, report, c.class, Done, Done, Done)
			if text := describe(report); c.says != "" && !strings.Contains(text, c.says) {
				t.Errorf("%q is missing in\n%s", c.says, text)
			}
		})
	}
}

func TestRulesAreComparedAtTheEnd(t *testing.T) {
	s, _ := narrowing()
	s.datasource("other", keepForever, keepForever)
	s.kill("other", s.rows("other", 10, "v1", 1, unusedRow))
	s.duringKill(func() { s.world.rules["d"] = foreign })
	report := s.run(t)
	expect(t, report, ClassDifference, Done, Done)
	if !strings.Contains(describe(report), "not those that were posted any more") {
		t.Error(describe(report))
	}
}

// What the Coordinator marked is looked at again, too.
func TestMarksOfTheCoordinatorAreComparedAtTheEnd(t *testing.T) {
	for _, c := range []struct {
		name string
		at   int
		want MarkReport
	}{
		{"dropped and used again", 19_900, MarkReport{UsedAgain: 1}},
		{"kept and marked meanwhile", 19_990, MarkReport{NotPredicted: 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, _ := narrowing()
			s.datasource("other", keepForever, keepForever)
			s.kill("other", s.rows("other", 10, "v1", 1, unusedRow))
			s.duringKill(func() { s.flip("d", c.at); s.world.stopped = true })
			report := s.run(t)
			expect(t, report, ClassDifference, Done, Done)
			if m := report.Marks[0]; m.UsedAgain != c.want.UsedAgain || m.NotPredicted != c.want.NotPredicted || m.NotMarked != 0 {
				t.Errorf("%+v", *m)
			}
		})
	}
}

// What cannot be read at the end leaves the run incomplete; a resumed one looks. It sends nothing again: what was seen to
// be done, and is not so any more, somebody has undone since.
func TestAnUnreadEndIsComparedByTheNextRun(t *testing.T) {
	unread := func(t *testing.T) *scene {
		s := someMarks()
		s.o.Events = func(e Event) {
			if end, ended := e.(ActionEnded); ended && end.Report.Kind == plan.KillTask {
				s.world.before = func(_ int, name string) error {
					if name == "used" || name == "rules" {
						return errors.New("no answer")
					}
					return nil
				}
			}
		}
		rules := s.setRules(s.datasource("ruled", keepForever, keepYear))
		s.plan.Actions = slices.Insert(s.plan.Actions[:3], 0, rules)
		expect(t, s.run(t), ClassPartial, Unknown, Unknown, Unknown, Done)
		s.world.before, s.o.Events, s.o.Resume = nil, nil, s.journal.resume()
		return s
	}
	before := []Outcome{DoneBefore, DoneBefore, DoneBefore, DoneBefore}
	for _, c := range []struct {
		name   string
		change func(*scene)
		class  Class
	}{
		{"nothing happens", func(*scene) {}, ClassDone},
		{"a removed one is used again", func(s *scene) { s.flip("gone", 100) }, ClassDifference},
		{"a restored one is dropped again", func(s *scene) { s.flip("back", 19_900) }, ClassDifference},
		{"rules are set back", func(s *scene) { s.world.rules["ruled"] = keepForever }, ClassDifference},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := unread(t)
			c.change(s)
			sent := len(s.world.writes)
			report := s.run(t)
			expect(t, report, c.class, before...)
			if again := s.world.writes[sent:]; len(again) > 0 || !report.Complete() {
				t.Errorf("sent again: %v; complete: %v\n%s", again, report.Complete(), describe(report))
			}
		})
	}
}

// Marks are put off while somebody works on the segments, and what relies on them too; later they go on.
func TestMarksWaitForOthers(t *testing.T) {
	s := newScene()
	s.world.locked["wide"], s.world.locked["gone"] = true, true
	report := s.run(t)
	expect(t, report, ClassPartial, Done, Deferred, Done, Deferred, NotStarted, Done, Done, SkippedBlocked)
	if slices.ContainsFunc(s.world.writes, func(w string) bool { return strings.HasPrefix(w, "mark_") }) {
		t.Errorf("something was marked: %v", s.world.writes)
	}
	s.world.locked = map[string]bool{}
	s.o.Resume = s.journal.resume()
	s.runThrough(t, 2)
	s.finalState(t)
}

func TestMarksNeedALook(t *testing.T) {
	s := someMarks()
	s.o.Marking = nil
	if _, err := Run(t.Context(), s.plan, s.world, s.o); err == nil {
		t.Error("marks without a look at locks")
	}
	s = someMarks()
	s.o.Marking = nil
	for _, a := range s.plan.Actions {
		a.Blocked = a.Kind != plan.KillTask
	}
	if _, err := Run(t.Context(), s.plan, s.world, s.o); err != nil {
		t.Errorf("blocked marks need none: %v", err)
	}
}

// A look that fails marks nothing.
func TestMarksAreNotSentBlindly(t *testing.T) {
	s := someMarks()
	s.world.before = func(_ int, name string) error {
		if name == "claims" {
			return errors.New("no answer")
		}
		return nil
	}
	expect(t, s.run(t), ClassError, Failed, Failed, Done)
}
