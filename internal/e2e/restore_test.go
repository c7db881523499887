package e2e

import (
	"slices"
	"testing"
	"time"

	"coppice/internal/plan"
)

// TestRestore: a wider retention brings back what the narrower one dropped, and nothing that a person marked.
func TestRestore(t *testing.T) {
	t.Parallel()
	w := realWorld(t, older)
	ds := w.name()
	w.setRules(ds, `[{"type":"loadByPeriod","period":"P30D","tieredReplicants":{}},{"type":"dropForever"}]`)
	dropped, tooOld, byHand := segment{interval: dayOf(50), version: version1, used: true},
		segment{interval: dayOf(90), version: version1, used: true}, segment{interval: dayOf(5), version: version1, used: true}
	kept := segment{interval: dayOf(6), version: version1, used: true}
	for _, s := range []segment{dropped, tooOld} {
		w.insert(ds, s)
	}
	w.seed(ds, byHand, kept)
	w.until("the rules in force have dropped two", time.Minute, func() bool { return len(ids(w.rows(ds), false)) == 2 })
	w.markUnused(ds, byHand.id(ds))

	p := newProgram(w, both, `datasource "`+ds+`" {
  retention {
    keep       = "P60D"
    replicants = {}
  }
}
`)
	if got := idsIn(ds, find(t, p.plan(2), ds).Restore); !slices.Equal(got, []string{dropped.id(ds)}) {
		t.Fatalf("the plan restores %v, want %s", got, dropped.id(ds))
	}
	report := p.exits(0, "apply", "--json", "--auto-approve").report()
	if len(report.Actions) != 2 || report.Actions[0].Kind != string(plan.SetRules) || report.Actions[1].Real.Segments != 1 {
		t.Errorf("report: got %+v", report.Actions)
	}
	want := idsOf(ds, []segment{dropped, kept})
	slices.Sort(want)
	if got := ids(w.rows(ds), true); !slices.Equal(got, want) {
		t.Errorf("used: got %v, want %v", got, want)
	}
	p.plan(0)
}
