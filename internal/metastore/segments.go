package metastore

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"coppice/internal/druid"

	"github.com/lib/pq"
)

// narrow are the columns of the narrow scan, in its order. The payload is never among them: it is 85 % of the bytes.
var narrow = []string{"datasource", "start", "end", "version", "used", "created_date", "id",
	"used_status_last_updated", "upgraded_from_segment_id"}

// segmentColumns are the narrow columns that this store has.
func (t *tables) segmentColumns() []string {
	return slices.DeleteFunc(slices.Clone(narrow), func(column string) bool { return !t.has("segments", column) })
}

// narrowColumns are selected without order: sorting here costs a fifth of what it costs the server.
func (t *tables) narrowColumns() string {
	columns := t.segmentColumns()
	for i, column := range columns {
		if column == "used" {
			columns[i] = `"used"`
		} else {
			columns[i] = t.text(column)
		}
	}
	return strings.Join(columns, ", ")
}

// text selects a column of texts. Of a text lib/pq makes a string, and of a cstring none: it hands out the bytes that came, which
// spares a third of the time and nearly all garbage. textout is how PostgreSQL prints a text, so that what comes is the same.
func (t *tables) text(column string) string {
	if t.cstrings {
		return `textout("` + column + `")`
	}
	return `"` + column + `"`
}

// Segments streams the rows of the segments table, in no order: of the datasources named, or of all when there are
// none. Where datasources are named in payloads, their unused rows come with their Data, where the payload can be read,
// and used rows with their Place: in one pass that costs half of what the same payloads cost in a second one. The record
// is valid during the call only, its texts longer. Rows that cannot be understood go to odd. An error of either stops the
// reading and is returned.
func (v *View) Segments(ctx context.Context, datasources, payloads []string, row func(*druid.SegmentRecord) error,
	odd func(druid.OddRecord) error) error {
	rows, err := v.querySegments(ctx, datasources, payloads)
	if err != nil {
		return v.store.problem("read segments", err)
	}
	defer rows.Close()
	if len(payloads) == 0 {
		reader := newRowReader(v.store.tables.segmentColumns())
		for rows.Next() {
			if err := rows.Scan(reader.targets...); err != nil {
				return v.store.problem("read segments", err)
			}
			if err := v.visit(reader, row, odd); err != nil {
				return err
			}
		}
		return v.store.problem("read segments", rows.Err())
	}
	reader := newRowReader(append(v.store.tables.segmentColumns(), "payload", "ctid"))
	visited, err := ahead(rows, reader.scannedRow, func() error { return v.visit(reader, row, odd) })
	return cmp.Or(visited, v.store.problem("read segments", err))
}

// visit tells a row.
func (v *View) visit(r *rowReader, row func(*druid.SegmentRecord) error, odd func(druid.OddRecord) error) error {
	if reason := r.parse(); reason != "" {
		return odd(r.odd(reason))
	}
	if payload, ok := r.text(r.at.payload); ok {
		v.readData(&r.record, payload)
	}
	return row(&r.record)
}

// querySegments asks for payloads and places in last columns, NULL where none is wanted. An argument makes lib/pq prepare the statement, so that they
// arrive as bytes; without one it uses the simple protocol, which is right for text.
func (v *View) querySegments(ctx context.Context, datasources, payloads []string) (*sql.Rows, error) {
	columns, from := v.store.tables.narrowColumns(), " FROM "+v.store.tables.name("segments")
	var arguments []any
	if len(payloads) > 0 {
		arguments = append(arguments, pq.Array(payloads))
		columns += fmt.Sprintf(", CASE WHEN used THEN NULL WHEN datasource IN (SELECT unnest($%d::text[])) THEN payload END, CASE WHEN used THEN ctid END", len(arguments))
	}
	if len(datasources) > 0 {
		arguments = append(arguments, pq.Array(datasources))
		from += fmt.Sprintf(" WHERE datasource = ANY($%d)", len(arguments))
	}
	return v.tx.QueryContext(ctx, "SELECT "+columns+from, arguments...)
}

const sqlUsedNow = ` WHERE used = true AND id = ANY($1)`

// UsedAmong returns those of the ids that name used rows.
func (v *View) UsedAmong(ctx context.Context, ids []string) ([]string, error) {
	found, err := readTexts(ctx, v.tx, "SELECT id FROM "+v.store.tables.name("segments")+sqlUsedNow, pq.Array(ids))
	return found, v.store.problem("look segments up", err)
}

// DatasourcesAmong returns those of the names that have any row in the segments table.
func (v *View) DatasourcesAmong(ctx context.Context, names []string) ([]string, error) {
	query := "SELECT n FROM unnest($1::text[]) n WHERE EXISTS (SELECT FROM " + v.store.tables.name("segments") +
		" s WHERE s.datasource = n)"
	found, err := readTexts(ctx, v.tx, query, pq.Array(names))
	return found, v.store.problem("look datasources up", err)
}
