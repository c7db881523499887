package metastore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
)

// ErrLocked: another apply of the same Druid holds the lock.
var ErrLocked = errors.New("another apply holds the lock in the metadata store")

// LockedError says who holds the lock, as far as the server tells; it is ErrLocked.
type LockedError struct {
	// Holder is what the other session calls itself, Since when it began; empty when the server does not tell.
	Holder, Since string
}

// Error names the holder.
func (e *LockedError) Error() string {
	text := ErrLocked.Error()
	if e.Holder != "" {
		text += ": " + e.Holder
	}
	if e.Since != "" {
		text += ", connected since " + e.Since
	}
	return text
}

// Is makes errors.Is(err, ErrLocked) true.
func (e *LockedError) Is(target error) bool { return target == ErrLocked }

// lockClass is the first half of the lock's key; the second is the oid of Druid's segments table, so that the key is the
// same however the table is named, and other applications' locks are other locks.
const lockClass = 1668247664 // "copp"

// The statements of the lock. Advisory locks belong to a session and a database, and are in no backup and on no replica.
const (
	sqlLockSession = `SELECT set_config('application_name', $1, false), set_config('statement_timeout', '0', false),
set_config('tcp_keepalives_idle', '30', false), set_config('tcp_keepalives_interval', '10', false),
set_config('tcp_keepalives_count', '3', false), pg_is_in_recovery(),
(SELECT max(set_config(name, '0', false)) FROM pg_catalog.pg_settings WHERE name = 'idle_session_timeout')`
	sqlLock   = `SELECT pg_try_advisory_lock($1::int, to_regclass($2)::oid::int)`
	sqlUnlock = `SELECT pg_advisory_unlock($1::int, to_regclass($2)::oid::int)`
	sqlHeld   = `SELECT EXISTS (SELECT FROM pg_catalog.pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND granted
AND classid = $1::int::oid AND objid = to_regclass($2)::oid)`
	sqlHolder = `SELECT coalesce(a.application_name, ''), coalesce(to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), '')
FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a USING (pid)
WHERE l.locktype = 'advisory' AND l.granted AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
AND l.classid = $1::int::oid AND l.objid = to_regclass($2)::oid`
)

// Lock keeps other applies of the same Druid out, on whatever machine. It lives in a session of its own, and ends with it:
// also when the process or its machine dies (the server notices within a minute).
type Lock struct {
	store *Store
	conn  *sql.Conn
}

// Lock takes the lock without waiting, or fails with a *LockedError. Holder is who others are told of. A server in
// recovery is ProblemReplica: its locks keep nobody out of the primary. It is closed before the store.
func (s *Store) Lock(ctx context.Context, holder string) (*Lock, error) {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return nil, s.problem("connect for the lock", err)
	}
	l := &Lock{s, conn}
	if err := l.take(ctx, holder); err != nil {
		l.drop()
		return nil, err
	}
	return l, nil
}

func (l *Lock) take(ctx context.Context, holder string) error {
	var replica, taken bool
	var ignored sql.NullString
	err := l.conn.QueryRowContext(ctx, sqlLockSession, holder).
		Scan(&ignored, &ignored, &ignored, &ignored, &ignored, &replica, &ignored)
	if err != nil {
		return l.store.problem("prepare the lock", err)
	}
	if replica {
		return &Error{Problem: ProblemReplica, Doing: "take the lock", Text: "the server is in recovery (a replica)", Advice: advice[ProblemReplica]}
	}
	if err := l.conn.QueryRowContext(ctx, sqlLock, l.key()...).Scan(&taken); err != nil {
		return l.store.problem("take the lock", err)
	}
	if !taken {
		return l.holder(ctx)
	}
	return nil
}

func (l *Lock) key() []any { return []any{lockClass, l.store.tables.name("segments")} }

// holder asks who has it. Who has let it go meanwhile is not told, and one that the role may not look at has no name.
func (l *Lock) holder(ctx context.Context) error {
	locked := &LockedError{}
	err := l.conn.QueryRowContext(ctx, sqlHolder, l.key()...).Scan(&locked.Holder, &locked.Since)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		l.store.log.Debug("who holds the lock is not told", "reason", l.store.secret.hide(err.Error()))
	}
	return locked
}

// Held is nil as long as the lock is ours. A session that was ended has lost it.
func (l *Lock) Held(ctx context.Context) error {
	var held bool
	err := l.conn.QueryRowContext(ctx, sqlHeld, l.key()...).Scan(&held)
	if err != nil {
		return l.store.problem("look for the lock", err)
	}
	if !held {
		return &Error{Problem: ProblemConnection, Doing: "look for the lock", Text: "it is not held any more",
			Advice: "a pooler that hands sessions on (PgBouncer with pool_mode = transaction) cannot hold it: name the server itself in metadata.dsn"}
	}
	return nil
}

// Close lets the lock go and ends its session.
func (l *Lock) Close(ctx context.Context) error {
	_, err := l.conn.ExecContext(ctx, sqlUnlock, l.key()...)
	l.drop()
	if err != nil {
		return fmt.Errorf("%w (the lock ends with its session)", l.store.problem("let the lock go", err))
	}
	return nil
}

// drop ends the session instead of giving it back to the pool.
func (l *Lock) drop() {
	_ = l.conn.Raw(func(any) error { return driver.ErrBadConn })
	_ = l.conn.Close()
}
