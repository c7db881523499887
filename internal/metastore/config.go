package metastore

import (
	"context"
	"database/sql"
	"errors"
)

// CoordinatorConfig is the name of the row with the Coordinator's dynamic configuration.
const CoordinatorConfig = "coordinator.config"

// Config returns a row of the config table; ok is false when there is none, and Druid's defaults apply.
func (v *View) Config(ctx context.Context, name string) (payload []byte, ok bool, err error) {
	if !v.store.tables.exists("config") {
		return nil, false, nil
	}
	err = v.optionally(ctx, func() error {
		query := "SELECT payload FROM " + v.store.tables.name("config") + " WHERE name = $1"
		return v.tx.QueryRowContext(ctx, query, name).Scan(&payload)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, v.store.problem("read the configuration "+name, err)
	}
	return payload, true, nil
}
