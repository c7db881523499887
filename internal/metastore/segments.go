package metastore

import (
	"context"
	"database/sql"
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

// sqlSegments selects without order: sorting here costs a fifth of what it costs the server. Of texts lib/pq makes a string
// each, and of a cstring none: it hands out the bytes that came, which spares a third of the time and nearly all garbage.
// textout is how PostgreSQL prints a text, so that what comes is the same.
func (t *tables) sqlSegments() string {
	columns := t.segmentColumns()
	for i, column := range columns {
		columns[i] = `"` + column + `"`
		if t.cstrings && column != "used" {
			columns[i] = `textout("` + column + `")`
		}
	}
	return "SELECT " + strings.Join(columns, ", ") + " FROM " + t.name("segments")
}

// Segments streams the rows of the segments table, in no order: of the datasources named, or of all when there are
// none. The record is valid during the call only, its texts longer. Rows that cannot be understood go to odd. An
// error of either stops the reading and is returned.
func (v *View) Segments(ctx context.Context, datasources []string, row func(*druid.SegmentRecord) error,
	odd func(druid.OddRecord) error) error {
	rows, err := v.querySegments(ctx, datasources)
	if err != nil {
		return v.store.problem("read segments", err)
	}
	defer rows.Close()
	reader := newRowReader(v.store.tables.segmentColumns())
	for rows.Next() {
		if err := rows.Scan(reader.targets...); err != nil {
			return v.store.problem("read segments", err)
		}
		reason := reader.parse()
		if reason == "" {
			err = row(&reader.record)
		} else {
			err = odd(reader.odd(reason))
		}
		if err != nil {
			return err
		}
	}
	return v.store.problem("read segments", rows.Err())
}

func (v *View) querySegments(ctx context.Context, datasources []string) (*sql.Rows, error) {
	query := v.store.tables.sqlSegments()
	if len(datasources) == 0 {
		// Without arguments lib/pq uses the simple protocol, which is right for text.
		return v.tx.QueryContext(ctx, query)
	}
	return v.tx.QueryContext(ctx, query+` WHERE datasource = ANY($1)`, pq.Array(datasources))
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
