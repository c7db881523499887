package contract

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRulesNormalised(t *testing.T) {
	const two = `"tieredReplicants":{"_default_tier":2},"useDefaultTierForNull":true`
	cases := []struct{ name, posted, stored string }{
		{"period with blanks, small letters, defaults", `[{"type":"loadByPeriod","period":" p1m "}]`,
			`[{"period":"P1M","includeFuture":true,` + two + `,"type":"loadByPeriod"}]`},
		{"number is milliseconds", `[{"type":"dropByPeriod","period":30}]`,
			`[{"period":"PT0.030S","includeFuture":true,"type":"dropByPeriod"}]`},
		{"blank period is null", `[{"type":"dropBeforeByPeriod","period":""}]`, `[{"period":null,"type":"dropBeforeByPeriod"}]`},
		{"zero and mixed periods", `[{"type":"dropBeforeByPeriod","period":"P0D"},{"type":"dropBeforeByPeriod","period":"P1W2D"}]`,
			`[{"period":"PT0S","type":"dropBeforeByPeriod"},{"period":"P1W2D","type":"dropBeforeByPeriod"}]`},
		{"interval with a period", `[{"type":"dropByInterval","interval":"2024-01-05/P1M"}]`,
			`[{"interval":"2024-01-05T00:00:00.000Z/2024-02-05T00:00:00.000Z","type":"dropByInterval"}]`},
		{"interval with an offset", `[{"type":"dropByInterval","interval":"2024-01-01T00:00:00+02:00/P1D"}]`,
			`[{"interval":"2023-12-31T22:00:00.000Z/2024-01-01T22:00:00.000Z","type":"dropByInterval"}]`},
		{"years", `[{"type":"loadByInterval","interval":"2024/2025"}]`,
			`[{"interval":"2024-01-01T00:00:00.000Z/2025-01-01T00:00:00.000Z",` + two + `,"type":"loadByInterval"}]`},
		{"zero length and eternity", `[{"type":"dropByInterval","interval":"2024/2024"},
			{"type":"dropByInterval","interval":"-146136543-09-08T08:23:32.096Z/146140482-04-24T15:36:27.903Z"}]`,
			`[{"interval":"2024-01-01T00:00:00.000Z/2024-01-01T00:00:00.000Z","type":"dropByInterval"},` +
				`{"interval":"-146136543-09-08T08:23:32.096Z/146140482-04-24T15:36:27.903Z","type":"dropByInterval"}]`},
		{"replicas in a string", `[{"type":"loadForever","tieredReplicants":{"hot":"1"}}]`,
			`[{"tieredReplicants":{"hot":1},"useDefaultTierForNull":true,"type":"loadForever"}]`},
		{"no default tier", `[{"type":"loadForever","useDefaultTierForNull":false}]`,
			`[{"tieredReplicants":{},"useDefaultTierForNull":false,"type":"loadForever"}]`},
		{"fields of other kinds and typos vanish", `[{"type":"dropForever","tieredReplicants":{"hot":1},"periode":"P1D"}]`,
			`[{"type":"dropForever"}]`},
		{"misspelt replicants become the default", `[{"type":"loadForever","tieredReplicant":{"hot":1}}]`,
			`[{` + two + `,"type":"loadForever"}]`},
		{"broadcast", `[{"type":"broadcastByPeriod","period":"P1D","includeFuture":false}]`,
			`[{"period":"P1D","includeFuture":false,"type":"broadcastByPeriod"}]`},
		{"a null rule", `[null]`, `[null]`},
		{"an empty list", `[]`, `[]`},
	}
	onEach(t, func(t *talk) {
		for _, c := range cases {
			path := coordinator + "/rules/" + t.ds
			t.expect(c.name+": POST", t.post(path, c.posted), http.StatusOK, "")
			t.expect(c.name+": GET", t.get(path), http.StatusOK, c.stored)
		}
	})
}

func TestRulesRefused(t *testing.T) {
	cases := []struct {
		name, body string
		status     int
		message    string
	}{
		{"null", `null`, 400, "Rules cannot be null."},
		{"no body", ``, 400, "Rules cannot be null."},
		{"an object", `{"type":"loadForever"}`, 400, ""},
		{"unknown type", `[{"type":"nope"}]`, 400, "Could not resolve type id 'nope' as a subtype of"},
		{"a type of later versions", `[{"type":"loadPartialForever","matcher":{}}]`, 400, "loadPartialForever"},
		{"no type", `[{}]`, 400, ""},
		{"bad period", `[{"type":"loadByPeriod","period":"P1H"}]`, 400, "P1H"},
		{"end before start", `[{"type":"loadByInterval","interval":"2025/2024"}]`, 400, "2025/2024"},
		{"negative replicas", `[{"type":"loadForever","tieredReplicants":{"hot":-1}}]`, 400, "hot"},
		{"null replicas", `[{"type":"loadForever","tieredReplicants":{"hot":null}}]`, 400, "hot"},
		{"replicas in words", `[{"type":"loadForever","tieredReplicants":{"hot":"x"}}]`, 400, ""},
		{"not JSON", `[`, 500, "status"},
	}
	onEach(t, func(t *talk) {
		path := coordinator + "/rules/" + t.ds
		for _, c := range cases {
			got := t.post(path, c.body)
			if got.Status != c.status || !strings.Contains(got.Body, c.message) {
				t.Errorf("%s: got %d %s, want %d with %q", c.name, got.Status, got.Body, c.status, c.message)
			}
			if got.Status == http.StatusBadRequest && errorOf(got) == "" {
				t.Errorf("%s: got %s, want an object with error", c.name, got.Body)
			}
		}
		t.expect("rules of the cluster", t.post(coordinator+"/rules/_default", `[]`), 400, `{"error":"Cluster-level rules cannot be empty."}`)
		t.expect("nothing was stored", t.get(path), 200, `[]`)
		t.expect("nothing was recorded", t.get(path+"/history?count=5"), 200, `[]`)
		t.expect("text", t.post(path, `[]`, "Content-Type: text/plain"), 415, "")
		t.expect("no content type", t.post(path, `[]`, "Content-Type:"), 415, "")
		t.expect("DELETE", t.send("DELETE", path, ""), 405, "")
	})
}

// errorOf is the text under "error".
func errorOf(r reply) string {
	var body struct{ Error string }
	if json.Unmarshal([]byte(r.Body), &body) != nil {
		return ""
	}
	return body.Error
}

func TestRulesWithoutAccept(t *testing.T) {
	cases := []struct {
		name, key, body, accept string
		status                  int
		empty                   bool
	}{
		{"empty default", "_default", `[]`, "", 500, true},
		{"null", "x", `null`, "", 500, true},
		{"null, anything accepted", "x", `null`, "*/*", 500, true},
		{"null, JSON before anything", "x", `null`, "application/json, */*", 400, false},
		{"a rule that cannot be read", "x", `[{"type":"nope"}]`, "", 400, false},
		{"a good list", "x", `[{"type":"dropForever"}]`, "", 200, true},
	}
	onEach(t, func(t *talk) {
		for _, c := range cases {
			key := strings.Replace(c.key, "x", t.ds, 1)
			got := t.post(coordinator+"/rules/"+key, c.body, "Accept:"+c.accept)
			if got.Status != c.status || (got.Body == "") != c.empty {
				t.Errorf("%s: got %d %q, want %d, empty %v", c.name, got.Status, got.Body, c.status, c.empty)
			}
		}
		t.expect("the good list", t.get(coordinator+"/rules/"+t.ds), 200, `[{"type":"dropForever"}]`)
	})
}

// audit is an entry of a history, without what differs.
type audit struct {
	Key, Type, Payload string
	AuditInfo          struct{ Author, Comment, Identity string }
	AuditTime          string `json:"auditTime"`
}

func TestRuleHistory(t *testing.T) {
	onEach(t, func(t *talk) {
		path := coordinator + "/rules/" + t.ds
		history := func(query string) (list []audit) {
			t.Helper()
			t.must(t.get(path+"/history"+query), &list)
			return list
		}
		t.must(t.post(path, `[{"type":"loadByPeriod","period":"P30D"}]`, "X-Druid-Author: anna", "X-Druid-Comment: thirty days"), nil)
		t.must(t.post(path, `[{"type":"loadByPeriod","period":"P30D"}]`, "X-Druid-Author: ben"), nil)
		t.must(t.post(path, `[{"period":" p30d","includeFuture":true,"type":"loadByPeriod"}]`, "X-Druid-Author: ben"), nil)
		entries := history("?count=10")
		if len(entries) != 1 {
			t.Fatalf("an unchanged list, also spelt differently, leaves no entry: got %d, want 1", len(entries))
		}
		want := audit{Key: t.ds, Type: "rules", AuditTime: entries[0].AuditTime,
			Payload: `[{"period":"P30D","includeFuture":true,"tieredReplicants":{"_default_tier":2},"useDefaultTierForNull":true,"type":"loadByPeriod"}]`}
		want.AuditInfo.Author, want.AuditInfo.Comment, want.AuditInfo.Identity = "anna", "thirty days", "allowAll"
		if diff := cmp.Diff(want, entries[0]); diff != "" {
			t.Errorf("entry (-want +got):\n%s", diff)
		}

		t.must(t.post(path, `[]`), nil)
		if entries = history("?count=10"); len(entries) != 2 || entries[0].Payload != "[]" || entries[0].AuditInfo.Author != "" {
			t.Errorf("by count, newest first: got %+v", entries)
		}
		if entries = history("?interval=2000/2100"); len(entries) != 2 || entries[1].Payload != "[]" {
			t.Errorf("by interval, oldest first: got %+v", entries)
		}
		if entries = history("?interval=2000/2100&count=1"); len(entries) != 2 {
			t.Errorf("an interval wins over a count: got %+v", entries)
		}
		if entries = history(""); len(entries) != 2 || entries[1].Payload != "[]" {
			t.Errorf("the last week, oldest first: got %+v", entries)
		}
		if entries = history("?count=1"); len(entries) != 1 || entries[0].Payload != "[]" {
			t.Errorf("the newest: got %+v", entries)
		}
		if entries = history("?interval=2000/2001"); len(entries) != 0 {
			t.Errorf("long ago: got %+v", entries)
		}
		t.expect("count=0", t.get(path+"/history?count=0"), 400, `{"error":"Limit must be greater than zero!"}`)
		t.expect("count=a", t.get(path+"/history?count=a"), 404, "")
		if got := t.get(path + "/history?interval=abc"); got.Status != 500 || !strings.Contains(got.Body, "Invalid interval[abc]") {
			t.Errorf("bad interval: got %+v", got)
		}
		t.expect("unknown key", t.get(coordinator+"/rules/"+t.ds+"x/history?count=1"), 200, `[]`)
		var all []audit
		if t.must(t.get(coordinator+"/rules/history?count=1"), &all); len(all) != 1 || all[0].Key != t.ds {
			t.Errorf("history of all: got %+v", all)
		}
	})
}

func TestRulesWithDefaults(t *testing.T) {
	onEach(t, func(t *talk) {
		const keep = `{"tieredReplicants":{},"useDefaultTierForNull":true,"type":"loadForever"}`
		path := coordinator + "/rules/" + t.ds
		t.expect("own of an unknown one", t.get(path), 200, `[]`)
		t.expect("full of an unknown one", t.get(path+"?full"), 200, `[`+keep+`]`)
		t.expect("full of the default is twice", t.get(coordinator+"/rules/_default?full"), 200, `[`+keep+`,`+keep+`]`)
		t.must(t.post(path, `[{"type":"dropForever"}]`), nil)
		t.expect("full", t.get(path+"?full"), 200, `[{"type":"dropForever"},`+keep+`]`)
		t.must(t.post(path, `[]`), nil)
		t.expect("full of an empty list", t.get(path+"?full"), 200, `[`+keep+`]`)
		var all map[string]json.RawMessage
		t.must(t.get(coordinator+"/rules"), &all)
		if string(all[t.ds]) != `[]` || string(all["_default"]) != `[`+keep+`]` {
			t.Errorf("all rules: got %s and %s", all[t.ds], all["_default"])
		}
		odd := coordinator + "/rules/" + t.ds + "%20%2Fodd"
		t.must(t.post(odd, `[{"type":"dropForever"}]`), nil)
		t.expect("a name with a blank and a slash", t.get(odd), 200, `[{"type":"dropForever"}]`)
	})
}
