package druidkit

import (
	"net/http"
	"os"
	"testing"
)

func TestStart(t *testing.T) {
	cluster := Start(t, Options{})
	if again := Start(t, Options{}); again != cluster {
		t.Errorf("Start with equal options: got another cluster")
	}
	answer, err := http.Get(cluster.Coordinator + "/status/health")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Errorf("health: got status %d, want 200", answer.StatusCode)
	}
	if _, err := os.Stat(cluster.DeepStorage); err != nil {
		t.Error(err)
	}
	if cluster.DSN == "" || cluster.Version != "33.0.0" {
		t.Errorf("cluster: got %+v", cluster)
	}
}

// skipper records what Required does.
type skipper struct{ skipped string }

func (s *skipper) Helper()               {}
func (s *skipper) Skip(args ...any)      { s.skipped = args[0].(string) }
func (s *skipper) Fatalf(string, ...any) { s.skipped = "failed" }

func TestRequired(t *testing.T) {
	for name, c := range map[string]struct{ value, want string }{
		"not asked for": {"", "left out: real Druid (run make test)"},
		"required":      {"1", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(RealVariable, c.value)
			var s skipper
			if Required(&s); s.skipped != c.want {
				t.Errorf("Required: got %q, want %q", s.skipped, c.want)
			}
		})
	}
}
