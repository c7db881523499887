package contract

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// killSpec is the body of a kill task; what is not given is not sent.
type killSpec map[string]any

// submit sends a kill task for the test's datasource and returns its id.
func (t *talk) submit(name, interval string, more killSpec) string {
	t.Helper()
	id := t.ds + "_" + name
	body := killSpec{"type": "kill", "id": id, "dataSource": t.ds, "interval": interval}
	maps.Copy(body, more)
	t.expect("submit "+name, t.post(overlord+"/task", asJSON(body)), 200, `{"task":"`+id+`"}`)
	return id
}

// taskStatus is what is said of a task.
type taskStatus struct {
	ID, GroupID, Type, DataSource string
	StatusCode, Status            string
	RunnerStatusCode              string
	ErrorMsg                      *string
}

func (t *talk) task(id string) taskStatus {
	t.Helper()
	var answer struct {
		Task   string
		Status taskStatus
	}
	t.must(t.get(overlord+"/task/"+id+"/status"), &answer)
	if answer.Task != id {
		t.Errorf("status of %s: got that of %s", id, answer.Task)
	}
	return answer.Status
}

// report waits for the end of a task that succeeds and returns "killed/batches".
func (t *talk) report(id string) string {
	t.Helper()
	t.until("the end of "+id, func() bool { return t.task(id).Status != "RUNNING" })
	if got := t.task(id); got.Status != "SUCCESS" {
		t.Fatalf("task %s: got %s, %v", id, got.Status, deref(got.ErrorMsg))
	}
	var answer struct {
		KillUnusedSegments struct {
			Type, TaskID string
			Payload      struct{ NumSegmentsKilled, NumBatchesProcessed int }
		}
	}
	t.must(t.get(overlord+"/task/"+id+"/reports"), &answer)
	report := answer.KillUnusedSegments
	if report.Type != "killUnusedSegments" || report.TaskID != id {
		t.Errorf("report of %s: got %+v", id, report)
	}
	return fmt.Sprintf("%d/%d", report.Payload.NumSegmentsKilled, report.Payload.NumBatchesProcessed)
}

func deref(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

// kills runs a kill task and expects what its report says.
func (t *talk) kills(name, interval string, more killSpec, want string) {
	t.Helper()
	if got := t.report(t.submit(name, interval, more)); got != want {
		t.Errorf("%s: killed/batches %s, want %s", name, got, want)
	}
}

// has expects the rows of the datasource, used and unused.
func (t *talk) has(what string, want ...segment) {
	t.Helper()
	got := []string{}
	for _, r := range t.rows(t.T, t.ds) {
		got = append(got, r.ID)
	}
	if diff := cmp.Diff(ids(want...), sorted(got)); diff != "" {
		t.Errorf("%s: rows (-want +got):\n%s", what, diff)
	}
}

func unusedDays(dataSource, version string, n int) []segment {
	all := days(dataSource, version, n)
	for i := range all {
		all[i].used = false
	}
	return all
}

func TestKillContainment(t *testing.T) {
	onEach(t, func(t *talk) {
		all := unusedDays(t.ds, v1, 4)
		all[3].used = true
		t.add(t.T, all...)
		t.kills("none", "2024-01-01T01:00/2024-01-02T23:00", nil, "0/1")
		t.kills("middle", "2024-01-01T12:00/2024-01-03T12:00", nil, "1/2")
		t.has("after the middle", all[0], all[2], all[3])
		t.kills("rest", "2024-01-01/2024-02-01", nil, "2/2")
		t.has("used ones stay", all[3])
		if got := t.files(t.T, t.ds); len(got) != 1 {
			t.Errorf("files: got %v, want that of the used one", got)
		}
		t.kills("nothing", "2024-01-01/2024-02-01", nil, "0/1")
	})
}

func TestKillRemovesFolders(t *testing.T) {
	onEach(t, func(t *talk) {
		t.add(t.T, unusedDays(t.ds, v1, 2)...)
		if got := t.files(t.T, t.ds); len(got) != 2 {
			t.Fatalf("files before: got %v, want 2", got)
		}
		t.kills("all", "2024-01-01/2024-02-01", nil, "2/2")
		if got := t.folders(t.T); got[t.ds] {
			t.Errorf("the datasource's folder is still there")
		}
		t.has("nothing")
	})
}

func TestKillCutOff(t *testing.T) {
	onEach(t, func(t *talk) {
		all := unusedDays(t.ds, v1, 3)
		all[0].markedAt = "2024-06-01T12:00:00.000Z"
		all[1].markedAt = "NULL"
		all[2].markedAt = "2024-06-02T00:00:00.000Z"
		t.add(t.T, all...)
		at := func(cutOff string) killSpec { return killSpec{"maxUsedStatusLastUpdatedTime": cutOff} }
		const january = "2024-01-01/2024-02-01"
		t.kills("before", january, at("2024-06-01T11:59:59.999Z"), "0/1")
		t.has("before", all...)
		t.kills("equal", january, at("2024-06-01T12:00:00.000Z"), "1/2")
		t.has("equal", all[1], all[2])
		// An hour before the stamp, but in another offset: the texts are compared.
		t.kills("offset", january, at("2024-06-02T01:00:00.000+02:00"), "1/2")
		t.has("a NULL stamp is not before any cut-off", all[1])
		t.kills("later", january, at("2030-01-01T00:00:00.000Z"), "0/1")
		t.kills("none", january, nil, "1/2")
		t.has("without a cut-off it goes")
	})
}

func TestKillVersions(t *testing.T) {
	onEach(t, func(t *talk) {
		one, two, three := unusedDays(t.ds, v1, 1)[0], unusedDays(t.ds, v2, 1)[0], unusedDays(t.ds, v3, 1)[0]
		t.add(t.T, one, two, three)
		const january = "2024-01-01/2024-02-01"
		t.kills("empty", january, killSpec{"versions": []string{}}, "0/1")
		t.kills("unknown", january, killSpec{"versions": []string{"zz"}}, "0/1")
		t.has("after the empty and the unknown", one, two, three)
		t.kills("two", january, killSpec{"versions": []string{v1, v3}}, "2/2")
		t.has("after two", two)
	})
}

func TestKillLimits(t *testing.T) {
	onEach(t, func(t *talk) {
		t.add(t.T, unusedDays(t.ds, v1, 9)...)
		const january = "2024-01-01/2024-02-01"
		t.kills("one", january, killSpec{"limit": 1, "batchSize": 1}, "1/1")
		t.kills("limit below batch", january, killSpec{"limit": 2, "batchSize": 5}, "2/1")
		t.kills("two batches", january, killSpec{"limit": 3, "batchSize": 2}, "3/2")
		t.kills("rest in ones", january, killSpec{"batchSize": 1}, "3/4")
		t.has("none")
	})
}

// TestKillOddDates: far years and eternity are contained by what contains them.
func TestKillOddDates(t *testing.T) {
	onEach(t, func(t *talk) {
		near := unusedDays(t.ds, v1, 1)[0]
		far := segment{dataSource: t.ds, interval: "10000-01-01/P1D", version: v1}
		all := segment{dataSource: t.ds, interval: eternity, version: v1}
		t.add(t.T, near, far, all)
		t.kills("far", "9999-01-01/10002-01-01", nil, "1/2")
		t.has("far", near, all)
		t.kills("eternity", eternity, killSpec{"versions": []string{v1}}, "2/2")
		t.has("none")
	})
}

// TestKillTombstone: it has no file, but its row goes.
func TestKillTombstone(t *testing.T) {
	onEach(t, func(t *talk) {
		tombstone := unusedDays(t.ds, v1, 1)[0]
		tombstone.shardSpec = `{"type":"tombstone","partitionNum":0,"partitions":0}`
		t.add(t.T, tombstone)
		t.kills("tombstone", "2024-01-01/2024-02-01", nil, "1/2")
		t.has("none")
	})
}

// TestKillSharedFiles: the file of an upgraded segment stays until its last sharer goes, and while a used one needs it.
func TestKillSharedFiles(t *testing.T) {
	onEach(t, func(t *talk) {
		root := unusedDays(t.ds, v1, 1)[0]
		upgraded := segment{dataSource: t.ds, interval: root.interval, version: v2, upgradedFrom: root.id(), fileOf: root.id()}
		t.add(t.T, root, upgraded)
		const january = "2024-01-01/2024-02-01"
		t.kills("root", january, killSpec{"versions": []string{v1}}, "0/2")
		t.has("root", upgraded)
		if got := t.files(t.T, t.ds); len(got) != 1 {
			t.Errorf("the shared file: got %v, want it still there", got)
		}
		t.kills("last", january, nil, "1/2")
		t.has("last")
		if got := t.files(t.T, t.ds); len(got) != 0 {
			t.Errorf("the file of the last sharer: got %v, want none", got)
		}
	})
}

func TestKillKeepsFilesOfUsedSegments(t *testing.T) {
	onEach(t, func(t *talk) {
		old := unusedDays(t.ds, v1, 1)[0]
		live := segment{dataSource: t.ds, interval: old.interval, version: v2, fileOf: old.id(), used: true}
		t.add(t.T, old, live)
		t.kills("old", "2024-01-01/2024-02-01", nil, "0/2")
		t.has("old", live)
		if got := t.files(t.T, t.ds); len(got) != 1 {
			t.Errorf("the file: got %v, want it still there", got)
		}
	})
}

// TestKillFutureVersion: a version that sorts after the lock's fails the task, and nothing of the batch goes.
func TestKillFutureVersion(t *testing.T) {
	onEach(t, func(t *talk) {
		good, bad := unusedDays(t.ds, v1, 1)[0], unusedDays(t.ds, "v9", 2)[1]
		t.add(t.T, good, bad)
		id := t.submit("both", "2024-01-01/2024-02-01", nil)
		t.until("the end", func() bool { return t.task(id).Status != "RUNNING" })
		got := t.task(id)
		if got.Status != "FAILED" || !strings.Contains(deref(got.ErrorMsg), "can't cover segments") {
			t.Errorf("status: got %+v, %s", got, deref(got.ErrorMsg))
		}
		t.has("both", good, bad)
		if got := t.get(overlord + "/task/" + id + "/reports"); got.Status != 404 {
			t.Errorf("report of a failed task: got %+v", got)
		}
		t.kills("good", "2024-01-01/2024-02-01", killSpec{"versions": []string{v1}}, "1/2")
		t.has("good", bad)
	})
}

// TestKillLimitComesFirst: the limit is applied before the interval is looked at closely, which matters where texts do
// not sort as time does. Rows that are not in the interval can use it up, and then the task takes nothing.
func TestKillLimitComesFirst(t *testing.T) {
	onEach(t, func(t *talk) {
		const openEnd = "2024-01-01T00:00:00.000Z/146140482-04-24T15:36:27.903Z"
		eternity := segment{dataSource: t.ds, interval: "-146136543-09-08T08:23:32.096Z/146140482-04-24T15:36:27.903Z", version: v1}
		open := segment{dataSource: t.ds, interval: openEnd, version: v1}
		other := segment{dataSource: t.ds, interval: openEnd, version: v2}
		days := unusedDays(t.ds, v3, 2)
		t.add(t.T, append([]segment{eternity, open, other}, days...)...)
		narrow := killSpec{"versions": []string{v1}, "limit": 1, "batchSize": 100}
		t.kills("used up", openEnd, narrow, "0/1")
		t.kills("of another version", openEnd, killSpec{"versions": []string{v2}, "limit": 1, "batchSize": 100}, "1/1")
		t.kills("room for both", openEnd, killSpec{"versions": []string{v1}, "limit": 2, "batchSize": 100}, "1/1")
		late := segment{dataSource: t.ds, interval: "2024-01-01T12:00:00.000Z/146140482-04-24T15:36:27.903Z", version: v3}
		t.add(t.T, late)
		t.kills("a year that sorts early", "2024-01-01/2024-02-01", killSpec{"versions": []string{v3}, "limit": 100, "batchSize": 100}, "2/1")
		t.has("what is left", eternity, late)
	})
}

// TestKillLimitIsSoft: what keeps its file is not counted, so more rows than the limit can go; only the number of
// batches is bounded.
func TestKillLimitIsSoft(t *testing.T) {
	onEach(t, func(t *talk) {
		root := unusedDays(t.ds, v1, 1)[0]
		t.add(t.T, root)
		for partition := range 5 {
			t.add(t.T, segment{dataSource: t.ds, interval: root.interval, version: v2, partition: partition, core: 5,
				upgradedFrom: root.id(), fileOf: root.id()})
		}
		t.kills("soft", "2024-01-01/2024-02-01", killSpec{"versions": []string{v2}, "limit": 3, "batchSize": 2}, "0/2")
		if got := len(t.rows(t.T, t.ds)); got != 2 {
			t.Errorf("rows: got %d, want the root and one of five", got)
		}
	})
}
