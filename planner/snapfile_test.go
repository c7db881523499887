package planner

import (
	"bytes"
	"slices"
	"testing"

	"coppice/internal/plan"
	"coppice/internal/snapfile"
	"coppice/internal/snapshot"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// throughFile is the snapshot as a reader of its file gets it.
func throughFile(t fataler, c *snapshot.Cluster) *snapshot.Cluster {
	var file bytes.Buffer
	if err := snapfile.Write(&file, c); err != nil {
		t.Fatalf("%v", err)
	}
	back, err := snapfile.Read(&file)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return back
}

func encoded(t fataler, in Input) string {
	document, err := plan.Encode(Build(in))
	if err != nil {
		t.Fatalf("%v", err)
	}
	return string(document)
}

// TestAFileIsPlannedLikeTheView: the plan of a snapshot's file is the plan of the snapshot, byte for byte.
func TestAFileIsPlannedLikeTheView(t *testing.T) {
	check(t, func(t *rapid.T, w *world) {
		in := w.input(nil)
		live := encoded(t, in)
		in.Snapshot = throughFile(t, in.Snapshot)
		if file := encoded(t, in); file != live {
			t.Fatalf("live:\n%s\nfrom the file:\n%s", live, file)
		}
	})
}

// TestAFileKnowsMoreAndDecidesAlike: a file has the payloads of all rows and a live view those that its plan needs. The
// actions and the findings are the same, and so is what is said of every run.
func TestAFileKnowsMoreAndDecidesAlike(t *testing.T) {
	check(t, func(t *rapid.T, w *world) {
		in := w.input(nil)
		in.Snapshot = throughFile(t, in.Snapshot)
		full := Build(in)
		live := in
		live.Snapshot = throughFile(t, in.Snapshot)
		forgetDetails(live)
		seen := Build(live)
		for n, d := range full.Datasources {
			// What stays as it is needs no payload, so a live plan does not know its bytes.
			d.Keep.Bytes, d.Used.Bytes = seen.Datasources[n].Keep.Bytes, seen.Datasources[n].Used.Bytes
		}
		full.SnapshotDigest = seen.SnapshotDigest
		a, errA := plan.Encode(full)
		b, errB := plan.Encode(seen)
		if errA != nil || errB != nil || !bytes.Equal(a, b) {
			t.Fatalf("%v %v\nfrom the file:\n%s\nlive:\n%s", errA, errB, a, b)
		}
	})
}

// forgetDetails leaves only the payloads that a plan of this view reads.
func forgetDetails(in Input) {
	for _, d := range in.Snapshot.Datasources {
		before := slices.Clone(d.Segments)
		for i := range d.Segments {
			s := &d.Segments[i]
			s.Flags &^= snapshot.Details
			s.Bytes, s.File, s.Shard = snapshot.UnknownBytes, 0, 0
		}
		for _, need := range Needs(in) {
			for _, i := range need.Rows {
				if need.Datasource == d {
					d.Segments[i] = before[i]
				}
			}
		}
	}
}

// TestRedactionChangesNoDecision: under its new name every segment is decided as before.
func TestRedactionChangesNoDecision(t *testing.T) {
	check(t, func(t *rapid.T, w *world) {
		in := w.input(nil)
		before, err := Explain(in, "d", "")
		if err != nil {
			t.Fatalf("%v", err)
		}
		snapfile.Redact(in.Snapshot, []byte("key"))
		name := in.Snapshot.Datasources[0].Name
		in.Config.Datasources[0].Name = name
		for i := range in.Config.Holds {
			in.Config.Holds[i].Datasources = []string{name}
		}
		for i := range in.Config.Removals {
			in.Config.Removals[i].Datasource = name
		}
		after, err := Explain(in, name, "")
		if err != nil {
			t.Fatalf("%v", err)
		}
		for i := range before.Segments {
			before.Segments[i].ID, after.Segments[i].ID = "", ""
		}
		if diff := cmp.Diff(before.Segments, after.Segments); diff != "" {
			t.Fatalf("redacted it is decided otherwise:\n%s", diff)
		}
	})
}
