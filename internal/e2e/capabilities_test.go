package e2e

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"coppice/internal/druid"
	"coppice/internal/druidkit"
	"coppice/internal/plan"
)

// oldest is the oldest version that is tested. It keeps its metadata where SQL cannot reach it.
const oldest = "28.0.0"

// oldWorld is a cluster of the oldest version, over HTTP alone.
func oldWorld(t *testing.T) *world {
	t.Helper()
	w := &world{T: t, Cluster: druidkit.Start(t, druidkit.Options{Version: oldest, Derby: true})}
	once, _ := prepared.LoadOrStore(oldest, &sync.Once{})
	once.(*sync.Once).Do(func() { w.setRules("_default", keepAll) })
	return w
}

// TestCapabilities observes every line of the table of docs/druid.md on a real cluster of each version that is tested.
func TestCapabilities(t *testing.T) {
	t.Parallel()
	for _, version := range []string{oldest, older, newer} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			w := oldWorldOr(t, version)
			seen := w.capabilities(w.plainName())
			for _, c := range druid.Capabilities {
				if got, observed := seen[c.Name]; !observed || got != c.In(version) {
					t.Errorf("%s: Druid %s does it: %t, observed: %t; the table says %t", c.Name, version, got, observed, c.In(version))
				}
			}
			if len(seen) != len(druid.Capabilities) {
				t.Errorf("observed %v", seen)
			}
		})
	}
}

func oldWorldOr(t *testing.T, version string) *world {
	t.Helper()
	if version == oldest {
		return oldWorld(t)
	}
	return realWorld(t, version)
}

// plainName is name without the dots of a version.
func (w *world) plainName() string { return strings.ReplaceAll(w.name(), ".", "_") }

// capabilities tries each. Four days are ingested and marked, and each kind of kill task gets days of its own.
func (w *world) capabilities(ds string) map[string]bool {
	w.Helper()
	w.ingest(ds, batch{days: []int{14, 13, 12, 11}, rows: 2})
	w.until("the Coordinator sees "+ds, time.Minute, func() bool { return len(w.served(ds)) == 4 })
	w.ask(http.MethodDelete, coordinator+"/datasources/"+ds, "", nil)
	w.until("the marks of "+ds+" are seen", time.Minute, func() bool { return len(w.served(ds)) == 0 })
	offered := func(method, path, body string) bool {
		w.Helper()
		status, text := w.send(method, path, body)
		if status != http.StatusOK && status != http.StatusNotFound {
			w.Fatalf("%s %s: %d %s", method, path, status, text)
		}
		return status == http.StatusOK
	}
	return map[string]bool{
		"kill-versions":  w.kills(ds, dayOf(14), `,"versions":["zz"]`) == 0,
		"kill-cut-off":   w.kills(ds, dayOf(13), `,"maxUsedStatusLastUpdatedTime":"2000-01-01T00:00:00.000Z"`) == 0,
		"kill-limit":     w.kills(ds, day(12)+"/"+day(10), `,"limit":1,"batchSize":1`) == 1,
		"unused-list":    offered(http.MethodGet, coordinator+"/metadata/datasources/"+ds+"/unusedSegments", ""),
		"active-locks":   offered(http.MethodPost, overlord+"/activeLocks", `[{"datasource":"`+ds+`","priority":0}]`),
		"overlord-marks": offered(http.MethodPost, overlord+"/datasources/"+ds+"/markUnused", `{"interval":"2001-01-01/2001-01-02"}`),
		"duties":         offered(http.MethodGet, coordinator+"/duties", ""),
	}
}

// kills sends a kill task with what is put behind its interval, and returns how many Druid says it killed.
func (w *world) kills(ds, interval, more string) int64 {
	w.Helper()
	var answer struct{ Task string }
	w.ask(http.MethodPost, overlord+"/task", `{"type":"kill","dataSource":"`+ds+`","interval":"`+interval+`"`+more+`}`, &answer)
	w.succeeds(answer.Task)
	return w.killed(answer.Task)
}

// TestOldestDruid: on a Druid whose kill tasks cannot be told exactly what to take, rules are planned and applied over
// HTTP as anywhere, and nothing at all is deleted.
func TestOldestDruid(t *testing.T) {
	t.Parallel()
	w := oldWorld(t)
	ds := w.name()
	w.ingest(ds, batch{days: []int{53, 52, 51, 5, 4, 3}, rows: 2}, batch{days: []int{4}, rows: 1})
	w.until("the Coordinator sees "+ds, time.Minute, func() bool { return len(w.served(ds)) >= 6 })
	p := newProgram(w, httpOnly, `datasource "`+ds+`" {
  retention {
    keep       = "P30D"
    replicants = {}
  }
  kill {
    superseded_after = "P0D"
    expired_after    = "P0D"
  }
  guard {
    newest_victim_age = "none"
  }
}
`)
	made := p.plan(2)
	d := find(t, made, ds)
	if made.Cluster.DruidVersion != oldest || d.Drop.Segments != 3 || d.Kill.Segments != 0 || d.Rules.Change != plan.ChangeCreate {
		t.Fatalf("Druid %s, %d dropped, %d killed, rules: %s", made.Cluster.DruidVersion, d.Drop.Segments, d.Kill.Segments, d.Rules.Change)
	}
	if !slices.ContainsFunc(made.Findings, func(f plan.Finding) bool {
		return f.Code == "gap" && strings.Contains(f.Detail, "does not list unused segments (Druid 29")
	}) {
		t.Errorf("findings: got %+v, want that unused segments are not listed", made.Findings)
	}
	report := p.exits(0, "apply", "--json", "--auto-approve").report()
	if report.Outcome != "done" || len(report.Actions) != 1 || len(report.Marks) != 1 || report.Marks[0].Marked != 3 {
		t.Errorf("report: got %+v", report)
	}
	made = p.plan(0)
	if len(made.Actions) > 0 {
		t.Errorf("the next plan has %d actions", len(made.Actions))
	}
	p.exits(0, "kill", ds, "--all", "--auto-approve")
	if files := w.files(ds); len(files) != 7 {
		t.Errorf("%d files, want all 7: %v", len(files), files)
	}
	var tasks []json.RawMessage
	w.ask(http.MethodGet, overlord+"/tasks?type=kill&datasource="+ds, "", &tasks)
	if len(tasks) > 0 {
		t.Errorf("kill tasks were sent: %s", tasks)
	}
}
