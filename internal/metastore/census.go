package metastore

import (
	"cmp"
	"context"
	"database/sql"
	"slices"

	"coppice/internal/druid"

	"github.com/lib/pq"
)

// Counting the used rows, and finding those that overlap and those of odd times, takes a walk along all of the index
// that concerns the datasources. Grouping costs the server twice that walk, and comparing neighbours in a window four
// times; putting the texts of starts and ends one behind the other costs hardly more than the walk alone. So that is
// what it is asked for, and the rest is done here: see BenchmarkCensus.

// Census tells of each of the datasources what is known without reading its rows: from the index alone.
func (v *View) Census(ctx context.Context, dataSources []string, visit func(druid.Census) error) error {
	return v.census(ctx, dataSources, mostTexts, visit)
}

// census takes datasources of up to most used rows by their texts, and larger ones group by group.
func (v *View) census(ctx context.Context, dataSources []string, most int64, visit func(druid.Census) error) error {
	odd, err := v.oddUnused(ctx, dataSources)
	if err != nil {
		return v.store.problem("look for odd times", err)
	}
	told := func(c druid.Census) error {
		c.Odd = append(c.Odd, odd[c.DataSource]...)
		return visit(c)
	}
	one := &counted{}
	var others []string
	err = eachRow(ctx, v.tx, v.store.tables.sqlTexts(), []any{pq.Array(dataSources), most + 1}, func(rows *sql.Rows) error {
		var name string
		var count int64
		var starts, ends any
		if err := rows.Scan(&name, &count, &starts, &ends); err != nil {
			return err
		}
		if count > most || !one.takeTexts(count, starts, ends) {
			others = append(others, name)
			return nil
		}
		return told(one.census(name))
	})
	if err != nil {
		return v.store.problem("count segments", err)
	}
	return v.store.problem("count segments", v.countGroups(ctx, others, told))
}

// mostTexts is of how many rows the texts are taken at once: 50 bytes each.
const mostTexts = 200_000

// sqlTexts gives a count and the texts of starts and ends, with commas between, in the order of the index. It stops
// behind one row more than may be.
func (t *tables) sqlTexts() string {
	return `SELECT d.name, g.* FROM unnest($1::text[]) d(name) CROSS JOIN LATERAL (
SELECT count(*), string_agg(start, ','), string_agg("end", ',') FROM (
SELECT start, "end" FROM ` + t.name("segments") + ` WHERE datasource = d.name AND used = true LIMIT $2) s) g`
}

// counted is the used rows of one datasource; it is used again for the next.
type counted struct {
	used      int64
	intervals []druid.Interval
	odd       [][2]string
}

// textWidth is the length of a moment as Druid writes those of four-digit years.
const textWidth = len("2026-01-01T00:00:00.000Z")

// takeTexts takes what sqlTexts gives. false: there is more, or something else than moments of that length.
func (c *counted) takeTexts(count int64, starts, ends any) bool {
	*c = counted{intervals: c.intervals[:0]}
	if count == 0 {
		return true
	}
	start, _ := starts.(string)
	end, _ := ends.(string)
	const step = textWidth + 1
	if len(start) != int(count)*step-1 || len(end) != len(start) {
		return false
	}
	last := -step
	for at := 0; at < len(start); at += step {
		if last >= 0 && start[at:at+textWidth] == start[last:last+textWidth] && end[at:at+textWidth] == end[last:last+textWidth] {
			continue // one more partition
		}
		last = at
		i, ok := plainInterval(start[at:at+textWidth], end[at:at+textWidth])
		if !ok || at > 0 && (start[at-1] != ',' || end[at-1] != ',') {
			return false
		}
		c.intervals = append(c.intervals, i)
	}
	c.used = count
	return true
}

// plainInterval is the interval of texts that sort as its moments do.
func plainInterval(start, end string) (i druid.Interval, ok bool) {
	var startOK, endOK bool
	i.Start, startOK = druidInstant(start)
	i.End, endOK = druidInstant(end)
	return i, startOK && endOK && !i.Empty() && fourDigits(i)
}

// takeGroup takes rows of the same texts.
func (c *counted) takeGroup(start, end string, count int64) {
	if i, ok := plainInterval(start, end); ok {
		c.intervals, c.used = append(c.intervals, i), c.used+count
	} else {
		c.odd = append(c.odd, [2]string{start, end})
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
		var start, end string
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

// oddUnused finds the unused rows of odd times.
func (v *View) oddUnused(ctx context.Context, dataSources []string) (map[string][][2]string, error) {
	query := `SELECT DISTINCT s.datasource, s.start, s."end" FROM unnest($1::text[]) d(name) JOIN ` + v.store.tables.name("segments") + ` s
ON s.datasource = d.name AND s.used = false AND (octet_length(s."end") <> 24 OR octet_length(s.start) <> 24 OR s.start >= s."end")`
	odd := map[string][][2]string{}
	err := eachRow(ctx, v.tx, query, []any{pq.Array(dataSources)}, func(rows *sql.Rows) error {
		var name, start, end string
		if err := rows.Scan(&name, &start, &end); err != nil {
			return err
		}
		odd[name] = append(odd[name], [2]string{start, end})
		return nil
	})
	return odd, err
}
