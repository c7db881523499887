package collect

import (
	"context"
	"strings"
	"testing"

	"coppice/internal/druid"
	"coppice/internal/sandbox"
	"coppice/internal/snapshot"

	"github.com/google/go-cmp/cmp"
)

func TestAutoKill(t *testing.T) {
	on := func(more ...string) map[string]string {
		set := map[string]string{coordinatorKillOn: "true"}
		for i := 0; i < len(more); i += 2 {
			set[more[i]] = more[i+1]
		}
		return set
	}
	whole := snapshot.Killer{On: true, Buffer: druid.Period{Days: 30}, Retain: "P90D"}
	cases := []struct {
		name    string
		set     map[string]string
		dynamic string // of the Coordinator; empty: it fails
		stored  string // in the store; empty: there is no row
		want    snapshot.Killer
	}{
		{"nothing set", nil, "", "", snapshot.Killer{}},
		{"off", map[string]string{coordinatorKillOn: "false", coordinatorKillBuffer: "nonsense"}, "", "", snapshot.Killer{}},
		{"on", on(), `{"killDataSourceWhitelist":[],"killTaskSlotRatio":0.1}`, "", whole},
		{"spelled otherwise", map[string]string{coordinatorKillOn: " TRUE "}, `{}`, "", whole},
		{"neither", map[string]string{coordinatorKillOn: "${env:KILL}"}, `{}`, "", snapshot.Killer{Unknown: `druid.coordinator.kill.on is "${env:KILL}", neither true nor false`}},
		{"a short buffer, all of time", on(coordinatorKillBuffer, "PT1S", coordinatorKillAll, "true"), `{}`, "", snapshot.Killer{On: true, Buffer: druid.Period{Seconds: 1}}},
		{"a buffer that is none", on(coordinatorKillBuffer, "a week"), `{}`, "", snapshot.Killer{Unknown: `druid.coordinator.kill.bufferPeriod is "a week", which is no period`}},
		{"some datasources", on(coordinatorKillRetain, "P1D"), `{"killDataSourceWhitelist":["wiki","ads"]}`, "",
			snapshot.Killer{On: true, Buffer: druid.Period{Days: 30}, Retain: "P1D", Only: []string{"ads", "wiki"}}},
		{"one text", on(), `{"killDataSourceWhitelist":" wiki ,"}`, "", snapshot.Killer{On: true, Buffer: druid.Period{Days: 30}, Retain: "P90D", Only: []string{"wiki"}}},
		{"no share of slots", on(), `{"killTaskSlotRatio":0.0}`, "", snapshot.Killer{}},
		{"no slot", on(), `{"maxKillTaskSlots":0}`, "", snapshot.Killer{}},
		{"from the store", on(), "", `{"killDataSourceWhitelist":["ads"]}`, snapshot.Killer{On: true, Buffer: druid.Period{Days: 30}, Retain: "P90D", Only: []string{"ads"}}},
		{"never set in the store", on(), "", "", whole},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			cluster := small(t)
			coordinator := &fakeCoordinator{cluster: cluster, properties: c.set, dynamic: c.dynamic, broken: map[string]bool{"DynamicConfig": c.dynamic == ""}}
			s := mustCollect(t, request(&fakeView{cluster: cluster, dynamic: c.stored}, coordinator))
			if diff := cmp.Diff(c.want, s.Cluster.AutoKill.Coordinator); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestAutoKillOfTheOverlord(t *testing.T) {
	set := map[string]string{overlordKillOn: "true", overlordKillBuffer: "PT5S"}
	s := mustCollect(t, request(nil, &fakeCoordinator{cluster: small(t), overlord: set}))
	want := snapshot.AutoKill{Overlord: snapshot.Killer{On: true, Buffer: druid.Period{Seconds: 5}}}
	if diff := cmp.Diff(&want, s.Cluster.AutoKill); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestAutoKillUnknown: what could not be read is never taken for off, and is no gap of anything else.
func TestAutoKillUnknown(t *testing.T) {
	coordinator := &fakeCoordinator{cluster: small(t), properties: map[string]string{coordinatorKillOn: "true"},
		broken: map[string]bool{"DynamicConfig": true, "OverlordProperties": true}}
	s := mustCollect(t, request(nil, coordinator))
	if a := s.Cluster.AutoKill; a.Coordinator.Unknown == "" || a.Overlord.Unknown == "" || len(gaps(s.Cluster)) > 0 {
		t.Errorf("got %+v, gaps %v", a, gaps(s.Cluster))
	}
	one, err := One(context.Background(), request(nil, coordinator), "wiki")
	if err != nil || one.Cluster.AutoKill != nil {
		t.Errorf("a look at one datasource asked: %v", err)
	}
}

func TestAutoKillOfTheSandbox(t *testing.T) {
	box, r := overHTTP(t)
	if a := mustCollect(t, r).Cluster.AutoKill; a.Coordinator.On || a.Overlord.On || a.Coordinator.Unknown+a.Overlord.Unknown != "" {
		t.Errorf("got %+v", a)
	}
	box.Inject(sandbox.Fault{Path: "/status/properties", Status: 403, Times: -1})
	if a := mustCollect(t, r).Cluster.AutoKill; !strings.Contains(a.Coordinator.Unknown, "READ on CONFIG") || a.Overlord.Unknown == "" {
		t.Errorf("got %+v", a)
	}
}
