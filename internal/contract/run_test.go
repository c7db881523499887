package contract

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const eternity = "-146136543-09-08T08:23:32.096Z/146140482-04-24T15:36:27.903Z"

func (t *talk) setRules(rules string) {
	t.Helper()
	t.must(t.post(coordinator+"/rules/"+t.ds, rules), nil)
}

// keeps waits until the used rows are exactly these.
func (t *talk) keeps(want ...segment) {
	t.Helper()
	t.until(fmt.Sprintf("used: %d segments", len(want)), func() bool { return slices.Equal(t.usedIDs(), ids(want...)) })
}

func TestRunDropsWhatARuleContains(t *testing.T) {
	onEach(t, func(t *talk) {
		all := days(t.ds, v1, 4)
		straddling := segment{dataSource: t.ds, interval: "2024-01-05T12:00/P1D", version: v1, used: true}
		outside := segment{dataSource: t.ds, interval: "2025-01-01/P1D", version: v1, used: true}
		t.add(t.T, append(all, straddling, outside)...)
		t.seen(6)
		t.setRules(`[{"type":"loadByInterval","interval":"2024-01-02/P1D","tieredReplicants":{}},
			{"type":"dropByInterval","interval":"2024-01-01/2024-01-06"}]`)
		t.keeps(all[1], straddling, outside)
		stamps := map[string]bool{}
		for _, s := range []segment{all[0], all[2], all[3]} {
			stamps[t.stamp(s.id())] = true
		}
		if len(stamps) != 1 || stamps[usual] {
			t.Errorf("stamps of one run: got %v, want one new one", stamps)
		}
		if got := t.stamp(all[1].id()); got != usual {
			t.Errorf("stamp of a kept one: got %s, want %s", got, usual)
		}
	})
}

func TestRunBoundaries(t *testing.T) {
	onEach(t, func(t *talk) {
		old := segment{dataSource: t.ds, interval: "-0044-03-15T00:00:00.000Z/-0044-03-16T00:00:00.000Z", version: v1, used: true}
		ended := segment{dataSource: t.ds, interval: "2024-01-01/P1D", version: v1, used: true}
		open := segment{dataSource: t.ds, interval: "2025-01-01T00:00:00.000Z/146140482-04-24T15:36:27.903Z", version: v1, used: true}
		far := segment{dataSource: t.ds, interval: "10000-01-01/P1D", version: v2, used: true}
		t.add(t.T, old, ended, open)
		t.seen(3)
		t.setRules(`[{"type":"dropBeforeByPeriod","period":"P1Y"}]`)
		t.keeps(open)
		t.setRules(`[{"type":"dropByInterval","interval":"0000/9999"}]`)
		t.runs(2)
		t.keeps(open)
		t.setRules(`[{"type":"dropByInterval","interval":"` + eternity + `"}]`)
		t.keeps()
		t.setRules(`[]`)
		t.add(t.T, far)
		t.seen(1)
	})
}

// TestRunResurfaces: overshadowed segments are not judged, and come back when what hides them is dropped.
func TestRunResurfaces(t *testing.T) {
	onEach(t, func(t *talk) {
		month := segment{dataSource: t.ds, interval: "2024-01-01/2024-02-01", version: v1, used: true}
		fine := days(t.ds, v2, 31)
		t.add(t.T, append(fine, month)...)
		t.seen(32)
		if got := t.status(month); got != (status{Overshadowed: true, Replicas: "0"}) && got != (status{Overshadowed: true, Replicas: "null"}) {
			t.Errorf("the month at first: got %+v", got)
		}
		t.setRules(`[{"type":"dropByInterval","interval":"2024-01-01/2024-01-11"}]`)
		t.keeps(append(fine[10:], month)...)
		t.until("the month shows again", func() bool { return !t.status(month).Overshadowed })
		t.runs(2)
		t.keeps(append(fine[10:], month)...)
	})
}

// TestRunSkipsOvershadowed: a rule that contains both versions takes the upper one in one run and the lower one, then
// visible, in a later run.
func TestRunSkipsOvershadowed(t *testing.T) {
	onEach(t, func(t *talk) {
		below, above := days(t.ds, v1, 1)[0], days(t.ds, v2, 1)[0]
		t.add(t.T, below, above)
		t.seen(2)
		t.setRules(`[{"type":"dropForever"}]`)
		t.keeps()
		if lower, upper := t.stamp(below.id()), t.stamp(above.id()); upper == usual || lower <= upper {
			t.Errorf("stamps: got %s for the lower one and %s for the upper one, want the upper one earlier", lower, upper)
		}
	})
}

// status is what the list of segments adds.
type status struct {
	Overshadowed bool
	Replicas     string
}

func (t *talk) status(s segment) status {
	t.Helper()
	var list []struct {
		Identifier        string
		Overshadowed      bool
		ReplicationFactor *int
	}
	t.must(t.get(coordinator+"/metadata/segments?includeOvershadowedStatus&datasources="+t.ds), &list)
	for _, l := range list {
		if l.Identifier == s.id() {
			replicas := "null"
			if l.ReplicationFactor != nil {
				replicas = fmt.Sprint(*l.ReplicationFactor)
			}
			return status{l.Overshadowed, replicas}
		}
	}
	t.Fatalf("%s is not in the list", s.id())
	return status{}
}

func (t *talk) setWait(millis int) {
	t.Helper()
	t.must(t.post(coordinator+"/config", fmt.Sprintf(`{"millisToWaitBeforeDeleting":%d}`, millis)), nil)
}

// TestCleanUp: overshadowed segments go once the leader has been up long enough, with rules that want no replicas also
// though nothing is served; eternity tombstones without core partitions go at once.
func TestCleanUp(t *testing.T) {
	onEach(t, func(t *talk) {
		lower, upper := days(t.ds, v1, 2), days(t.ds, v2, 1)
		tombstone := segment{dataSource: t.ds, interval: "2030-01-01T00:00:00.000Z/146140482-04-24T15:36:27.903Z", version: v2, used: true,
			shardSpec: `{"type":"tombstone","partitionNum":0,"partitions":0}`}
		t.add(t.T, append(lower, upper[0], tombstone)...)
		t.keeps(append(lower, upper[0])...)
		t.runs(2)
		t.keeps(append(lower, upper[0])...)
		t.setWait(0)
		defer t.setWait(900000)
		t.keeps(lower[1], upper[0])
	})
}

// TestIncompleteSetHidesNothing: one of two core partitions does not take part.
func TestIncompleteSetHidesNothing(t *testing.T) {
	onEach(t, func(t *talk) {
		below := days(t.ds, v1, 1)[0]
		half := segment{dataSource: t.ds, interval: below.interval, version: v2, partition: 1, core: 2, used: true}
		t.add(t.T, below, half)
		t.seen(2)
		if t.status(below).Overshadowed {
			t.Error("half a set hides the version below")
		}
		other := half
		other.partition = 0
		t.add(t.T, other)
		t.until("the whole set hides it", func() bool { return t.status(below).Overshadowed })
	})
}

// TestThrowingRuleStopsAll: one list with a rule that throws stops the rules of all datasources, and the time of the
// last run's end shows it.
func TestThrowingRuleStopsAll(t *testing.T) {
	for name, rules := range map[string]string{
		"negative period": `[{"type":"loadByPeriod","period":"P-1D"}]`,
		"no interval":     `[{"type":"dropByInterval"}]`,
		"null":            `[null]`,
	} {
		t.Run(name, func(t *testing.T) {
			onEach(t, func(t *talk) {
				victim := segment{dataSource: t.ds + "_victim", interval: "2024-01-01/P1D", version: v1, used: true}
				t.add(t.T, days(t.ds, v1, 1)[0])
				t.seen(1)
				t.setRules(rules)
				defer t.setRules(`[]`)
				broken := t.runs(1)
				t.add(t.T, victim)
				t.must(t.post(coordinator+"/rules/"+victim.dataSource, `[{"type":"dropForever"}]`), nil)
				if after := t.runs(2); after.LastRunEnd != broken.LastRunEnd || after.LastRunEnd >= after.LastRunStart {
					t.Errorf("duties: got %+v after %+v, want the same end, before the start", after, broken)
				}
				if rows := t.rows(t.T, victim.dataSource); len(rows) != 1 || !rows[0].Used {
					t.Errorf("the victim: got %+v, want it used", rows)
				}
				t.setRules(`[]`)
				t.until("the victim is dropped", func() bool { return !t.rows(t.T, victim.dataSource)[0].Used })
			})
		})
	}
}

// TestClashFreezesTheView: two used segments of one version whose different intervals overlap stop polling for all.
func TestClashFreezesTheView(t *testing.T) {
	onEach(t, func(t *talk) {
		day := days(t.ds, v1, 1)[0]
		clashing := segment{dataSource: t.ds, interval: "2024-01-01T12:00/P1D", version: v1, used: true}
		t.add(t.T, day)
		t.seen(1)
		t.add(t.T, clashing)
		t.runs(2)
		other := segment{dataSource: t.ds + "_other", interval: "2024-01-01/P1D", version: v1, used: true}
		t.add(t.T, other)
		t.runs(2)
		t.expect("the view of another datasource", t.get(coordinator+"/metadata/segments?datasources="+other.dataSource), 200, `[]`)
		t.expect("the datasources", t.get(coordinator+"/metadata/datasources/"+other.dataSource), 404, "")
		got := t.post(overlord+"/datasources/"+t.ds, "")
		if got.Status != 500 || errorOf(got) != "Server error" {
			t.Errorf("mark all used: got %+v, want 500 and Server error", got)
		}
		t.remove(t.T, t.ds, clashing.id())
		t.until("the view goes on", func() bool {
			return t.get(coordinator+"/metadata/datasources/"+other.dataSource).Status == 200
		})
	})
}

func TestDynamicConfig(t *testing.T) {
	onEach(t, func(t *talk) {
		path := coordinator + "/config"
		before := t.get(path)
		defer t.setWait(900000)
		t.expect("POST", t.post(path, `{"millisToWaitBeforeDeleting":123456}`, "X-Druid-Author: anna"), 200, "")
		var config map[string]any
		t.must(t.get(path), &config)
		if config["millisToWaitBeforeDeleting"] != 123456.0 || config["killTaskSlotRatio"] != 0.1 {
			t.Errorf("config: got %v", config)
		}
		var entries []audit
		t.must(t.get(path+"/history?count=1"), &entries)
		if len(entries) != 1 || entries[0].AuditInfo.Author != "anna" || entries[0].Payload != t.get(path).Body {
			t.Errorf("history: got %+v", entries)
		}
		t.expect("unknown fields", t.post(path, `{"nope":1}`), 200, "")
		if got := t.post(path, `{"killTaskSlotRatio":2}`); got.Status != 500 || got.Body == "" {
			t.Errorf("ratio out of range: got %+v", got)
		}
		if got := t.post(path, `{"millisToWaitBeforeDeleting":"x"}`); got.Status != 400 || errorOf(got) == "" {
			t.Errorf("a word for a number: got %+v", got)
		}
		if got := t.post(path, `nonsense`); got.Status != 500 {
			t.Errorf("not JSON: got %+v", got)
		}
		t.setWait(900000)
		if diff := cmp.Diff(before, t.get(path)); diff != "" {
			t.Errorf("set back (-before +after):\n%s", diff)
		}
		var last []audit
		t.must(t.get(path+"/history?count=1"), &last)
		t.setWait(900000)
		var again []audit
		t.must(t.get(path+"/history?count=1"), &again)
		if len(last) != 1 || len(again) != 1 || last[0].AuditTime >= again[0].AuditTime {
			t.Errorf("an unchanged configuration leaves an entry, unlike unchanged rules: got %+v, then %+v", last, again)
		}
	})
}
