package main

import (
	"strings"
	"testing"

	"coppice/config"
	"coppice/internal/druidapi"
	"coppice/internal/plan"
	"coppice/internal/sandbox"
)

func TestShareOfSlots(t *testing.T) {
	for _, c := range []struct{ capacity, percent, want int }{
		{3, 10, 1}, {10, 10, 1}, {19, 10, 1}, {20, 10, 2}, {100, 33, 33}, {3, 100, 3}, {0, 100, 1}, {-1, 10, 1},
	} {
		if got := share(c.capacity, c.percent); got != c.want {
			t.Errorf("%d %% of %d: %d, want %d", c.percent, c.capacity, got, c.want)
		}
	}
}

// TestSlots: the capacity is the cluster's, and is asked only when something is deleted.
func TestSlots(t *testing.T) {
	kill := &plan.Plan{Actions: []*plan.Action{{Kind: plan.SetRules}, {Kind: plan.KillTask}}}
	blocked := &plan.Plan{Actions: []*plan.Action{{Kind: plan.KillTask, Blocked: true}}}
	cases := []struct {
		name  string
		plan  *plan.Plan
		fails bool
		want  int
		say   string
	}{
		{"a share", kill, false, 10, ""},
		{"nothing is deleted", blocked, true, 1, ""},
		{"not known", kill, true, 0, "kill tasks go one at a time: read the number of task slots"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m := newMemoryProcess()
			box, err := sandbox.Open(t.TempDir(), sandbox.Options{Clock: m.now, Capacity: 40})
			if err != nil {
				t.Fatal(err)
			}
			defer box.Close()
			if c.fails {
				box.Inject(sandbox.Fault{Path: "/druid/indexer/v1/totalWorkerCapacity", Status: 403, Times: -1})
			}
			api, err := druidapi.New(druidapi.Options{Coordinator: "http://slots.invalid", Transport: box.Transport(), Sleep: m.wait})
			if err != nil {
				t.Fatal(err)
			}
			look := &session{process: &m.process, link: &link{api: api}, cluster: &config.Cluster{MaxSlotsPercent: config.Setting[int]{Value: 25}}}
			if got := look.slots(t.Context(), c.plan); got != c.want {
				t.Errorf("got %d slots, want %d", got, c.want)
			}
			if said := m.errs.String(); !strings.Contains(said, c.say) || c.say == "" && said != "" {
				t.Errorf("said %q", said)
			}
		})
	}
}
