package planner

import (
	"bytes"
	"encoding/json"
	"fmt"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"coppice/internal/plan"
	"coppice/internal/snapshot"
)

// many is a world's datasource several times under other names, each time with fewer rows.
func many(in Input) Input {
	policy, seen := in.Config.Find("d"), in.Snapshot.Find("d")
	cfg, cluster := *in.Config, *in.Snapshot
	cfg.Datasources, cluster.Datasources = nil, nil
	for n := range 6 {
		d, s := *seen, *policy
		d.Name = fmt.Sprintf("d%d", n)
		d.Segments = append([]snapshot.Segment(nil), seen.Segments[min(n, len(seen.Segments)):]...)
		s.Name = d.Name
		cfg.Datasources, cluster.Datasources = append(cfg.Datasources, &s), append(cluster.Datasources, &d)
	}
	in.Config, in.Snapshot = &cfg, &cluster
	return in
}

// written is a list of findings as text, without addresses.
func written(list []plan.Finding) string {
	text, err := json.Marshal(list)
	return fmt.Sprint(string(text), err)
}

// TestEachChangesNothing: datasources that are planned at the same time give the plan, needs and findings that they give
// one after the other. The race detector looks at the rest.
func TestEachChangesNothing(t *testing.T) {
	check(t, func(t *rapid.T, w *world) {
		in := many(w.input(nil))
		one, err1 := plan.Encode(Build(in))
		needs, lint := fmt.Sprint(Needs(in)), written(Lint(in))
		in.Each = func(n int, work func(i int)) {
			var group sync.WaitGroup
			for i := range n {
				group.Go(func() { work(n - 1 - i) })
			}
			group.Wait()
		}
		two, err2 := plan.Encode(Build(in))
		if err1 != nil || err2 != nil || !bytes.Equal(one, two) {
			t.Fatalf("%v %v\n%s\n%s", err1, err2, one, two)
		}
		if fmt.Sprint(Needs(in)) != needs || written(Lint(in)) != lint {
			t.Fatal("needs or findings differ")
		}
	})
}
