package main

import (
	"context"
	"database/sql"
	"fmt"

	"coppice/internal/druid"
	"coppice/internal/metastore"
)

// contenders are the parts of this program that are measured as processes of their own, by their first argument.
var contenders = map[string]func(ctx context.Context, arguments []string) error{
	"scan": func(ctx context.Context, arguments []string) error {
		return drain(ctx, arguments[0], `SELECT datasource, start, "end", version, used, used_status_last_updated, created_date, id FROM druid_segments`)
	},
	// The argument makes lib/pq ask for binary values; payloads as hexadecimal text would take three times as long.
	"payloads": func(ctx context.Context, arguments []string) error {
		return drain(ctx, arguments[0], "SELECT id, payload FROM druid_segments WHERE $1", true)
	},
	"census": census,
}

// census counts the used rows of all datasources and finds those that overlap, as a plan of what is due does.
func census(ctx context.Context, arguments []string) error {
	store, err := metastore.Open(ctx, metastore.Options{DSN: arguments[0]})
	if err != nil {
		return err
	}
	defer store.Close()
	view, err := store.Begin(ctx)
	if err != nil {
		return err
	}
	defer view.Close()
	names, err := view.Datasources(ctx)
	if err != nil {
		return err
	}
	var used, contested int64
	err = view.Census(ctx, names, func(c druid.Census) error {
		used, contested = used+c.Used, contested+int64(len(c.Contested))
		return nil
	})
	fmt.Println(used, contested)
	return err
}

// drain reads every row of a query and throws it away.
func drain(ctx context.Context, dsn, query string, arguments ...any) error {
	db, err := sql.Open("postgres", dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	rows, err := db.QueryContext(ctx, query, arguments...)
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	values, targets := make([]sql.RawBytes, len(columns)), make([]any, len(columns))
	for i := range values {
		targets[i] = &values[i]
	}
	count := 0
	for ; rows.Next(); count++ {
		if err := rows.Scan(targets...); err != nil {
			return err
		}
	}
	fmt.Println(count)
	return rows.Err()
}
