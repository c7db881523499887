package e2e

import (
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// password stands in every DSN of these tests. The server takes everybody, and nothing may ever show it.
const password = "e2e-very-secret"

// TestRefused: what cannot be read is one clear sentence and exit code 1, for plan and apply alike, and changes nothing.
func TestRefused(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name string
		from sources
		// change makes the address wrong.
		change func(w *world, environment map[string]string)
		want   string
	}{
		{"no such database", storeOnly, func(w *world, e map[string]string) { e["E2E_DSN"] = dsn(w, "/no_such_database", "") },
			"check the database name in metadata.dsn"},
		{"not Druid's tables", both, func(w *world, e map[string]string) { e["E2E_DSN"] = dsn(w, "/postgres", "") },
			"check metadata.tables"},
		{"no server", both, func(w *world, e map[string]string) { e["E2E_DSN"] = dsn(w, "", closedPort(w)) },
			"check host and port in metadata.dsn"},
		{"Coordinator down", httpOnly, func(w *world, e map[string]string) { e["E2E_COORDINATOR"] = "http://" + closedPort(w) },
			"connection refused"},
		{"not a Coordinator", httpOnly, func(w *world, e map[string]string) { e["E2E_COORDINATOR"] = w.Historical },
			"/druid/coordinator/v1/"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := realWorld(t, older)
			p := newProgram(w, c.from, `datasource "e2e_refused" {
  retention {
    keep = "P30D"
  }
}
`)
			p.environment["E2E_DSN"] = dsn(w, "", "")
			c.change(w, p.environment)
			for _, command := range [][]string{{"plan"}, {"apply", "--auto-approve"}} {
				run := p.exits(1, command...)
				if !c.from.http && command[0] == "apply" {
					continue // refused for want of a Coordinator, before anything is read
				}
				run.says(c.want)
				if text := run.stderr.String() + run.stdout.String(); strings.Contains(text, password) || strings.Contains(text, "panic") {
					t.Errorf("%v says %q", command, text)
				}
			}
		})
	}
}

// dsn is the cluster's with a password in it, and another database or address when given.
func dsn(w *world, database, address string) string {
	w.Helper()
	u, err := url.Parse(w.DSN)
	if err != nil {
		w.Fatal(err)
	}
	u.User = url.UserPassword(u.User.Username(), password)
	if database != "" {
		u.Path = database
	}
	if address != "" {
		u.Host = address
	}
	return u.String()
}

// closedPort is an address at which nobody listens.
func closedPort(w *world) string {
	w.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// TestCoordinatorDown: a plan can be made from both while the Coordinator is away, but nothing can be applied.
func TestCoordinatorDown(t *testing.T) {
	t.Parallel()
	s := newReclaim(t, 2)
	server := gate{}.openGate(s.world, s.program)
	s.program.exits(0, "plan", "--out", "it.plan")
	server.Close()
	s.program.exits(0, "plan").says("connection refused")
	s.program.exits(1, "apply", "it.plan").says("connection refused")
	s.untouched()
}

// TestAnotherCluster: a plan is for one cluster.
func TestAnotherCluster(t *testing.T) {
	t.Parallel()
	s := newReclaim(t, 2)
	other := realWorld(t, newer)
	s.program.exits(0, "plan", "--out", "it.plan")
	s.program.environment["E2E_COORDINATOR"] = other.Coordinator
	s.program.exits(stale, "apply", "it.plan").says("another cluster")
	s.program.environment["E2E_DSN"] = other.DSN
	s.program.exits(stale, "apply", "it.plan").says("another cluster")
	s.untouched()
}

// TestStagingStore: a store beside another cluster's Coordinator is noticed, and nothing is sent there.
func TestStagingStore(t *testing.T) {
	t.Parallel()
	w, other := realWorld(t, older), realWorld(t, newer)
	ds := w.name()
	w.seed(ds, segment{interval: dayOf(50), version: version1, used: true}, segment{interval: dayOf(5), version: version1, used: true})
	p := newProgram(w, both, `datasource "`+ds+`" {
  retention {
    keep       = "P30D"
    replicants = {}
  }
}
`)
	p.environment["E2E_COORDINATOR"] = other.Coordinator
	p.exits(1, "apply", "--auto-approve").says("do not show the same cluster")
	if _, rules := other.send(http.MethodGet, coordinator+"/rules/"+ds, ""); rules != "[]" {
		t.Errorf("the other cluster has rules now: %s", rules)
	}
}
