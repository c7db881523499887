package e2e

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"coppice/internal/plan"
)

// fate is a segment and what becomes of it: the decision of the first plan, and the class where it is unused.
type fate struct {
	segment
	decision plan.Decision
	class    plan.Class
}

// mixture is what one datasource can hold at once: all four classes, tombstones, and files that are shared.
func mixture() []fate {
	over := func(before int, version string, used bool, marked int) segment {
		return segment{interval: dayOf(before), version: version, used: used, marked: marked}
	}
	tomb := func(s segment) segment { s.tombstone = true; return s }
	lent, root := over(16, version1, false, 5), over(17, version1, false, 5)
	copied := over(16, version2, true, 5)
	copied.fileOf = &lent
	upgraded := over(17, version2, false, 5)
	upgraded.fileOf, upgraded.upgraded = &root, true
	return []fate{
		{over(10, version1, false, 5), plan.DecisionKill, plan.ClassSuperseded},
		{over(10, version2, true, 5), plan.DecisionKeep, ""},
		{tomb(over(11, version1, false, 5)), plan.DecisionKill, plan.ClassSuperseded},
		{over(11, version2, true, 5), plan.DecisionKeep, ""},
		{over(12, version1, false, 5), plan.DecisionKill, plan.ClassSuperseded},
		{tomb(over(12, version2, true, 5)), plan.DecisionKeep, ""},
		{over(13, version1, false, 20), plan.DecisionHold, plan.ClassUnexplained},
		{over(13, version0, false, 20), plan.DecisionHold, plan.ClassUnexplained},
		{over(14, version1, true, 5), plan.DecisionRemove, ""},
		{over(15, version1, false, 5), plan.DecisionKill, plan.ClassRemoved},
		{lent, plan.DecisionHold, plan.ClassSuperseded},
		{copied, plan.DecisionKeep, ""},
		{root, plan.DecisionKill, plan.ClassSuperseded},
		{upgraded, plan.DecisionKill, plan.ClassSuperseded},
		{over(17, version3, true, 5), plan.DecisionKeep, ""},
		{over(18, version1, false, 0), plan.DecisionPending, plan.ClassSuperseded},
		{over(18, version2, true, 5), plan.DecisionKeep, ""},
		{over(100, version1, false, 20), plan.DecisionKill, plan.ClassExpired},
		{over(101, version1, false, 3), plan.DecisionPending, plan.ClassExpired},
	}
}

// TestMixture: every segment of the mixture gets what is due to it, in the plan, in the table and on disk.
func TestMixture(t *testing.T) {
	t.Parallel()
	w := realWorld(t, older)
	ds, all := w.name(), mixture()
	w.setRules(ds, `[{"type":"loadByPeriod","period":"P60D","tieredReplicants":{}},{"type":"dropForever"}]`)
	w.age(ds, 60)
	var used []string
	for _, f := range all {
		w.insert(ds, f.segment)
		if f.used {
			used = append(used, f.id(ds))
		}
	}
	w.visible(ds, used...)
	p := newProgram(w, both, `datasource "`+ds+`" {
  kill {
    superseded_after = "P1D"
    expired_after    = "P7D"
  }
}
removal "bad-days" {
  datasource = "`+ds+`"
  interval   = "`+day(15)+`/`+day(13)+`"
  versions   = ["`+version1+`"]
  kill_after = "P1D"
  reason     = "double ingestion"
}
`)
	w.until("the plan deletes", time.Minute, func() bool { return len(find(t, p.anyPlan(), ds).Kill.Runs) > 0 })
	w.decided(p.plan(2), ds, all)
	w.until("what is due is that part of the full plan", time.Minute, func() bool { return p.dueDiffers() == "" })
	p.plan(2, "--due", "--out", "it.plan")
	report := p.exits(0, "apply", "--json", "it.plan").report()
	if report.Outcome != "done" {
		t.Errorf("report: got %+v", report)
	}
	w.became(ds, all)
	if made := p.plan(0); len(made.Actions) > 0 {
		t.Errorf("the next plan has %d actions", len(made.Actions))
	}
}

// dueDiffers is in what a plan of what is due differs from that part of the full plan, both made for one moment. While the
// cluster works on by itself they may.
func (p *program) dueDiffers() string {
	p.Helper()
	now := time.Now().UTC().Format(time.RFC3339)
	full, due := p.anyPlan("--now", now), p.anyPlan("--due", "--now", now)
	plan.OnlyDue(full)
	full.Digest, full.SnapshotDigest, full.Cluster.Segments = due.Digest, due.SnapshotDigest, due.Cluster.Segments
	diff := cmp.Diff(full, due)
	if diff != "" {
		p.Logf("the due part of the full plan (-) and the plan of what is due (+):\n%s", diff)
	}
	return diff
}

// decided compares the plan with what is due.
func (w *world) decided(made *plan.Plan, ds string, all []fate) {
	w.Helper()
	d := find(w.T, made, ds)
	got, want := map[string]string{}, map[string]string{}
	groups := map[plan.Decision]plan.Group{plan.DecisionKill: d.Kill, plan.DecisionHold: d.Hold.Group, plan.DecisionPending: d.Pending,
		plan.DecisionRemove: d.Remove, plan.DecisionDrop: d.Drop.Group}
	for decision, group := range groups {
		for _, run := range group.Runs {
			for id := range run.IDs(ds) {
				got[id.String()] = strings.TrimSpace(string(decision) + " " + string(run.Class))
			}
		}
	}
	var bytes int64
	files := map[string]bool{}
	for _, f := range all {
		if f.decision != plan.DecisionKeep {
			want[f.id(ds)] = strings.TrimSpace(string(f.decision) + " " + string(f.class))
		}
		if f.decision == plan.DecisionKill && !files[f.file()] {
			bytes, files[f.file()] = bytes+1000, true
		}
	}
	if diff := cmp.Diff(want, got); diff != "" || d.Blocked {
		w.Fatalf("decisions, blocked %t (-want +got):\n%s%+v", d.Blocked, diff, made.Findings)
	}
	if d.Kill.Bytes != bytes {
		w.Errorf("%d bytes are deleted, want %d: a shared file counts once", d.Kill.Bytes, bytes)
	}
}

// file is where the segment's file lies, or its own folder for a tombstone, whose size Druid states all the same.
func (s segment) file() string {
	if s.fileOf != nil {
		return s.fileOf.folder()
	}
	return s.folder()
}

// became compares rows and files with what is due.
func (w *world) became(ds string, all []fate) {
	w.Helper()
	used, unused, files := []string{}, []string{}, map[string]bool{}
	for _, f := range all {
		switch {
		case f.decision == plan.DecisionKill:
			continue
		case f.used && f.decision == plan.DecisionKeep:
			used = append(used, f.id(ds))
		default:
			unused = append(unused, f.id(ds))
		}
		if !f.tombstone {
			files[f.file()] = true
		}
	}
	rows := w.rows(ds)
	for name, sets := range map[string][2][]string{"used": {used, ids(rows, true)}, "unused": {unused, ids(rows, false)}} {
		slices.Sort(sets[0])
		if diff := cmp.Diff(sets[0], sets[1]); diff != "" {
			w.Errorf("%s rows (-want +got):\n%s", name, diff)
		}
	}
	want := []string{}
	for file := range files {
		want = append(want, filepath.ToSlash(file))
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, w.files(ds)); diff != "" {
		w.Errorf("files (-want +got):\n%s", diff)
	}
}

const eternity = "-146136543-09-08T08:23:32.096Z/146140482-04-24T15:36:27.903Z"

// TestEndlessIntervals: superseded segments without a beginning or an end go as any other, the narrower one first.
func TestEndlessIntervals(t *testing.T) {
	t.Parallel()
	w := realWorld(t, older)
	ds := w.name()
	all := []fate{
		{segment{interval: eternity, version: version1, marked: 5}, plan.DecisionKill, plan.ClassSuperseded},
		{segment{interval: "2026-01-01T00:00:00.000Z/146140482-04-24T15:36:27.903Z", version: version1, marked: 5}, plan.DecisionKill, plan.ClassSuperseded},
		{segment{interval: dayOf(10), version: version1, marked: 0}, plan.DecisionPending, plan.ClassSuperseded},
		{segment{interval: eternity, version: version2, used: true, marked: 5}, plan.DecisionKeep, ""},
	}
	for _, f := range all {
		w.insert(ds, f.segment)
	}
	w.visible(ds, all[3].id(ds))
	p := newProgram(w, both, `datasource "`+ds+`" {
  kill {
    superseded_after = "P1D"
  }
}
`)
	w.until("the plan deletes", time.Minute, func() bool { return len(find(t, p.anyPlan(), ds).Kill.Runs) > 0 })
	made := p.plan(2, "--out", "it.plan")
	w.decided(made, ds, all)
	if len(made.Actions) != 2 || made.Actions[1].Task.Interval.String() != eternity {
		t.Fatalf("actions: got %+v, want the open end first and eternity second", made.Actions)
	}
	p.exits(0, "apply", "it.plan")
	w.became(ds, all)
}

// TestBacklog: rows of old clusters have no marking time. They are held, get one by mark-unused --restamp, and go once
// their grace is over: five partitions of one interval and version by tasks of two, which have equal reach.
func TestBacklog(t *testing.T) {
	t.Parallel()
	w := realWorld(t, older)
	ds := w.name()
	live := segment{interval: dayOf(10), version: version2, used: true, marked: 5}
	marked := segment{interval: dayOf(9), version: version1, marked: 0}
	var old []segment
	for n := range 5 {
		old = append(old, segment{interval: dayOf(10), version: version1, partition: n, unmarked: true})
	}
	w.seed(ds, append([]segment{live, marked}, old...)...)
	p := newProgram(w, both, `datasource "`+ds+`" {
  kill {
    superseded_after = "P1D"
    task {
      max_segments = 2
    }
  }
}
`)
	held := p.plan(0)
	if d := find(t, held, ds); len(held.Actions) > 0 || d.Hold.Segments != 6 || d.Hold.Runs[0].Reason.Code != "marking-time-unknown" {
		t.Fatalf("held: got %+v", d.Hold)
	}
	before := w.rows(ds)
	p.exits(0, "mark-unused", ds, "--all", "--restamp", "--auto-approve")
	for n, r := range w.rows(ds) {
		if stamped := slices.Contains(idsOf(ds, old), r.ID); stamped != (before[n].MarkedAt == "") || stamped && r.MarkedAt < instant(1) || !stamped && r != before[n] {
			t.Errorf("after the restamp: %+v, before: %+v", r, before[n])
		}
	}
	if d := find(t, p.plan(0), ds); d.Pending.Segments != 5 {
		t.Errorf("after the restamp %d wait for their grace, want 5", d.Pending.Segments)
	}
	w.exec(`UPDATE druid_segments SET used_status_last_updated = $2 WHERE datasource = $1 AND id = ANY ($3)`, ds, instant(2), "{"+strings.Join(quoted(idsOf(ds, old)), ",")+"}")
	made := p.plan(2, "--out", "it.plan")
	var limits []int
	for _, a := range made.Actions {
		limits = append(limits, a.Task.Limit)
	}
	if !slices.Equal(limits, []int{2, 2, 1}) {
		t.Fatalf("tasks take %v", limits)
	}
	report := p.exits(0, "apply", "--json", "it.plan").report()
	for n, a := range report.Actions {
		if a.Outcome != "done" || a.Real.Segments != int64(limits[n]) || w.killed(a.Task) != int64(limits[n]) {
			t.Errorf("task %d: got %+v, Druid says %d", n, a, w.killed(a.Task))
		}
	}
	w.became(ds, []fate{{live, plan.DecisionKeep, ""}, {marked, plan.DecisionHold, ""}})
}

func quoted(list []string) []string {
	var texts []string
	for _, text := range list {
		texts = append(texts, `"`+text+`"`)
	}
	return texts
}
