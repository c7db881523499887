package render

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"coppice/internal/diag"
	"coppice/internal/druid"
	"coppice/internal/plan"
)

func TestPlanScreens(t *testing.T) {
	cases := []struct {
		name string
		plan *plan.Plan
	}{
		{"plan-story", storyPlan(t)},
		{"plan-quiet", quietPlan(t)},
		{"plan-stopped", stoppedPlan(t)},
		{"plan-nothing", &plan.Plan{Now: at(t, "2026-11-20T09:00:00Z"), Cluster: plan.Cluster{Name: "try", Sources: "PostgreSQL alone"}}},
	}
	for _, c := range cases {
		screens(t, c.name, func(w io.Writer, o Options) error { return Plan(w, c.plan, o) })
	}
}

func TestPlanVerboseShowsEveryRun(t *testing.T) {
	p := storyPlan(t)
	text := string(shot(t, func(w io.Writer, o Options) error { return Plan(w, p, o) }, Options{Width: 120, Verbose: true}))
	if strings.Contains(text, "BY TIME ALONE") {
		t.Error("what time alone drops is shown as if the plan did it")
	}
	for _, d := range p.Datasources {
		for _, runs := range [][]plan.Run{d.Kill.Runs, d.Drop.Runs, d.Remove.Runs, d.Restore.Runs, d.Pending.Runs, d.Hold.Runs} {
			for i := range runs {
				if !runs[i].ByTime && !strings.Contains(text, interval(runs[i].Interval)+"  "+runs[i].Version) {
					t.Fatalf("run %s %s of %s is not shown", interval(runs[i].Interval), runs[i].Version, d.Name)
				}
			}
		}
	}
	if strings.Contains(text, "alike") {
		t.Error("verbose folds rule changes")
	}
}

// TestDeletionsComeFirst holds the order of the screen, and that no datasource with a deletion is folded away.
func TestDeletionsComeFirst(t *testing.T) {
	text := string(shot(t, func(w io.Writer, o Options) error { return Plan(w, storyPlan(t), o) }, Options{Width: 80}))
	last := -1
	for _, heading := range []string{"FOREVER", "DELETE FOR GOOD", "MARK UNUSED", "REMOVE", "RESTORE (", "RULES", "NOT TOUCHED", "Error:", "Plan: "} {
		here := strings.Index(text, heading)
		if here < last || here < 0 {
			t.Errorf("%q is at %d, after %d", heading, here, last)
		}
		last = here
	}
}

// TestManyCausesStayFewLines: a datasource with a reason of its own for each run is still a few lines.
func TestManyCausesStayFewLines(t *testing.T) {
	p := storyPlan(t)
	d := p.Datasources[0]
	for i := range d.Kill.Runs {
		d.Kill.Runs[i].Reason.Text += " number " + count(int64(i))
		d.Kill.Runs[i].Reason.Range = line("policies.hcl", 10+i%9)
	}
	p.Datasources = p.Datasources[:1]
	text := string(shot(t, func(w io.Writer, o Options) error { return Plan(w, p, o) }, Options{Width: 120}))
	golden(t, "plan-causes-120", []byte(text))
}

// TestNamesCannotRepaint: control characters from outside are shown as their codes.
func TestNamesCannotRepaint(t *testing.T) {
	p := storyPlan(t)
	bad := "\x1b[2Kgone\u202e\r\n"
	d := p.Datasources[0]
	d.Name, p.Cluster.Name = bad, bad
	d.Kill.Runs[0].Reason.Text, d.Kill.Runs[1].Version = bad, bad
	p.Findings[0].Summary, p.Findings[0].Datasource, p.Findings[1].Hint, p.Findings[1].Witness = bad, &bad, bad, &bad
	p.Summary.Blocked[0].Datasource = &bad
	text := string(shot(t, func(w io.Writer, o Options) error { return Plan(w, p, o) }, Options{Width: 80, Verbose: true}))
	if strings.ContainsAny(text, "\x1b\r\u202e") {
		t.Error("a control character reached the screen")
	}
	if !strings.Contains(text, `\u001b[2Kgone\u202e\u000d`) {
		t.Error("the name is not shown with its codes")
	}
}

// TestScreenOfAMillionVictims: many runs make a short screen.
func TestScreenOfAMillionVictims(t *testing.T) {
	p := manyVictims(100_000)
	text := shot(t, func(w io.Writer, o Options) error { return Plan(w, p, o) }, Options{Width: 80})
	if lines := bytes.Count(text, []byte("\n")); lines > 30 {
		t.Errorf("%d lines:\n%s", lines, text)
	}
}

func BenchmarkPlan(b *testing.B) {
	for _, n := range []int{10_000, 100_000, 1_000_000} {
		p := manyVictims(n)
		b.Run(count(int64(n)), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := Plan(io.Discard, p, Options{Width: 80}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "runs/s")
		})
	}
}

// manyVictims has n runs to delete in one datasource.
func manyVictims(n int) *plan.Plan {
	d := &plan.Datasource{Name: "wikipedia", Kill: plan.Group{Runs: make([]plan.Run, n)}}
	at := &diag.Range{File: "policies.hcl", Line: 14}
	marked := druid.Instant(1_700_000_000_000)
	for i := range d.Kill.Runs {
		start := druid.Instant(i/10) * millisOfDay / 24
		d.Kill.Runs[i] = plan.Run{Interval: druid.Interval{Start: start, End: start + millisOfDay/24}, Version: count(int64(i % 10)),
			Partitions: plan.Partitions{0}, Amount: plan.Amount{Segments: 1, Bytes: gib}, Class: plan.ClassSuperseded, MarkedAt: &marked,
			Reason: plan.Reason{Code: "superseded", Text: "superseded by a used version, grace P1D", Range: at}}
		d.Kill.Add(d.Kill.Runs[i].Amount)
	}
	p := &plan.Plan{Datasources: []*plan.Datasource{d}, Actions: []*plan.Action{{Kind: plan.KillTask, Datasource: d.Name}}}
	p.Summary.Kill.Amount, p.Summary.Kill.Tasks = d.Kill.Amount, 1
	return p
}
