package executor

import (
	"testing"

	"coppice/internal/plan"
)

// TestRestamp: unused segments get a new marking time; one that somebody marked used since is left alone.
func TestRestamp(t *testing.T) {
	s := deletion()
	s.plan.Datasources, s.plan.Actions = nil, nil
	s.datasource("d", keepYear, keepYear)
	run := s.rows("d", 19_900, "v1", 3, unusedRow)
	s.plan.Request = &plan.Request{Command: plan.AskStamp, Datasource: "d", All: true}
	a := s.add(&plan.Action{Kind: plan.MarkUnused, Datasource: "d", Restamp: true, Amount: total([]plan.Run{run}), Runs: []plan.Run{run}})
	for id := range run.IDs("d") {
		if id.Partition == 1 {
			s.world.segments[id].used = true
		}
	}
	report := s.run(t)
	if got := report.Actions[0]; got.ID != a.ID || got.Outcome != Done || got.Real.Segments != 2 {
		t.Errorf("%+v, want 2 segments done", got)
	}
	for id := range run.IDs("d") {
		if row := s.world.segments[id]; row.used != (id.Partition == 1) {
			t.Errorf("%s: used is %v", id, row.used)
		}
	}
}
