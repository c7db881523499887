package journal

import (
	"testing"

	"coppice/executor"
	"coppice/internal/druid"
	"coppice/internal/plan"
)

// TestUnrestored: what a plan was to mark used is remembered until its action has come to a good end, or the whole apply
// has.
func TestUnrestored(t *testing.T) {
	run := plan.Run{Interval: druid.Interval{Start: 0, End: 86_400_000}, Version: "1", Partitions: plan.Partitions{0, 1},
		Amount: plan.Amount{Segments: 2}}
	mark := &plan.Action{Kind: plan.MarkUsed, Datasource: "d", Amount: run.Amount, Runs: []plan.Run{run}}
	mark.ID = plan.ActionID(mark)
	p := &plan.Plan{FormatVersion: plan.FormatVersion, Now: 5, ExpiresAt: 10, Actions: []*plan.Action{mark}}
	document, err := plan.Encode(p)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	want := func(when string, n int) {
		t.Helper()
		found, err := Unrestored(folder)
		if err != nil {
			t.Fatal(err)
		}
		if len(found) != n {
			t.Errorf("%s: %d segments are not restored, want %d", when, len(found), n)
		}
		for id, at := range found {
			if id.DataSource != "d" || at != 5 {
				t.Errorf("%s: %v at %v", when, id, at)
			}
		}
	}
	want("no journal", 0)
	j, err := Open(folder, 6)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	a, err := j.Begin(document, 6)
	if err != nil {
		t.Fatal(err)
	}
	want("begun", 2)
	for _, step := range []struct {
		record executor.Record
		left   int
	}{
		{executor.Record{At: 6, Step: executor.StepIntent, Action: mark.ID}, 2},
		{executor.Record{At: 6, Step: executor.StepOutcome, Action: mark.ID, Outcome: executor.Failed}, 2},
		{executor.Record{At: 7, Step: executor.StepOutcome, Action: mark.ID, Outcome: executor.Done}, 0},
	} {
		if err := a.Record(step.record); err != nil {
			t.Fatal(err)
		}
		want(string(step.record.Step)+string(step.record.Outcome), step.left)
	}
}
