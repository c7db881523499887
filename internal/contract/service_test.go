package contract

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestService(t *testing.T) {
	onEach(t, func(t *talk) {
		var status struct{ Version string }
		t.must(t.get("/status"), &status)
		if status.Version != "33.0.0" {
			t.Errorf("version: got %s", status.Version)
		}
		t.expect("health", t.get("/status/health"), 200, `true`)
		var properties map[string]string
		t.must(t.get("/status/properties"), &properties)
		if _, set := properties["druid.coordinator.kill.on"]; set || properties["druid.service"] != "druid/coordinator" {
			t.Errorf("properties: got %v", properties)
		}
		for _, service := range []string{coordinator, overlord} {
			t.expect("isLeader", t.get(service+"/isLeader"), 200, `{"leader":true}`)
			t.expect("leader", t.get(service+"/leader"), 200, t.base())
		}
		t.expect("tiers", t.get(coordinator+"/tiers"), 200, `["_default_tier"]`)
		types := map[string]int{}
		var servers []struct{ Type string }
		t.must(t.get(coordinator+"/servers?simple"), &servers)
		for _, s := range servers {
			types[s.Type]++
		}
		if types["historical"] != 1 || types["indexer-executor"] != 1 {
			t.Errorf("servers: got %v", types)
		}
		var capacity struct{ CurrentClusterCapacity, MaximumCapacityWithAutoScale int }
		t.must(t.get(overlord+"/totalWorkerCapacity"), &capacity)
		if capacity.CurrentClusterCapacity != 3 || capacity.MaximumCapacityWithAutoScale != -1 {
			t.Errorf("capacity: got %+v", capacity)
		}
		var workers []map[string]json.RawMessage
		t.must(t.get(overlord+"/workers"), &workers)
		if len(workers) != 1 || workers[0]["worker"] == nil || workers[0]["currCapacityUsed"] == nil {
			t.Errorf("workers: got %v", workers)
		}
	})
}

func TestLoadStatus(t *testing.T) {
	onEach(t, func(t *talk) {
		t.add(t.T, days(t.ds, v1, 1)...)
		t.seen(1)
		var status map[string]json.RawMessage
		t.must(t.get(coordinator+"/loadstatus"), &status)
		if got := string(status[t.ds]); got != "0.0" {
			t.Errorf("deep storage only: got %s, want 0.0", got)
		}
	})
}

func TestNotFound(t *testing.T) {
	onEach(t, func(t *talk) {
		for _, path := range []string{coordinator + "/nope", overlord + "/nope", overlord + "/lockedIntervals", "/status/ready"} {
			t.expect(path, t.get(path), 404, "")
		}
		if got := t.get("/nope"); got.Status != 404 || !strings.Contains(got.Body, `"message":"Not Found"`) {
			t.Errorf("/nope: got %+v", got)
		}
		const nobody = "Cannot find any task with id: [nobody]"
		for _, call := range []string{"", "/status", "/reports"} {
			t.expect("GET task"+call, t.get(overlord+"/task/nobody"+call), 404, nobody)
		}
		t.expect("shutdown", t.post(overlord+"/task/nobody/shutdown", ""), 404, nobody)
		t.expect("statuses", t.post(overlord+"/taskStatus", `["nobody"]`), 200, `{}`)
		if got := t.post(overlord+"/taskStatus", `{}`); got.Status != 400 || errorOf(got) == "" {
			t.Errorf("statuses of an object: got %+v", got)
		}
		t.expect("a state", t.get(overlord+"/tasks?state=nope"), 400, "Invalid task state[nope]. Must be one of [pending, waiting, running, complete].")
	})
}
