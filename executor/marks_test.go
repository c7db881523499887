package executor

import (
	"slices"
	"strings"
	"testing"
	"time"

	"coppice/internal/druid"
	"coppice/internal/plan"

	"github.com/google/go-cmp/cmp"
)

// narrowing is a scene in which one datasource goes from a year to a month; three days of it are dropped.
func narrowing() (*scene, *plan.Datasource) {
	s := deletion()
	s.plan.Datasources = nil
	d := s.datasource("d", keepYear, keepMonth)
	s.rows("d", 19_990, "v1", 3, usedRow)
	drop := s.rows("d", 19_900, "v1", 3, usedRow)
	d.Drop.Runs = []plan.Run{drop}
	s.world.ruleRuns["d"] = map[string][]druid.SegmentID{keepMonth.Digest(): slices.Collect(drop.IDs("d"))}
	s.setRules(d)
	return s, d
}

func TestMarksAreCompared(t *testing.T) {
	kept := druid.SegmentID{DataSource: "d", Interval: days(19_990, 19_991), Version: "v1", Partition: 1}
	// drops makes the Coordinator mark more than was predicted.
	drops := func(s *scene, id druid.SegmentID) {
		byDigest := s.world.ruleRuns["d"]
		byDigest[keepMonth.Digest()] = append(byDigest[keepMonth.Digest()], id)
	}
	cases := []struct {
		name   string
		change func(*scene, *plan.Datasource)
		class  Class
		want   MarkReport
	}{
		{"as predicted", func(*scene, *plan.Datasource) {}, ClassDone, MarkReport{Predicted: 3, Marked: 3}},
		{"the Coordinator does nothing", func(s *scene, _ *plan.Datasource) { s.world.stopped = true }, ClassPartial,
			MarkReport{Predicted: 3, NotMarked: 3, Waited: true}},
		{"a kept one is marked", func(s *scene, _ *plan.Datasource) { drops(s, kept) }, ClassDifference,
			MarkReport{Predicted: 3, Marked: 3, NotPredicted: 1, NotPredictedIDs: []string{kept.String()}}},
		{"it was replaced by newer data", func(s *scene, _ *plan.Datasource) {
			drops(s, kept)
			s.o.Events = func(e Event) {
				if e, ok := e.(ActionEnded); ok && e.Report.Kind == plan.SetRules {
					s.rows("d", 19_990, "v2", 1, usedRow)
				}
			}
		}, ClassDone, MarkReport{Predicted: 3, Marked: 3}},
		{"newer data beside it explains nothing", func(s *scene, _ *plan.Datasource) {
			drops(s, kept)
			s.o.Events = func(e Event) {
				if e, ok := e.(ActionEnded); ok && e.Report.Kind == plan.SetRules {
					s.rows("d", 19_991, "v2", 1, usedRow)
				}
			}
		}, ClassDifference, MarkReport{Predicted: 3, Marked: 3, NotPredicted: 1, NotPredictedIDs: []string{kept.String()}}},
		{"shadowed, later and removed ones may go", func(s *scene, d *plan.Datasource) {
			d.Remove.Runs = []plan.Run{s.rows("d", 19_982, "v1", 1, usedRow)}
			d.Shadowed.Runs = []plan.Run{s.rows("d", 19_980, "v1", 1, usedRow)}
			d.Drop.Later.Runs = []plan.Run{s.rows("d", 19_981, "v1", 1, usedRow)}
			for _, run := range slices.Concat(d.Shadowed.Runs, d.Drop.Later.Runs, d.Remove.Runs) {
				for id := range run.IDs("d") {
					drops(s, id)
				}
			}
		}, ClassDone, MarkReport{Predicted: 3, Marked: 3}},
		// 20 000 days are 2024-10-04; a month before the end of the wait lies this day's end, which it did not at first.
		{"time alone drops one more", func(s *scene, _ *plan.Datasource) {
			run := s.rows("d", 19_969, "v1", 1, usedRow)
			s.plan.Now = start
			s.world.now = start + day - druid.Instant(minute.Milliseconds()/2)
			for id := range run.IDs("d") {
				drops(s, id)
			}
		}, ClassDone, MarkReport{Predicted: 3, Marked: 3}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s, d := narrowing()
			c.change(s, d)
			report := s.run(t)
			expect(t, report, c.class, Done)
			c.want.Datasource, c.want.UsedAgainIDs = "d", []string{}
			c.want.NotMarkedIDs = report.Marks[0].NotMarkedIDs
			if c.want.NotPredictedIDs == nil {
				c.want.NotPredictedIDs = []string{}
			}
			if diff := cmp.Diff(&c.want, report.Marks[0]); diff != "" || int64(len(report.Marks[0].NotMarkedIDs)) != c.want.NotMarked {
				t.Errorf("marks (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMarksAreWaitedForTenMinutes(t *testing.T) {
	s, _ := narrowing()
	s.world.stopped = true
	report := s.run(t)
	waited := time.Duration(report.EndedAt-report.StartedAt) * time.Millisecond
	if waited < 10*minute || waited > 12*minute {
		t.Errorf("waited %s", waited)
	}
}

func TestAKeptSegmentMarkedStopsTheKills(t *testing.T) {
	s, _ := narrowing()
	s.kill("d", s.rows("d", 10, "v1", 1, unusedRow))
	s.world.ruleRuns["d"][keepMonth.Digest()] = append(s.world.ruleRuns["d"][keepMonth.Digest()],
		druid.SegmentID{DataSource: "d", Interval: days(19_990, 19_991), Version: "v1"})
	expect(t, s.run(t), ClassDifference, Done, NotStarted)
	if len(s.world.tasks) > 0 {
		t.Error("a kill was sent all the same")
	}
}

func TestNarrowingWaitsForTheCleanUp(t *testing.T) {
	for _, cleaned := range []bool{true, false} {
		s, d := narrowing()
		below := s.rows("d", 19_900, "v0", 1, usedRow)
		beside := s.rows("d", 19_950, "v0", 1, usedRow)
		d.Shadowed.Runs = []plan.Run{below, beside}
		s.o.Events = func(e Event) {
			if e, ok := e.(Waiting); ok && cleaned && e.Waited > 5*minute && strings.Contains(e.For, "clean-up") {
				for id := range below.IDs("d") {
					s.world.segments[id].used = false
				}
			}
		}
		report := s.run(t)
		if cleaned {
			expect(t, report, ClassDone, Done)
			continue
		}
		expect(t, report, ClassPartial, Deferred)
		says(t, report.Actions[0], "1 overshadowed segments of d")
		if waited := time.Duration(s.world.now-start) * time.Millisecond; waited != 20*minute || len(s.world.writes) > 0 {
			t.Errorf("gave up after %s with %v", waited, s.world.writes)
		}
	}
}

func TestPostOfRules(t *testing.T) {
	cases := []struct {
		name    string
		change  func(*scene)
		class   Class
		outcome Outcome
		says    string
	}{
		{"refused", func(s *scene) { s.world.before = failing("set_rules") }, ClassError, Failed, "the rules are unchanged"},
		{"answer lost", func(s *scene) { s.world.after = failing("set_rules") }, ClassDone, Done, "shows that they are set"},
		{"overwritten at once", func(s *scene) {
			s.world.after = func(_ int, name string) error {
				if name == "set_rules" {
					s.world.rules["d"] = foreign
				}
				return nil
			}
		}, ClassDifference, Unknown, "somebody else posted others"},
		{"accepted without an effect", func(s *scene) {
			s.world.after = func(_ int, name string) error {
				if name == "set_rules" {
					s.world.rules["d"] = keepYear
				}
				return nil
			}
		}, ClassDifference, Unknown, "still shows the old ones"},
		{"changed while waiting", func(s *scene) {
			s.world.after = func(_ int, name string) error {
				if name == "used" {
					s.world.rules["d"] = foreign
				}
				return nil
			}
		}, ClassStale, Stale, "somebody changed the rules"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s, _ := narrowing()
			c.change(s)
			report := s.run(t)
			expect(t, report, c.class, c.outcome)
			says(t, report.Actions[0], c.says)
		})
	}
}

// failing fails every call of one name.
func failing(what string) func(int, string) error {
	return func(_ int, name string) error {
		if name == what {
			return errLost
		}
		return nil
	}
}

func TestChangeOfTheDefaultIsComparedEverywhere(t *testing.T) {
	s := deletion()
	s.plan.Datasources = nil
	s.plan.DefaultRules = plan.RuleChange{Change: plan.ChangeUpdate, Before: keepForever, After: keepYear}
	for _, name := range []string{"a", "b"} {
		d := s.datasource(name, nil, nil)
		drop := s.rows(name, 19_000, "v1", 1, usedRow)
		d.Drop.Runs = []plan.Run{drop}
		s.world.ruleRuns[name] = map[string][]druid.SegmentID{druid.RuleList(nil).Digest(): slices.Collect(drop.IDs(name))}
	}
	after := keepYear
	s.add(&plan.Action{Kind: plan.SetRules, Datasource: plan.DefaultRules, RulesBefore: keepForever, RulesAfter: &after})
	s.kill("b", s.rows("b", 10, "v1", 1, unusedRow))
	report := s.run(t)
	expect(t, report, ClassDone, Done, Done)
	if len(report.Marks) != 2 || report.Marks[0].Marked != 1 || report.Marks[1].Marked != 1 {
		t.Errorf("marks %+v", report.Marks)
	}
}

// A new default acts on a datasource that the plan looked at and does nothing else to: its own list counts too.
func TestDefaultIsStaleWhenAnOwnListChanged(t *testing.T) {
	s := deletion()
	s.plan.Datasources = nil
	s.plan.DefaultRules = plan.RuleChange{Change: plan.ChangeUpdate, Before: keepForever, After: keepYear}
	s.datasource("a", keepForever, keepForever)
	after := keepYear
	s.add(&plan.Action{Kind: plan.SetRules, Datasource: plan.DefaultRules, RulesBefore: keepForever, RulesAfter: &after})
	s.world.rules["a"] = foreign
	expect(t, s.run(t), ClassStale, Stale)
}

// A new default acts on a datasource that came after the plan was made, too, and nobody has seen what it drops there. One
// without used segments does not matter.
func TestDefaultIsStaleWhenADatasourceCame(t *testing.T) {
	for name, c := range map[string]struct {
		at    string
		used  bool
		class Class
	}{
		"before the run":  {"rules", true, ClassStale},
		"during the run":  {"used", true, ClassStale},
		"with no segment": {"rules", false, ClassDone},
	} {
		t.Run(name, func(t *testing.T) {
			s := deletion()
			s.plan.Datasources = nil
			s.plan.DefaultRules = plan.RuleChange{Change: plan.ChangeUpdate, Before: keepForever, After: keepYear}
			d := s.datasource("a", nil, nil)
			d.Shadowed.Runs = []plan.Run{s.rows("a", 5, "v1", 1, unusedRow)} // looked for between the first look and the POST
			d.Drop.Runs = []plan.Run{s.rows("a", 5, "v2", 1, usedRow)}
			s.world.ruleRuns["a"] = map[string][]druid.SegmentID{druid.RuleList(nil).Digest(): slices.Collect(d.Drop.Runs[0].IDs("a"))}
			after := keepYear
			s.add(&plan.Action{Kind: plan.SetRules, Datasource: plan.DefaultRules, RulesBefore: keepForever, RulesAfter: &after})
			state := usedRow
			state.used = c.used
			s.world.before = func(_ int, call string) error {
				if call == c.at {
					s.rows("latecomer", 3, "v1", 1, state)
				}
				return nil
			}
			report := s.run(t)
			if report.Class() != c.class || s.world.rules[plan.DefaultRules].Equal(keepYear) != (c.class == ClassDone) {
				t.Errorf("class %s, %+v", report.Class(), report.Actions[0])
			}
		})
	}
}

func TestDefaultNotPostedStopsAll(t *testing.T) {
	s := deletion(10)
	s.plan.DefaultRules.After = keepYear
	after, kills := keepYear, s.plan.Actions
	s.plan.Actions = nil
	s.add(&plan.Action{Kind: plan.SetRules, Datasource: plan.DefaultRules, RulesBefore: keepForever, RulesAfter: &after})
	s.plan.Actions = append(s.plan.Actions, kills...)
	s.world.before = failing("set_rules")
	expect(t, s.run(t), ClassError, Failed, NotStarted)
}

// marking is a scene with one action that marks three segments, of which one is so already.
func marking(kind plan.Kind) *scene {
	s := deletion()
	state := usedRow
	state.used = kind == plan.MarkUnused
	run := s.rows("d", 10, "v1", 3, state)
	s.world.segments[druid.SegmentID{DataSource: "d", Interval: run.Interval, Version: "v1"}].used = !state.used
	s.rows("d", 10, "v2", 1, state)
	s.mark(kind, "d", run)
	return s
}

func TestMarks(t *testing.T) {
	cases := []struct {
		name    string
		change  func(s *scene, call string)
		class   Class
		outcome Outcome
		says    string
		writes  int
	}{
		{"all well", func(*scene, string) {}, ClassDone, Done, "1 segments were so already", 2},
		{"refused", func(s *scene, call string) { s.world.before = failing(call) }, ClassError, Failed, "2 of 2 are not marked", 0},
		{"answer lost", func(s *scene, call string) { s.world.after = failing(call) }, ClassDone, Done, "shows that all are marked", 2},
		{"cannot look", func(s *scene, call string) {
			s.world.after = func(_ int, name string) error {
				if name == call {
					s.world.before = failing("used")
				}
				return nil
			}
		}, ClassPartial, Unknown, "read used segments", 2},
		{"accepted without an effect", func(s *scene, call string) {
			s.world.after = func(_ int, name string) error {
				if name == call {
					for _, r := range s.world.segments {
						r.used = call == "mark_unused"
					}
				}
				return nil
			}
		}, ClassDifference, Unknown, "2 of 2 segments are not as they were marked", 2},
		{"nothing to do", func(s *scene, call string) {
			for _, r := range s.world.segments {
				r.used = call != "mark_unused"
			}
		}, ClassDone, DoneBefore, "nothing is left to mark", 0},
	}
	for _, kind := range []plan.Kind{plan.MarkUnused, plan.MarkUsed} {
		for _, c := range cases {
			t.Run(string(kind)+" "+c.name, func(t *testing.T) {
				s := marking(kind)
				c.change(s, string(kind))
				report := s.run(t)
				expect(t, report, c.class, c.outcome)
				says(t, report.Actions[0], c.says)
				if len(s.world.writes) != c.writes {
					t.Errorf("writes %v, want %d", s.world.writes, c.writes)
				}
			})
		}
	}
}

func TestManyMarksGoInBatches(t *testing.T) {
	s := deletion()
	s.mark(plan.MarkUnused, "d", s.rows("d", 10, "v1", markBatch+1, usedRow))
	posts := 0
	s.world.before = func(_ int, name string) error {
		if name == "mark_unused" {
			posts++
		}
		return nil
	}
	report := s.run(t)
	expect(t, report, ClassDone, Done)
	if posts != 2 || report.Actions[0].Real.Segments != markBatch+1 {
		t.Errorf("%d posts, %d marked", posts, report.Actions[0].Real.Segments)
	}
}

func TestCover(t *testing.T) {
	at := func(from, to int, version string) druid.SegmentID {
		return druid.SegmentID{DataSource: "d", Interval: days(from, to), Version: version}
	}
	c := newCover(newInventory([]druid.SegmentID{at(10, 20, "v3"), at(1, 100, "v1"), at(30, 31, "v5"), at(12, 13, "v2")}))
	cases := []struct {
		name string
		old  chunk
		want bool
	}{
		{"below a newer one", chunk{days(12, 13), "v2"}, true},
		{"beside its start", chunk{days(9, 10), "v2"}, false},
		{"beside its end", chunk{days(20, 21), "v2"}, false},
		{"one day in common", chunk{days(19, 25), "v2"}, true},
		{"the same version", chunk{days(30, 31), "v5"}, false},
		{"an older one lies over it", chunk{days(50, 51), "v2"}, false},
		{"a wide one, found behind shorter ones", chunk{days(50, 51), "v0"}, true},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			if got := c.above(tc.old); got != tc.want {
				t.Errorf("above(%v) = %v, want %v", tc.old, got, tc.want)
			}
		})
	}
}

// ownAndDefault is a scene in which a datasource's own list and the default change: d widens, and the default narrows.
func ownAndDefault() *scene {
	s := deletion()
	s.plan.Datasources = nil
	d := s.datasource("d", keepMonth, keepYear)
	s.rows("d", 19_990, "v1", 3, usedRow)
	s.plan.DefaultRules = plan.RuleChange{Change: plan.ChangeUpdate, Before: keepForever, After: keepMonth}
	s.setRules(d)
	s.add(&plan.Action{Kind: plan.SetRules, Datasource: plan.DefaultRules, RulesBefore: keepForever, RulesAfter: &s.plan.DefaultRules.After})
	return s
}

// New default rules are never posted before the own lists that come first in the plan are in force.
func TestDefaultWaitsItsTurn(t *testing.T) {
	cases := []struct {
		name   string
		change func(*scene)
		want   []Outcome
		class  Class
	}{
		{"both", func(*scene) {}, []Outcome{Done, Done}, ClassDone},
		{"the own list cannot be posted", func(s *scene) {
			s.world.before = func(_ int, name string) error {
				if name == "set_rules" {
					return errLost
				}
				return nil
			}
		}, []Outcome{Failed, NotStarted}, ClassError},
		{"the clean-up does not come", func(s *scene) {
			d := s.plan.Datasources[0]
			below := s.rows("d", 19_900, "v0", 1, usedRow)
			d.Shadowed.Runs, d.Drop.Runs = []plan.Run{below}, []plan.Run{s.rows("d", 19_900, "v1", 1, usedRow)}
		}, []Outcome{Deferred, NotStarted}, ClassPartial},
		{"the own list is edited", func(s *scene) {
			reads := 0
			s.world.before = func(_ int, name string) error {
				if name == "used" {
					reads++
					s.world.rules["d"] = foreign
				}
				return nil
			}
		}, []Outcome{Stale, Stale}, ClassStale},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := ownAndDefault()
			c.change(s)
			report := s.run(t)
			expect(t, report, c.class, c.want...)
			if set := s.world.rules[plan.DefaultRules].Equal(keepMonth); set != (c.class == ClassDone) {
				t.Errorf("the default was posted: %v", set)
			}
		})
	}
}

// A list that widens does not wait for the clean-up.
func TestWideningDoesNotWait(t *testing.T) {
	s, d := narrowing()
	d.Shadowed.Runs = []plan.Run{s.rows("d", 19_900, "v0", 1, usedRow)}
	s.plan.Actions[0].Widens = true
	report := s.run(t)
	expect(t, report, ClassDone, Done)
	if report.EndedAt-report.StartedAt > druid.Instant((5 * minute).Milliseconds()) {
		t.Errorf("it took %d ms", report.EndedAt-report.StartedAt)
	}
}
