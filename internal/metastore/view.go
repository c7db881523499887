package metastore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"coppice/internal/druid"

	"github.com/lib/pq"
)

// View is one moment of the store: a read-only, repeatable-read transaction. It is for one goroutine at a time, and
// ends with Close.
type View struct {
	store    *Store
	tx       *sql.Tx
	payloads *sql.Stmt
	identity string
	replica  bool
	// exports: the snapshot can be exported.
	exports bool
	// reader reads payloads beside their rows, the last of them into data.
	reader druid.SegmentReader
	data   druid.DataSegment
}

// Begin starts a view, with limits on the server's side for statements, locks and idling.
func (s *Store) Begin(ctx context.Context) (*View, error) {
	v, err := s.begin(ctx)
	if err != nil {
		return nil, err
	}
	if err := v.prepare(ctx); err != nil {
		return nil, errors.Join(err, v.Close())
	}
	return v, nil
}

func (s *Store) begin(ctx context.Context) (*View, error) {
	tx, err := s.db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return nil, s.problem("begin", err)
	}
	return &View{store: s, tx: tx}, nil
}

func (v *View) prepare(ctx context.Context) error {
	if err := v.limit(ctx); err != nil {
		return err
	}
	return v.identify(ctx)
}

func (v *View) limit(ctx context.Context) error {
	// SET takes no arguments; the values are our own numbers.
	_, err := v.tx.ExecContext(ctx, fmt.Sprintf(sqlLimits, v.store.timeout.Milliseconds(), lockTimeout.Milliseconds(), idleTimeout.Milliseconds(),
		max(transactionTimeout, 4*v.store.timeout).Milliseconds()))
	return v.store.problem("set the limits", err)
}

// sqlLimits sets the last one, which there is from PostgreSQL 17 on, not on older servers.
const sqlLimits = `SET LOCAL statement_timeout = %d; SET LOCAL lock_timeout = %d; SET LOCAL idle_in_transaction_session_timeout = %d;
SELECT set_config('transaction_timeout', '%d', true) WHERE current_setting('transaction_timeout', true) IS NOT NULL`

// Export names the moment of the view for BeginAt, as long as the view is open. The error says that it cannot be shared,
// and the view can be used on.
func (v *View) Export(ctx context.Context) (moment string, err error) {
	if !v.exports { // where exporting fails, it fails the whole transaction
		return "", errors.New("the server is a replica, or this user may not export a snapshot")
	}
	err = v.tx.QueryRowContext(ctx, "SELECT pg_catalog.pg_export_snapshot()").Scan(&moment)
	return moment, v.store.problem("export the snapshot", err)
}

// BeginAt starts another view of a moment that was exported, on a connection of its own. It is closed before the first one.
// An error says that there is none: behind a pool that spreads connections over several servers the other one may not know
// the moment.
func (s *Store) BeginAt(ctx context.Context, moment string) (*View, error) {
	v, err := s.begin(ctx)
	if err != nil {
		return nil, err
	}
	if _, err = v.tx.ExecContext(ctx, "SET TRANSACTION SNAPSHOT "+pq.QuoteLiteral(moment)); err != nil {
		err = s.problem("use the snapshot", err)
	} else {
		err = v.limit(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, v.Close())
	}
	return v, nil
}

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
	end := "RELEASE SAVEPOINT optional" // within a savepoint no snapshot can be exported
	if readErr != nil {
		end = "ROLLBACK TO SAVEPOINT optional; " + end
	}
	_, err := v.tx.ExecContext(ctx, end)
	return errors.Join(readErr, err)
}
