package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"coppice/internal/druid"
	"coppice/internal/snapfile"
	"coppice/internal/snapshot"
)

// manyLists are rule lists in turn: shared ones, ones of a kind that this version does not know, ones in an odd order.
var manyLists = []string{
	`[{"type":"loadByPeriod","period":"P30D"},{"type":"dropForever"}]`,
	`[{"type":"loadByPeriod","period":"P7D","tieredReplicants":{"hot":2}},{"type":"loadByPeriod","period":"P1Y","tieredReplicants":{}},{"type":"dropForever"}]`,
	`[]`,
	`[{"type":"dropBeforeByPeriod","period":"P2Y"},{"type":"loadForever"}]`,
	`[{"type":"loadPartialByPeriod","period":"P1D"},{"type":"loadForever"}]`,
	`[{"type":"loadByPeriod","period":"P1Y"},{"type":"loadByPeriod","period":"P30D"}]`,
	`[{"type":"loadByPeriod","period":"P%dD"},{"type":"dropForever"}]`,
}

// manyDatasources is a cluster of hundreds of datasources, each with a segment that its rules keep.
func manyDatasources(t *testing.T) *snapshot.Cluster {
	t.Helper()
	c := &snapshot.Cluster{TakenAt: startOfTests, Name: "try", Identity: "here", DruidVersion: "33.0.0", TiersKnown: true, Tiers: []string{"_default_tier", "hot"}}
	c.DefaultRules = snapshot.Rules{Set: true, List: parsed(t, `[{"type":"loadForever"}]`), Since: druid.NoInstant}
	for n := range 500 {
		text := manyLists[n%len(manyLists)]
		if strings.Contains(text, "%d") {
			text = fmt.Sprintf(text, n+1)
		}
		d := &snapshot.Datasource{Name: fmt.Sprintf("ds_%03d", n), Versions: snapshot.VersionsOf("2026-11-19T00:00:00.000Z"), UnusedKnown: true, BusyKnown: true,
			Rules: snapshot.Rules{Set: true, List: parsed(t, text), Since: druid.NoInstant}}
		d.Segments = []snapshot.Segment{{Interval: druid.Interval{Start: startOfTests - 2*86_400_000, End: startOfTests - 86_400_000},
			Flags: snapshot.Used, MarkedAt: druid.NoInstant, CreatedAt: druid.NoInstant, Bytes: snapshot.UnknownBytes}}
		c.Datasources = append(c.Datasources, d)
	}
	c.Finish()
	return c
}

func parsed(t *testing.T, text string) druid.RuleList {
	t.Helper()
	list, err := druid.ParseRuleList([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// What import writes is what the cluster has, so that a plan right afterwards has no changes.
func TestImportThenNoChanges(t *testing.T) {
	dir := writeConfig(t, "cluster \"try\" {\n  coordinator = env(\"NOT_SET\")\n}\n")
	file := filepath.Join(t.TempDir(), "many.jsonl")
	if err := snapfile.Save(file, manyDatasources(t)); err != nil {
		t.Fatal(err)
	}
	m := newMemoryProcess("import", "-C", dir, "--snapshot", file)
	if code := run(t.Context(), &m.process); code != exitDone || !strings.Contains(m.out.String(), "500 datasources declared, 428 with rules of their own") {
		t.Fatalf("exit %d: %s%s", code, m.out.String(), m.errs.String())
	}
	m = newMemoryProcess("plan", "-C", dir, "--snapshot", file, "--detailed-exitcode")
	if code := run(t.Context(), &m.process); code != exitDone || !strings.Contains(m.out.String(), "No changes. Rules are as declared") {
		t.Errorf("exit %d: %s%s", code, m.out.String(), m.errs.String())
	}
}
