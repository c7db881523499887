package planner

import (
	"strings"
	"testing"

	"coppice/internal/druid"
	"coppice/internal/plan"
	"coppice/internal/snapshot"
)

// TestFarFutureNamesTheFurthest: the witness is what lies furthest ahead, in lint as in a plan.
func TestFarFutureNamesTheFurthest(t *testing.T) {
	cfg := loadConfig(t, "datasource \"d\" {\n  guard {\n    max_future = \"P2D\"\n  }\n}\n")
	d := &snapshot.Datasource{Name: "d", UnusedKnown: true, BusyKnown: true}
	for _, interval := range []string{"2026-11-01/2026-12-01", "2126-01-01/2126-01-02", "2027-01-01/2027-01-02"} {
		r := row{version: "2026-11-19", shard: druid.ShardSpec{Kind: druid.ShardNumbered, CorePartitions: 1}}
		r.Interval, r.Flags, r.CreatedAt, r.MarkedAt = mustInterval(t, interval), snapshot.Details|snapshot.Used, druid.NoInstant, druid.NoInstant
		pack(d, r)
	}
	d.Finish()
	in := Input{Config: cfg, Cluster: cfg.Clusters[0], Now: at(t, "2026-11-20"), Snapshot: &snapshot.Cluster{Datasources: []*snapshot.Datasource{d}}}
	for name, list := range map[string][]plan.Finding{"plan": Build(in).Findings, "lint": Lint(in)} {
		found := false
		for _, f := range list {
			if f.Code != "far-future" {
				continue
			}
			found = true
			if f.Summary != "Segments lie further ahead than P2D: 3" || !strings.Contains(f.Detail, "2 of them begin after") || !strings.Contains(*f.Witness, "2126") {
				t.Errorf("%s: %+v", name, f)
			}
		}
		if !found {
			t.Errorf("%s: no finding", name)
		}
	}
}
