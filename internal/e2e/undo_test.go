package e2e

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"coppice/internal/plan"
)

// undoConfig declares how long is kept, and lets a test take nearly everything away.
func undoConfig(ds, keep string) string {
	return `datasource "` + ds + `" {
  retention {
    keep       = "` + keep + `"
    replicants = {}
  }
  guard {
    max_unused_percent = 100
  }
}
`
}

// before and after are the ends of an interval.
func before(interval string) string { start, _, _ := strings.Cut(interval, "/"); return start }
func after(interval string) string  { _, end, _ := strings.Cut(interval, "/"); return end }

// TestUndo: an apply of a typing error is undone; what was deleted for good since is named, with its place.
func TestUndo(t *testing.T) {
	t.Parallel()
	w := realWorld(t, older)
	ds := w.name()
	rules := `[{"type":"loadByPeriod","period":"P60D","includeFuture":true,"tieredReplicants":{},"useDefaultTierForNull":false},{"type":"dropForever"}]`
	w.setRules(ds, rules)
	var all []segment
	for _, day := range []int{3, 5, 20, 50} {
		all = append(all, segment{interval: dayOf(day), version: version1, used: true})
	}
	byHand := segment{interval: dayOf(25), version: version1, used: true}
	w.seed(ds, append(slices.Clone(all), byHand)...)
	w.markUnused(ds, byHand.id(ds))
	want := idsOf(ds, all)
	slices.Sort(want)

	p := newProgram(w, both, undoConfig(ds, "P60D"))
	p.plan(0)
	p.configure(both, undoConfig(ds, "P10D"))
	p.exits(0, "apply", "--auto-approve").says("coppice restore --apply")
	if got := ids(w.rows(ds), true); len(got) != 2 {
		t.Fatalf("used after the mistake: %v", got)
	}
	report := p.exits(0, "restore", "--apply", "last", "--json", "--auto-approve").report()
	if len(report.Actions) != 2 || report.Actions[0].Kind != string(plan.SetRules) || report.Actions[1].Kind != string(plan.MarkUsed) ||
		report.Actions[1].Real.Segments != 2 {
		t.Errorf("report: %+v", report)
	}
	w.settled(ds)
	if got := ids(w.rows(ds), true); !slices.Equal(got, want) {
		t.Errorf("used: got %v, want %v", got, want)
	}
	p.exits(0, "restore", "--apply", "last") // nothing is left, so nobody is asked
	p.configure(both, undoConfig(ds, "P60D"))
	p.plan(0)

	gone := all[2]
	w.markUnused(ds, gone.id(ds))
	p.exits(0, "kill", ds, gone.interval, "--auto-approve")
	w.until("the deleted one is seen no more", time.Minute, func() bool { return !slices.Contains(ids(w.rows(ds), false), gone.id(ds)) })
	run := p.exits(0, "restore", ds, before(dayOf(30))+"/"+after(gone.interval), "--json", "--auto-approve", "--out", "back.plan")
	var made plan.Plan
	if err := json.Unmarshal([]byte(run.stdout.String()), &made); err != nil {
		t.Fatal(err)
	}
	if got := idsIn(ds, find(t, &made, ds).Restore); !slices.Equal(got, []string{byHand.id(ds)}) {
		t.Errorf("restored: %v", got)
	}
	named := slices.ContainsFunc(made.Findings, func(f plan.Finding) bool {
		return f.Code == "restore-unrecoverable" && strings.Contains(f.Detail, gone.id(ds)) && strings.Contains(f.Detail, "its files were at ")
	})
	if !named {
		t.Errorf("the deleted one is not named: %+v", made.Findings)
	}
}
