package contract

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lib/pq"

	"coppice/internal/druidkit"
)

// keepAll is the default of the suite: everything stays used and nobody tries to load files that are no segments.
const keepAll = `[{"type":"loadForever","tieredReplicants":{}}]`

// druidCluster is a real Druid with its metadata store.
type druidCluster struct {
	*druidkit.Cluster
	store *sql.DB
}

var prepareOnce sync.Once

// realDruid skips unless real parts are required.
func realDruid(t *testing.T) cluster {
	t.Helper()
	c := &druidCluster{Cluster: druidkit.Start(t, druidkit.Options{})}
	var err error
	if c.store, err = sql.Open("postgres", c.DSN); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.store.Close() })
	prepareOnce.Do(func() { c.prepare(t) })
	return c
}

// prepare makes the column nullable, as it is in a table that was upgraded, and sets the suite's default.
func (c *druidCluster) prepare(t *testing.T) {
	t.Helper()
	c.exec(t, `ALTER TABLE druid_segments ALTER COLUMN used_status_last_updated DROP NOT NULL`)
	setup := &talk{t, c, ""}
	setup.must(setup.post(coordinator+"/rules/_default", keepAll), nil)
}

func (c *druidCluster) exec(t *testing.T, statement string, arguments ...any) {
	t.Helper()
	if _, err := c.store.ExecContext(t.Context(), statement, arguments...); err != nil {
		t.Fatal(err)
	}
}

func (c *druidCluster) client() *http.Client { return http.DefaultClient }

func (c *druidCluster) base() string { return c.Coordinator }

func (c *druidCluster) pause() { time.Sleep(100 * time.Millisecond) }

func (c *druidCluster) patience() int { return 300 }

func (c *druidCluster) add(t *testing.T, segments ...segment) {
	t.Helper()
	for _, s := range segments {
		interval := mustInterval(s.interval)
		owner := s.id()
		if s.fileOf != "" {
			owner = s.fileOf
		}
		payload := asJSON(map[string]any{
			"dataSource": s.dataSource, "interval": interval.String(), "version": s.version, "loadSpec": c.place(t, s, owner),
			"dimensions": "channel,page,user", "metrics": "", "shardSpec": rawJSON(s.shard()), "binaryVersion": 9, "size": 1000,
		})
		var marked, upgraded sql.NullString
		if marked.Valid = s.markedAt != "NULL"; s.markedAt == "" {
			marked.String = usual
		} else {
			marked.String = s.markedAt
		}
		upgraded.Valid, upgraded.String = s.upgradedFrom != "", s.upgradedFrom
		c.exec(t, `INSERT INTO druid_segments (id, datasource, created_date, start, "end", partitioned, version, used,
			payload, used_status_last_updated, upgraded_from_segment_id) VALUES ($1,$2,$3,$4,$5,true,$6,$7,$8,$9,$10)`,
			s.id(), s.dataSource, usual, interval.Start.String(), interval.End.String(), s.version, s.used,
			[]byte(payload), marked, upgraded)
	}
}

type rawJSON string

func (r rawJSON) MarshalJSON() ([]byte, error) { return []byte(r), nil }

// place writes the segment's file, or leaves it to the owner, and returns the load spec.
func (c *druidCluster) place(t *testing.T, s segment, owner string) any {
	t.Helper()
	if strings.Contains(s.shardSpec, "tombstone") {
		return map[string]any{"type": "tombstone", "path": nil}
	}
	folder := filepath.Join(c.DeepStorage, s.dataSource, strings.TrimPrefix(owner, s.dataSource+"_"), fmt.Sprint(s.partition), "index")
	if s.fileOf == "" {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, "00000.smoosh"), make([]byte, 1000), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return map[string]any{"type": "local", "path": folder}
}

func (c *druidCluster) remove(t *testing.T, dataSource string, ids ...string) {
	t.Helper()
	c.exec(t, `DELETE FROM druid_segments WHERE datasource = $1 AND id = ANY ($2)`, dataSource, pq.Array(ids))
}

func (c *druidCluster) rows(t *testing.T, dataSource string) []row {
	t.Helper()
	found, err := c.store.QueryContext(t.Context(),
		`SELECT id, used, coalesce(used_status_last_updated, '') FROM druid_segments WHERE datasource = $1 ORDER BY id`, dataSource)
	if err != nil {
		t.Fatal(err)
	}
	defer found.Close()
	var rows []row
	for found.Next() {
		var r row
		if err := found.Scan(&r.ID, &r.Used, &r.MarkedAt); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, r)
	}
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	return rows
}

func (c *druidCluster) files(t *testing.T, dataSource string) []string {
	t.Helper()
	files := []string{}
	err := fs.WalkDir(os.DirFS(c.DeepStorage), ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && strings.HasPrefix(name, dataSource+"/") {
			files = append(files, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func (c *druidCluster) folders(t *testing.T) map[string]bool {
	t.Helper()
	return namesIn(t, c.DeepStorage)
}

// hold submits an ingestion that waits for its input until it is released.
func (c *druidCluster) hold(t *testing.T, dataSource, interval string) (string, func()) {
	t.Helper()
	released, release := context.WithCancel(context.WithoutCancel(t.Context()))
	input := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-released.Done():
		case <-r.Context().Done():
		}
	}))
	id := "hold_" + dataSource
	spec := fmt.Sprintf(`{"type":"index_parallel","id":%q,"spec":{"dataSchema":{"dataSource":%q,
		"timestampSpec":{"column":"t","format":"iso"},"dimensionsSpec":{"dimensions":["a"]},
		"granularitySpec":{"segmentGranularity":"DAY","intervals":[%q]}},
		"ioConfig":{"type":"index_parallel","inputSource":{"type":"http","uris":[%q]},"inputFormat":{"type":"json"}},
		"tuningConfig":{"type":"index_parallel","maxNumConcurrentSubTasks":1,"partitionsSpec":{"type":"dynamic"}}}}`,
		id, dataSource, mustInterval(interval).String(), input.URL+"/rows")
	asker := &talk{t, c, dataSource}
	asker.must(asker.post(overlord+"/task", spec), nil)
	asker.until("the lock of the ingestion", func() bool {
		return strings.Contains(asker.post(overlord+"/lockedIntervals/v2", `[{"datasource":"`+dataSource+`"}]`).Body, "/")
	})
	end := sync.OnceFunc(func() {
		release()
		input.CloseClientConnections()
		asker.must(asker.post(overlord+"/task/"+id+"/shutdown", ""), nil)
		input.Close()
	})
	return id, end
}
