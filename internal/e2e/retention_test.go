package e2e

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"coppice/internal/plan"
)

// inForce are the rules of the story before coppice comes: sixty days.
const inForce = `[{"type":"loadByPeriod","period":"P60D","includeFuture":true,"tieredReplicants":{"_default_tier":1}},{"type":"dropForever"}]`

// TestRetention is the main job. Rows are really ingested: three days that the rules in force drop (expired), four that
// the shorter retention will drop, and five that stay. Of those one was ingested four times (three superseded versions
// below a used one), one has an appended partition, and one was marked unused by hand.
func TestRetention(t *testing.T) {
	t.Parallel()
	w := realWorld(t, older)
	w.configure("millisToWaitBeforeDeleting", 0) // otherwise the clean-up waits for a quarter of an hour
	s := &story{world: w, ds: w.name()}
	s.live()
	p := newProgram(w, both, s.declarations())
	samePlans(w, s.declarations(), "--now", instant(0))

	saved := p.file("retention.plan")
	p.exits(0, "plan", "--out", saved)
	approved := s.approved(p.plan(2))
	s.refusesStoreOnly(saved)
	before := w.rows(s.ds)
	report := p.exits(0, "apply", "--json", saved).report()

	s.checkReport(report, approved)
	s.checkRows(before, approved)
	s.checkFiles()
	s.checkDruid(report)
	s.checkSecondPlan(p)
	p.exits(0, "apply") // nothing to do is success, and asks nobody
}

type story struct {
	*world
	ds string
	// byHand is the segment that somebody marked.
	byHand string
}

func (s *story) declarations() string {
	return `datasource "` + s.ds + `" {
  retention {
    keep       = "P30D"
    replicants = { _default_tier = 1 }
  }
  kill {
    superseded_after = "P1D"
    expired_after    = "P7D"
  }
  guard {
    max_unused_percent = 60
  }
}
`
}

var (
	expiredDays  = []int{102, 101, 100}
	droppedDays  = []int{53, 52, 51, 50}
	keptDays     = []int{24, 23, 22, 21, 20}
	repeatedDay  = 23
	appendedDay  = 22
	byHandDay    = 20
	shortExpired = 101 // an expired day that was ingested twice
)

// live brings the datasource to where the story begins.
func (s *story) live() {
	s.setRules(s.ds, `[{"type":"loadForever","tieredReplicants":{"_default_tier":1}}]`)
	s.ingest(s.ds, batch{days: slices.Concat(expiredDays, droppedDays, keptDays), rows: 30})
	s.ingest(s.ds, batch{days: []int{repeatedDay, shortExpired}, rows: 20}, batch{days: []int{repeatedDay}, rows: 10},
		batch{days: []int{repeatedDay}, rows: 5}, batch{days: []int{appendedDay}, rows: 7, appending: true})
	s.until("what was ingested again is marked unused", time.Minute, func() bool { return len(ids(s.rows(s.ds), false)) == 4 })
	s.setRules(s.ds, inForce)
	s.until("the rules in force have dropped the expired days", time.Minute, func() bool { return len(ids(s.rows(s.ds), false)) == 7 })
	for _, id := range ids(s.rows(s.ds), true) {
		if strings.HasPrefix(id, s.ds+"_"+day(byHandDay)) {
			s.byHand = id
		}
	}
	s.markUnused(s.ds, s.byHand)
	s.forgetOldRules()
	s.age(s.ds, 20)
	// What is in both of Druid's lists, the used one a poll behind, is kept by a plan over HTTP.
	s.until("the Coordinator has seen the marks", time.Minute, func() bool { return len(s.served(s.ds)) == len(ids(s.rows(s.ds), true)) })
}

// forgetOldRules leaves the rules in force as the only ones there ever were: those for the ingestion kept everything,
// and are no part of the story.
func (s *story) forgetOldRules() {
	s.Helper()
	s.exec(`DELETE FROM druid_rules WHERE datasource = $1 AND version < (SELECT max(version) FROM druid_rules WHERE datasource = $1)`, s.ds)
	s.exec(`DELETE FROM druid_audit WHERE audit_key = $1 AND type = 'rules' AND created_date <
		(SELECT max(created_date) FROM druid_audit WHERE audit_key = $1 AND type = 'rules')`, s.ds)
}

// outcome is what a plan decides about the story's segments, by id.
type outcome struct{ kill, drop, hold []string }

// approved checks the plan against the story.
func (s *story) approved(made *plan.Plan) outcome {
	s.Helper()
	d := find(s.T, made, s.ds)
	got := outcome{idsIn(s.ds, d.Kill), idsIn(s.ds, d.Drop.Group), idsIn(s.ds, d.Hold.Group)}
	classes := map[plan.Class]int64{}
	for _, run := range d.Kill.Runs {
		classes[run.Class] += run.Segments
	}
	if want := map[plan.Class]int64{plan.ClassSuperseded: 4, plan.ClassExpired: 3}; !cmp.Equal(want, classes) {
		s.Fatalf("killed by class: got %v, want %v", classes, want)
	}
	if len(got.drop) != len(droppedDays) || !slices.Equal(got.hold, []string{s.byHand}) || d.Blocked {
		s.Fatalf("the plan drops %v and holds %v, blocked %t; want %d days dropped and %s held", got.drop, got.hold, d.Blocked, len(droppedDays), s.byHand)
	}
	return got
}

// idsIn are the segments of a group, sorted.
func idsIn(dataSource string, groups ...plan.Group) []string {
	list := []string{}
	for _, g := range groups {
		for _, run := range g.Runs {
			for id := range run.IDs(dataSource) {
				list = append(list, id.String())
			}
		}
	}
	slices.Sort(list)
	return list
}

// refusesStoreOnly: the store alone can be planned from, not applied with; nothing changes.
func (s *story) refusesStoreOnly(saved string) {
	s.Helper()
	before := s.rows(s.ds)
	alone := newProgram(s.world, storeOnly, s.declarations())
	alone.exits(1, "apply", "--auto-approve").says("has no coordinator")
	alone.exits(1, "apply", saved).says("has no coordinator")
	if diff := cmp.Diff(before, s.rows(s.ds)); diff != "" {
		s.Errorf("a refused apply changed rows (-before +after):\n%s", diff)
	}
}

// checkReport: what coppice says it did is what was planned, and Druid's own task reports say the same.
func (s *story) checkReport(got applied, want outcome) {
	s.Helper()
	var deleted, tasks int64
	for _, a := range got.Actions {
		if a.Outcome != "done" || len(a.Differences) > 0 || a.Real != a.Planned {
			s.Errorf("action: got %+v, want it done as planned", a)
		}
		if a.Kind == "kill" {
			deleted, tasks = deleted+a.Real.Segments, tasks+1
			if killed := s.killed(a.Task); killed != a.Real.Segments {
				s.Errorf("task %s: Druid reports %d killed, coppice %d", a.Task, killed, a.Real.Segments)
			}
		}
	}
	if got.Outcome != "done" || deleted != int64(len(want.kill)) || tasks == 0 {
		s.Errorf("outcome %s, %d deleted by %d tasks; want done, %d", got.Outcome, deleted, tasks, len(want.kill))
	}
	if len(got.Marks) != 1 || got.Marks[0].Marked != int64(len(want.drop)) || got.Marks[0].NotMarked+got.Marks[0].NotPredicted != 0 {
		s.Errorf("marks: got %+v, want the %d predicted ones", got.Marks, len(want.drop))
	}
}

// checkRows: exactly the approved rows are gone, exactly the predicted ones were marked, and no other row changed.
func (s *story) checkRows(before []row, want outcome) {
	s.Helper()
	var expected []row
	for _, r := range before {
		if slices.Contains(want.drop, r.ID) {
			r.Used, r.MarkedAt = false, "now"
		}
		if !slices.Contains(want.kill, r.ID) {
			expected = append(expected, r)
		}
	}
	got := s.rows(s.ds)
	for i := range got {
		if slices.Contains(want.drop, got[i].ID) && got[i].MarkedAt > instant(1) {
			got[i].MarkedAt = "now"
		}
	}
	if diff := cmp.Diff(expected, got); diff != "" {
		s.Errorf("rows (-want +got):\n%s", diff)
	}
}

// checkFiles: deep storage has one folder a row that is left, and no other.
func (s *story) checkFiles() {
	s.Helper()
	var want []string
	found, err := s.store.QueryContext(s.Context(), `SELECT convert_from(payload, 'UTF8')::json -> 'loadSpec' ->> 'path' FROM druid_segments WHERE datasource = $1`, s.ds)
	if err != nil {
		s.Fatal(err)
	}
	defer found.Close()
	for found.Next() {
		var path string
		if err := found.Scan(&path); err != nil {
			s.Fatal(err)
		}
		_, below, _ := strings.Cut(path, s.DeepStorage+"/"+s.ds+"/")
		want = append(want, strings.TrimSuffix(strings.TrimSuffix(below, "/"), "/index"))
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, s.files(s.ds)); diff != "" || len(want) == 0 {
		s.Errorf("files (-want +got):\n%s", diff)
	}
}

// checkDruid asks Druid itself: unused lists, rules, and who changed them.
func (s *story) checkDruid(report applied) {
	s.Helper()
	var unused []struct{ DataSegment struct{ Identifier string } }
	s.ask(http.MethodGet, coordinator+"/metadata/datasources/"+s.ds+"/unusedSegments?limit=1000", "", &unused)
	if len(unused) != len(droppedDays)+1 {
		s.Errorf("Druid lists %d unused segments, want the dropped ones and the one marked by hand: %v", len(unused), unused)
	}
	var rules []struct{ Type, Period string }
	s.ask(http.MethodGet, coordinator+"/rules/"+s.ds, "", &rules)
	if len(rules) != 2 || rules[0].Type != "loadByPeriod" || rules[0].Period != "P30D" || rules[1].Type != "dropForever" {
		s.Errorf("rules: got %+v", rules)
	}
	var history []struct {
		AuditInfo struct{ Author, Comment string }
	}
	s.ask(http.MethodGet, coordinator+"/rules/"+s.ds+"/history?count=1", "", &history)
	if len(history) != 1 || history[0].AuditInfo.Author != "e2e-author" || !strings.HasPrefix(history[0].AuditInfo.Comment, "coppice ") {
		s.Errorf("audit: got %+v, want author and comment", history)
	}
}

// checkSecondPlan: nothing is left to do, and what was marked just now waits for its grace.
func (s *story) checkSecondPlan(p *program) {
	s.Helper()
	second := p.plan(0)
	d := find(s.T, second, s.ds)
	if len(second.Actions) > 0 || d.Pending.Segments != int64(len(droppedDays)) || d.Hold.Segments != 1 {
		s.Errorf("the second plan has %d actions, %d pending, %d held; want 0, %d, 1", len(second.Actions), d.Pending.Segments,
			d.Hold.Segments, len(droppedDays))
	}
	if text := p.exits(0, "plan").stdout.String(); !strings.Contains(text, "No changes.") {
		s.Errorf("the second plan says %s", text)
	}
}
