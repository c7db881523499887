package planner

import (
	"testing"

	"coppice/config"
	"coppice/internal/plan"
	"coppice/internal/snapshot"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestClassesDecideNothingWithoutAPolicy: where nothing is ever deleted, a plan that looks for the class of every unused
// segment says and does the same as one that leaves them alone, apart from how the held ones are told.
func TestClassesDecideNothingWithoutAPolicy(t *testing.T) {
	left := 0
	check(t, func(t *rapid.T, w *world) {
		w.kill = nil
		in := w.input(nil)
		for i := range in.Snapshot.Datasources[0].Segments { // the bytes of a shared file count once, where its users are classified
			s := &in.Snapshot.Datasources[0].Segments[i]
			s.File, s.Root = uint64(i+1), 0
		}
		got := Build(in)
		in.everyClass = true
		want := Build(in)
		for n, d := range want.Datasources {
			seen := got.Datasources[n]
			if d.Hold.Segments != seen.Hold.Segments {
				t.Fatalf("%d segments are held, want %d", seen.Hold.Segments, d.Hold.Segments)
			}
			left += int(seen.Hold.Unlisted)
			d.Hold, seen.Hold = plan.Held{}, plan.Held{}
		}
		want.Summary.Left.Hold, got.Summary.Left.Hold = plan.Amount{}, plan.Amount{}
		if diff := cmp.Diff(encodedPlan(t, want), encodedPlan(t, got)); diff != "" {
			t.Fatalf("-every class +none\n%s", diff)
		}
	})
	if left == 0 {
		t.Error("nothing was ever left alone")
	}
}

func encodedPlan(t fataler, p *plan.Plan) string {
	document, err := plan.Encode(p)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return string(document)
}

// TestPayloadsOfWhatStaysAreNotRead: without a kill policy no payload of an unused segment is asked for, unless rules may
// restore it.
func TestPayloadsOfWhatStaysAreNotRead(t *testing.T) {
	check(t, func(t *rapid.T, w *world) {
		w.kill, w.removals, w.restore = nil, []config.Removal{}, false
		in := w.input(nil)
		forgetDetails(in)
		for _, d := range in.Snapshot.Datasources {
			for i := range d.Segments {
				if s := &d.Segments[i]; !s.Has(snapshot.Used) && s.Has(snapshot.Details) {
					t.Fatalf("%s is unused and its payload was read", d.ID(s))
				}
			}
		}
	})
}
