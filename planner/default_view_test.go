package planner

import (
	"testing"

	"coppice/config"
	"coppice/internal/plan"
	"coppice/internal/snapshot"
)

// A change of the default rules acts on every datasource, so a view that does not show them all, or whose rules are not
// known, stops it, and so the whole plan. Without such a change a gap is a warning.
func TestDefaultNeedsToSeeEverything(t *testing.T) {
	w := &world{now: days(20), base: loadConfig(t, ""), defaults: mustRules(t, `[{"type":"loadForever"}]`),
		wanted: mustRules(t, `[{"type":"loadByPeriod","period":"P9D"}]`)}
	declared := &config.Rules{List: mustRules(t, `[{"type":"loadByPeriod","period":"P1Y"}]`)}
	cases := []struct {
		name    string
		gap     func(*snapshot.Cluster)
		changes bool
		blocked bool
	}{
		{"all seen", func(*snapshot.Cluster) {}, true, false},
		{"datasources not listed", func(c *snapshot.Cluster) { c.Gaps = []snapshot.Gap{{What: "datasources"}} }, true, true},
		{"segments not listed", func(c *snapshot.Cluster) { c.Gaps = []snapshot.Gap{{What: "segments"}} }, true, true},
		{"a row of nobody knows whom", func(c *snapshot.Cluster) { c.Gaps = []snapshot.Gap{{What: "segment row"}} }, true, true},
		{"one hidden by the Coordinator", func(c *snapshot.Cluster) { c.Datasources[0].Gaps = []snapshot.Gap{{What: "datasources"}} }, true, true},
		{"rules of one not read", func(c *snapshot.Cluster) { c.Datasources[0].Gaps = []snapshot.Gap{{What: "rules"}} }, true, true},
		{"unused segments not listed", func(c *snapshot.Cluster) { c.Datasources[0].UnusedKnown = false }, true, false},
		{"locks not read", func(c *snapshot.Cluster) { c.Gaps = []snapshot.Gap{{What: "locks"}} }, true, false},
		{"the default stays", func(c *snapshot.Cluster) { c.Gaps = []snapshot.Gap{{What: "datasources"}} }, false, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			in := w.input(nil)
			if c.changes {
				in.Config.DefaultRules = declared
			}
			c.gap(in.Snapshot)
			p := Build(in)
			for _, a := range p.Actions {
				if a.Kind == plan.SetRules && a.Blocked != c.blocked {
					t.Errorf("rules of %s: blocked %v, want %v", a.Datasource, a.Blocked, c.blocked)
				}
			}
			if len(p.Actions) == 0 {
				t.Error("nothing to do")
			}
		})
	}
}
