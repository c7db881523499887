package metastore

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"
)

// with changes a URL for a case.
func with(t *testing.T, dsn string, change func(*url.URL)) string {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	change(u)
	return u.String()
}

// checkProblem opens and begins, and wants an error of that kind that advises and hides the password.
func checkProblem(t *testing.T, options Options, want Problem, say string) {
	t.Helper()
	store, err := Open(context.Background(), options)
	if err == nil {
		defer store.Close()
		var view *View
		if view, err = store.Begin(context.Background()); err == nil {
			defer view.Close()
			_, _, err = view.Config(context.Background(), CoordinatorConfig)
		}
	}
	var problem *Error
	if !errors.As(err, &problem) {
		t.Fatalf("got %v, want an *Error", err)
	}
	if problem.Problem != want || !strings.Contains(err.Error(), say) {
		t.Errorf("got %s: %v\nwant %s with %q", problem.Problem, err, want, say)
	}
	if problem.Advice == "" {
		t.Errorf("no advice in %v", err)
	}
	for _, secret := range []string{readerPassword, url.QueryEscape(readerPassword), "rightnow"} {
		if strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, problem), secret) {
			t.Errorf("the password is in %v", err)
		}
	}
}

func TestProblems(t *testing.T) {
	at := dsn(t)
	fill(t, at)
	run(t, at, "DROP ROLE IF EXISTS reader", "CREATE ROLE reader LOGIN PASSWORD "+quote(readerPassword))
	t.Cleanup(func() { run(t, at, "DROP OWNED BY reader", "DROP ROLE reader") })
	as := func(password string) func(*url.URL) {
		return func(u *url.URL) { u.User = url.UserPassword("reader", password) }
	}
	t.Run("wrong password", func(t *testing.T) {
		checkProblem(t, Options{DSN: with(t, at, as(readerPassword+"x"))}, ProblemPassword, "as reader")
	})
	t.Run("no rights", func(t *testing.T) {
		run(t, at, "GRANT SELECT ON druid_segments, druid_rules TO reader")
		checkProblem(t, Options{DSN: with(t, at, as(readerPassword))}, ProblemPermission, "druid_config")
		run(t, at, "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
		view := begin(t, with(t, at, as(readerPassword)))
		if _, err := view.Claims(context.Background()); err != nil {
			t.Errorf("SELECT on all tables is not enough: %v", err)
		}
	})
	t.Run("no such host", func(t *testing.T) {
		checkProblem(t, Options{DSN: with(t, at, func(u *url.URL) { u.Host = "nowhere.invalid:1" })}, ProblemHost, "nowhere.invalid")
	})
	t.Run("no server at the port", func(t *testing.T) {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		listener.Close()
		checkProblem(t, Options{DSN: with(t, at, func(u *url.URL) { u.Host = listener.Addr().String() })}, ProblemPort, listener.Addr().String())
	})
	t.Run("no such database", func(t *testing.T) {
		checkProblem(t, Options{DSN: with(t, at, func(u *url.URL) { u.Path = "/nothing" })}, ProblemDatabase, "nothing")
	})
	t.Run("no TLS on the server", func(t *testing.T) {
		checkProblem(t, Options{DSN: with(t, at, func(u *url.URL) { u.RawQuery = "" })}, ProblemTLS, "sslmode")
	})
	t.Run("no such table", func(t *testing.T) {
		checkProblem(t, Options{DSN: at, Tables: "staging"}, ProblemTable, `"staging_segments"`)
	})
	t.Run("no such schema", func(t *testing.T) {
		checkProblem(t, Options{DSN: at, Tables: "elsewhere.druid"}, ProblemTable, `"elsewhere"."druid_segments"`)
	})
	t.Run("table of something else", func(t *testing.T) {
		run(t, at, "CREATE TABLE shop_segments (id int, name text)", "CREATE TABLE shop_rules (id int)")
		checkProblem(t, Options{DSN: at, Tables: "shop"}, ProblemNotDruid, "datasource, start, end, version, used, payload")
	})
	t.Run("base name is no name", func(t *testing.T) {
		checkProblem(t, Options{DSN: at, Tables: `druid"; DROP TABLE x; --`}, ProblemTable, "is not a name")
	})
}

func TestFoldedNames(t *testing.T) {
	at := dsn(t)
	fill(t, at, line{})
	store, err := Open(context.Background(), Options{DSN: at, Tables: "public.Druid"})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
}

func TestBadDSN(t *testing.T) {
	for _, dsn := range []string{"", "  ", "postgres://reader:right now@host:port/x", "postgres://reader:rightnow%zz@host/x",
		"host=x password='rightnow", "host=x sslmode=rightnow", "mysql://reader:rightnow@host/x", "://rightnow"} {
		t.Run(dsn, func(t *testing.T) { checkProblem(t, Options{DSN: dsn}, ProblemDSN, "dsn") })
	}
}

func TestTimeouts(t *testing.T) {
	at := dsn(t)
	fill(t, at)
	store, err := Open(context.Background(), Options{DSN: at, StatementTimeout: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	view, err := store.Begin(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer view.Close()
	_, err = view.tx.Exec("SELECT pg_sleep(10)")
	var problem *Error
	if !errors.As(store.problem("read segments", err), &problem) || problem.Problem != ProblemTimeout || problem.Advice == "" {
		t.Errorf("got %v", err)
	}
	canceled, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := store.Begin(canceled); !errors.Is(err, context.Canceled) {
		t.Errorf("a canceled context gives %v", err)
	}
}

func TestHide(t *testing.T) {
	s := secret{password: readerPassword}
	for _, text := range []string{"dial " + readerPassword, "parse " + url.QueryEscape(readerPassword), "x " + url.PathEscape(readerPassword)} {
		if got := s.hide(text); !strings.HasSuffix(got, "(hidden)") {
			t.Errorf("%q becomes %q", text, got)
		}
	}
}
