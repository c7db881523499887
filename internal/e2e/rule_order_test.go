package e2e

import (
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"coppice/internal/druidkit"
)

// swapped are lists of which neither may change before the other: what the own list leaves to the default now, it keeps
// itself afterwards, and the other way round.
type swapped struct{ recent, older string }

func newSwapped() swapped {
	older := strings.Split(dayOf(60), "/")[0] + "/" + strings.Split(dayOf(20), "/")[0]
	return swapped{recent: `{"type":"loadByPeriod","period":"P30D","tieredReplicants":{}}`,
		older: `{"type":"loadByInterval","interval":"` + older + `","tieredReplicants":{}}`}
}

func (s swapped) own() string      { return "[" + s.recent + "]" }
func (s swapped) newOwn() string   { return "[" + s.older + "]" }
func (s swapped) defaults() string { return "[" + s.older + `,{"type":"dropForever"}]` }

func (s swapped) declared(ds string) string {
	rule := func(json string) string {
		return "rule {\n    json = jsonencode(" + strings.NewReplacer(`":`, `" = `).Replace(json) + ")\n  }"
	}
	return fmt.Sprintf("default_rules {\n  %s\n  drop {\n    forever = true\n  }\n}\n\ndatasource %q {\n  rules {\n  %s\n  }\n}\n",
		rule(s.recent), ds, rule(s.older))
}

// TestRuleOrder: a datasource's own list and the default change together, on a cluster of its own whose Coordinator runs
// its rules at least twice between any two lists. What the plan keeps is never marked, also in datasources that nobody
// declares; what it drops is. By hand, one list after the other, data is lost: the test would see it.
func TestRuleOrder(t *testing.T) {
	w := &world{T: t, Cluster: druidkit.Start(t, druidkit.Options{Properties: map[string]string{"druid.coordinator.period": "PT0.5S"}})}
	var err error
	if w.store, err = sql.Open("postgres", w.DSN); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.store.Close() })
	lists := newSwapped()
	ds, byHand, undeclared := w.name(), w.name(), w.name()
	w.setRules("_default", keepAll)
	w.setRules(ds, lists.own())
	w.setRules(byHand, lists.own())
	var days []segment
	for _, ago := range []int{2, 5, 10, 25, 28, 35, 45, 55} {
		days = append(days, segment{interval: dayOf(ago), version: version1, used: true, marked: 9})
	}
	w.seed(ds, days...)
	w.seed(byHand, days...)
	w.seed(undeclared, days[3:]...)
	w.setRules("_default", lists.defaults())
	start := w.settled(ds, byHand, undeclared)
	if got := ids(start, false); len(got) > 0 {
		t.Fatalf("marked before anything was done: %v", got)
	}

	w.setRules(byHand, lists.newOwn())
	if got := ids(w.settled(byHand), false); !slices.Equal(got, sorted(idsOf(byHand, days[:3]))) {
		t.Fatalf("by hand, with the old default: %v are marked, want the recent days", got)
	}

	p := newProgram(w, httpOnly, lists.declared(ds))
	posts := w.slowly(p)
	made := p.plan(2)
	if n := len(made.Actions); n != 3 || made.Actions[1].Datasource != "_default" {
		t.Fatalf("%d actions", n)
	}
	report := p.exits(0, "apply", "--json", "--auto-approve").report()
	if len(report.Actions) != 3 || posts() != 3 {
		t.Errorf("%d lists were posted; report %+v", posts(), report.Actions)
	}

	// A mark, and a mark that is taken back, would both be a new time.
	dropped := idsOf(undeclared, days[5:])
	for _, r := range w.settled(ds, undeclared) {
		was := start[slices.IndexFunc(start, func(o row) bool { return o.ID == r.ID })]
		if goes := slices.Contains(dropped, r.ID); r.Used == goes || !goes && r != was {
			t.Errorf("got %+v, was %+v", r, was)
		}
	}
	p.plan(0)
}

func sorted(list []string) []string {
	slices.Sort(list)
	return list
}

// slowly puts a proxy into the program's way that answers a POST of rules only after two further runs of the rules. The
// returned function counts the POSTs.
func (w *world) slowly(p *program) (posts func() int) {
	w.Helper()
	target, err := url.Parse(w.Coordinator)
	if err != nil {
		w.Fatal(err)
	}
	count := make(chan int, 1)
	count <- 0
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ErrorLog = log.New(io.Discard, "", 0)
	proxy.ModifyResponse = func(answer *http.Response) error {
		if answer.Request.Method != http.MethodPost || !strings.Contains(answer.Request.URL.Path, "/rules/") {
			return nil
		}
		count <- 1 + <-count
		return w.threeRuns() // the first to end may have begun before
	}
	server := httptest.NewServer(proxy)
	w.Cleanup(server.Close)
	p.environment["E2E_COORDINATOR"] = server.URL
	return func() int {
		n := <-count
		count <- n
		return n
	}
}

// threeRuns waits until the rules have run three times to the end.
func (w *world) threeRuns() error {
	last, runs := w.ruleRun(), 0
	for end := time.Now().Add(time.Minute); runs < 3; time.Sleep(pause) {
		if now := w.ruleRun(); now != last {
			last, runs = now, runs+1
		}
		if time.Now().After(end) {
			return errors.New("the Coordinator does not run its rules")
		}
	}
	return nil
}
