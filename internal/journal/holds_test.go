package journal

import (
	"testing"

	"coppice/internal/plan"

	"github.com/google/go-cmp/cmp"
)

// TestHolds: the newest apply of a cluster says which holds were in force, but for those that it let go.
func TestHolds(t *testing.T) {
	folder := t.TempDir()
	begin := func(cluster string, holds ...plan.Hold) {
		t.Helper()
		document, err := plan.Encode(&plan.Plan{FormatVersion: plan.FormatVersion, Cluster: plan.Cluster{Name: cluster}, Holds: holds})
		if err != nil {
			t.Fatal(err)
		}
		j, err := Open(folder, 6)
		if err != nil {
			t.Fatal(err)
		}
		_, err = j.Begin(document, 6)
		if err := closeAfter(err, j); err != nil {
			t.Fatal(err)
		}
	}
	want := func(cluster string, holds ...plan.Hold) {
		t.Helper()
		state, err := Read(folder)
		if err != nil {
			t.Fatal(err)
		}
		var got []plan.Hold
		if newest := state.Newest(cluster, []string{"a", "b", "new"}); newest != nil {
			got = newest.Holds()
		}
		if diff := cmp.Diff(holds, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", cluster, diff)
		}
	}
	audit, gone := plan.Hold{Name: "audit", Datasources: []string{"d*"}, Reason: "law"}, plan.Hold{Name: "gone", Withdrawn: true, LetGo: true}
	want("a")
	begin("a", audit, gone)
	begin("b")
	want("a", audit)
	want("b")
	begin("a", gone)
	want("a")
	begin("old", audit)
	want("new", audit) // nobody declares "old" any more: it may be this one
	want("a")
	begin("new", gone)
	want("new")
}
