package contract

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// unused is an element of the list of unused segments.
type unused struct {
	DataSegment struct {
		DataSource, Interval, Version, Identifier string
		Size                                      int
		ShardSpec, LoadSpec                       map[string]any
	}
	CreatedDate, UsedStatusLastUpdatedDate            string
	Used                                              bool
	SchemaFingerprint, NumRows, UpgradedFromSegmentID any
}

// lists asks for unused segments and returns their ids in order.
func (t *talk) lists(query string) []string {
	t.Helper()
	var list []unused
	t.must(t.get(coordinator+"/metadata/datasources/"+t.ds+"/unusedSegments"+query), &list)
	found := []string{}
	for _, u := range list {
		found = append(found, u.DataSegment.Identifier)
	}
	return found
}

func TestUnusedSegments(t *testing.T) {
	onEach(t, func(t *talk) {
		all := days(t.ds, v1, 4)
		for i := range all {
			all[i].used = false
		}
		all[1].markedAt = "NULL"
		far := segment{dataSource: t.ds, interval: "10000-01-01/P1D", version: v1}
		t.add(t.T, append(all, far)...)
		sorted := ids(append(all, far)...)

		if got := t.lists(""); !slices.Equal(slices.Sorted(slices.Values(got)), sorted) {
			t.Errorf("all: got %v", got)
		}
		backwards := slices.Clone(sorted)
		slices.Reverse(backwards)
		for query, want := range map[string][]string{
			"?sortOrder=ASC": sorted, "?sortOrder=desc": backwards, "?limit=0&sortOrder=asc": sorted,
			"?limit=2&sortOrder=ASC": sorted[:2], "?limit=2&sortOrder=DESC": backwards[:2],
			"?sortOrder=ASC&limit=2&lastSegmentId=" + sorted[1]:                 sorted[2:4],
			"?sortOrder=DESC&limit=9&lastSegmentId=" + sorted[1]:                sorted[:1],
			"?sortOrder=ASC&interval=2024-01-02_2024-01-04":                     {all[1].id(), all[2].id()},
			"?sortOrder=ASC&interval=2024-01-02%2F2024-01-04":                   {all[1].id(), all[2].id()},
			"?sortOrder=ASC&interval=2024-01-02T01:00_2024-01-04":               {all[2].id()},
			"?sortOrder=ASC&interval=9999-01-01_10002-01-01":                    {far.id()},
			"?sortOrder=ASC&interval=" + strings.Replace(eternity, "/", "_", 1): sorted,
			"?interval=2020/2021":                                               {},
		} {
			if diff := cmp.Diff(want, t.lists(query)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", query, diff)
			}
		}
		t.expect("unknown datasource", t.get(coordinator+"/metadata/datasources/"+t.ds+"x/unusedSegments"), 200, `[]`)
	})
}

func TestUnusedSegmentElement(t *testing.T) {
	onEach(t, func(t *talk) {
		day, blank := days(t.ds, v1, 2)[0], days(t.ds, v1, 2)[1]
		day.used, blank.used, blank.markedAt = false, false, "NULL"
		day.upgradedFrom = "something"
		t.add(t.T, day, blank)
		var list []unused
		t.must(t.get(coordinator+"/metadata/datasources/"+t.ds+"/unusedSegments?sortOrder=ASC"), &list)
		if len(list) != 2 {
			t.Fatalf("got %d segments, want 2", len(list))
		}
		var want unused
		want.DataSegment.DataSource, want.DataSegment.Version, want.DataSegment.Identifier = t.ds, v1, day.id()
		want.DataSegment.Interval, want.DataSegment.Size = "2024-01-01T00:00:00.000Z/2024-01-02T00:00:00.000Z", 1000
		want.DataSegment.ShardSpec = map[string]any{"type": "numbered", "partitionNum": 0.0, "partitions": 1.0}
		want.DataSegment.LoadSpec = list[0].DataSegment.LoadSpec
		want.CreatedDate, want.UsedStatusLastUpdatedDate = usual, usual
		if diff := cmp.Diff(want, list[0]); diff != "" {
			t.Errorf("element (-want +got):\n%s", diff)
		}
		if got := list[0].DataSegment.LoadSpec["type"]; got != "local" {
			t.Errorf("load spec: got type %v, want local", got)
		}
		if got := list[1].UsedStatusLastUpdatedDate; got <= "2026" {
			t.Errorf("a NULL stamp prints as the time of the request: got %s", got)
		}
	})
}

func TestUnusedSegmentsRefused(t *testing.T) {
	onEach(t, func(t *talk) {
		path := coordinator + "/metadata/datasources/" + t.ds + "/unusedSegments"
		for query, message := range map[string]string{
			"?limit=-1":          "Invalid limit[-1] specified. Limit must be > 0.",
			"?sortOrder=foo":     "Unexpected value[foo] for SortOrder. Possible values are: [ASC, DESC]",
			"?lastSegmentId=foo": "Invalid lastSegmentId[foo] specified.",
			"?interval=abc":      "Invalid interval[abc]: [Format requires a '/' separator: abc]",
		} {
			t.expect(query, t.get(path+query), 400, `{"error":"druidException","errorCode":"invalidInput","persona":"USER",`+
				`"category":"INVALID_INPUT","errorMessage":"`+message+`","context":{}}`)
		}
		t.expect("?limit=x", t.get(path+"?limit=x"), 404, "")
	})
}

func TestUsedSegments(t *testing.T) {
	onEach(t, func(t *talk) {
		used, gone := days(t.ds, v1, 2), days(t.ds, v2, 1)[0]
		gone.used = false
		path := coordinator + "/metadata/datasources/" + t.ds
		for _, call := range []string{"", "/segments", "/segments?full", "/segments/garbage"} {
			t.expect("before: "+call, t.get(path+call), 404, "")
		}
		t.add(t.T, append(used, gone)...)
		t.seen(2)
		var listed []string
		t.must(t.get(path+"/segments"), &listed)
		if diff := cmp.Diff(ids(used...), sorted(listed)); diff != "" {
			t.Errorf("ids (-want +got):\n%s", diff)
		}
		t.expect("ids of an interval", t.post(path+"/segments", `["2024-01-01T12:00/2024-01-01T13:00"]`), 200, asJSON(ids(used[0])))
		t.expect("beside it", t.post(path+"/segments", `["2024-01-03/2024-01-04"]`), 200, `[]`)
		var full []struct{ Identifier string }
		t.must(t.post(path+"/segments?full", `["2024-01-01/2024-01-10"]`), &full)
		if len(full) != 2 || !strings.HasPrefix(full[0].Identifier, t.ds+"_2024-01-0") {
			t.Errorf("full: got %+v", full)
		}
		if got := t.post(path+"/segments", `[]`); got.Status != 500 || !strings.Contains(got.Body, "null/empty intervals") {
			t.Errorf("no intervals: got %+v", got)
		}
		if got := t.post(path+"/segments", `["abc"]`); got.Status != 400 || errorOf(got) == "" {
			t.Errorf("a bad interval: got %+v", got)
		}
		t.expect("one", t.get(path+"/segments/"+used[0].id()), 200, t.flat(used[0].id()))
		t.expect("an unused one", t.get(path+"/segments/"+gone.id()), 404, "")
		if got := t.get(path + "/segments/" + gone.id() + "?includeUnused=true"); got.Status != 200 {
			t.Errorf("an unused one, asked for: got %+v", got)
		}
		if got := t.get(path + "/segments/garbage"); got.Status != 500 || !strings.Contains(got.Body, "Could not parse segment ID[garbage]") {
			t.Errorf("garbage: got %+v", got)
		}
		t.expect("realtime alone", t.get(coordinator+"/metadata/segments?includeRealtimeSegments"), 400, "")
	})
}

// flat is the JSON of a segment in the list of all.
func (t *talk) flat(id string) string {
	t.Helper()
	var list []json.RawMessage
	t.must(t.get(coordinator+"/metadata/segments?datasources="+t.ds), &list)
	for _, one := range list {
		if strings.Contains(string(one), `"identifier":"`+id+`"`) {
			return string(one)
		}
	}
	t.Fatalf("%s is not listed", id)
	return ""
}

// TestListsFollowThePoll: lists of used segments are the Coordinator's snapshot, that of unused ones the table.
func TestListsFollowThePoll(t *testing.T) {
	onEach(t, func(t *talk) {
		all := days(t.ds, v1, 2)
		t.add(t.T, all...)
		t.seen(2)
		names := func(query string) (found bool) {
			var list []string
			t.must(t.get(coordinator+"/metadata/datasources"+query), &list)
			return slices.Contains(list, t.ds)
		}
		if !names("") || !names("?includeUnused") {
			t.Error("the datasource is not listed")
		}
		t.marks("unused", t.send("DELETE", t.markPath(), ""), "2")
		if got := t.lists(""); len(got) != 2 {
			t.Errorf("unused: got %v, want 2", got)
		}
		t.seen(0)
		if names("") || !names("?includeUnused") {
			t.Error("want the datasource only with its unused segments")
		}
	})
}

func TestReplicationFactor(t *testing.T) {
	onEach(t, func(t *talk) {
		below, above := days(t.ds, v1, 1)[0], days(t.ds, v2, 1)[0]
		t.add(t.T, below, above)
		t.seen(2)
		t.runs(2)
		if got, want := t.status(above), (status{false, "0"}); got != want {
			t.Errorf("with zero replicas: got %+v, want %+v", got, want)
		}
		if got, want := t.status(below), (status{true, "0"}); got != want {
			t.Errorf("overshadowed: got %+v, want %+v", got, want)
		}
		t.setRules(`[{"type":"loadForever","tieredReplicants":{"nowhere":1,"neither":2}}]`)
		defer t.setRules(`[]`)
		t.until("three replicas", func() bool { return t.status(above).Replicas == "3" })
	})
}
