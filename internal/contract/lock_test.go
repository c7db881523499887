package contract

import (
	"strings"
	"testing"

	"coppice/internal/druid"
	"coppice/internal/druidapi"
)

func TestLocks(t *testing.T) {
	onEach(t, func(t *talk) {
		all := unusedDays(t.ds, v1, 6)
		t.add(t.T, all...)
		holder, release := t.hold(t.T, t.ds, "2024-01-01/2024-01-05")
		defer release()
		t.asksForLocks(holder)

		waiting := t.submit("waiting", "2024-01-01/2024-01-03", nil)
		t.kills("beside", "2024-01-05/2024-01-07", nil, "2/2")
		if got := t.task(waiting); got.Status != "RUNNING" || got.RunnerStatusCode != "WAITING" {
			t.Errorf("a kill within the lock: got %+v", got)
		}
		var listed []taskStatus
		t.must(t.get(overlord+"/tasks?state=waiting&datasource="+t.ds), &listed)
		if len(listed) != 1 || listed[0].ID != waiting {
			t.Errorf("waiting tasks: got %+v", listed)
		}
		t.listsKill(waiting, druid.TaskWaiting)
		if got := t.activeLocks(`"priority":0`); strings.Contains(got, waiting) {
			t.Errorf("a waiting task holds a lock: %s", got)
		}
		t.has("nothing is killed under the lock", all[:4]...)

		t.expect("shutdown", t.post(overlord+"/task/"+waiting+"/shutdown", ""), 200, `{"task":"`+waiting+`"}`)
		t.until("it failed", func() bool { return t.task(waiting).Status == "FAILED" })
		t.listsKill(waiting, druid.TaskUnknown)
		if got := deref(t.task(waiting).ErrorMsg); got != "Shutdown request from user" {
			t.Errorf("message: got %q", got)
		}
		t.expect("shutdown again", t.post(overlord+"/task/"+waiting+"/shutdown", ""), 200, `{"task":"`+waiting+`"}`)

		again := t.submit("again", "2024-01-01/2024-01-03", nil)
		t.marks("marking does not ask for locks", t.post(t.markPath()+"/markUsed", idsBody(all[0].id())), "1")
		release()
		if got := t.report(again); got != "1/2" {
			t.Errorf("after the lock: killed/batches %s, want 1/2", got)
		}
		t.has("at the end", all[0], all[2], all[3])
	})
}

// listsKill: the client's list of kill tasks has the task in that state, or does not have it (TaskUnknown), and never the
// ingestion that holds the lock.
func (t *talk) listsKill(id string, want druid.TaskState) {
	t.Helper()
	client, err := druidapi.New(druidapi.Options{Coordinator: t.base(), Transport: t.client().Transport})
	if err != nil {
		t.Fatal(err)
	}
	tasks, err := client.KillTasks(t.Context())
	got := druid.TaskUnknown
	for _, task := range tasks {
		if task.ID == id {
			got = task.State
		}
	}
	if err != nil || got != want {
		t.Errorf("kill tasks: got %v, %v, want %s to be %d", tasks, err, id, want)
	}
}

// activeLocks asks with one filter for the datasource.
func (t *talk) activeLocks(filter string) string {
	t.Helper()
	got := t.post(overlord+"/activeLocks", `[{"datasource":"`+t.ds+`",`+filter+`}]`)
	t.must(got, nil)
	return got.Body
}

func (t *talk) asksForLocks(holder string) {
	t.Helper()
	const held = "2024-01-01T00:00:00.000Z/2024-01-05T00:00:00.000Z"
	ask := func(filter string) reply {
		return t.post(overlord+"/lockedIntervals/v2", `[{"datasource":"`+t.ds+`"`+filter+`}]`)
	}
	locked := `{"` + t.ds + `":["` + held + `"]}`
	t.expect("no priority", ask(``), 200, locked)
	t.expect("priority 50", ask(`,"priority":50`), 200, locked)
	t.expect("priority 51", ask(`,"priority":51`), 200, `{}`)
	t.expect("intervals have no effect", ask(`,"intervals":["2020-01-01/2020-01-02"]`), 200, locked)
	t.expect("another datasource", t.post(overlord+"/lockedIntervals/v2", `[{"datasource":"nobody"}]`), 200, `{}`)

	for filter, want := range map[string]bool{
		`"priority":0`:                          true,
		`"priority":51`:                         false,
		`"intervals":["2024-01-05/2024-01-06"]`: false,
		`"intervals":["2024-01-04/2024-01-06"]`: true,
		`"context":{"useConcurrentLocks":true}`: true,
	} {
		got := t.activeLocks(filter)
		if strings.Contains(got, `"groupId":"`+holder+`"`) != want {
			t.Errorf("active locks with %s: got %s", filter, got)
		}
		if want && !strings.Contains(got, `"granularity":"timeChunk","type":"EXCLUSIVE","groupId":"`+holder+`","dataSource":"`+t.ds+
			`","interval":"`+held+`","version":"20`) {
			t.Errorf("shape: got %s", got)
		}
		if !want && got != `{"datasourceToLocks":{}}` {
			t.Errorf("active locks with %s: got %s", filter, got)
		}
	}
	for _, call := range []string{"/lockedIntervals/v2", "/activeLocks"} {
		for _, body := range []string{``, `[]`} {
			t.expect(call, t.post(overlord+call, body), 400, "No filter provided")
		}
	}
}

// TestRaisedPriorityRevokes: the reason why a kill task's priority is never raised.
func TestRaisedPriorityRevokes(t *testing.T) {
	onEach(t, func(t *talk) {
		t.add(t.T, unusedDays(t.ds, v1, 1)...)
		holder, release := t.hold(t.T, t.ds, "2024-01-01/2024-01-05")
		defer release()
		t.kills("rude", "2024-01-01/2024-01-03", killSpec{"context": map[string]any{"priority": 75}}, "1/2")
		if got := t.activeLocks(`"priority":0`); strings.Contains(got, holder) {
			t.Errorf("active locks: got %s, want the revoked one gone", got)
		}
		// It goes on until it needs the lock that it has lost, and then fails by itself: it never succeeds.
		if got := t.task(holder); got.Status != "RUNNING" && got.Status != "FAILED" {
			t.Errorf("the holder: got %+v", got)
		}
		t.kills("polite", "2024-01-01/2024-01-03", nil, "0/1") // a revoked lock is in nobody's way
	})
}
