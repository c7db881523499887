package metastore

import (
	"context"
	_ "embed"
	"fmt"
	"strings"
	"testing"
	"time"

	"coppice/internal/druid"
)

//go:embed testdata/tables.sql
var sqlTables string

// line is one row of the fixture; the zero value of a text is filled in with something ordinary.
type line struct {
	id, dataSource, start, end, version string
	unused                              bool
	// marked and root: "-" stands for NULL.
	marked, created, root, payload string
}

const (
	day1 = "2026-01-01T00:00:00.000Z"
	day2 = "2026-01-02T00:00:00.000Z"
	day3 = "2026-01-03T00:00:00.000Z"
	ver1 = "2026-02-01T00:00:00.000Z"
	low  = "-146136543-09-08T08:23:32.096Z"
	high = "146140482-04-24T15:36:27.903Z"
)

func (l line) filled() line {
	for _, field := range []struct {
		into  *string
		value string
	}{{&l.dataSource, "wiki"}, {&l.start, day1}, {&l.end, day2}, {&l.version, ver1}, {&l.marked, ver1}, {&l.created, ver1},
		{&l.root, "-"}} {
		if *field.into == "" {
			*field.into = field.value
		}
	}
	if l.id == "" {
		l.id = strings.Join([]string{l.dataSource, l.start, l.end, l.version}, "_")
	}
	if l.payload == "" {
		l.payload = fmt.Sprintf(`{"dataSource":%q,"interval":"%s/%s","version":%q,"loadSpec":{"type":"local","path":"/x"},`+
			`"dimensions":"a,b","shardSpec":{"type":"numbered","partitionNum":0,"partitions":1},"size":11}`,
			l.dataSource, l.start, l.end, l.version)
	}
	return l
}

func quote(text string) string {
	if text == "-" {
		return "NULL"
	}
	return "'" + strings.ReplaceAll(text, "'", "''") + "'"
}

// insert words a row as SQL.
func (l line) insert() string {
	l = l.filled()
	return fmt.Sprintf(`INSERT INTO druid_segments (id, dataSource, created_date, start, "end", partitioned, version, used, payload,
used_status_last_updated, upgraded_from_segment_id) VALUES (%s, %s, %s, %s, %s, false, %s, %t, convert_to(%s, 'UTF8'), %s, %s)`,
		quote(l.id), quote(l.dataSource), quote(l.created), quote(l.start), quote(l.end), quote(l.version), !l.unused,
		quote(l.payload), quote(l.marked), quote(l.root))
}

// fill makes Druid's tables and puts rows into them.
func fill(t testing.TB, dsn string, lines ...line) {
	t.Helper()
	statements := []string{sqlTables}
	for _, l := range lines {
		statements = append(statements, l.insert())
	}
	run(t, dsn, statements...)
}

func open(t testing.TB, dsn string) *Store {
	t.Helper()
	store, err := Open(context.Background(), Options{DSN: dsn, StatementTimeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	return store
}

func begin(t testing.TB, dsn string) *View {
	t.Helper()
	view, err := open(t, dsn).Begin(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := view.Close(); err != nil {
			t.Error(err)
		}
	})
	return view
}

func instant(t testing.TB, text string) druid.Instant {
	t.Helper()
	at, err := druid.ParseInstant(text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}
