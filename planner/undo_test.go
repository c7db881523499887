package planner

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"coppice/internal/druid"
	"coppice/internal/plan"
	"coppice/internal/snapshot"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func sceneUndo(t *testing.T, text string) *Undo {
	t.Helper()
	if text == "" {
		return nil
	}
	u := &Undo{BeganAt: at(t, "2026-11-10"), Lists: map[string]UndoneList{}, Marked: map[string][]plan.Run{}, Stays: map[string][]string{}}
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

// carriedOut is the world after all of the plan's open actions and one rule run under the lists it leaves behind, as far
// as the plan predicts it, written without the planner's own steps. gone are the segments that were deleted.
func (w *world) carriedOut(p *plan.Plan) (after *world, gone []KilledSegment) {
	copied := *w
	copied.rows = nil
	unused, used := map[druid.SegmentID]bool{}, map[druid.SegmentID]bool{}
	d := p.Datasources[0]
	for _, runs := range [][]plan.Run{d.Drop.Runs, d.Drop.Later.Runs, d.Shadowed.Runs} {
		for id := range named(&plan.Action{Runs: runs}) {
			unused[id] = true
		}
	}
	for _, a := range p.Actions {
		switch a.Kind {
		case plan.SetRules:
			copied.own, copied.ownSince = *a.RulesAfter, w.now
			copied.older = append([]snapshot.RuleVersion{{Since: w.ownSince, List: w.own}}, w.older...)
		case plan.MarkUnused:
			for id := range named(a) {
				unused[id] = true
			}
		case plan.MarkUsed:
			for id := range named(a) {
				used[id] = true
			}
		}
	}
	dead := killed(p)
	for _, r := range w.rows {
		switch id := r.id(); {
		case dead[id]:
			gone = append(gone, KilledSegment{ID: id, Apply: "one", At: w.now})
			continue
		case unused[id] && r.used():
			r.Flags &^= snapshot.Used
			r.MarkedAt = w.now
		case used[id]:
			r.Flags |= snapshot.Used
			r.MarkedAt = w.now
		}
		copied.rows = append(copied.rows, r)
	}
	return &copied, gone
}

// An apply that is undone at once leaves the rules and what queries see as it was, but for what it deleted for good; it
// brings back nothing that was unused before.
func TestUndoneIsAsItWas(t *testing.T) {
	undone, back := 0, 0
	check(t, func(t *rapid.T, w *world) {
		w.busy = nil
		if rapid.IntRange(0, 3).Draw(t, "typo") > 0 { // a list that kept it all, or most, becomes a narrow one
			w.own = mustRules(t, rapid.SampledFrom([]string{`[{"type":"loadForever"}]`, `[{"type":"loadByPeriod","period":"P18D"},{"type":"dropForever"}]`}).Draw(t, "was"))
			w.wanted = mustRules(t, fmt.Sprintf(`[{"type":"loadByPeriod","period":"P%dD"},{"type":"dropForever"}]`, rapid.IntRange(10, 18).Draw(t, "becomes")))
		}
		first := Build(w.input(nil))
		if len(first.Summary.Blocked) > 0 || len(first.Actions) == 0 {
			return
		}
		applied, gone := w.carriedOut(first)
		in := applied.input(nil)
		in.Snapshot.Datasources[0].Rules.History = applied.older
		in.Request = &plan.Request{Command: plan.AskRestore, Apply: "one"}
		in.Undo, in.Killed = UndoOf(first, func(*plan.Action) bool { return true }), &Killed{List: gone}
		in.Undo.BeganAt = w.now
		second := Build(in)
		if err := plan.Check(second); err != nil {
			t.Fatalf("Check: %v", err)
		}
		if len(second.Summary.Blocked) > 0 || len(second.Datasources) == 0 {
			return
		}
		undone++
		end, _ := applied.carriedOut(second)
		if !alike(end.own, w.own) {
			t.Fatalf("rules %v, were %v", end.own, w.own)
		}
		before := *w
		before.wanted, before.removals = nil, nil
		was := decisions(t, before.input(nil))
		at := func(world *world, id druid.SegmentID) *row {
			for n := range world.rows {
				if world.rows[n].id() == id {
					return &world.rows[n]
				}
			}
			return nil
		}
		for _, r := range w.rows {
			now := at(end, r.id())
			if now == nil {
				continue
			}
			if !r.used() && now.used() && !at(applied, r.id()).used() && r.MarkedAt != w.now { // else nobody can tell
				t.Fatalf("%s was unused before the apply, and after it, and comes back", r.id())
			}
			single := r.shard.Kind == druid.ShardNumbered && r.shard.CorePartitions == 1 && r.Partition == 0
			covered := slices.ContainsFunc(end.rows, func(o row) bool { return o.used() && o.version > r.version && o.Interval.Overlaps(r.Interval) })
			if was[r.id().String()].Decision != plan.DecisionKeep || !single || covered {
				continue
			}
			if !now.used() {
				t.Fatalf("%s was used, and does not come back: %+v", r.id(), second.Findings)
			}
			if !at(applied, r.id()).used() {
				back++
			}
		}
	})
	if undone < 10 || back == 0 {
		t.Errorf("only %d applies were undone, and %d segments came back", undone, back)
	}
}
