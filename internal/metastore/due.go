package metastore

import (
	"context"
	"strings"

	"coppice/internal/druid"

	"github.com/lib/pq"
)

// Reading a part of the segments through Druid's own index. Its texts sort as moments do for all rows whose start and
// end have the 24 characters of a four-digit year, under any collation: digits and punctuation stand at the same places.
// The few others (eternity, other years, damaged rows) are found by Census and read by Exactly.

// Indexed reports whether the segments table has Druid's index on datasource, used, end and start.
func (v *View) Indexed(ctx context.Context) (bool, error) {
	found, err := readTexts(ctx, v.tx, sqlIndexed, v.store.tables.name("segments"))
	return len(found) > 0, v.store.problem("look for Druid's index", err)
}

// Steer keeps the server's planner to the index, or lets it go again: its guesses of how many rows an array finds are bad,
// and a scan of the whole table costs five to ten times as much. Whoever reads the whole table needs it let go.
func (v *View) Steer(ctx context.Context, toIndex bool) error {
	value := "DEFAULT"
	if toIndex {
		value = "off"
	}
	var set strings.Builder
	for _, setting := range []string{"enable_seqscan", "enable_hashjoin", "enable_mergejoin", "enable_bitmapscan", "enable_hashagg", "jit"} {
		set.WriteString("SET LOCAL " + setting + " = " + value + ";")
	}
	_, err := v.tx.ExecContext(ctx, set.String())
	return v.store.problem("choose the way of reading", err)
}

// sqlIndexed finds a complete, valid index that begins with these four columns.
const sqlIndexed = `SELECT i.indexrelid::regclass::text FROM pg_catalog.pg_index i
WHERE i.indrelid = to_regclass($1) AND i.indisvalid AND i.indpred IS NULL AND
(SELECT array_agg(lower(a.attname::text) ORDER BY k.n) FROM unnest(i.indkey) WITH ORDINALITY k(attnum, n)
 JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum WHERE k.n <= 4)
= ARRAY['datasource', 'used', 'end', 'start']`

const sqlEstimate = `SELECT reltuples::bigint FROM pg_catalog.pg_class WHERE oid = to_regclass($1)`

// Estimate is about how many rows there are, as the server's statistics have it; 0 when they do not tell.
func (v *View) Estimate(ctx context.Context) int64 {
	var rows int64
	if err := v.tx.QueryRowContext(ctx, sqlEstimate, v.store.tables.name("segments")).Scan(&rows); err != nil {
		return 0
	}
	return max(rows, 0)
}

// Datasources names those that have rows. The index is asked for the next name each time, which is cheaper than reading it.
func (v *View) Datasources(ctx context.Context) ([]string, error) {
	table := v.store.tables.name("segments")
	query := `WITH RECURSIVE names(name) AS ((SELECT datasource::text FROM ` + table + ` ORDER BY datasource LIMIT 1) UNION ALL
SELECT (SELECT datasource::text FROM ` + table + ` WHERE datasource > name ORDER BY datasource LIMIT 1) FROM names WHERE name IS NOT NULL)
SELECT name FROM names WHERE name IS NOT NULL`
	found, err := readTexts(ctx, v.tx, query)
	return found, v.store.problem("read datasources", err)
}

// Regions streams the rows of the regions, in no order; n is the index of the region that a row lies in, and a row of
// several is told once for each. Rows that Census calls odd are left out, rows that cannot be understood go to odd. The
// record is valid during the call only, Data included. more: a statement found most rows and was not read on, so that not
// all were told; the driver cannot leave the rest of what it asked for.
func (v *View) Regions(ctx context.Context, regions []druid.Region, most int64, row func(n int, r *druid.SegmentRecord) error, odd func(druid.OddRecord) error) (more bool, err error) {
	for part := range chunkedRegions(regions) {
		query := v.store.tables.sqlRegions(part.regionKind)
		visit := func(n int, r *druid.SegmentRecord) error {
			if n += part.first; !fourDigits(r.ID.Interval) || !regions[n].Has(r) {
				return nil // found by the order of texts, and not by that of moments
			}
			return row(n, r)
		}
		read, err := v.readNumbered(ctx, "read segments by their time", query, append(part.arguments(), most), part.payloads, visit, odd)
		if err != nil || read >= most {
			return err == nil, err
		}
	}
	return false, nil
}

// sqlRegions joins the regions with the index. Without a time of marking in this store nothing was marked by a moment.
func (t *tables) sqlRegions(kind regionKind) string {
	columns := t.qualifiedColumns()
	if kind.payloads {
		columns += ", s.payload"
	}
	return `SELECT r.n, ` + columns + t.sqlFromRegions(kind)
}

func (t *tables) sqlFromRegions(kind regionKind) string {
	query := ` FROM unnest($1::text[], $2::bool[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
WITH ORDINALITY r(datasource, used, start_from, start_below, end_after, end_until, marked_until, n) JOIN ` + t.name("segments") + ` s
ON s.datasource = r.datasource AND s.used = r.used AND s."end" > r.end_after AND s."end" <= r.end_until
AND s.start >= r.start_from AND s.start < r.start_below`
	switch {
	case kind.marked && t.has("segments", "used_status_last_updated"):
		query += ` AND (s.used_status_last_updated <= r.marked_until OR octet_length(s.used_status_last_updated) <> 24)`
	case kind.marked:
		query += ` AND false`
	}
	return query + ` LIMIT $8`
}

// qualifiedColumns are the narrow columns of s, their texts as sqlSegments has them.
func (t *tables) qualifiedColumns() string {
	columns := t.segmentColumns()
	for i, column := range columns {
		columns[i] = `s."` + column + `"`
		if t.cstrings && column != "used" {
			columns[i] = `textout(s."` + column + `")`
		}
	}
	return strings.Join(columns, ", ")
}

// regionKind is what one statement asks for alike: rows with a limit to their marking time or without, and with their
// payloads or without.
type regionKind struct{ marked, payloads bool }

func kindOf(r *druid.Region) regionKind {
	return regionKind{r.MarkedUntil != druid.NoInstant, r.Payloads}
}

// regionPart is regions that one statement asks for.
type regionPart struct {
	regionKind
	first   int
	regions []druid.Region
}

const regionBatch = 5000

// chunkedRegions cuts the regions wherever their kind changes or a statement has enough of them.
func chunkedRegions(regions []druid.Region) func(yield func(regionPart) bool) {
	return func(yield func(regionPart) bool) {
		for from := 0; from < len(regions); {
			part := regionPart{regionKind: kindOf(&regions[from]), first: from}
			for from < len(regions) && len(part.regions) < regionBatch && part.regionKind == kindOf(&regions[from]) {
				part.regions = append(part.regions, regions[from])
				from++
			}
			if !yield(part) {
				return
			}
		}
	}
}

func (p *regionPart) arguments() []any {
	texts := make([][]string, 6)
	var used []bool
	for _, r := range p.regions {
		used = append(used, r.Used)
		marked := druid.NoInstant.String()
		if p.marked {
			marked = bound(r.MarkedUntil)
		}
		for i, text := range []string{r.DataSource, bound(r.StartFrom), bound(r.StartBelow), bound(r.EndAfter), bound(r.EndUntil), marked} {
			texts[i] = append(texts[i], text)
		}
	}
	return []any{pq.Array(texts[0]), pq.Array(used), pq.Array(texts[1]), pq.Array(texts[2]), pq.Array(texts[3]), pq.Array(texts[4]),
		pq.Array(texts[5])}
}

const (
	yearZero      druid.Instant = -62167219200000
	yearFiveDigit druid.Instant = 253402300800000
)

// fourDigits: both ends are printed with the year in four digits.
func fourDigits(i druid.Interval) bool {
	return i.Start >= yearZero && i.Start < yearFiveDigit && i.End >= yearZero && i.End < yearFiveDigit
}

// bound is a moment as text, for comparison with those of four-digit years: what lies before them sorts before all of
// them, and what lies behind, behind. Under every collation letters come after digits.
func bound(t druid.Instant) string {
	switch {
	case t < yearZero:
		return ""
	case t >= yearFiveDigit:
		return "z"
	}
	return t.String()
}

// Exactly streams the rows of either state whose start and end are written as given.
func (v *View) Exactly(ctx context.Context, dataSource string, written [][2]string, row func(*druid.SegmentRecord) error, odd func(druid.OddRecord) error) error {
	query := `SELECT 1, ` + v.store.tables.qualifiedColumns() + ` FROM unnest($2::text[], $3::text[]) r(start, "end") CROSS JOIN
(VALUES (true), (false)) u(used) JOIN ` + v.store.tables.name("segments") + ` s ON s.datasource = $1 AND s.used = u.used AND s."end" = r."end" AND s.start = r.start`
	var starts, ends []string
	for _, w := range written {
		starts, ends = append(starts, w[0]), append(ends, w[1])
	}
	_, err := v.readNumbered(ctx, "read segments of odd times", query, []any{dataSource, pq.Array(starts), pq.Array(ends)}, false,
		func(_ int, r *druid.SegmentRecord) error { return row(r) }, odd)
	return err
}

// Latest streams up to each used rows of each datasource, those that end last.
func (v *View) Latest(ctx context.Context, dataSources []string, each int, row func(*druid.SegmentRecord) error) error {
	query := `SELECT 1, ` + v.store.tables.qualifiedColumns() + ` FROM unnest($1::text[]) d(name) CROSS JOIN LATERAL (SELECT * FROM ` +
		v.store.tables.name("segments") + ` WHERE datasource = d.name AND used = true ORDER BY "end" DESC, start DESC LIMIT $2) s`
	_, err := v.readNumbered(ctx, "read the latest segments", query, []any{pq.Array(dataSources), each}, false,
		func(_ int, r *druid.SegmentRecord) error { return row(r) }, func(druid.OddRecord) error { return nil })
	return err
}

// readNumbered reads rows whose first column is a number, counted from 1, and whose last one may be the payload, and
// returns how many there were. Errors of row and odd are returned as they are.
func (v *View) readNumbered(ctx context.Context, doing, query string, arguments []any, payloads bool, row func(n int, r *druid.SegmentRecord) error, odd func(druid.OddRecord) error) (read int64, err error) {
	rows, err := v.tx.QueryContext(ctx, query, arguments...)
	if err != nil {
		return 0, v.store.problem(doing, err)
	}
	defer rows.Close()
	columns := v.store.tables.segmentColumns()
	if payloads {
		columns = append(columns, "payload")
	}
	reader := newRowReader(columns)
	var n int64
	tell := func(r *druid.SegmentRecord) error { return row(int(n-1), r) }
	targets := append([]any{&n}, reader.targets...)
	for ; rows.Next(); read++ {
		if err := rows.Scan(targets...); err != nil {
			return read, v.store.problem(doing, err)
		}
		if err := v.visit(reader, tell, odd); err != nil {
			return read, err
		}
	}
	return read, v.store.problem(doing, rows.Err())
}

// readData adds what the payload says, if it can be read and is of this segment.
func (v *View) readData(r *druid.SegmentRecord, payload []byte) {
	v.reader.Expected = r.ID
	if data, err := v.reader.Read(payload); err == nil && data.ID == r.ID {
		v.data = data
		r.Data = &v.data
	}
}
