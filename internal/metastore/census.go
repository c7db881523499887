package metastore

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"slices"

	"coppice/internal/druid"

	"github.com/lib/pq"
)

// Counting the used rows and finding those that overlap takes a walk along all of the index that concerns the
// datasources. With the texts of starts and ends one behind the other, compared here, it takes two to three times as long as
// the walk, with groups nearly five times (BenchmarkCensus), with neighbours compared in a window of the server more yet.

// Census counts used rows of datasources and finds those of odd times and those that overlap, and tells of each datasource.
func (v *View) Census(ctx context.Context, dataSources []string, visit func(druid.Census) error) error {
	return v.census(ctx, dataSources, mostTexts, visit)
}

// census takes datasources of up to most used rows by their texts, and larger ones group by group.
func (v *View) census(ctx context.Context, dataSources []string, most int64, visit func(druid.Census) error) error {
	one := &counted{}
	var others []string
	err := eachRow(ctx, v.tx, v.store.tables.sqlTexts(), []any{pq.Array(dataSources), most + 1}, func(rows *sql.Rows) error {
		var name string
		var count int64
		var starts, ends sql.RawBytes
		if err := rows.Scan(&name, &count, &starts, &ends); err != nil {
			return err
		}
		if count > most || !one.takeTexts(int(count), starts, ends) {
			others = append(others, name)
			return nil
		}
		return visit(one.census(name))
	})
	if err == nil {
		err = v.countGroups(ctx, others, visit)
	}
	return v.store.problem("count segments", err)
}

// mostTexts is of how many rows the texts are taken at once: 50 bytes each.
const mostTexts = 200_000

// sqlTexts gives a count and the texts of starts and ends, with commas between, in the order of the index. It stops
// behind one row more than may be, and gives no texts then. As bytes they need not be copied once more here.
func (t *tables) sqlTexts() string {
	return `SELECT d.name, g.n, CASE WHEN g.n < $2 THEN convert_to(g.starts, 'UTF8') END, CASE WHEN g.n < $2 THEN convert_to(g.ends, 'UTF8') END
FROM unnest($1::text[]) d(name) CROSS JOIN LATERAL (
SELECT count(*), string_agg(start, ','), string_agg("end", ',') FROM (
SELECT start, "end" FROM ` + t.name("segments") + ` WHERE datasource = d.name AND used = true LIMIT $2) s) g(n, starts, ends)`
}

// counted is the used rows of one datasource; it is used again for the next.
type counted struct {
	used      int64
	intervals []druid.Interval
	odd       [][2]string
}

// textWidth is the length of a moment as Druid writes those of four-digit years.
const textWidth = len("2026-01-01T00:00:00.000Z")

// takeTexts takes what sqlTexts gives. false: there is something else than moments of that length.
func (c *counted) takeTexts(count int, starts, ends []byte) bool {
	*c = counted{used: int64(count), intervals: c.intervals[:0]}
	const step = textWidth + 1
	if count > 0 && (len(starts) != count*step-1 || len(ends) != len(starts)) {
		return false
	}
	var start, end []byte
	for at := 0; at < len(starts); at += step {
		if bytes.Equal(starts[at:at+textWidth], start) && bytes.Equal(ends[at:at+textWidth], end) {
			continue // one more partition
		}
		start, end = starts[at:at+textWidth], ends[at:at+textWidth]
		i, ok := plainInterval(start, end)
		if !ok || at > 0 && (starts[at-1] != ',' || ends[at-1] != ',') {
			return false
		}
		c.intervals = append(c.intervals, i)
	}
	return true
}

// plainInterval is the interval of texts that sort as its moments do.
func plainInterval(start, end []byte) (i druid.Interval, ok bool) {
	var startOK, endOK bool
	i.Start, startOK = druid.StoredInstant(start)
	i.End, endOK = druid.StoredInstant(end)
	return i, startOK && endOK && !i.Empty()
}

// takeGroup takes rows of the same texts.
func (c *counted) takeGroup(start, end []byte, count int64) {
	if i, ok := plainInterval(start, end); ok {
		c.intervals, c.used = append(c.intervals, i), c.used+count
	} else {
		c.odd = append(c.odd, [2]string{string(start), string(end)})
	}
}

// census says what was counted. The intervals are given up.
func (c *counted) census(name string) druid.Census {
	byEnd := func(a, b druid.Interval) int {
		if a.End != b.End {
			return cmp.Compare(a.End, b.End)
		}
		return cmp.Compare(a.Start, b.Start)
	}
	if !slices.IsSortedFunc(c.intervals, byEnd) { // whatever order the server came to
		slices.SortFunc(c.intervals, byEnd)
	}
	return druid.Census{DataSource: name, Used: c.used, Contested: druid.Contested(slices.Compact(c.intervals)), Odd: c.odd}
}

// sqlGroups gives the texts of starts and ends once each, with the number of rows.
func (t *tables) sqlGroups() string {
	return `SELECT d.n, g.* FROM unnest($1::text[]) WITH ORDINALITY d(name, n) CROSS JOIN LATERAL (
SELECT start, "end", count(*) FROM ` + t.name("segments") + ` WHERE datasource = d.name AND used = true GROUP BY used, "end", start) g`
}

// countGroups counts datasources that have very many rows or odd ones: group by group, so that no text is too long.
func (v *View) countGroups(ctx context.Context, dataSources []string, told func(druid.Census) error) error {
	if len(dataSources) == 0 {
		return nil
	}
	found := make([]counted, len(dataSources))
	err := eachRow(ctx, v.tx, v.store.tables.sqlGroups(), []any{pq.Array(dataSources)}, func(rows *sql.Rows) error {
		var n, count int64
		var start, end sql.RawBytes
		if err := rows.Scan(&n, &start, &end, &count); err != nil {
			return err
		}
		found[n-1].takeGroup(start, end, count)
		return nil
	})
	for i := range found {
		if err == nil {
			err = told(found[i].census(dataSources[i]))
		}
	}
	return err
}

// OddUnused tells start and end, as they are written, of unused rows whose texts do not sort as moments do.
func (v *View) OddUnused(ctx context.Context, dataSources []string, visit func(dataSource, start, end string)) error {
	query := `SELECT DISTINCT s.datasource, s.start, s."end" FROM unnest($1::text[]) d(name) JOIN ` + v.store.tables.name("segments") + ` s
ON s.datasource = d.name AND s.used = false AND (octet_length(s."end") <> 24 OR octet_length(s.start) <> 24 OR s.start >= s."end")`
	err := eachRow(ctx, v.tx, query, []any{pq.Array(dataSources)}, func(rows *sql.Rows) error {
		var name, start, end string
		err := rows.Scan(&name, &start, &end)
		if err == nil {
			visit(name, start, end)
		}
		return err
	})
	return v.store.problem("look for odd times", err)
}
