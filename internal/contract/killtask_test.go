package contract

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestKillRefused(t *testing.T) {
	const class = "Cannot construct instance of `org.apache.druid.indexing.common.task.KillUnusedSegmentsTask`, problem: "
	onEach(t, func(t *talk) {
		good := func(more killSpec) string {
			body := killSpec{"type": "kill", "id": t.ds + "_refused", "dataSource": t.ds, "interval": "2024-01-01/2024-01-02"}
			for name, value := range more {
				if body[name] = value; value == nil {
					delete(body, name)
				}
			}
			return asJSON(body)
		}
		for _, c := range []struct{ name, body, message string }{
			{"no interval", good(killSpec{"interval": nil}), class + "interval"},
			{"no datasource", good(killSpec{"dataSource": nil}), class + "dataSource"},
			{"zero length", good(killSpec{"interval": "2024-01-01/2024-01-01"}), class + "interval empty"},
			{"limit 0", good(killSpec{"limit": 0}), class + "limit[0] must be a positive integer."},
			{"batch 0", good(killSpec{"batchSize": 0}), class + "batchSize[0] must be a positive integer."},
			{"slash in the id", good(killSpec{"id": "a/b"}), class + "Invalid value for field [task ID]: Value [a/b] cannot contain '/'."},
			{"empty id", good(killSpec{"id": ""}), class + "Invalid value for field [task ID]: must not be null"},
			{"bad interval", good(killSpec{"interval": "abc"}), ""},
			{"bad cut-off", good(killSpec{"maxUsedStatusLastUpdatedTime": "abc"}), ""},
			{"a version", good(killSpec{"versions": "a"}), ""},
			{"unknown type", `{"type":"nope"}`, ""},
			{"no type", `{}`, ""},
			{"a list", `[]`, ""},
		} {
			got := t.post(overlord+"/task", c.body)
			if got.Status != 400 || errorOf(got) == "" || c.message != "" && errorOf(got) != c.message {
				t.Errorf("%s: got %+v, want 400 with %q", c.name, got, c.message)
			}
		}
		for _, body := range []string{``, `null`, `{`} {
			if got := t.post(overlord+"/task", body); got.Status != 500 {
				t.Errorf("%q: got %+v", body, got)
			}
		}
		t.expect("none was accepted", t.get(overlord+"/task/"+t.ds+"_refused/status"), 404, "Cannot find any task with id: ["+t.ds+"_refused]")
	})
}

// TestTaskIDIsSpent: for ever, whatever became of the task.
func TestTaskIDIsSpent(t *testing.T) {
	onEach(t, func(t *talk) {
		id := t.submit("once", "2024-01-01/2024-02-01", nil)
		body := asJSON(killSpec{"type": "kill", "id": id, "dataSource": t.ds, "interval": "2024-01-01/2024-02-01"})
		refusal := `{"error":"druidException","errorCode":"entryAlreadyExists","persona":"USER","category":"INVALID_INPUT",` +
			`"errorMessage":"Task[` + id + `] already exists","context":{}}`
		t.expect("at once", t.post(overlord+"/task", body), 400, refusal)
		t.report(id)
		t.expect("after its end", t.post(overlord+"/task", body), 400, refusal)
		other := asJSON(killSpec{"type": "kill", "id": id, "dataSource": t.ds + "x", "interval": "2023-01-01/2024-02-01"})
		t.expect("for another datasource", t.post(overlord+"/task", other), 400, refusal)
	})
}

func TestTaskDescription(t *testing.T) {
	onEach(t, func(t *talk) {
		id := t.submit("described", "2024-01-01/2024-02-01", killSpec{"versions": []string{"zz"}, "batchSize": 10, "limit": "5",
			"maxUsedStatusLastUpdatedTime": "2024-03-01T00:00:00Z", "context": map[string]any{"a": 1}})
		t.report(id)
		var described struct {
			Task    string
			Payload map[string]any
		}
		t.must(t.get(overlord+"/task/"+id), &described)
		want := map[string]any{
			"type": "kill", "id": id, "groupId": id, "dataSource": t.ds, "versions": []any{"zz"}, "batchSize": 10.0, "limit": 5.0,
			"interval":                     "2024-01-01T00:00:00.000Z/2024-02-01T00:00:00.000Z",
			"maxUsedStatusLastUpdatedTime": "2024-03-01T00:00:00.000Z",
			"context":                      map[string]any{"a": 1.0, "forceTimeChunkLock": true, "useLineageBasedSegmentAllocation": true},
			"resource":                     map[string]any{"availabilityGroup": id, "requiredCapacity": 1.0},
		}
		if diff := cmp.Diff(want, described.Payload); diff != "" || described.Task != id {
			t.Errorf("payload of %s (-want +got):\n%s", described.Task, diff)
		}
		status := taskStatus{ID: id, GroupID: id, Type: "kill", DataSource: t.ds, StatusCode: "SUCCESS", Status: "SUCCESS", RunnerStatusCode: "WAITING"}
		if diff := cmp.Diff(status, t.task(id)); diff != "" {
			t.Errorf("status of a finished task (-want +got):\n%s", diff)
		}
		var listed []taskStatus
		t.must(t.get(overlord+"/tasks?type=kill&state=complete&datasource="+t.ds), &listed)
		status.RunnerStatusCode = "NONE"
		if diff := cmp.Diff([]taskStatus{status}, listed); diff != "" {
			t.Errorf("in the list (-want +got):\n%s", diff)
		}
		var short map[string]map[string]any
		t.must(t.post(overlord+"/taskStatus", asJSON([]string{id, "unknown"})), &short)
		if len(short) != 1 || short[id]["status"] != "SUCCESS" || short[id]["id"] != id {
			t.Errorf("statuses: got %v", short)
		}
		t.expect("shutdown of a finished one", t.post(overlord+"/task/"+id+"/shutdown", ""), 200, `{"task":"`+id+`"}`)
		if got := t.task(id).Status; got != "SUCCESS" {
			t.Errorf("after that: got %s", got)
		}
	})
}

// TestKillByTheCoordinator answers nothing, not even the id.
func TestKillByTheCoordinator(t *testing.T) {
	onEach(t, func(t *talk) {
		all := unusedDays(t.ds, v1, 2)
		t.add(t.T, all...)
		t.expect("DELETE", t.send("DELETE", coordinator+"/datasources/"+t.ds+"/intervals/2024-01-01_2024-01-02", ""), 200, "")
		t.until("the end", func() bool { return len(t.rows(t.T, t.ds)) == 1 })
		t.has("the other", all[1])
		var listed []taskStatus
		t.must(t.get(overlord+"/tasks?datasource="+t.ds), &listed)
		prefix := "api-issued_kill_" + t.ds + "_"
		if len(listed) != 1 || !strings.HasPrefix(listed[0].ID, prefix) {
			t.Errorf("tasks: got %+v, want one of %s...", listed, prefix)
		}
		if got := t.send("DELETE", coordinator+"/datasources/"+t.ds+"/intervals/abc", ""); got.Status != 500 {
			t.Errorf("bad interval: got %+v", got)
		}
	})
}

// TestKillWithoutID gets a name.
func TestKillWithoutID(t *testing.T) {
	onEach(t, func(t *talk) {
		var answer struct{ Task string }
		body := `{"type":"kill","dataSource":"` + t.ds + `","interval":"2024-01-01/2024-01-02","markAsUnused":true}`
		t.add(t.T, days(t.ds, v1, 1)...)
		t.must(t.post(overlord+"/task", body), &answer)
		if !strings.HasPrefix(answer.Task, "kill_"+t.ds+"_") || !strings.Contains(answer.Task, "_2024-01-01T00:00:00.000Z_2024-01-02T00:00:00.000Z_") {
			t.Errorf("id: got %s", answer.Task)
		}
		t.report(answer.Task)
		t.has("markAsUnused does nothing", days(t.ds, v1, 1)[0])
		var raw json.RawMessage
		t.must(t.get(overlord+"/task/"+answer.Task+"/status"), &raw)
	})
}
