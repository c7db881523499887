package executor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"coppice/internal/druid"
	"coppice/internal/plan"
)

const (
	day   = druid.Instant(86_400_000)
	start = 20_000 * day
)

func days(from, to int) druid.Interval {
	return druid.Interval{Start: druid.Instant(from) * day, End: druid.Instant(to) * day}
}

func list(text string) druid.RuleList {
	rules, err := druid.ParseRuleList([]byte(text))
	if err != nil {
		panic(err)
	}
	return rules
}

var (
	keepYear    = list(`[{"type":"loadByPeriod","period":"P1Y"},{"type":"dropForever"}]`)
	keepMonth   = list(`[{"type":"loadByPeriod","period":"P1M"},{"type":"dropForever"}]`)
	keepForever = list(`[{"type":"loadForever"}]`)
	foreign     = list(`[{"type":"loadByPeriod","period":"P9D"},{"type":"dropForever"}]`)
)

// scene is a plan with the world that it was made for.
type scene struct {
	world *world
	plan  *plan.Plan
	// approved are all segments that a kill names; unmarked those that the plan marks unused, restored those it marks used.
	approved []druid.SegmentID
	journal  *memory
	o        Options
	events   []Event
}

// run of n segments of one day and version, put into the world as rows.
func (s *scene) rows(name string, at int, version string, n int, r row) plan.Run {
	run := plan.Run{Interval: days(at, at+1), Version: version, Amount: plan.Amount{Segments: int64(n), Bytes: int64(n) * r.bytes}}
	if !r.used {
		run.MarkedAt = &r.markedAt
	}
	for i := range n {
		run.Partitions = append(run.Partitions, int32(i))
	}
	for id := range run.IDs(name) {
		copied := r
		s.world.segments[id] = &copied
	}
	return run
}

func (s *scene) datasource(name string, before, after druid.RuleList) *plan.Datasource {
	d := &plan.Datasource{Name: name, Managed: true, Rules: plan.RuleChange{Change: plan.ChangeNone, Before: before, After: after}}
	if !before.Equal(after) {
		d.Rules.Change = plan.ChangeUpdate
	}
	s.plan.Datasources = append(s.plan.Datasources, d)
	s.world.rules[name] = before
	return d
}

func (s *scene) add(a *plan.Action) *plan.Action {
	a.ID = plan.ActionID(a)
	s.plan.Actions = append(s.plan.Actions, a)
	return a
}

func (s *scene) setRules(d *plan.Datasource) *plan.Action {
	after := d.Rules.After
	return s.add(&plan.Action{Kind: plan.SetRules, Datasource: d.Name, RulesBefore: d.Rules.Before, RulesAfter: &after})
}

func total(runs []plan.Run) plan.Amount {
	var sum plan.Amount
	for _, r := range runs {
		sum.Add(r.Amount)
	}
	return sum
}

func (s *scene) mark(kind plan.Kind, name string, runs ...plan.Run) *plan.Action {
	return s.add(&plan.Action{Kind: kind, Datasource: name, Amount: total(runs), Runs: runs})
}

func (s *scene) kill(name string, runs ...plan.Run) *plan.Action {
	t := &plan.Task{Interval: runs[0].Interval, Limit: 100, BatchSize: 100, MaxUsedStatusLastUpdated: druid.MinInstant}
	for _, r := range runs {
		t.Interval = druid.Interval{Start: min(t.Interval.Start, r.Interval.Start), End: max(t.Interval.End, r.Interval.End)}
		t.MaxUsedStatusLastUpdated = max(t.MaxUsedStatusLastUpdated, *r.MarkedAt)
		t.Versions = append(t.Versions, r.Version)
		for id := range r.IDs(name) {
			s.approved = append(s.approved, id)
		}
	}
	slices.SortFunc(t.Versions, druid.CompareVersions)
	t.Versions = slices.Compact(t.Versions)
	t.ID = plan.TaskID(name, t.Interval, t.Versions, t.MaxUsedStatusLastUpdated, plan.RunsDigest(name, runs), 0)
	return s.add(&plan.Action{Kind: plan.KillTask, Datasource: name, Permanent: true, Amount: total(runs), Runs: runs, Task: t})
}

var (
	usedRow   = row{used: true, markedAt: start - 100*day, bytes: 10, spec: `{"type":"local"}`}
	unusedRow = row{used: false, markedAt: start - 40*day, bytes: 10, spec: `{"type":"local"}`}
)

// newScene has a bit of everything:
//
//	hot     narrows its rules (two days are dropped, one more by time), has two kills
//	wide    widens its rules and brings two segments back
//	gone    has a removal and a kill
//	stuck   is blocked, with a kill
func newScene() *scene {
	s := &scene{world: newWorld(), journal: &memory{},
		plan: &plan.Plan{FormatVersion: plan.FormatVersion, Now: start - day, ExpiresAt: start + 6*day,
			DefaultRules: plan.RuleChange{Change: plan.ChangeNone, Before: keepForever, After: keepForever}}}
	s.world.rules[plan.DefaultRules] = keepForever
	hot := s.datasource("hot", keepYear, keepMonth)
	s.rows("hot", 19_990, "v1", 3, usedRow)
	drop := s.rows("hot", 19_900, "v1", 2, usedRow)
	byTime := s.rows("hot", 19_600, "v1", 1, usedRow)
	byTime.ByTime = true
	hot.Drop.Runs = []plan.Run{drop, byTime}
	s.world.ruleRuns["hot"] = map[string][]druid.SegmentID{keepMonth.Digest(): slices.Concat(slices.Collect(drop.IDs("hot")),
		slices.Collect(byTime.IDs("hot")))}
	wide := s.datasource("wide", keepMonth, keepYear)
	back := s.rows("wide", 19_800, "v1", 2, unusedRow)
	s.rows("wide", 19_990, "v1", 1, usedRow)
	gone := s.datasource("gone", keepForever, keepForever)
	remove := s.rows("gone", 100, "v1", 2, usedRow)
	gone.Remove.Runs = []plan.Run{remove}
	s.datasource("stuck", keepForever, keepForever).Blocked = true

	s.setRules(wide)
	s.mark(plan.MarkUsed, "wide", back)
	s.setRules(hot)
	s.mark(plan.MarkUnused, "gone", remove)
	s.kill("gone", s.rows("gone", 50, "v1", 2, unusedRow))
	s.kill("hot", s.rows("hot", 19_000, "v1", 2, unusedRow), s.rows("hot", 19_000, "v2", 1, unusedRow))
	s.kill("hot", s.rows("hot", 19_001, "v1", 2, unusedRow))
	s.kill("stuck", s.rows("stuck", 1, "v1", 2, unusedRow)).Blocked = true
	// What nobody approved lies beside and within what is deleted.
	s.rows("hot", 19_000, "v3", 1, unusedRow)
	s.rows("hot", 18_999, "v1", 1, unusedRow)
	s.rows("gone", 50, "v2", 1, usedRow)
	s.defaults()
	return s
}

func (s *scene) defaults() {
	s.o = Options{Recorder: s.journal, Recheck: s.recheck, Marking: s.marking, Wait: s.world.wait, Now: func() druid.Instant { return s.world.now },
		Events: func(e Event) { s.events = append(s.events, e) }, Author: "tester", Limits: Limits{Slots: 2}}
}

func (s *scene) run(t *testing.T) *Report {
	t.Helper()
	report, err := Run(t.Context(), s.plan, s.world, s.o)
	if err != nil {
		t.Fatalf("Run: %v", err)
	}
	return report
}

// recheck judges as the planner does: everything in reach must be approved.
func (s *scene) recheck(ctx context.Context, a *plan.Action) (Verdict, error) {
	v := Verdict{OK: true}
	err := s.world.call(ctx, "recheck", func() error {
		task := druid.KillTask{DataSource: a.Datasource, Interval: a.Task.Interval, Versions: a.Task.Versions,
			MaxUsedStatusLastUpdated: a.Task.MaxUsedStatusLastUpdated}
		for _, id := range s.world.reach(task) {
			r := s.world.segments[id]
			v.Victims = append(v.Victims, Victim{ID: id.String(), Bytes: r.bytes, LoadSpec: r.spec})
			if !slices.Contains(s.approved, id) {
				v.OK, v.Differences = false, append(v.Differences, id.String()+" was not part of the plan")
			}
		}
		for _, run := range a.Runs {
			for id := range run.IDs(a.Datasource) {
				if r := s.world.segments[id]; r != nil && (r.used || r.markedAt > task.MaxUsedStatusLastUpdated) {
					v.Kept = append(v.Kept, id)
				}
			}
		}
		return nil
	})
	return v, err
}

// marking is in the way while a datasource is locked.
func (s *scene) marking(ctx context.Context, a *plan.Action) (Verdict, error) {
	v := Verdict{OK: true}
	err := s.world.call(ctx, "claims", func() error {
		if s.world.locked[a.Datasource] {
			v = Verdict{Busy: true, Differences: []string{"somebody works on it"}}
		}
		return nil
	})
	return v, err
}

// memory is a journal that survives whatever the test does to the run.
type memory struct {
	records   []Record
	manifests []Manifest
	baselines map[string]Baseline
	// fail, when set, is asked before the n-th write (records, manifests and baselines).
	fail   func(n int) error
	writes int
}

func (m *memory) write(keep func()) error {
	m.writes++
	if m.fail != nil {
		if err := m.fail(m.writes); err != nil {
			return err
		}
	}
	keep()
	return nil
}

func (m *memory) Record(r Record) error { return m.write(func() { m.records = append(m.records, r) }) }

func (m *memory) Manifest(x Manifest) error {
	return m.write(func() { m.manifests = append(m.manifests, x) })
}

func (m *memory) Baseline(b Baseline) error {
	return m.write(func() {
		if m.baselines == nil {
			m.baselines = map[string]Baseline{}
		}
		m.baselines[b.Datasource] = b
	})
}

func (m *memory) Earlier(dataSource string) (*Baseline, error) {
	if b, known := m.baselines[dataSource]; known {
		return &b, nil
	}
	return nil, nil
}

func (m *memory) resume() Resume {
	var r Resume
	for _, record := range m.records {
		r.Add(record)
	}
	return r
}

// crash is what a test panics with to end a run in the middle of a call.
type crash struct{ at string }

// runThrough carries on, resuming after each crash or unfinished run, until the report is complete.
func (s *scene) runThrough(t *testing.T, limit int) *Report {
	t.Helper()
	var report *Report
	for range limit {
		report = s.survive(t)
		if report != nil && report.Complete() {
			return report
		}
		s.o.Resume = s.journal.resume()
		s.world.tick()
	}
	t.Fatalf("not complete after %d runs: %s", limit, describe(report))
	return nil
}

// survive is one run; nil when it crashed.
func (s *scene) survive(t *testing.T) (report *Report) {
	t.Helper()
	defer func() {
		if p := recover(); p != nil {
			if _, meant := p.(crash); !meant {
				panic(p)
			}
		}
	}()
	return s.run(t)
}

func describe(r *Report) string {
	if r == nil {
		return "no report"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "class %s, stopped %q, interrupted %v\n", r.Class(), r.Stopped, r.Interrupted)
	for _, a := range r.Actions {
		fmt.Fprintf(&b, "  %s %s: %s %v %v\n", a.Kind, a.Datasource, a.Outcome, a.Reasons, a.Differences)
	}
	for _, m := range r.Marks {
		fmt.Fprintf(&b, "  marks %+v\n", *m)
	}
	return b.String()
}

// finalState checks everything that must hold once the whole plan is carried out.
func (s *scene) finalState(t *testing.T) {
	t.Helper()
	for _, a := range s.plan.Actions {
		for _, run := range a.Runs {
			for id := range run.IDs(a.Datasource) {
				r := s.world.segments[id]
				switch {
				case a.Blocked:
					if r == nil || r.used {
						t.Errorf("%s of a blocked action was touched", id)
					}
				case a.Kind == plan.KillTask:
					if r != nil {
						t.Errorf("%s is forgotten", id)
					}
				case r == nil || r.used != (a.Kind == plan.MarkUsed):
					t.Errorf("%s of a %s is %+v", id, a.Kind, r)
				}
			}
		}
		if a.Kind == plan.SetRules && !s.world.rules[a.Datasource].Equal(*a.RulesAfter) {
			t.Errorf("the rules of %s are not as planned", a.Datasource)
		}
	}
	s.nothingTwice(t)
	s.onlyApproved(t)
}

// nothingTwice: no call with an effect was repeated.
func (s *scene) nothingTwice(t *testing.T) {
	t.Helper()
	seen := map[string]bool{}
	for _, write := range s.world.writes {
		if seen[write] {
			t.Errorf("done twice: %s", write)
		}
		seen[write] = true
	}
}

// onlyApproved: nothing died that the plan did not name, and nothing without a manifest.
func (s *scene) onlyApproved(t *testing.T) {
	t.Helper()
	for id, n := range s.world.deleted {
		if !slices.Contains(s.approved, id) || n != 1 {
			t.Errorf("%s was deleted %d times; approved: %v", id, n, slices.Contains(s.approved, id))
		}
		if !slices.ContainsFunc(s.journal.manifests, func(m Manifest) bool {
			return slices.ContainsFunc(m.Victims, func(v Victim) bool { return v.ID == id.String() })
		}) {
			t.Errorf("%s was deleted and is in no manifest", id)
		}
	}
}

func outcomes(r *Report) []Outcome {
	var found []Outcome
	for _, a := range r.Actions {
		found = append(found, a.Outcome)
	}
	return found
}

var errLost = errors.New("connection reset")

const minute = time.Minute
