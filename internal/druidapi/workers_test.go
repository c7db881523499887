package druidapi

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// workerList is what the Overlord says of its workers.
func workerList(addresses ...string) http.HandlerFunc {
	var list []string
	for _, address := range addresses {
		scheme, host, _ := strings.Cut(address, "://")
		list = append(list, fmt.Sprintf(`{"worker":{"scheme":%q,"host":%q,"version":"0"},"currCapacityUsed":0}`, scheme, host))
	}
	return says("[" + strings.Join(list, ",") + "]")
}

// leaders answers for a Coordinator with an Overlord of 33, beside what the test adds.
func leaders(workers http.HandlerFunc) map[string]http.HandlerFunc {
	return withOverlord(map[string]http.HandlerFunc{
		"GET /status": says(`{"version":"33.0.0"}`), "GET /druid/indexer/v1/workers": workers})
}

func TestTheOldestWorkerCounts(t *testing.T) {
	anonymous := true
	old := newFake(t, map[string]http.HandlerFunc{"GET /status": func(w http.ResponseWriter, r *http.Request) {
		anonymous = anonymous && r.Header.Get("Authorization") == ""
		says(`{"version":"28.0.1"}`)(w, r)
	}})
	newer := newFake(t, map[string]http.HandlerFunc{"GET /status": says(`{"version":"37.0.0"}`)})
	odd := newFake(t, map[string]http.HandlerFunc{"GET /status": says(`{"version":"latest"}`)})
	refusing := newFake(t, map[string]http.HandlerFunc{"GET /status": fails(http.StatusUnauthorized, "")})
	cases := []struct {
		name    string
		workers http.HandlerFunc
		want    string
	}{
		{"an old one among others", workerList(newer.URL, odd.URL, old.URL, refusing.URL), "28.0.1"},
		{"only newer ones", workerList(newer.URL), "33.0.0"},
		{"none that answers", workerList(refusing.URL, "http://127.0.0.1:1", "ftp://127.0.0.1:1", "nowhere"), "33.0.0"},
		{"none at all", workerList(), "33.0.0"},
		{"not an Overlord with workers", fails(http.StatusInternalServerError, `{"error":"no workers"}`), "33.0.0"},
		{"not a list", says(`{"error":"x"}`), "33.0.0"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f := newFake(t, leaders(c.workers))
			got, err := f.client(t, func(o *Options) { o.Auth = Auth{Username: "u", Password: "p"} }).Version(ctx)
			if got != c.want || err != nil {
				t.Errorf("got %q, %v", got, err)
			}
			asked := 0
			for _, line := range f.asked {
				if strings.HasPrefix(line, "GET /druid/indexer/v1/workers") {
					asked++
				}
			}
			if asked != 1 {
				t.Errorf("the list of workers was asked for %d times", asked)
			}
		})
	}
	if len(old.asked) != 1 || !anonymous {
		t.Errorf("the worker was asked %d times, without credentials: %t", len(old.asked), anonymous)
	}
}

// Many workers are asked side by side, and no more than a hundred.
func TestManyWorkers(t *testing.T) {
	worker := newFake(t, map[string]http.HandlerFunc{"GET /status": says(`{"version":"31.0.0"}`)})
	addresses := make([]string, maxWorkers+20)
	for i := range addresses {
		addresses[i] = worker.URL
	}
	f := newFake(t, leaders(workerList(addresses...)))
	if got, err := f.client(t).Version(ctx); got != "31.0.0" || err != nil || len(worker.asked) != maxWorkers {
		t.Errorf("%q, %v, %d asked", got, err, len(worker.asked))
	}
}

// A worker that never answers does not hold a plan up.
func TestASilentWorkerIsNotWaitedFor(t *testing.T) {
	silent := newFake(t, map[string]http.HandlerFunc{"GET /status": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }})
	f := newFake(t, leaders(workerList(silent.URL)))
	got, err := f.client(t, func(o *Options) { o.Stall = 20 * time.Millisecond }).Version(ctx)
	if got != "33.0.0" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}
