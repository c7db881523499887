package druidapi

import (
	"errors"
	"net/http"
	"strings"
	"testing"
)

func TestLeaderProperties(t *testing.T) {
	const on = `{"druid.coordinator.kill.on":"true","user.timezone":"UTC"}`
	itself := func(f **fake) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { says((*f).URL)(w, r) }
	}
	elsewhere := says("http://10.1.2.3:8081")
	cases := []struct {
		name   string
		routes func(f **fake) map[string]http.HandlerFunc
		say    string // of the error; empty: the killer is seen as on
	}{
		{"the leader itself", func(f **fake) map[string]http.HandlerFunc {
			return map[string]http.HandlerFunc{"GET /druid/coordinator/v1/leader": itself(f), "GET /status/properties": says(on)}
		}, ""},
		{"through a Router", func(f **fake) map[string]http.HandlerFunc {
			return map[string]http.HandlerFunc{"GET /druid/coordinator/v1/leader": elsewhere,
				"GET /proxy/coordinator/status/properties": says(on), "GET /status/properties": says(`{"druid.service":"druid/router"}`)}
		}, ""},
		{"a Router that forbids it", func(f **fake) map[string]http.HandlerFunc {
			return map[string]http.HandlerFunc{"GET /proxy/coordinator/status/properties": fails(403, ""), "GET /status/properties": says(on)}
		}, "READ on CONFIG"},
		{"another one leads", func(f **fake) map[string]http.HandlerFunc {
			return map[string]http.HandlerFunc{"GET /druid/coordinator/v1/leader": elsewhere, "GET /status/properties": says(on)}
		}, "http://10.1.2.3:8081"},
		{"nobody leads", func(f **fake) map[string]http.HandlerFunc {
			return map[string]http.HandlerFunc{"GET /druid/coordinator/v1/leader": says(""), "GET /status/properties": says(on)}
		}, "is not asked"},
		{"nothing of Druid", func(f **fake) map[string]http.HandlerFunc {
			return map[string]http.HandlerFunc{"GET /druid/coordinator/v1/leader": itself(f), "GET /status/properties": says(`{}`)}
		}, "not the properties"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var f *fake
			f = newFake(t, c.routes(&f))
			found, err := f.client(t, func(o *Options) { o.Auth.Token = "secret" }).CoordinatorProperties(ctx)
			switch {
			case c.say == "" && (err != nil || found["druid.coordinator.kill.on"] != "true"):
				t.Errorf("got %v, %v", found, err)
			case c.say != "" && (err == nil || !strings.Contains(err.Error(), c.say)):
				t.Errorf("error %v, want %q in it", err, c.say)
			}
		})
	}
}

func TestOverlordProperties(t *testing.T) {
	var coordinator, overlord *fake
	coordinator = newFake(t, nil)
	overlord = newFake(t, map[string]http.HandlerFunc{
		leaderPath:               func(w http.ResponseWriter, r *http.Request) { says(overlord.URL)(w, r) },
		"GET /status/properties": says(`{"druid.service":"druid/overlord"}`),
	})
	found, err := coordinator.client(t, func(o *Options) { o.Overlord = overlord.URL }).OverlordProperties(ctx)
	if err != nil || found["druid.service"] != "druid/overlord" {
		t.Errorf("got %v, %v", found, err)
	}
	if _, err := coordinator.client(t).OverlordProperties(ctx); !errors.Is(err, ErrNoOverlord) {
		t.Errorf("without an Overlord: %v", err)
	}
}

func TestTaskSlots(t *testing.T) {
	path := "GET /druid/indexer/v1/totalWorkerCapacity"
	for answer, want := range map[string]int{`{"currentClusterCapacity":30,"maximumCapacityWithAutoScale":-1}`: 30, `{"currentClusterCapacity":0}`: 0, `{}`: -1} {
		f := newFake(t, withOverlord(map[string]http.HandlerFunc{path: says(answer)}))
		slots, err := f.client(t).TaskSlots(ctx)
		if failed := want < 0; failed != (err != nil) || !failed && slots != want {
			t.Errorf("%s: %d, %v", answer, slots, err)
		}
	}
}
