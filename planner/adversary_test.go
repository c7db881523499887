package planner

import (
	"slices"
	"strings"
	"testing"

	"coppice/internal/druid"
	"coppice/internal/plan"
	"coppice/internal/snapshot"

	"github.com/rogpeppe/go-internal/txtar"
	"pgregory.net/rapid"
)

// sceneText reads a scene from text, for what its files cannot say: gaps, a choice of datasources, services that did
// not answer. The caller changes its input and looks at the plan itself.
func sceneText(t *testing.T, text string) *scene {
	t.Helper()
	return readScene(t, txtar.Parse([]byte(text)))
}

const dueText = `
-- now --
2026-11-20
-- coppice.hcl --
datasource "d" {
  kill {
    superseded_after = "P1D"
  }
}
-- segments --
2026-10-01/2026-10-02 2026-10-03 used => keep
2026-10-01/2026-10-02 2026-10-02 unused@2026-10-03 => kill
`

// A Coordinator that was asked and did not say its version may be one that ignores versions and cut-off.
func TestNothingDiesOnADruidOfUnknownVersion(t *testing.T) {
	s := sceneText(t, dueText)
	s.input.Snapshot.DruidVersion = ""
	if n := len(kills(Build(s.input))); n != 1 {
		t.Errorf("without a service asked: %d kills", n)
	}
	s.input.Snapshot.Sources.Coordinator = true
	p := Build(s.input)
	if n := len(kills(p)); n != 0 {
		t.Errorf("%d kills on a Druid whose version is not known", n)
	}
	if got := strings.Join(findingsOf(p), ","); got != "warning kill-unpinned" {
		t.Errorf("findings %s", got)
	}
}

const defaultText = `
-- now --
2026-11-20
-- coppice.hcl --
datasource "d" {
  retention {
    keep = "P1Y"
  }
  guard {
    max_unused_percent = 100
  }
}
default_rules {
  load {
    period = "P10D"
  }
  drop {
    forever = true
  }
}
-- segments --
2026-10-01/2026-10-02 2026-10-03 used => keep
2026-11-17/2026-11-18 2026-11-18 used => keep
`

// A change of the default rules drops in datasources that were not chosen, too: it is never planned without them.
func TestTheDefaultIsPlannedForWhatWasNotChosen(t *testing.T) {
	s := sceneText(t, defaultText)
	s.input.Select = func(string) bool { return false }
	p := Build(s.input)
	if len(p.Datasources) != 1 || p.Datasources[0].Drop.Segments != 1 || !p.Datasources[0].Managed {
		t.Fatalf("datasources %+v", p.Datasources)
	}
	if got := actionsOf(p); len(got) != 1 || !strings.HasPrefix(got[0], "set_rules _default") {
		t.Errorf("actions %v", got)
	}
	if p.Datasources[0].Rules.Change != plan.ChangeNone {
		t.Error("the own rules of a datasource that was not chosen change")
	}
}

// Restores come after the default rules that keep them, also when these narrow elsewhere.
func TestRestoresComeAfterTheDefault(t *testing.T) {
	s := sceneText(t, `
-- now --
2026-11-20
-- coppice.hcl --
datasource "d" {
  guard {
    newest_victim_age = "none"
  }
}
default_rules {
  load {
    interval = "2026-01-01/2026-02-01"
  }
  drop {
    forever = true
  }
}
-- default --
[{"type":"loadByInterval","interval":"2026-03-01/2026-04-01"},{"type":"dropForever"}]
-- segments --
2026-01-01/2026-01-02 2026-01-03 unused@2026-11-19 => restore
`)
	other := &snapshot.Datasource{Name: "e", UnusedKnown: true, BusyKnown: true}
	for n := range 20 {
		r := row{version: "2026-03-05", shard: druid.ShardSpec{Kind: druid.ShardNumbered, CorePartitions: 1}}
		start := at(t, "2026-01-01") + druid.Instant(n)*day
		if n == 0 {
			start = at(t, "2026-03-01")
		}
		r.Interval, r.Flags = druid.Interval{Start: start, End: start + day}, snapshot.Used|snapshot.Details
		pack(other, r)
	}
	other.Finish()
	s.input.Snapshot.Datasources = append(s.input.Snapshot.Datasources, other)
	if got := strings.Join(actionsOf(Build(s.input)), ", "); got != "set_rules _default 0, mark_used d 1" {
		t.Errorf("actions %s", got)
	}
}

// What could not be judged is not dropped by mistake either: rules that drop it are held up by the guards.
func TestGuardsCountWhatCouldNotBeJudged(t *testing.T) {
	s := sceneText(t, `
-- now --
2026-11-20
-- coppice.hcl --
datasource "d" {
  retention {
    keep = "P1D"
  }
}
-- segments --
2026-10-01/2026-10-02 2026-10-03 used => keep
2026-10-02/2026-10-03 2026-10-03 used => keep
`)
	s.input.Snapshot.Datasources[0].Gaps = []snapshot.Gap{{What: "segment row", Why: "refused"}}
	p := Build(s.input)
	if got := findingsOf(p); !slices.Contains(got, "error drops-everything") {
		t.Errorf("findings %v", got)
	}
}

// Where unused segments could not be listed, as over HTTP before Druid 29, rules are judged all the same, and whatever is
// unused stays: neither deleted nor restored.
func TestRulesAreJudgedWithoutTheUnusedList(t *testing.T) {
	s := sceneText(t, `
-- now --
2026-11-20
-- coppice.hcl --
datasource "d" {
  retention {
    keep = "P30D"
  }
  kill {
    superseded_after = "P0D"
    expired_after    = "P0D"
  }
  guard {
    max_unused_percent = 100
  }
}
-- rules --
[{"type":"loadByPeriod","period":"P10D"},{"type":"dropForever"}]
-- default --
[{"type":"loadForever"}]
-- segments --
2026-09-01/2026-09-02 2026-10-03 used => drop
2026-09-02/2026-09-03 2026-10-03 unused@2026-10-04 => hold
2026-10-30/2026-10-31 2026-11-03 unused@2026-11-10 => hold
2026-11-18/2026-11-19 2026-11-19 used => keep
2026-11-18/2026-11-19 2026-11-18 unused@2026-11-19 => hold superseded unused-not-listed
`)
	d := s.input.Snapshot.Datasources[0]
	d.UnusedKnown, d.Gaps = false, []snapshot.Gap{{What: "unused segments", Why: "not offered"}}
	s.files["findings"] = "warning gap"
	s.check(t)
	if got := strings.Join(actionsOf(Build(s.input)), ", "); got != "set_rules d 0" {
		t.Errorf("actions %s", got)
	}
}

// Carried out task by task, each is rechecked right before it goes, after the plan's own rules were posted and after
// the tasks before it: none is stale, none takes what is not its own, and nothing is taken twice.
func TestEveryTaskOfAPlanPassesItsRecheck(t *testing.T) {
	base := loadConfig(t, "")
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t, base)
		w.nest(t)
		p := Build(w.input(nil))
		if err := plan.Check(p); err != nil {
			t.Fatalf("Check: %v", err)
		}
		w.postRules(p)
		for _, a := range kills(p) {
			in := w.input(nil)
			in.Snapshot.Datasources[0].Rules.History = w.older
			v := Recheck(in, a)
			if !v.OK {
				t.Fatalf("task %s of %s is stale: %v", a.Task.Interval, a.Task.Versions, v.Differences)
			}
			w.takeSome(t, a)
		}
		left := killed(p)
		for _, r := range w.rows {
			if left[r.id()] {
				t.Fatalf("%s was to die and is left", r.id())
			}
		}
	})
}

// nest adds unused rows of one version over intervals inside one another, which used ones never have.
func (w *world) nest(t *rapid.T) {
	for range rapid.IntRange(0, 4).Draw(t, "nested") {
		r := drawRow(t)
		r.Flags &^= snapshot.Used
		same := func(o row) bool { return o.id() == r.id() }
		if !slices.ContainsFunc(w.rows, same) {
			w.rows = append(w.rows, r)
		}
	}
}

// postRules posts the plan's own list, and remembers the one before.
func (w *world) postRules(p *plan.Plan) {
	for _, a := range p.Actions {
		if a.Kind == plan.SetRules && a.Datasource == "d" {
			w.older = []snapshot.RuleVersion{{Since: w.ownSince, List: w.own}}
			w.own, w.ownSince = *a.RulesAfter, w.now
		}
	}
}

// takeSome does what Druid does: as many rows of the reach as the limit says, any of them.
func (w *world) takeSome(t *rapid.T, a *plan.Action) {
	left := a.Task.Limit
	for _, n := range rapid.Permutation(seq(len(w.rows))).Draw(t, "order") {
		if left > 0 && takes(a.Task, w.rows[n]) {
			w.rows[n].version, left = "gone", left-1
		}
	}
	w.rows = slices.DeleteFunc(w.rows, func(r row) bool { return r.version == "gone" })
}

// Not knowing whether a row is to be restored must not free the kills that its restore would have stopped.
func TestAnOddRowDoesNotFreeKills(t *testing.T) {
	s := sceneText(t, `
-- now --
2026-11-20
-- coppice.hcl --
datasource "d" {
  retention {
    keep = "P60D"
  }
  kill {
    superseded_after = "P1D"
  }
}
-- rules --
[{"type":"loadByPeriod","period":"P30D"},{"type":"dropForever"}]
-- segments --
2026-11-10/2026-11-11 2026-11-13 used => keep
2026-11-10/2026-11-11 2026-11-12 unused@2026-11-13 => pending superseded restore
2026-10-01/2026-10-02 2026-10-03 unused@2026-11-02 odd => hold
`)
	if n := len(kills(Build(s.input))); n != 0 {
		t.Errorf("%d kills", n)
	}
}

// Default rules that could not be read may drop what the own rules no longer keep: nobody can tell, so a change of the
// own rules that leaves segments to them is an error.
func TestADefaultThatWasNotReadIsNotTakenForNone(t *testing.T) {
	s := sceneText(t, `
-- now --
2026-11-20
-- coppice.hcl --
datasource "d" {
  rules {
    load {
      period = "P30D"
    }
  }
}
-- rules --
[{"type":"loadByPeriod","period":"P1Y"}]
-- segments --
2026-10-01/2026-10-02 2026-10-03 used => keep
2026-11-01/2026-11-02 2026-11-03 used => keep
`)
	s.input.Snapshot.DefaultRules = snapshot.Rules{}
	s.input.Snapshot.Gaps = []snapshot.Gap{{What: "rules", Why: "the default rules: refused"}}
	p := Build(s.input)
	if got := findingsOf(p); !slices.Contains(got, "error rule-unknown") {
		t.Errorf("findings %v", got)
	}
	if _, err := plan.Encode(p); err != nil {
		t.Error(err)
	}
	if got := actionsOf(p); len(got) != 1 || got[0] != "set_rules d 0 blocked" {
		t.Errorf("actions %v", got)
	}
}
