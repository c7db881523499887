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
		rows = bare(b, store.db, store.tables.sqlSegments(), len(store.tables.segmentColumns()))
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
	err = view.Segments(context.Background(), nil, func(*druid.SegmentRecord) error { rows++; return nil },
		func(o druid.OddRecord) error { b.Fatal(strings.Join([]string{o.ID, o.Reason}, ": ")); return nil })
	if err != nil {
		b.Fatal(err)
	}
	return rows
}
