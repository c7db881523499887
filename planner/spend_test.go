package planner

import (
	"slices"
	"testing"

	"coppice/internal/plan"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// Property: a snapshot whose rows stand elsewhere gives the plan that it gives otherwise, but for its digest.
func TestSpendPlansAlike(t *testing.T) {
	check(t, func(t *rapid.T, w *world) {
		in := many(w.input(nil))
		if rapid.Bool().Draw(t, "select") {
			in.Select = func(name string) bool { return name < "d3" }
		}
		want := Build(in)
		in.Rows = in.Snapshot.Spend()
		got := Build(in)
		if got.SnapshotDigest != "" {
			t.Fatalf("the digest of a snapshot without rows is %q", got.SnapshotDigest)
		}
		got.SnapshotDigest = want.SnapshotDigest
		same(t, "Build", want, got)
	})
}

// TestADefaultConcernsWhatWasNotChosen also where rows stand elsewhere.
func TestADefaultConcernsWhatWasNotChosen(t *testing.T) {
	in := several(t, "datasource \"a\" {}\ndatasource \"b\" {}\ndefault_rules {\n  load {\n    period = \"P1M\"\n  }\n  drop {\n    forever = true\n  }\n}\n", "a", "b")
	in.Select = func(name string) bool { return name == "a" }
	want := Build(in)
	in.Rows = in.Snapshot.Spend()
	got := Build(in)
	got.SnapshotDigest = want.SnapshotDigest
	if diff := cmp.Diff(want, got); diff != "" || len(want.Datasources) != 2 {
		t.Errorf("%d datasources (-kept +spent)\n%s", len(want.Datasources), diff)
	}
}

// TestSpentDatasourcesHaveRows: that rows stand elsewhere does not make a datasource one without rows, to which nobody's
// name is too similar.
func TestSpentDatasourcesHaveRows(t *testing.T) {
	const text = "datasource \"clicks*\" {}\ndatasource \"clicksx\" {}\n"
	codes := func(p *plan.Plan) (list []string) {
		for _, f := range p.Findings {
			list = append(list, f.Code+": "+f.Detail)
		}
		return list
	}
	in := several(t, text, "clicksa", "clicksb")
	want := codes(Build(in))
	in.Rows = in.Snapshot.Spend()
	if diff := cmp.Diff(want, codes(Build(in))); diff != "" {
		t.Errorf("(-kept +spent)\n%s", diff)
	}
	if !slices.ContainsFunc(want, func(code string) bool {
		return code == `datasource-unknown: There is a datasource named "clicksa", whose policy is that of a family. Is that the one?`
	}) {
		t.Errorf("no finding tells of the similar name: %q", want)
	}
}
