package metastore

import (
	"context"
	"database/sql"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lib/pq"

	"coppice/internal/druid"
)

// benchRows is how many rows a benchmark is seeded with unless COPPICE_BENCH_ROWS says otherwise.
const benchRows = "100000"

// seeded gives a database filled by the generator in internal/bench.
func seeded(b *testing.B) string {
	b.Helper()
	at := dsn(b)
	rows := os.Getenv("COPPICE_BENCH_ROWS")
	if rows == "" {
		rows = benchRows
	}
	command := exec.Command(filepath.Join("..", "bench", "seed-metadata"), "--dsn", at, "--rows", rows)
	if output, err := command.CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, output)
	}
	return at
}

// bare is the floor: the same columns, thrown away.
func bare(b *testing.B, db *sql.DB, query string, columns int) (rows int) {
	b.Helper()
	result, err := db.Query(query)
	if err != nil {
		b.Fatal(err)
	}
	defer result.Close()
	values, targets := make([]sql.RawBytes, columns), make([]any, columns)
	for i := range values {
		targets[i] = &values[i]
	}
	for result.Next() {
		if err := result.Scan(targets...); err != nil {
			b.Fatal(err)
		}
		rows++
	}
	if err := result.Err(); err != nil {
		b.Fatal(err)
	}
	return rows
}

// BenchmarkSegments reads all rows and parses them, each round beside a bare SELECT of the same columns.
func BenchmarkSegments(b *testing.B) {
	store := open(b, seeded(b))
	var ratios []float64
	var total time.Duration
	rows := 0
	b.ReportAllocs()
	for b.Loop() {
		start := time.Now()
		rows = bare(b, store.db, "SELECT "+store.tables.narrowColumns()+" FROM "+store.tables.name("segments"), len(store.tables.segmentColumns()))
		floor := time.Since(start)
		start = time.Now()
		got := scan(b, store)
		ratios = append(ratios, float64(time.Since(start))/float64(floor))
		total += time.Since(start)
		if got != rows {
			b.Fatalf("%d rows instead of %d", got, rows)
		}
	}
	slices.Sort(ratios)
	b.ReportMetric(ratios[len(ratios)/2], "x-bare-scan")
	b.ReportMetric(float64(rows*len(ratios))/total.Seconds(), "rows/s")
}

func scan(b *testing.B, store *Store) (rows int) {
	b.Helper()
	view, err := store.Begin(context.Background())
	if err != nil {
		b.Fatal(err)
	}
	defer view.Close()
	err = view.Segments(context.Background(), nil, nil, func(*druid.SegmentRecord) error { rows++; return nil },
		func(o druid.OddRecord) error { b.Fatal(strings.Join([]string{o.ID, o.Reason}, ": ")); return nil })
	if err != nil {
		b.Fatal(err)
	}
	return rows
}

// BenchmarkCensus counts by texts and group by group, each round beside a walk along the index that only counts.
func BenchmarkCensus(b *testing.B) {
	view, err := open(b, seeded(b)).Begin(context.Background())
	if err != nil {
		b.Fatal(err)
	}
	defer view.Close()
	names, err := view.Datasources(b.Context())
	if err == nil {
		err = view.Steer(b.Context(), true)
	}
	if err != nil {
		b.Fatal(err)
	}
	var walk, texts, groups time.Duration
	for b.Loop() {
		walk += timed(b, func() error {
			_, err := view.tx.Exec(`SELECT g.* FROM unnest($1::text[]) d(name) CROSS JOIN LATERAL (
SELECT count(*) FROM druid_segments WHERE datasource = d.name AND used = true) g`, pq.Array(names))
			return err
		})
		texts += timed(b, func() error {
			return view.census(b.Context(), names, mostTexts, func(druid.Census) error { return nil })
		})
		groups += timed(b, func() error { return view.census(b.Context(), names, 0, func(druid.Census) error { return nil }) })
	}
	b.ReportMetric(float64(texts)/float64(walk), "texts/walk")
	b.ReportMetric(float64(groups)/float64(walk), "groups/walk")
}

func timed(b *testing.B, work func() error) time.Duration {
	b.Helper()
	start := time.Now()
	if err := work(); err != nil {
		b.Fatal(err)
	}
	return time.Since(start)
}
