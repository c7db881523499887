package contract

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

const badMarking = "Invalid request payload. Specify either 'interval' or 'segmentIds', but not both. " +
	"Optionally, include 'versions' only when 'interval' is provided."

// markPath is the Overlord's path of the test's datasource.
func (t *talk) markPath() string { return overlord + "/datasources/" + t.ds }

// marks expects a marking call to say how many rows it changed.
func (t *talk) marks(what string, got reply, changed string) {
	t.Helper()
	state := "true"
	if changed == "0" {
		state = "false"
	}
	t.expect(what, got, 200, `{"numChangedSegments":`+changed+`,"segmentStateChanged":`+state+`}`)
}

func idsBody(list ...string) string { return `{"segmentIds":` + asJSON(list) + `}` }

func TestMarkUnusedByInterval(t *testing.T) {
	onEach(t, func(t *talk) {
		all := append(days(t.ds, v1, 4), segment{dataSource: t.ds, interval: "2024-01-02/P1D", version: v2, used: true})
		t.add(t.T, all...)
		path := t.markPath() + "/markUnused"
		t.marks("nothing is contained", t.post(path, `{"interval":"2024-01-01T01:00/2024-01-02T23:00"}`), "0")
		t.marks("no versions", t.post(path, `{"interval":"2024-01-01/2024-01-03","versions":[]}`), "0")
		t.marks("an unknown version", t.post(path, `{"interval":"2024-01-01/2024-01-03","versions":["x"]}`), "0")
		t.marks("zero length", t.post(path, `{"interval":"2024-01-01/2024-01-01"}`), "0")
		t.marks("an unknown datasource", t.post(overlord+"/datasources/"+t.ds+"x/markUnused", `{"interval":"2024/2025"}`), "0")
		t.marks("one version", t.post(path, `{"interval":"2024-01-01/2024-01-03","versions":["`+v2+`"]}`), "1")
		t.marks("the rest, an overshadowed one too", t.post(path, `{"interval":"2024-01-01/2024-01-03"}`), "2")
		stamp := t.stamp(all[0].id())
		if stamp == usual || stamp != t.stamp(all[1].id()) {
			t.Errorf("stamps: got %s and %s, want one new one", stamp, t.stamp(all[1].id()))
		}
		t.marks("again", t.post(path, `{"interval":"2024-01-01/2024-01-03"}`), "0")
		if got := t.stamp(all[0].id()); got != stamp {
			t.Errorf("the second time moved the stamp: %s to %s", stamp, got)
		}
		t.keeps(all[2], all[3])
	})
}

func TestMarkUnusedByID(t *testing.T) {
	onEach(t, func(t *talk) {
		all := days(t.ds, v1, 3)
		all[0].used = false
		t.add(t.T, all...)
		path := t.markPath() + "/markUnused"
		unknown := segment{dataSource: t.ds, interval: "2020-01-01/P1D", version: v1}.id()
		body := idsBody(all[0].id(), all[1].id(), "garbage", "other"+all[2].id(), unknown)
		t.marks("one unused, one used, three others", t.post(path, body), "2")
		if got := t.stamp(all[0].id()); got == usual || got != t.stamp(all[1].id()) {
			t.Errorf("stamps: got %s and %s, want the unused one stamped again", got, t.stamp(all[1].id()))
		}
		t.marks("only strangers", t.post(path, idsBody("garbage", unknown)), "0")
		t.marks("one twice", t.post(path, idsBody(all[1].id(), all[1].id())), "1")
		t.keeps(all[2])
	})
}

func TestMarkOne(t *testing.T) {
	onEach(t, func(t *talk) {
		below, above := days(t.ds, v1, 1)[0], days(t.ds, v2, 1)[0]
		below.used = false
		t.add(t.T, below, above)
		one := func(s segment) string { return t.markPath() + "/segments/" + s.id() }
		t.marks("an unused one", t.send("DELETE", one(below), ""), "1")
		if t.stamp(below.id()) == usual {
			t.Error("an unused one was not stamped again")
		}
		t.marks("a used one as used", t.post(one(above), ""), "1")
		if t.stamp(above.id()) == usual {
			t.Error("a used one was not stamped again")
		}
		t.marks("an overshadowed one as used", t.post(one(below), ""), "1")
		t.keeps(below, above)
		t.marks("a used one", t.send("DELETE", one(above), ""), "1")
		t.keeps(below)
		unknown := segment{dataSource: t.ds, interval: "2020-01-01/P1D", version: v1}
		t.marks("DELETE of an unknown one", t.send("DELETE", one(unknown), ""), "0")
		t.marks("POST of an unknown one", t.post(one(unknown), ""), "0")
		t.expect("garbage", t.send("DELETE", t.markPath()+"/segments/garbage", ""), 400,
			"Could not parse Segment ID[garbage] for DataSource["+t.ds+"]")
		t.marks("POST of garbage", t.post(t.markPath()+"/segments/garbage", ""), "0")
	})
}

func TestMarkUsed(t *testing.T) {
	onEach(t, func(t *talk) {
		below, above := days(t.ds, v1, 3), days(t.ds, v2, 1)[0]
		for i := range below {
			below[i].used = false
		}
		t.add(t.T, append(below, above)...)
		path := t.markPath() + "/markUsed"
		t.marks("overshadowed, by id", t.post(path, idsBody(below[0].id())), "0")
		t.marks("overshadowed, by interval", t.post(path, `{"interval":"2024-01-01/2024-01-02"}`), "0")
		t.marks("two, one overshadowed", t.post(path, idsBody(below[0].id(), below[1].id())), "1")
		stamp := t.stamp(below[1].id())
		t.marks("one used already", t.post(path, idsBody(below[1].id(), below[2].id())), "1")
		if got := t.stamp(below[1].id()); got != stamp {
			t.Errorf("the used one was stamped again: %s, then %s", stamp, got)
		}
		t.marks("versions bring back what another version hides", t.post(path, `{"interval":"2024-01-01/2024-01-02","versions":["`+v1+`"]}`), "1")
		t.keeps(append(below, above)...)
		t.marks("not contained", t.post(path, `{"interval":"2024-01-01T01:00/2024-01-01T02:00"}`), "0")
	})
}

func TestMarkUsedRefusesStrangers(t *testing.T) {
	onEach(t, func(t *talk) {
		day := days(t.ds, v1, 1)[0]
		day.used = false
		t.add(t.T, day)
		path := t.markPath() + "/markUsed"
		unknown := segment{dataSource: t.ds, interval: "2020-01-01/P1D", version: v1}.id()
		refused := func(message string) string {
			return `{"error":"druidException","errorCode":"invalidInput","persona":"USER","category":"INVALID_INPUT",` +
				`"errorMessage":"` + message + ` for datasource[` + t.ds + `]","context":{}}`
		}
		t.expect("unknown", t.post(path, idsBody(day.id(), unknown)), 400, refused("Could not find segment IDs[["+unknown+"]]"))
		t.expect("garbage", t.post(path, idsBody(day.id(), "garbage")), 400, refused("Could not parse segment IDs[[garbage]]"))
		t.keeps()
	})
}

func TestMarkAll(t *testing.T) {
	onEach(t, func(t *talk) {
		below, above := days(t.ds, v1, 2), days(t.ds, v2, 1)[0]
		for i := range below {
			below[i].used = false
		}
		above.used = false
		t.add(t.T, append(below, above)...)
		t.marks("used: only what shows", t.post(t.markPath(), ""), "2")
		t.keeps(below[1], above)
		t.marks("used again", t.post(t.markPath(), ""), "0")
		t.marks("unused", t.send("DELETE", t.markPath(), ""), "2")
		t.marks("unused again", t.send("DELETE", t.markPath(), ""), "0")
		t.keeps()
		t.marks("an unknown datasource", t.post(overlord+"/datasources/"+t.ds+"x", ""), "0")
	})
}

func TestMarkBodies(t *testing.T) {
	onEach(t, func(t *talk) {
		for _, call := range []string{"/markUsed", "/markUnused"} {
			for _, body := range []string{``, `null`, `{}`, `{"segmentIds":[]}`, `{"versions":["a"]}`,
				`{"interval":"2020/2021","segmentIds":["a"]}`, `{"segmentIds":["a"],"versions":["b"]}`} {
				t.expect(call+" "+body, t.post(t.markPath()+call, body), 400, badMarking)
			}
			for _, body := range []string{`[]`, `{"interval":"abc"}`, `{"interval":"2021/2020"}`, `{"segmentIds":"a"}`} {
				if got := t.post(t.markPath()+call, body); got.Status != 400 || errorOf(got) == "" {
					t.Errorf("%s %s: got %+v, want 400 with an error", call, body, got)
				}
			}
			if got := t.post(t.markPath()+call, `{`); got.Status != 500 {
				t.Errorf("%s of half an object: got %+v", call, got)
			}
		}
	})
}

// TestMarkWithoutAccept: some calls answer 500 with nothing, having done the work.
func TestMarkWithoutAccept(t *testing.T) {
	onEach(t, func(t *talk) {
		day := days(t.ds, v1, 1)[0]
		t.add(t.T, day)
		cases := []struct {
			name, method, path, body string
			status                   int
			used                     bool
		}{
			{"markUnused", "POST", "/markUnused", `{"interval":"2024/2025"}`, 200, false},
			{"markUsed", "POST", "/markUsed", `{"interval":"2024/2025"}`, 500, true},
			{"DELETE of one", "DELETE", "/segments/" + day.id(), "", 500, false},
			{"POST of one", "POST", "/segments/" + day.id(), "", 500, true},
			{"DELETE of all", "DELETE", "", "", 200, false},
			{"POST of all", "POST", "", "", 500, true},
		}
		for _, accept := range []string{"", "*/*"} {
			for _, c := range cases {
				got := t.send(c.method, t.markPath()+c.path, c.body, "Accept:"+accept)
				if got.Status != c.status || (got.Body == "") != (c.status == 500) {
					t.Errorf("%s, Accept %q: got %+v, want %d", c.name, accept, got, c.status)
				}
				if used := len(t.usedIDs()) == 1; used != c.used {
					t.Errorf("%s, Accept %q: used %v, want %v", c.name, accept, used, c.used)
				}
			}
		}
		if got := t.post(t.markPath()+"/markUsed", `{}`, "Accept:"); got.Status != 400 || got.Body != badMarking {
			t.Errorf("a bad body without Accept: got %+v", got)
		}
		if got := t.post(t.markPath()+"/markUsed", idsBody("garbage"), "Accept:"); got.Status != 400 || !strings.Contains(got.Body, "garbage") {
			t.Errorf("garbage without Accept: got %+v", got)
		}
	})
}

// TestMarkThroughTheCoordinator: its deprecated paths ask the Overlord without Accept.
func TestMarkThroughTheCoordinator(t *testing.T) {
	onEach(t, func(t *talk) {
		day := days(t.ds, v1, 1)[0]
		t.add(t.T, day)
		path := coordinator + "/datasources/" + t.ds
		broken := func(what string, got reply, used bool) {
			t.Helper()
			if got.Status != http.StatusInternalServerError || errorOf(got) != "Unknown server error" {
				t.Errorf("%s: got %+v", what, got)
			}
			if slices.Contains(t.usedIDs(), day.id()) != used {
				t.Errorf("%s: used %v", what, !used)
			}
		}
		t.marks("markUnused", t.post(path+"/markUnused", `{"interval":"2024/2025"}`), "1")
		broken("markUsed", t.post(path+"/markUsed", `{"interval":"2024/2025"}`), true)
		broken("DELETE of one", t.send("DELETE", path+"/segments/"+day.id(), ""), false)
		broken("POST of one", t.post(path+"/segments/"+day.id(), ""), true)
		t.marks("DELETE of all", t.send("DELETE", path, ""), "1")
		broken("POST of all", t.post(path, ""), true)
	})
}
