package metastore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"coppice/internal/druid"
)

// View is one moment of the store: a read-only, repeatable-read transaction. It is for one goroutine at a time, and
// ends with Close.
type View struct {
	store    *Store
	tx       *sql.Tx
	payloads *sql.Stmt
	identity string
	replica  bool
	// reader reads payloads beside their rows, the last of them into data.
	reader druid.SegmentReader
	data   druid.DataSegment
}

// Begin starts a view, with limits on the server's side for statements, locks and idling.
func (s *Store) Begin(ctx context.Context) (*View, error) {
	tx, err := s.db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return nil, s.problem("begin", err)
	}
	v := &View{store: s, tx: tx}
	if err := v.prepare(ctx); err != nil {
		return nil, errors.Join(err, v.Close())
	}
	return v, nil
}

func (v *View) prepare(ctx context.Context) error {
	for setting, limit := range map[string]time.Duration{
		"statement_timeout": v.store.timeout, "lock_timeout": lockTimeout, "idle_in_transaction_session_timeout": idleTimeout,
	} {
		// SET takes no arguments; the values are our own numbers.
		if _, err := v.tx.ExecContext(ctx, fmt.Sprintf("SET LOCAL %s = %d", setting, limit.Milliseconds())); err != nil {
			return v.store.problem("set "+setting, err)
		}
	}
	if _, err := v.tx.ExecContext(ctx, sqlLimit, fmt.Sprint(max(transactionTimeout, 4*v.store.timeout).Milliseconds())); err != nil {
		return v.store.problem("set transaction_timeout", err)
	}
	return v.identify(ctx)
}

// sqlLimit sets what there is from PostgreSQL 17 on, and nothing on older servers.
const sqlLimit = `SELECT set_config(name, $1, true) FROM pg_catalog.pg_settings WHERE name = 'transaction_timeout'`

// Close ends the transaction. A second call does nothing.
func (v *View) Close() error {
	if err := v.tx.Rollback(); err != nil && !errors.Is(err, sql.ErrTxDone) {
		return v.store.problem("end the transaction", err)
	}
	return nil
}

// optionally runs a read that may fail, for lack of rights for instance, without losing the transaction.
func (v *View) optionally(ctx context.Context, read func() error) error {
	if _, err := v.tx.ExecContext(ctx, "SAVEPOINT optional"); err != nil {
		return err
	}
	readErr := read()
	if readErr != nil {
		if _, err := v.tx.ExecContext(ctx, "ROLLBACK TO SAVEPOINT optional"); err != nil {
			return errors.Join(readErr, err)
		}
	}
	return readErr
}
