package planner

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"coppice/internal/druid"
	"coppice/internal/plan"

	"github.com/google/go-cmp/cmp"
)

func sceneUndo(t *testing.T, text string) *Undo {
	t.Helper()
	if text == "" {
		return nil
	}
	u := &Undo{Lists: map[string]UndoneList{}, Marked: map[string][]plan.Run{}, Stays: map[string][]string{}}
	for line := range lines(text) {
		what, rest, _ := strings.Cut(line, " ")
		list := u.Lists["d"]
		switch what {
		case "before":
			list.Before = mustRules(t, rest)
		case "after":
			list.After = append(list.After, mustRules(t, rest))
		case "stays":
			u.Stays["d"] = append(u.Stays["d"], rest)
		case "marked":
			fields := append(strings.Fields(rest), "0")
			run := plan.Run{Interval: mustInterval(t, fields[0]), Version: fields[1], Partitions: plan.Partitions{0}}
			if _, err := fmt.Sscan(fields[2], &run.Partitions[0]); err != nil {
				t.Fatal(err)
			}
			u.Marked["d"] = append(u.Marked["d"], run)
		default:
			t.Fatalf("undo line %q", line)
		}
		if what == "before" || what == "after" {
			u.Lists["d"] = list
		}
	}
	return u
}

// TestUndoOf: what a plan did is read from its actions that began; what time alone dropped is none of its doing.
func TestUndoOf(t *testing.T) {
	one, two, three := mustRules(t, `[{"type":"loadForever"}]`), mustRules(t, `[{"type":"dropForever"}]`), mustRules(t, `[]`)
	run := func(day string, byTime bool) plan.Run {
		return plan.Run{Interval: mustInterval(t, day), Version: "1", Partitions: plan.Partitions{0}, ByTime: byTime, Amount: plan.Amount{Segments: 1}}
	}
	a, b, c, e := run("2026-01-01/2026-01-02", false), run("2026-01-02/2026-01-03", true), run("2026-01-03/2026-01-04", false), run("2026-01-04/2026-01-05", false)
	p := &plan.Plan{Datasources: []*plan.Datasource{{Name: "d"}, {Name: "other"}, {Name: "stuck", Blocked: true}}, Actions: []*plan.Action{
		{ID: "1", Kind: plan.SetRules, Datasource: "d", RulesBefore: one, RulesAfter: &two},
		{ID: "2", Kind: plan.SetRules, Datasource: "d", RulesBefore: two, RulesAfter: &three},
		{ID: "3", Kind: plan.SetRules, Datasource: "stuck", RulesAfter: &two, Blocked: true},
		{ID: "4", Kind: plan.MarkUnused, Datasource: "other", Runs: []plan.Run{e}, Amount: plan.Amount{Segments: 1}},
		{ID: "5", Kind: plan.MarkUnused, Restamp: true, Datasource: "other", Runs: []plan.Run{a}, Amount: plan.Amount{Segments: 1}},
		{ID: "6", Kind: plan.MarkUsed, Datasource: "other", Runs: []plan.Run{a}, Amount: plan.Amount{Segments: 1}},
		{ID: "7", Kind: plan.KillTask, Datasource: "other", Runs: []plan.Run{a}},
	}}
	p.Datasources[0].Drop.Runs, p.Datasources[0].Drop.Later.Runs = []plan.Run{a, b}, []plan.Run{c}
	for _, d := range p.Datasources[1:] {
		d.Drop.Runs = []plan.Run{c}
	}
	all := UndoOf(p, func(*plan.Action) bool { return true })
	if diff := cmp.Diff(map[string]UndoneList{"d": {Before: one, After: []druid.RuleList{two, three}}}, all.Lists); diff != "" {
		t.Errorf("lists (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff(map[string][]plan.Run{"d": {a, c}, "other": {e}}, all.Marked); diff != "" {
		t.Errorf("marked (-want +got)\n%s", diff)
	}
	if len(all.Stays["other"]) != 2 || !slices.Equal(all.Datasources(), []string{"d", "other"}) {
		t.Errorf("stays %v, datasources %v", all.Stays, all.Datasources())
	}
	none := UndoOf(p, func(*plan.Action) bool { return false })
	if len(none.Lists)+len(none.Marked)+len(none.Stays) > 0 {
		t.Errorf("nothing began: %+v", none)
	}
	first := UndoOf(p, func(a *plan.Action) bool { return a.ID == "1" })
	if len(first.Lists["d"].After) != 1 || len(first.Marked["d"]) != 2 || len(first.Marked["other"]) != 0 {
		t.Errorf("only the first began: %+v", first)
	}
	// New default rules act on every datasource.
	p.Actions = []*plan.Action{{ID: "1", Kind: plan.SetRules, Datasource: plan.DefaultRules, RulesBefore: one, RulesAfter: &two}}
	if byDefault := UndoOf(p, func(*plan.Action) bool { return true }); len(byDefault.Marked["other"]) != 1 || len(byDefault.Marked["stuck"]) != 0 ||
		!slices.Equal(byDefault.Datasources(), []string{"d", "other"}) {
		t.Errorf("by default: %+v", byDefault)
	}
}
