package druidapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"coppice/internal/druid"

	"github.com/google/go-cmp/cmp"
)

var ctx = context.Background()

// unusedPath is of a datasource whose name needs escaping.
const (
	oddName    = "web/ä b?"
	unusedPath = "GET /druid/coordinator/v1/metadata/datasources/web%2F%C3%A4%20b%3F/unusedSegments"
)

// unusedJSON is one element; a stamp of "" is null.
func unusedJSON(day int, stamp string) string {
	marked := "null"
	if stamp != "" {
		marked = strconv.Quote(stamp)
	}
	return fmt.Sprintf(`{"dataSegment":{"dataSource":%q,"interval":"2026-01-%02d/2026-01-%02d","version":"v1","loadSpec":{"type":"local"},`+
		`"size":7},"createdDate":"2026-01-01T00:00:00.000Z","usedStatusLastUpdatedDate":%s,"used":false,"upgradedFromSegmentId":null}`,
		oddName, day, day+1, marked)
}

// pages answers by the number of the day in lastSegmentId.
func pages(answers map[string]string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		last := r.URL.Query().Get("lastSegmentId")
		if i := strings.Index(last, "_2026-01-"); i >= 0 {
			last = last[i+9 : i+11]
		}
		says("["+answers[last]+"]")(w, r)
	}
}

func readUnused(c *Client, asked druid.Instant) (records []druid.SegmentRecord, odd int, err error) {
	err = c.Unused(ctx, oddName, asked, func(r *druid.SegmentRecord) error {
		records = append(records, *r)
		return nil
	}, func(druid.OddRecord) error {
		odd++
		return nil
	})
	return records, odd, err
}

func TestUnusedPages(t *testing.T) {
	const asked = druid.Instant(1780000000000) // 2026-05-28
	f := newFake(t, map[string]http.HandlerFunc{unusedPath: pages(map[string]string{
		"":   unusedJSON(1, "2026-02-01T00:00:00.000Z") + "," + unusedJSON(2, ""),
		"02": unusedJSON(3, asked.String()), // a short page is not the last
		"03": unusedJSON(4, (asked - 1).String()),
	})})
	records, odd, err := readUnused(f.client(t), asked)
	if err != nil || odd != 0 || len(records) != 4 {
		t.Fatalf("%d records, %d odd, %v", len(records), odd, err)
	}
	want := []druid.Instant{1769904000000, druid.NoInstant, druid.NoInstant, asked - 1}
	for i, record := range records {
		if record.Used || record.MarkedAt != want[i] {
			t.Errorf("record %d: %+v, want MarkedAt %v", i, record, want[i])
		}
	}
	if len(f.asked) != 4 || !strings.Contains(f.asked[0], "limit=5000&sortOrder=ASC") {
		t.Errorf("asked %v", f.asked)
	}
}

func TestUnusedStampsByTheServersClock(t *testing.T) {
	// The Coordinator's clock is behind ours: what it prints for NULL is older than our request, but not older than
	// its own earlier answer.
	f := newFake(t, map[string]http.HandlerFunc{
		unusedPath: pages(map[string]string{"": unusedJSON(1, "2026-03-01T00:00:07.000Z")}),
		"GET /druid/coordinator/v1/config": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Date", "Sun, 01 Mar 2026 00:00:06 GMT")
			says(`{"pauseCoordination":true}`)(w, r)
		}})
	c := f.client(t)
	if paused, err := c.Paused(ctx); err != nil || !paused {
		t.Fatal(paused, err)
	}
	records, _, err := readUnused(c, 1780000000000)
	if err != nil || len(records) != 1 || records[0].MarkedAt != druid.NoInstant {
		t.Errorf("got %+v, %v", records, err)
	}
}

func TestUnusedThatMisbehaves(t *testing.T) {
	stamp := "2026-02-01T00:00:00.000Z"
	cases := []struct {
		name   string
		answer http.HandlerFunc
		say    string
	}{
		{"the same page for ever", says("[" + unusedJSON(1, stamp) + "]"), "does not advance"},
		{"pages in a circle", pages(map[string]string{"": unusedJSON(1, stamp), "01": unusedJSON(2, stamp), "02": unusedJSON(1, stamp)}), "does not advance"},
		{"another datasource", says(`[{"dataSegment":` + fmt.Sprintf(segmentJSON, 0) + `}]`), "another datasource"},
		{"not offered", fails(404, ""), ErrNoUnusedList.Error()},
		{"second page fails", func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Has("lastSegmentId") {
				w.WriteHeader(500)
				return
			}
			says("["+unusedJSON(1, stamp)+"]")(w, r)
		}, "500"},
		{"not an object", says(`["x"]`), "cannot be read"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f := newFake(t, map[string]http.HandlerFunc{unusedPath: c.answer})
			if _, _, err := readUnused(f.client(t), 1780000000000); err == nil || !strings.Contains(err.Error(), c.say) {
				t.Errorf("got %v, want %q", err, c.say)
			}
		})
	}
}

func TestRules(t *testing.T) {
	var posted []string
	f := newFake(t, map[string]http.HandlerFunc{
		"GET /druid/coordinator/v1/rules":              says(`{"_default":[{"type":"loadForever"}],"wiki":[],"history":[{"type":"dropForever"}],"bad":{"x":1}}`),
		"GET /druid/coordinator/v1/rules/wiki":         says(`[]`),
		"GET /druid/coordinator/v1/rules/a%2Fb":        says(`[{"type":"dropForever"}]`),
		"GET /druid/coordinator/v1/rules/wiki/history": says(`[{"key":"wiki","payload":"[{\"type\":\"dropForever\"}]","auditTime":"2026-01-02T00:00:00.000Z","auditInfo":{"author":"anna"}},{"payload":"{","auditTime":"x"}]`),
		"POST /druid/coordinator/v1/rules/wiki": func(_ http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			posted = append(posted, r.Header.Get("X-Druid-Author")+"|"+r.Header.Get("X-Druid-Comment")+"|"+string(body))
		},
	})
	c := f.client(t)
	records, err := c.AllRules(ctx)
	slices.SortFunc(records, func(a, b druid.RuleRecord) int { return strings.Compare(a.Key, b.Key) })
	if err != nil || len(records) != 4 || records[1].Problem == "" || records[0].Problem != "" || records[0].List[0].Type != "loadForever" {
		t.Errorf("all rules: %+v, %v", records, err)
	}
	for key, want := range map[string]int{"wiki": 0, "a/b": 1, "history": 1} {
		list, set, err := c.Rules(ctx, key)
		if err != nil || len(list) != want || set != (want > 0) {
			t.Errorf("rules of %s: %v %v %v", key, list, set, err)
		}
	}
	history, err := c.RuleHistory(ctx, "wiki")
	if err != nil || len(history) != 2 || history[0].Author != "anna" || history[0].Since != 1767312000000 || history[1].Problem == "" || history[1].Since.Known() {
		t.Errorf("history: %+v, %v", history, err)
	}
	list, err := druid.ParseRuleList([]byte(`[{"type":"dropForever"}]`))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(c.SetRules(ctx, "wiki", list, "anna\r\nX: y", "grün"), c.SetRules(ctx, "wiki", nil, "", "")); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{`anna??X: y|gr?n|[{"type":"dropForever"}]`, `||[]`}, posted); diff != "" {
		t.Error(diff)
	}
}

var killTask = druid.KillTask{ID: "coppice-1", DataSource: "wiki", Interval: druid.Interval{Start: 0, End: 86400000}, Versions: []string{"v1"},
	BatchSize: 10, Limit: 10, MaxUsedStatusLastUpdated: 86400000, Context: map[string]json.RawMessage{"a": json.RawMessage("1")}}

func TestSubmitKill(t *testing.T) {
	const path = "POST /druid/indexer/v1/task"
	submit := func(answer http.HandlerFunc, task druid.KillTask) (asked string, err error) {
		f := newFake(t, withOverlord(map[string]http.HandlerFunc{path: answer}))
		err = f.client(t).SubmitKill(ctx, task)
		return f.asked[len(f.asked)-1], err
	}
	asked, err := submit(says(`{"task":"coppice-1"}`), killTask)
	want := `POST /druid/indexer/v1/task {"type":"kill","id":"coppice-1","dataSource":"wiki","interval":"1970-01-01T00:00:00.000Z/1970-01-02T00:00:00.000Z",` +
		`"versions":["v1"],"batchSize":10,"limit":10,"maxUsedStatusLastUpdatedTime":"1970-01-02T00:00:00.000Z","context":{"a":1}}`
	if err != nil || asked != want {
		t.Errorf("%v\n%s\nwant\n%s", err, asked, want)
	}
	for _, body := range []string{`{"error":"druidException","errorCode":"entryAlreadyExists"}`, `{"error":"Task [coppice-1] already exists."}`} {
		if _, err := submit(fails(400, body), killTask); !errors.Is(err, druid.ErrTaskExists) {
			t.Errorf("%s gives %v", body, err)
		}
	}
	if _, err := submit(fails(400, `{"error":"interval empty"}`), killTask); err == nil || errors.Is(err, druid.ErrTaskExists) {
		t.Errorf("another refusal gives %v", err)
	}
	all := killTask
	all.Versions = nil
	if asked, err := submit(says(`{"task":"coppice-1"}`), all); err != nil || !strings.Contains(asked, `"versions":[]`) {
		t.Errorf("no versions are sent as %s, which must not mean all of them; %v", asked, err)
	}
	if _, err := submit(says(`{"task":"other"}`), killTask); err == nil {
		t.Error("another task's id is accepted")
	}
}

func TestKillTasks(t *testing.T) {
	lists := map[string]string{
		"waiting": `[{"id":"a","type":"kill"},{"id":"moves","type":"kill"}]`,
		"pending": `[{"id":"moves","type":"kill"},{"id":"b","type":null},{"id":"c","type":"compact"}]`,
		"running": `[{"id":"moves","type":"kill"},{"id":"d","type":"kill"}]`,
	}
	const path = "/druid/indexer/v1/tasks"
	kills := func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("type") != "kill" {
			t.Errorf("asked for %s", r.URL)
		}
		says(lists[r.URL.Query().Get("state")])(w, r)
	}
	read := func() ([]druid.TaskStatus, error) {
		return newFake(t, withOverlord(map[string]http.HandlerFunc{"GET " + path: kills})).client(t).KillTasks(ctx)
	}
	got, err := read()
	want := []druid.TaskStatus{{ID: "a", State: druid.TaskWaiting}, {ID: "moves", State: druid.TaskRunning}, {ID: "b", State: druid.TaskPending},
		{ID: "d", State: druid.TaskRunning}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	for _, bad := range []string{`[{"type":"kill"}]`, `{}`} {
		lists["pending"] = bad
		if got, err := read(); err == nil {
			t.Errorf("%s: got %v", bad, got)
		}
	}
	if got, err := newFake(t, withOverlord(map[string]http.HandlerFunc{})).client(t).KillTasks(ctx); err == nil || !strings.Contains(err.Error(), "read kill tasks") {
		t.Errorf("where there is no list: %v, %v", got, err)
	}
}

func TestTaskStatus(t *testing.T) {
	for answer, want := range map[string]druid.TaskState{
		`{"task":"x","status":{"id":"x","statusCode":"RUNNING","runnerStatusCode":"WAITING"}}`:                druid.TaskWaiting,
		`{"task":"x","status":{"id":"x","statusCode":"RUNNING","runnerStatusCode":"PENDING"}}`:                druid.TaskPending,
		`{"task":"x","status":{"id":"x","statusCode":"RUNNING","runnerStatusCode":"RUNNING"}}`:                druid.TaskRunning,
		`{"task":"x","status":{"id":"x","statusCode":"SUCCESS","runnerStatusCode":"WAITING"}}`:                druid.TaskSucceeded,
		`{"task":"x","status":{"id":"x","statusCode":"FAILED","runnerStatusCode":"WAITING","errorMsg":"no"}}`: druid.TaskFailed,
		`{"task":"x","status":null}`: druid.TaskUnknown,
	} {
		f := newFake(t, withOverlord(map[string]http.HandlerFunc{"GET /druid/indexer/v1/task/x/status": says(answer)}))
		if got, err := f.client(t).TaskStatus(ctx, "x"); err != nil || got.State != want || got.ID != "x" {
			t.Errorf("%s: %+v, %v", answer, got, err)
		}
	}
	f := newFake(t, withOverlord(map[string]http.HandlerFunc{
		"GET /druid/indexer/v1/task/y/status":    says(`{"task":"y","status":{"id":"y","statusCode":"STRANGE"}}`),
		"GET /druid/indexer/v1/task/x/reports":   says(`{"killUnusedSegments":{"payload":{"numSegmentsKilled":3,"numBatchesProcessed":2}}}`),
		"GET /druid/indexer/v1/task/y/reports":   says(`{}`),
		"POST /druid/indexer/v1/task/x/shutdown": says(`{"task":"x"}`),
	}))
	c := f.client(t)
	if status, err := c.TaskStatus(ctx, "y"); err == nil {
		t.Errorf("an unknown state is taken for %v", status.State)
	}
	if report, ok, err := c.KillReport(ctx, "x"); err != nil || !ok || report != (druid.KillReport{Segments: 3, Batches: 2}) {
		t.Errorf("report %+v %v %v", report, ok, err)
	}
	for _, id := range []string{"y", "unknown"} {
		if _, ok, err := c.KillReport(ctx, id); ok || err != nil {
			t.Errorf("report of %s: %v %v", id, ok, err)
		}
	}
	if err := c.Shutdown(ctx, "x"); err != nil {
		t.Error(err)
	}
}

func TestMarks(t *testing.T) {
	id := druid.SegmentID{DataSource: "wiki", Interval: druid.Interval{Start: 0, End: 86400000}, Version: "v1", Partition: 3}
	f := newFake(t, withOverlord(map[string]http.HandlerFunc{
		"POST /druid/indexer/v1/datasources/wiki/markUnused":   says(`{"numChangedSegments":1,"segmentStateChanged":true}`),
		"POST /druid/coordinator/v1/datasources/wiki/markUsed": says(`{"numChangedSegments":2}`),
		"POST /druid/indexer/v1/datasources/x/markUsed":        says(`{"segmentStateChanged":true}`),
		"POST /druid/indexer/v1/datasources/y/markUsed":        fails(204, ""),
	}))
	c := f.client(t)
	if n, err := c.MarkUnused(ctx, "wiki", []druid.SegmentID{id}); n != 1 || err != nil {
		t.Errorf("markUnused: %d, %v", n, err)
	}
	if asked := f.asked[len(f.asked)-1]; !strings.HasSuffix(asked, `{"segmentIds":["wiki_1970-01-01T00:00:00.000Z_1970-01-02T00:00:00.000Z_v1_3"]}`) {
		t.Error(asked)
	}
	if n, err := c.MarkUsed(ctx, "wiki", nil); n != 2 || err != nil {
		t.Errorf("markUsed of an old Druid: %d, %v", n, err)
	}
	if n, err := c.MarkUsed(ctx, "x", nil); err == nil {
		t.Errorf("an answer without a count is taken for %d", n)
	}
	if n, err := c.MarkUsed(ctx, "y", nil); n != 0 || err != nil {
		t.Errorf("204: %d, %v", n, err)
	}
}

func TestClaims(t *testing.T) {
	routes := withOverlord(map[string]http.HandlerFunc{
		"GET /druid/indexer/v1/tasks": func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Get("state") == "pending" {
				says(`[]`)(w, r)
				return
			}
			says(`[{"id":"k","type":"kill","dataSource":"wiki"},{"id":"gone","dataSource":"wiki"},{"id":"other","dataSource":"other"}]`)(w, r)
		},
		"GET /druid/indexer/v1/task/k": says(`{"task":"k","payload":{"type":"kill","interval":"2026-01-01/2026-01-02"}}`),
		"POST /druid/indexer/v1/activeLocks": says(`{"datasourceToLocks":{"wiki":[{"groupId":"g","interval":"2026-01-03/2026-01-04"},` +
			`{"groupId":"r","interval":"2026-01-05/2026-01-06","revoked":true}]}}`),
		"POST /druid/indexer/v1/lockedIntervals/v2": says(`{"wiki":["2026-01-03/2026-01-04","nonsense"]}`),
	})
	words := func(claims []druid.Claim) (all []string) {
		for _, c := range claims {
			all = append(all, fmt.Sprintf("%s %s %s %s", c.DataSource, c.Interval, c.Kind, c.By))
		}
		return all
	}
	const day = "2026-01-01T00:00:00.000Z/2026-01-02T00:00:00.000Z"
	f := newFake(t, routes)
	claims, err := f.client(t).Claims(ctx, []string{"wiki"})
	want := []string{"wiki " + day + " task k", "wiki 2026-01-03T00:00:00.000Z/2026-01-04T00:00:00.000Z lock g"}
	if diff := cmp.Diff(want, words(claims)); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	if asked := f.asked[len(f.asked)-1]; !strings.HasSuffix(asked, `[{"datasource":"wiki","priority":-2147483648}]`) {
		t.Error(asked)
	}
	delete(routes, "POST /druid/indexer/v1/activeLocks")
	claims, err = f.client(t).Claims(ctx, []string{"wiki"})
	if err != nil || len(claims) != 3 || claims[2].Interval != druid.Eternity {
		t.Errorf("an older Druid: %v, %v", words(claims), err)
	}
	delete(routes, "POST /druid/indexer/v1/lockedIntervals/v2")
	if claims, err = f.client(t).Claims(ctx, []string{"wiki"}); err == nil {
		t.Errorf("no call for locks is taken for %v", claims)
	}
	routes["POST /druid/indexer/v1/activeLocks"] = says(`{}`)
	if claims, err = f.client(t).Claims(ctx, []string{"wiki"}); err == nil {
		t.Errorf("an answer without locks is taken for %v", claims)
	}
}

func TestState(t *testing.T) {
	f := newFake(t, withOverlord(map[string]http.HandlerFunc{
		"GET /status":                                               says(`{"version":"33.0.0","modules":[]}`),
		"GET /druid/coordinator/v1/servers":                         says(`[{"tier":"hot","type":"historical"},{"tier":"x","type":"indexer-executor"}]`),
		"GET /druid/coordinator/v1/duties":                          says(`{"dutyGroups":[{"name":"HistoricalManagementDuties","period":"PT60S","lastRunStart":"2026-01-01T00:00:00.000Z","lastRunEnd":null}]}`),
		"GET /druid/coordinator/v1/metadata/datasources":            says(`["b","a"]`),
		"GET /druid/coordinator/v1/metadata/datasources/a/segments": says(`["x","y"]`),
	}))
	c := f.client(t)
	if version, err := c.Version(ctx); version != "33.0.0" || err != nil {
		t.Errorf("version %q, %v", version, err)
	}
	if tiers, err := c.Tiers(ctx); err != nil || !slices.Equal(tiers, []string{"hot"}) {
		t.Errorf("tiers %v, %v", tiers, err)
	}
	groups, known, err := c.Duties(ctx)
	if diff := cmp.Diff([]druid.DutyGroup{{Name: "HistoricalManagementDuties", PeriodMillis: 60000, LastRunStart: 1767225600000, LastRunEnd: druid.NoInstant}}, groups); err != nil || !known || diff != "" {
		t.Errorf("duties %v %s", err, diff)
	}
	if names, err := c.Datasources(ctx); err != nil || !slices.Equal(names, []string{"b", "a"}) {
		t.Errorf("datasources %v, %v", names, err)
	}
	for name, want := range map[string]int{"a": 2, "gone": 0} {
		if ids, err := c.SnapshotIDs(ctx, name); err != nil || len(ids) != want {
			t.Errorf("snapshot of %s: %v, %v", name, ids, err)
		}
	}
}

func TestVersionBehindRouter(t *testing.T) {
	overlord := newFake(t, map[string]http.HandlerFunc{"GET /status": says(`{"version":"9.1.0"}`)})
	f := newFake(t, withOverlord(map[string]http.HandlerFunc{
		"GET /status":                   says(`{"version":"37.0.0"}`),
		"GET /proxy/coordinator/status": says(`{"version":"33.0.0"}`),
		"GET /proxy/overlord/status":    says(`{"version":"28.0.1"}`),
	}))
	if version, err := f.client(t).Version(ctx); version != "28.0.1" || err != nil {
		t.Errorf("behind a Router: %q, %v", version, err)
	}
	g := newFake(t, map[string]http.HandlerFunc{"GET /status": says(`{"version":"33.0.0-SNAPSHOT"}`)})
	if version, err := g.client(t, func(o *Options) { o.Overlord = overlord.URL }).Version(ctx); version != "9.1.0" || err != nil {
		t.Errorf("with an Overlord elsewhere: %q, %v", version, err)
	}
	h := newFake(t, withOverlord(map[string]http.HandlerFunc{"GET /status": says(`{"version":""}`)}))
	if version, err := h.client(t).Version(ctx); err == nil {
		t.Errorf("no version is taken for %q", version)
	}
}

func TestUsedSegmentsNow(t *testing.T) {
	f := newFake(t, map[string]http.HandlerFunc{"POST /druid/coordinator/v1/metadata/datasources/wiki/segments": says("[" + fmt.Sprintf(segmentJSON, 1) + "]"),
		"POST /druid/coordinator/v1/metadata/datasources/bad/segments": says(`[{}]`)})
	ids, err := f.client(t).UsedSegments(ctx, "wiki", druid.Interval{Start: 0, End: 86400000})
	if err != nil || len(ids) != 1 || ids[0].Partition != 1 || ids[0].Version != "v1" {
		t.Errorf("%v, %v", ids, err)
	}
	if asked := f.asked[0]; !strings.HasSuffix(asked, `/segments?full= ["1970-01-01T00:00:00.000Z/1970-01-02T00:00:00.000Z"]`) {
		t.Error(asked)
	}
	if ids, err := f.client(t).UsedSegments(ctx, "bad", druid.Eternity); err == nil {
		t.Errorf("an unreadable segment is taken for %v", ids)
	}
}
