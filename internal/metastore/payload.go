package metastore

import (
	"cmp"
	"context"
	"database/sql"

	"github.com/lib/pq"
)

// Payloads hands over id and payload of the rows named, in no order; ids that are not there are left out. Sorted ids
// are read faster, and batches of thousands cost a fifth of single look-ups. Both are valid during the call only. An error of visit stops the reading and is returned.
func (v *View) Payloads(ctx context.Context, ids []string, visit func(id, payload []byte) error) error {
	if v.payloads == nil {
		query := "SELECT " + v.store.tables.text("id") + ", payload FROM " + v.store.tables.name("segments") + " WHERE id = ANY($1)"
		statement, err := v.tx.PrepareContext(ctx, query)
		if err != nil {
			return v.store.problem("read payloads", err)
		}
		v.payloads = statement
	}
	rows, err := v.payloads.QueryContext(ctx, pq.Array(ids))
	return v.visitPayloads(rows, err, visit)
}

// AllPayloads hands over the payload of every row that is used, or of every one that is not, in one pass, which is cheaper
// than batches from about a quarter of them on. The argument makes lib/pq prepare the statement; without one payloads
// would arrive as hexadecimal text, three times as slowly.
func (v *View) AllPayloads(ctx context.Context, used bool, visit func(id, payload []byte) error) error {
	rows, err := v.tx.QueryContext(ctx, "SELECT "+v.store.tables.text("id")+", payload FROM "+v.store.tables.name("segments")+" WHERE used = $1", used)
	return v.visitPayloads(rows, err, visit)
}

func (v *View) visitPayloads(rows *sql.Rows, err error, visit func(id, payload []byte) error) error {
	if err != nil {
		return v.store.problem("read payloads", err)
	}
	defer rows.Close()
	row := newScannedRow([]string{"id", "payload"})
	visited, err := ahead(rows, row, func() error { return visit(row.values[0], row.values[1]) })
	return cmp.Or(visited, v.store.problem("read payloads", err))
}

const sqlToast = `SELECT c.relpages::bigint, coalesce(t.relpages, 0)::bigint FROM pg_catalog.pg_class c
LEFT JOIN pg_catalog.pg_class t ON t.oid = c.reltoastrelid WHERE c.oid = to_regclass($1)`

// PassPays reports whether AllPayloads is the cheaper way to wanted of total payloads. Where payloads are so large
// that PostgreSQL keeps them out of line, a full pass costs ten scans and pays only when nearly all are wanted.
func (v *View) PassPays(ctx context.Context, wanted, total int) bool {
	var heap, outOfLine int64
	if err := v.tx.QueryRowContext(ctx, sqlToast, v.store.tables.name("segments")).Scan(&heap, &outOfLine); err != nil {
		return false
	}
	if outOfLine > heap/10 {
		return wanted > total/10*9
	}
	return wanted > total/4
}
