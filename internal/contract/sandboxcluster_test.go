package contract

import (
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"coppice/internal/druid"
	"coppice/internal/sandbox"
)

// sandboxCluster is a sandbox whose clock goes on by a millisecond with every look at it, and by a second in a pause.
type sandboxCluster struct {
	*sandbox.Sandbox
	now *atomic.Int64
}

func newSandbox(t *testing.T) cluster {
	t.Helper()
	now := new(atomic.Int64)
	start, err := druid.ParseInstant("2026-11-20T09:00:00.000Z")
	if err != nil {
		t.Fatal(err)
	}
	now.Store(int64(start))
	clock := func() druid.Instant { return druid.Instant(now.Add(1)) }
	s, err := sandbox.Open(t.TempDir(), sandbox.Options{Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := s.SetRules("_default", keepAll, "", "", start-1000); err != nil {
		t.Fatal(err)
	}
	return &sandboxCluster{s, now}
}

func (c *sandboxCluster) client() *http.Client { return &http.Client{Transport: c.Transport()} }

func (c *sandboxCluster) base() string { return "http://sandbox" }

// pause needs a request: the sandbox does what is due when it is asked something.
func (c *sandboxCluster) pause() {
	c.now.Add(1000)
	if answer, err := c.client().Get(c.base() + "/status/health"); err == nil {
		answer.Body.Close()
	}
}

func (c *sandboxCluster) patience() int { return 30 }

func (c *sandboxCluster) add(t *testing.T, segments ...segment) {
	t.Helper()
	for _, s := range segments {
		added := sandbox.Segment{
			DataSource: s.dataSource, Interval: mustInterval(s.interval), Version: s.version, Partition: int32(s.partition),
			ShardSpec: s.shard(), Used: s.used, UpgradedFrom: s.upgradedFrom, FileOf: s.fileOf,
			CreatedAt: mustInstant(usual), MarkedAt: mustInstant(usual),
		}
		if s.markedAt == "NULL" {
			added.MarkedAt = druid.NoInstant
		} else if s.markedAt != "" {
			added.MarkedAt = mustInstant(s.markedAt)
		}
		if _, err := c.AddSegment(added); err != nil {
			t.Fatal(err)
		}
	}
}

func mustInstant(text string) druid.Instant {
	at, err := druid.ParseInstant(text)
	if err != nil {
		panic(err) // an instant of a test
	}
	return at
}

func (c *sandboxCluster) remove(t *testing.T, dataSource string, ids ...string) {
	t.Helper()
	if n, err := c.DeleteRows(dataSource, ids...); err != nil || n != len(ids) {
		t.Fatalf("deleted %d rows of %d: %v", n, len(ids), err)
	}
}

func (c *sandboxCluster) rows(_ *testing.T, dataSource string) []row {
	var rows []row
	for _, r := range c.Rows(dataSource) {
		rows = append(rows, row(r))
	}
	return rows
}

func (c *sandboxCluster) files(t *testing.T, dataSource string) []string {
	t.Helper()
	all, err := c.Files()
	if err != nil {
		t.Fatal(err)
	}
	own := []string{}
	for _, name := range all {
		if strings.HasPrefix(name, dataSource+"/") {
			own = append(own, name)
		}
	}
	return own
}

func (c *sandboxCluster) hold(t *testing.T, dataSource, interval string) (string, func()) {
	t.Helper()
	id, err := c.Lock(sandbox.Lock{DataSource: dataSource, Interval: mustInterval(interval)})
	if err != nil {
		t.Fatal(err)
	}
	return id, sync.OnceFunc(func() {
		if err := c.EndTask(id, false); err != nil {
			t.Error(err)
		}
	})
}

func (c *sandboxCluster) folders(t *testing.T) map[string]bool {
	t.Helper()
	return namesIn(t, c.DeepStorage())
}
