package examples

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"coppice/internal/snapfile"
	"coppice/internal/snapshot"
)

// manyConfig declares most of five hundred datasources, in a few families.
const manyConfig = `cluster "prod" {
  coordinator = env("NOT_SET")
}

policy "web" { # the cluster has P40D today
  retention {
    keep       = "P30D"
    replicants = { _default_tier = 1 }
  }
  kill {
    superseded_after = "P1D"
    expired_after    = "P30D"
  }
}

datasource "web_*" {
  policy = "web"
}

datasource "metrics_*" { # written again and again
  kill {
    superseded_after = "P1D"
  }
}

datasource "logs_*" { # long dropped
  retention {
    keep       = "P20D"
    replicants = { _default_tier = 1 }
  }
  kill {
    expired_after = "P30D"
  }
}

datasource "orders_*" { # widened: what was dropped comes back
  retention {
    keep       = "P60D"
    replicants = { _default_tier = 1 }
  }
}

datasource "events_*" { # too much at once
  retention {
    keep       = "P10D"
    replicants = { _default_tier = 1 }
  }
  kill {
    expired_after = "P30D"
  }
}

datasource "audit_*" { # marked by hands
  kill {
    expired_after = "P30D"
  }
}
`

func loadFor(days int) string {
	return fmt.Sprintf(`[{"type":"loadByPeriod","period":"P%dD","tieredReplicants":{"_default_tier":1}},{"type":"dropForever"}]`, days)
}

// manyDatasources are five hundred of all kinds, some of which are alike.
func manyDatasources(t *testing.T) *snapshot.Cluster {
	var all []*snapshot.Datasource
	add := func(n int, prefix, rules string, each func(i int) []rows) {
		for i := range n {
			all = append(all, datasource(t, fmt.Sprintf("%s_%03d", prefix, i), rules, each(i)...))
		}
	}
	const mb = 1_000_000
	add(180, "web", loadFor(40), func(i int) []rows { return []rows{{from: 40, to: 1, bytes: int64(i%7+1) * mb}} })
	add(100, "metrics", "", func(i int) []rows {
		return []rows{{from: 9, to: 1, bytes: 5 * mb}, {from: 12, to: 10, versions: 2 + i%9, bytes: 20 * mb}}
	})
	add(60, "logs", loadFor(20), func(i int) []rows {
		return []rows{{from: 20, to: 1, bytes: 3 * mb}, {from: 90, to: 70, markedAgo: 45, bytes: int64(i+1) * mb}}
	})
	add(30, "orders", loadFor(30), func(int) []rows {
		return []rows{{from: 30, to: 1, bytes: mb}, {from: 45, to: 31, markedAgo: 1, bytes: mb}}
	})
	add(40, "events", loadFor(40), func(int) []rows {
		return []rows{{from: 40, to: 1, bytes: 2 * mb}, {from: 90, to: 80, markedAgo: 45, bytes: mb}}
	})
	add(40, "audit", "", func(int) []rows {
		return []rows{{from: 20, to: 1, bytes: mb}, {from: 25, to: 21, markedAgo: 60, bytes: mb}}
	})
	add(50, "other", "", func(int) []rows { return []rows{{from: 5, to: 1, bytes: mb}} })
	return cluster(all...)
}

// A plan of five hundred datasources reads in a minute: what is equal is folded, and what is dangerous is on top.
func TestManyDatasources(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "main.hcl"), []byte(manyConfig), 0o600); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "many.jsonl")
	if err := snapfile.Save(file, manyDatasources(t)); err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/many.txt", coppice(t, 3, "-C", dir, "plan", "--snapshot", file))
	golden(t, "testdata/many.md", coppice(t, 3, "-C", dir, "plan", "--snapshot", file, "--format", "markdown"))
}
