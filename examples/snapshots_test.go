package examples

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"coppice/internal/druid"
	"coppice/internal/snapfile"
	"coppice/internal/snapshot"
)

// keepYear keeps a year on the default tier.
const keepYear = `[{"type":"loadByPeriod","period":"P1Y","tieredReplicants":{"_default_tier":2}},{"type":"dropForever"}]`

// clusters are what the examples look at, by file.
func clusters(t *testing.T) map[string]*snapshot.Cluster {
	const mb = 1_000_000
	logs := func() *snapshot.Datasource {
		return datasource(t, "logs", loadFor(30), rows{from: 30, to: 1, bytes: 8 * mb}, rows{from: 160, to: 131, markedAgo: 95, bytes: 8 * mb},
			rows{from: 80, to: 41, markedAgo: 10, bytes: 8 * mb})
	}
	before, after := cluster(logs()), cluster(logs())
	before.AutoKill = &snapshot.AutoKill{Coordinator: snapshot.Killer{On: true, Buffer: druid.Period{Days: 30}}}
	after.AutoKill = &snapshot.AutoKill{}
	return map[string]*snapshot.Cluster{
		"thirty-days/cluster.jsonl":       cluster(datasource(t, "clicks", "", rows{from: 40, to: 1, bytes: 20 * mb})),
		"tiers/cluster.jsonl":             cluster(datasource(t, "events", keepYear, rows{from: 120, to: 1, bytes: 150 * mb})),
		"drop-one-interval/cluster.jsonl": cluster(datasource(t, "payments", "", rows{from: 60, to: 1, bytes: 5 * mb})),
		"reclaim/cluster.jsonl": cluster(datasource(t, "metrics", "", rows{from: 30, to: 11, bytes: 40 * mb}, rows{from: 10, to: 6, versions: 24, bytes: 60 * mb},
			rows{from: 5, to: 5, versions: 3, markedAgo: 3, bytes: 60 * mb}, rows{from: 4, to: 1, bytes: 40 * mb})),
		"auto-kill/before.jsonl":  before,
		"auto-kill/cluster.jsonl": after,
	}
}

// The snapshots in the folders are those that the tests make.
func TestSnapshots(t *testing.T) {
	for file, c := range clusters(t) {
		var text bytes.Buffer
		if err := snapfile.Write(&text, c); err != nil {
			t.Fatal(err)
		}
		golden(t, file, text.String())
	}
	committed, err := filepath.Glob("*/*.jsonl")
	if made := clusters(t); err != nil || len(committed) != len(made) {
		t.Errorf("there are %d snapshots for %d that are made: %v, %v", len(committed), len(made), committed, err)
	}
}

// What each README shows is what comes out.
func TestSnapshotExamples(t *testing.T) {
	cases := []struct {
		folder, command string
		code            int
		golden          string
	}{
		{"thirty-days", "plan --snapshot cluster.jsonl", 0, "plan.txt"},
		{"thirty-days", "forecast --days 20 --snapshot cluster.jsonl", 0, "forecast.txt"},
		{"tiers", "plan --snapshot cluster.jsonl", 0, "plan.txt"},
		{"tiers", "lint --snapshot cluster.jsonl", 0, "lint.txt"},
		{"drop-one-interval", "plan --snapshot cluster.jsonl", 0, "plan.txt"},
		{"drop-one-interval", "explain payments 2026-10-06/2026-10-09 --snapshot cluster.jsonl", 0, "explain.txt"},
		{"reclaim", "plan --snapshot cluster.jsonl", 0, "plan.txt"},
		{"reclaim", "explain metrics 2026-11-15/2026-11-16 --snapshot cluster.jsonl", 0, "explain.txt"},
		{"auto-kill", "plan --snapshot before.jsonl", 3, "before.txt"},
		{"auto-kill", "plan --snapshot cluster.jsonl", 0, "plan.txt"},
	}
	for _, c := range cases {
		t.Run(c.folder+"/"+c.golden, func(t *testing.T) {
			readme, err := os.ReadFile(filepath.Join(c.folder, "README.md"))
			if err != nil || !strings.Contains(string(readme), "    coppice "+c.command+"\n") || !strings.Contains(string(readme), "`"+c.golden+"`") {
				t.Errorf("the README does not show %q, or its output %s (%v)", c.command, c.golden, err)
			}
			t.Chdir(c.folder)
			golden(t, c.golden, coppice(t, c.code, strings.Fields(c.command)...))
		})
	}
}

// Every folder explains itself, and is run by a test: on its snapshots, by its script, or as the workflow.
func TestEveryFolderIsAnExample(t *testing.T) {
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !e.IsDir() || e.Name() == "testdata" {
			continue
		}
		readme, err := os.ReadFile(filepath.Join(e.Name(), "README.md"))
		if lines := strings.Count(string(readme), "\n"); err != nil || lines > 25 {
			t.Errorf("%s: a README of %d lines: %v", e.Name(), lines, err)
		}
		var run []string
		for _, pattern := range []string{"run", "cluster.jsonl", "coppice.yml"} {
			found, _ := filepath.Glob(filepath.Join(e.Name(), pattern))
			run = append(run, found...)
		}
		if len(run) != 1 {
			t.Errorf("%s is run by %v", e.Name(), run)
		}
	}
}
