package planner

import (
	"fmt"
	"strings"
	"testing"

	"coppice/config"
	"coppice/internal/druid"
	"coppice/internal/plan"
	"coppice/internal/snapshot"
)

// deleted reads what a scene's earlier applies deleted.
func deleted(t *testing.T, text string) *Deletions {
	t.Helper()
	switch text {
	case "":
		return nil
	case "unknown":
		return &Deletions{Unknown: "there is no journal"}
	}
	found := &Deletions{}
	for line := range lines(text) {
		var stamp string
		var d Deletion
		if _, err := fmt.Sscan(line, &stamp, &d.Datasource, &d.Segments, &d.Bytes); err != nil {
			t.Fatalf("deleted line %q: %v", line, err)
		}
		d.At = at(t, stamp)
		found.List = append(found.List, d)
	}
	return found
}

// TestBudgetSaysTheArithmetic: the numbers are those that somebody would add up.
func TestBudgetSaysTheArithmetic(t *testing.T) {
	b := &config.Budget{Window: config.Setting[druid.Period]{Value: druid.Period{Days: 7}}, MaxSegments: &config.Setting[int64]{Value: 50_000}}
	in := &Input{Config: &config.Config{}, Snapshot: &snapshot.Cluster{}, Now: at(t, "2026-11-20"), Deletions: deleted(t, "2026-11-19 d 39800 1")}
	w := &work{in: in, seen: &snapshot.Datasource{Name: "d"}}
	w.guardBudget(b, plan.Amount{Segments: 20_000, Bytes: 5})
	want := "39,800 of 50,000 segments in P7D are used; this plan deletes 20,000 more."
	if len(w.complaints) != 1 || w.complaints[0].detail != want || !strings.Contains(w.complaints[0].hint, `allow "guard-budget"`) {
		t.Errorf("got %+v", w.complaints)
	}
	w.complaints = nil
	w.guardBudget(b, plan.Amount{})
	if len(w.complaints) > 0 {
		t.Errorf("nothing is deleted: %+v", w.complaints)
	}
}

func TestGrouped(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -1000: "-1,000", -100: "-100"} {
		if got := grouped(n); got != want {
			t.Errorf("%d: %s", n, got)
		}
	}
}
