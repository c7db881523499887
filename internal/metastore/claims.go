package metastore

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"coppice/internal/druid"
)

// Claims returns what locks, active tasks and pending segments work on, in no order. An error means that the list is
// not complete, and that nothing may be taken for idle.
func (v *View) Claims(ctx context.Context) ([]druid.Claim, error) {
	for _, suffix := range []string{"tasks", "tasklocks", "pendingsegments"} {
		if !v.store.tables.exists(suffix) {
			return nil, &Error{Problem: ProblemTable, Doing: "read locks and tasks", Text: "there is no table " +
				v.store.tables.name(suffix), Advice: "an Overlord that stores its tasks elsewhere (druid.indexer.storage.type) must be asked itself"}
		}
	}
	claims := claimSet{}
	err := v.optionally(ctx, func() error {
		for _, read := range []func(context.Context, claimSet) error{v.readTasks, v.readLocks, v.readPending} {
			if err := read(ctx, claims); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, v.store.problem("read locks and tasks", err)
	}
	list := make([]druid.Claim, 0, len(claims))
	for claim, by := range claims {
		claim.By = by
		list = append(list, claim)
	}
	return list, nil
}

// claimSet maps a claim without By to the least By that makes it: thousands of pending segments of one interval are one.
type claimSet map[druid.Claim]string

func (s claimSet) add(claim druid.Claim) {
	by := claim.By
	claim.By = ""
	if old, ok := s[claim]; !ok || by < old {
		s[claim] = by
	}
}

func (v *View) readTasks(ctx context.Context, claims claimSet) error {
	query := "SELECT id, datasource, payload FROM " + v.store.tables.name("tasks") + " WHERE active = $1"
	return eachRow(ctx, v.tx, query, []any{true}, func(rows *sql.Rows) error {
		var id, dataSource string
		var payload sql.RawBytes
		if err := rows.Scan(&id, &dataSource, &payload); err != nil {
			return err
		}
		for _, interval := range druid.TaskIntervals(payload) {
			claims.add(druid.Claim{DataSource: dataSource, Interval: interval, Kind: druid.ClaimTask, By: id})
		}
		return nil
	})
}

func (v *View) readLocks(ctx context.Context, claims claimSet) error {
	query := "SELECT task_id, lock_payload FROM " + v.store.tables.name("tasklocks") + " WHERE lock_payload IS NOT NULL AND $1"
	return eachRow(ctx, v.tx, query, []any{true}, func(rows *sql.Rows) error {
		var task sql.NullString
		var payload sql.RawBytes
		if err := rows.Scan(&task, &payload); err != nil {
			return err
		}
		claim, holds, err := druid.ParseLock(payload, task.String)
		if err != nil {
			return fmt.Errorf("lock of task %s: %w", task.String, err)
		}
		if holds {
			claims.add(claim)
		}
		return nil
	})
}

func (v *View) readPending(ctx context.Context, claims claimSet) error {
	query := `SELECT id, datasource, start, "end" FROM ` + v.store.tables.name("pendingsegments")
	return eachRow(ctx, v.tx, query, nil, func(rows *sql.Rows) error {
		var id, dataSource, start, end string
		if err := rows.Scan(&id, &dataSource, &start, &end); err != nil {
			return err
		}
		claims.add(druid.Claim{DataSource: dataSource, Interval: pendingInterval(start, end), Kind: druid.ClaimPending,
			By: strings.Clone(id)})
		return nil
	})
}

// pendingInterval takes an interval that cannot be read for all time.
func pendingInterval(start, end string) druid.Interval {
	from, fromErr := druid.ParseInstant(start)
	until, untilErr := druid.ParseInstant(end)
	if fromErr != nil || untilErr != nil || until <= from {
		return druid.Eternity
	}
	return druid.Interval{Start: from, End: until}
}

// eachRow runs a query and believes it only when all rows arrived.
func eachRow(ctx context.Context, from querier, query string, arguments []any, visit func(*sql.Rows) error) error {
	rows, err := from.QueryContext(ctx, query, arguments...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := visit(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
