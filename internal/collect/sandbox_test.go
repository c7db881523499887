package collect

import (
	"context"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"coppice/internal/druid"
	"coppice/internal/druidapi"
	"coppice/internal/sandbox"
	"coppice/internal/snapshot"
)

// overHTTP serves the quickstart story and returns a request for it.
func overHTTP(t *testing.T) (*sandbox.Sandbox, Request) {
	t.Helper()
	box, err := sandbox.Open(t.TempDir(), sandbox.Options{Clock: func() druid.Instant { return now }, PollPeriod: time.Nanosecond, DutyPeriod: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { box.Close() })
	if err := sandbox.Seed(box, "quickstart", now); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(box.Handler())
	t.Cleanup(server.Close)
	noWait := func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	client, err := druidapi.New(druidapi.Options{Coordinator: server.URL, Sleep: noWait})
	if err != nil {
		t.Fatal(err)
	}
	return box, Request{Name: "try", Coordinator: client, Now: func() druid.Instant { return now }, Sleep: noWait}
}

func TestSandbox(t *testing.T) {
	box, r := overHTTP(t)
	if _, err := box.Lock(sandbox.Lock{DataSource: "orders", Interval: druid.Interval{Start: now - day, End: now}}); err != nil {
		t.Fatal(err)
	}
	c := mustCollect(t, r).Cluster
	wikipedia, orders := c.Find("wikipedia"), c.Find("orders")
	if wikipedia == nil || orders == nil {
		t.Fatalf("datasources %v, gaps %v", c.Datasources, gaps(c))
	}
	rows := box.Rows("wikipedia")
	if len(wikipedia.Segments) != len(rows) || !wikipedia.UnusedKnown || len(wikipedia.Gaps) != 0 {
		t.Errorf("%d of %d rows, unused known %v, gaps %v", len(wikipedia.Segments), len(rows), wikipedia.UnusedKnown, wikipedia.Gaps)
	}
	for _, row := range rows {
		id, err := druid.ParseSegmentID("wikipedia", row.ID)
		if err != nil {
			t.Fatal(err)
		}
		i, ok := wikipedia.IndexOf(id)
		if !ok || wikipedia.Segments[i].Has(snapshot.Used) != row.Used || !wikipedia.Segments[i].Has(snapshot.Details) {
			t.Fatalf("%s is seen as %v", row.ID, ok)
		}
		if marked := wikipedia.Segments[i].MarkedAt; !row.Used && marked.String() != row.MarkedAt {
			t.Errorf("%s was marked at %s, seen as %s", row.ID, row.MarkedAt, marked)
		}
	}
	if !wikipedia.Rules.Set || !wikipedia.Rules.Since.Known() || orders.Rules.Set || !c.DefaultRules.Set {
		t.Errorf("rules %+v and %+v", wikipedia.Rules, orders.Rules)
	}
	if len(orders.Busy) != 1 || !orders.BusyKnown || c.DruidVersion != "33.0.0" || !slices.Equal(c.Tiers, []string{"_default_tier"}) {
		t.Errorf("busy %v, version %s, tiers %v, gaps %v", orders.Busy, c.DruidVersion, c.Tiers, gaps(c))
	}
}

// TestSandboxFaults: whatever goes wrong on the way, rows are either all there, or said to be missing.
func TestSandboxFaults(t *testing.T) {
	for name, test := range map[string]struct {
		fault sandbox.Fault
		gap   string
		err   bool
	}{
		"unused list truncated": {sandbox.Fault{Path: "/druid/coordinator/v1/metadata/datasources/wikipedia/unusedSegments", Truncate: 20_000, Times: -1}, "wikipedia unused segments", false},
		"used list truncated":   {sandbox.Fault{Path: "/druid/coordinator/v1/metadata/segments", Truncate: 5000, Times: -1}, "", true},
		"unused list forbidden": {sandbox.Fault{Path: "/druid/coordinator/v1/metadata/datasources/wikipedia/unusedSegments", Status: 403, Times: -1}, "wikipedia unused segments", false},
		"locks fail":            {sandbox.Fault{Path: "/druid/indexer/v1/activeLocks", Status: 500, Times: -1}, "locks", false},
		"one answer fails":      {sandbox.Fault{Path: "/druid/coordinator/v1/rules", Status: 503}, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			box, r := overHTTP(t)
			box.Inject(test.fault)
			s, err := Collect(context.Background(), r)
			if test.err {
				if err == nil {
					t.Error("a broken list is taken for whole")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			found := slices.ContainsFunc(gaps(s.Cluster), func(gap string) bool { return strings.HasPrefix(gap, test.gap) })
			if !found && test.gap != "" || test.gap == "" && len(gaps(s.Cluster)) > 0 {
				t.Errorf("gaps %q, want %q", gaps(s.Cluster), test.gap)
			}
			d := s.Cluster.Find("wikipedia")
			if missing := len(d.Segments) < len(box.Rows("wikipedia")); missing == d.UnusedKnown {
				t.Errorf("unused known %v, rows missing %v", d.UnusedKnown, missing)
			}
		})
	}
}
