package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"
)

// batch is a native batch task.
type batch struct {
	// days are the days that it writes, as numbers of days before today.
	days []int
	// rows is how many rows each day gets.
	rows int
	// appending adds partitions to what is there instead of replacing it.
	appending bool
}

// ingest runs native batch tasks with rows of their own, one after the other, and waits until each has succeeded.
func (w *world) ingest(dataSource string, batches ...batch) {
	w.Helper()
	for _, b := range batches {
		var answer struct{ Task string }
		w.ask(http.MethodPost, overlord+"/task", b.spec(dataSource), &answer)
		w.succeeds(answer.Task)
	}
}

// spec is an index_parallel task with an inline input source.
func (b batch) spec(dataSource string) string {
	var data strings.Builder
	var intervals []string
	for _, d := range b.days {
		intervals = append(intervals, dayOf(d))
		for n := range b.rows {
			fmt.Fprintf(&data, `{"t":"%sT%02d:00:00Z","page":"page %d"}`+"\n", day(d), n%24, n)
		}
	}
	type object map[string]any
	return asJSON(object{"type": "index_parallel", "spec": object{
		"dataSchema": object{
			"dataSource": dataSource, "timestampSpec": object{"column": "t", "format": "iso"},
			"dimensionsSpec":  object{"dimensions": []string{"page"}},
			"granularitySpec": object{"segmentGranularity": "DAY", "queryGranularity": "NONE", "rollup": false, "intervals": intervals},
		},
		"ioConfig": object{
			"type": "index_parallel", "inputSource": object{"type": "inline", "data": data.String()},
			"inputFormat": object{"type": "json"}, "appendToExisting": b.appending,
		},
		"tuningConfig": object{"type": "index_parallel", "partitionsSpec": object{"type": "dynamic"}},
	}})
}

func asJSON(value any) string {
	data, err := json.Marshal(value)
	if err != nil {
		panic(err) // a value of a test
	}
	return string(data)
}

// taskStatus is what is said of a task: RUNNING, SUCCESS or FAILED; empty for one that is not known.
func (w *world) taskStatus(id string) string {
	w.Helper()
	status, text := w.send(http.MethodGet, overlord+"/task/"+id+"/status", "")
	if status == http.StatusNotFound {
		return ""
	}
	var answer struct {
		Status struct{ Status, ErrorMsg string }
	}
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		w.Fatalf("status of %s: %v in %s", id, err, text)
	}
	if answer.Status.ErrorMsg != "" {
		w.Logf("%s: %s", id, answer.Status.ErrorMsg)
	}
	return answer.Status.Status
}

func (w *world) succeeds(id string) {
	w.Helper()
	w.until("the end of "+id, time.Minute, func() bool { return w.taskStatus(id) != "RUNNING" })
	if got := w.taskStatus(id); got != "SUCCESS" {
		w.Fatalf("task %s: %s", id, got)
	}
}

// killed is what Druid's own report says of a kill task.
func (w *world) killed(id string) int64 {
	w.Helper()
	var answer struct {
		KillUnusedSegments struct {
			Payload struct{ NumSegmentsKilled int64 }
		}
	}
	w.ask(http.MethodGet, overlord+"/task/"+id+"/reports", "", &answer)
	return answer.KillUnusedSegments.Payload.NumSegmentsKilled
}

// hold submits an ingestion that waits for its input, and so holds an exclusive lock, until it is released.
func (w *world) hold(dataSource, interval string) (release func()) {
	w.Helper()
	freed, free := context.WithCancel(context.WithoutCancel(w.Context()))
	input := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-freed.Done():
		case <-r.Context().Done():
		}
	}))
	id := "hold_" + dataSource
	type object map[string]any
	w.ask(http.MethodPost, overlord+"/task", asJSON(object{"type": "index_parallel", "id": id, "spec": object{
		"dataSchema": object{
			"dataSource": dataSource, "timestampSpec": object{"column": "t", "format": "iso"},
			"dimensionsSpec":  object{"dimensions": []string{"a"}},
			"granularitySpec": object{"segmentGranularity": "DAY", "intervals": []string{interval}},
		},
		"ioConfig": object{"type": "index_parallel", "inputSource": object{"type": "http", "uris": []string{input.URL + "/rows"}},
			"inputFormat": object{"type": "json"}},
		"tuningConfig": object{"type": "index_parallel", "partitionsSpec": object{"type": "dynamic"}},
	}}), nil)
	w.until("the lock of "+id, 30*time.Second, func() bool { return w.locked(dataSource) })
	release = sync.OnceFunc(func() {
		free()
		input.CloseClientConnections()
		w.ask(http.MethodPost, overlord+"/task/"+id+"/shutdown", "", nil)
		input.Close()
		w.until("the lock is gone", 30*time.Second, func() bool { return !w.locked(dataSource) })
	})
	return release
}

func (w *world) locked(dataSource string) bool {
	w.Helper()
	var locks map[string][]string
	w.ask(http.MethodPost, overlord+"/lockedIntervals/v2", asJSON([]any{map[string]any{"datasource": dataSource}}), &locks)
	return len(locks[dataSource]) > 0
}

// markUnused marks segments as a person does, by hand.
func (w *world) markUnused(dataSource string, ids ...string) {
	w.Helper()
	w.ask(http.MethodPost, overlord+"/datasources/"+dataSource+"/markUnused", asJSON(map[string]any{"segmentIds": ids}), nil)
}

// age moves a datasource's past back by so many days: when its unused segments were marked, and since when its rules
// have been in force. Graces are counted in days, and no test can wait that long; nothing but these moments is changed.
func (w *world) age(dataSource string, days int) {
	w.Helper()
	then := instant(days)
	w.exec(`UPDATE druid_segments SET used_status_last_updated = $2 WHERE datasource = $1 AND NOT used`, dataSource, then)
	w.exec(`UPDATE druid_rules SET id = datasource || '_' || $2::text, version = $2::text WHERE datasource = $1`, dataSource, then)
	// The audit log, from which the history is read over HTTP, has the moment in a column and inside its document.
	w.exec(`UPDATE druid_audit SET created_date = $2::text, payload = convert_to(replace(convert_from(payload, 'UTF8'), created_date, $2::text), 'UTF8')
		WHERE audit_key = $1 AND type = 'rules'`, dataSource, then)
}
