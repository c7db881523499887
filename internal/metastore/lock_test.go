package metastore

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"testing"
)

// tablesOf is a store of other tables, closed with the test.
func tablesOf(t *testing.T, dsn, tables string) *Store {
	t.Helper()
	s, err := Open(context.Background(), Options{DSN: dsn, Tables: tables})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func mustLock(t *testing.T, s *Store, holder string) *Lock {
	t.Helper()
	l, err := s.Lock(context.Background(), holder)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// TestLock: one at a time, by whatever name the tables are called; another Druid in the same database is another lock.
func TestLock(t *testing.T) {
	at := dsn(t)
	fill(t, at)
	run(t, at, "CREATE TABLE other_segments (LIKE druid_segments)", "CREATE TABLE other_rules (LIKE druid_rules)")
	first := mustLock(t, open(t, at), "one")
	_, err := tablesOf(t, at, "public.DRUID").Lock(context.Background(), "two")
	var locked *LockedError
	if !errors.As(err, &locked) || !errors.Is(err, ErrLocked) || locked.Holder != "one" || locked.Since == "" {
		t.Fatalf("got %v, want one's lock", err)
	}
	if err := mustLock(t, tablesOf(t, at, "other"), "three").Close(context.Background()); err != nil {
		t.Error(err)
	}
	if err := first.Held(context.Background()); err != nil {
		t.Error(err)
	}
	if err := first.Close(context.Background()); err != nil {
		t.Error(err)
	}
	// It is free at once, not when the server has noticed.
	if err := mustLock(t, open(t, at), "two").Close(context.Background()); err != nil {
		t.Error(err)
	}
}

// TestLockEndsWithItsSession: what the server ended is not held, and free for others.
func TestLockEndsWithItsSession(t *testing.T) {
	at := dsn(t)
	fill(t, at)
	lost := mustLock(t, open(t, at), "lost")
	run(t, at, "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE application_name = 'lost'")
	if err := lost.Held(context.Background()); err == nil {
		t.Error("a lost lock passes for held")
	}
	if err := lost.Close(context.Background()); err == nil {
		t.Error("letting a lost lock go says nothing")
	}
	kept := mustLock(t, open(t, at), "kept")
	defer kept.Close(context.Background())
	// A pooler may give the session to somebody else, with whatever it holds.
	if _, err := kept.conn.ExecContext(context.Background(), "SELECT pg_advisory_unlock_all()"); err != nil {
		t.Fatal(err)
	}
	if err := kept.Held(context.Background()); err == nil || !strings.Contains(err.Error(), "PgBouncer") {
		t.Errorf("got %v, want that it is not held", err)
	}
}

// TestLockNeedsTheRight: a role that may not take it is told so, by a problem of its own.
func TestLockNeedsTheRight(t *testing.T) {
	at := dsn(t)
	fill(t, at)
	run(t, at, "DROP ROLE IF EXISTS unlocked", "CREATE ROLE unlocked LOGIN PASSWORD "+quote(readerPassword),
		"GRANT SELECT ON ALL TABLES IN SCHEMA public TO unlocked")
	t.Cleanup(func() { run(t, at, "DROP OWNED BY unlocked", "DROP ROLE unlocked") })
	s := open(t, with(t, at, func(u *url.URL) { u.User = url.UserPassword("unlocked", readerPassword) }))
	if err := mustLock(t, s, "reader").Close(context.Background()); err != nil { // reading is enough
		t.Error(err)
	}
	run(t, at, "REVOKE EXECUTE ON FUNCTION pg_try_advisory_lock(int, int) FROM PUBLIC")
	_, err := s.Lock(context.Background(), "reader")
	var problem *Error
	if !errors.As(err, &problem) || problem.Problem != ProblemPermission {
		t.Errorf("got %v, want a lack of rights", err)
	}
}
