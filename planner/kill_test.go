package planner

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"testing"

	"coppice/internal/druid"
	"coppice/internal/plan"
	"coppice/internal/snapshot"

	"pgregory.net/rapid"
)

// A task keeps within max_segments and max_interval, runs from victim to victim without a gap, names exactly their
// versions and carries the declared context; tasks go oldest first, and where they overlap lower versions first; several
// of equal reach have ids of their own and take all of it together.
func TestTasksKeepTheirShape(t *testing.T) {
	base := loadConfig(t, "")
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t, base)
		w.nest(t)
		w.maxDays = int32(rapid.IntRange(1, 6).Draw(t, "span"))
		in := w.input(nil)
		context := map[string]json.RawMessage{"tags": json.RawMessage(`"x"`)}
		if kill := in.Config.Datasources[0].Kill; kill != nil {
			kill.Task.Context = context
		}
		tasks := kills(Build(in))
		for _, a := range tasks {
			w.checkSize(t, a, in.Config.Datasources[0].Kill != nil)
			checkSpan(t, a, w.maxDays)
			if in.Config.Datasources[0].Kill != nil && !maps.EqualFunc(a.Task.Context, context, slices.Equal) {
				t.Fatalf("context %s", a.Task.Context)
			}
		}
		checkOrder(t, tasks)
		checkEqualReach(t, tasks)
		checkSharing(t, tasks)
	})
}

// checkSize: more segments than a task may take are named only where one interval and version has them.
func (w *world) checkSize(t *rapid.T, a *plan.Action, declared bool) {
	most := 1000
	if declared {
		most = w.maxTask
	}
	if a.Task.Limit > most || a.Task.Limit > a.Task.BatchSize || a.Segments > int64(a.Task.Limit) || a.Task.BatchSize > most {
		t.Fatalf("limit %d, batch %d, %d segments; at most %d", a.Task.Limit, a.Task.BatchSize, a.Segments, most)
	}
	if len(named(a)) > most && (len(a.Runs) == 0 || slices.ContainsFunc(a.Runs, func(r plan.Run) bool {
		return r.Version != a.Runs[0].Version || r.Interval != a.Runs[0].Interval
	})) {
		t.Fatalf("%d segments of several intervals or versions in one task of at most %d", len(named(a)), most)
	}
}

// checkSpan: no moment of the task's interval is without a victim, and only a single interval is longer than a task may be.
func checkSpan(t *rapid.T, a *plan.Action, most int32) {
	whole := a.Task.Interval
	long := whole.End-whole.Start > druid.Instant(most)*day
	at := whole.Start
	runs := slices.Clone(a.Runs)
	slices.SortFunc(runs, func(a, b plan.Run) int { return a.Interval.Compare(b.Interval) })
	var versions []string
	for _, r := range runs {
		if r.Interval.Start > at {
			t.Fatalf("nothing of %s lies between %s and %s", whole, at, r.Interval.Start)
		}
		if long && r.Interval != whole {
			t.Fatalf("%s is longer than P%dD, and has %s in it", whole, most, r.Interval)
		}
		at = max(at, r.Interval.End)
		versions = append(versions, r.Version)
	}
	slices.Sort(versions)
	if at != whole.End || !slices.Equal(slices.Compact(versions), a.Task.Versions) {
		t.Fatalf("%s ends behind %s, or names other versions than %v: %v", whole, at, versions, a.Task.Versions)
	}
}

// checkOrder: where tasks overlap, directly or through others, lower versions go first; such heaps go oldest first.
func checkOrder(t *rapid.T, tasks []*plan.Action) {
	var intervals []druid.Interval
	for _, a := range tasks {
		intervals = append(intervals, a.Task.Interval)
	}
	for n, a := range tasks {
		for _, later := range tasks[n+1:] {
			first, second := heapOf(a.Task.Interval, intervals), heapOf(later.Task.Interval, intervals)
			if first.Start > second.Start {
				t.Fatalf("%s goes before %s", a.Task.Interval, later.Task.Interval)
			}
			if first == second && a.Task.Versions[0] > later.Task.Versions[0] {
				t.Fatalf("%s of %s goes before %s of %s", a.Task.Versions, a.Task.Interval, later.Task.Versions, later.Task.Interval)
			}
		}
	}
}

// heapOf is all the time that overlaps an interval, through any number of others.
func heapOf(of druid.Interval, others []druid.Interval) druid.Interval {
	for grown := true; grown; {
		grown = false
		for _, o := range others {
			if o.Overlaps(of) && (o.Start < of.Start || o.End > of.End) {
				of, grown = druid.Interval{Start: min(of.Start, o.Start), End: max(of.End, o.End)}, true
			}
		}
	}
	return of
}

func checkEqualReach(t *rapid.T, tasks []*plan.Action) {
	ids, taken, named := map[string]bool{}, map[string]int64{}, map[string]int{}
	for _, a := range tasks {
		reach := fmt.Sprint(a.Task.Interval, a.Task.Versions, a.Task.MaxUsedStatusLastUpdated)
		ids[a.Task.ID] = true
		taken[reach] += a.Segments
		named[reach] = 0
		for _, r := range a.Runs {
			named[reach] += len(r.Partitions)
		}
	}
	if len(ids) != len(tasks) {
		t.Fatalf("%d tasks have %d ids", len(tasks), len(ids))
	}
	for reach, n := range taken {
		if n != int64(named[reach]) {
			t.Fatalf("tasks of %s take %d of %d", reach, n, named[reach])
		}
	}
}

// checkSharing: of tasks of equal reach, each but the first says whose runs it has, and nobody else does.
func checkSharing(t *rapid.T, tasks []*plan.Action) {
	first := map[string]*plan.Action{}
	for _, a := range tasks {
		reach := fmt.Sprint(a.Datasource, a.Task.Interval, a.Task.Versions, a.Task.MaxUsedStatusLastUpdated, plan.RunsDigest(a.Datasource, a.Runs))
		switch of := first[reach]; {
		case of == nil && a.RunsOf != "":
			t.Fatalf("%s is the first of its reach and has the runs of %s", a.ID, a.RunsOf)
		case of == nil:
			first[reach] = a
		case a.RunsOf != of.ID || &a.Runs[0] != &of.Runs[0]:
			t.Fatalf("%s has the runs of %q, not of %s", a.ID, a.RunsOf, of.ID)
		}
	}
}

// TestTasksOfOneChunkShareTheirRuns: five segments of one chunk in tasks of two.
func TestTasksOfOneChunkShareTheirRuns(t *testing.T) {
	s := sceneText(t, `
-- now --
2030-11-20
-- coppice.hcl --
datasource "d" {
  kill {
    superseded_after = "P1D"
    task {
      max_segments = 2
    }
  }
}
-- segments --
`)
	d := s.input.Snapshot.Datasources[0]
	for n := range 6 {
		r := row{version: "2024", shard: druid.ShardSpec{Kind: druid.ShardNumbered, Partition: int32(n), CorePartitions: 5}}
		if n == 5 {
			r.version, r.shard = "2025", druid.ShardSpec{Kind: druid.ShardNumbered, CorePartitions: 1}
			r.Flags = snapshot.Used
		}
		r.Interval, r.Partition, r.Bytes, r.File = druid.Interval{Start: days(1), End: days(2)}, r.shard.Partition, 1, uint64(n+1)
		r.Flags, r.MarkedAt, r.CreatedAt = r.Flags|snapshot.Details, days(3), druid.NoInstant
		pack(d, r)
	}
	d.Finish()
	p := Build(s.input)
	if err := plan.Check(p); err != nil {
		t.Fatal(err)
	}
	tasks, total := kills(p), int64(0)
	for n, a := range tasks {
		total += a.Segments
		if n > 0 && a.RunsOf != tasks[0].ID || n == 0 && a.RunsOf != "" || a.Runs[0].Partitions.String() != "0-4" {
			t.Errorf("task %d has the runs of %q, %v", n, a.RunsOf, a.Runs)
		}
	}
	if len(tasks) != 3 || total != 5 {
		t.Errorf("%d tasks take %d segments", len(tasks), total)
	}
}

// A task never names more than a thousand versions, however many neighbours could share it.
func TestATaskNamesAThousandVersions(t *testing.T) {
	s := sceneText(t, `
-- now --
2030-11-20
-- coppice.hcl --
datasource "d" {
  kill {
    superseded_after = "P1D"
    task {
      max_segments = 5000
      max_interval = "P20Y"
    }
  }
}
-- segments --
`)
	d := s.input.Snapshot.Datasources[0]
	for n := range maxVersions + 1 {
		r := row{version: (days(n) + 7*day).String(), shard: druid.ShardSpec{Kind: druid.ShardNumbered, CorePartitions: 1}}
		r.Interval, r.Flags, r.Bytes, r.File = druid.Interval{Start: days(n), End: days(n + 1)}, snapshot.Details, 1, uint64(2*n+2)
		r.MarkedAt, r.CreatedAt = days(n)+30*day, druid.NoInstant
		pack(d, r)
		r.version, r.Flags, r.File = "2030", snapshot.Details|snapshot.Used, uint64(2*n+3)
		pack(d, r)
	}
	d.Finish()
	s.input.Config.Datasources[0].Guard.MaxKillSegments.Value = 5000
	p := Build(s.input)
	if err := plan.Check(p); err != nil {
		t.Fatal(err)
	}
	var sizes []int
	for _, a := range kills(p) {
		sizes = append(sizes, len(a.Task.Versions))
	}
	if !slices.Equal(sizes, []int{1000, 1}) {
		t.Errorf("tasks of %v versions", sizes)
	}
}
