package plan

import (
	"encoding/json"
	"strings"
	"testing"

	"coppice/internal/druid"
)

func TestCheckComplains(t *testing.T) {
	// The actions of small: set_rules, mark_used, mark_unused, kill.
	cases := []struct {
		name   string
		change func(*Plan)
		want   string
	}{
		{"another major", func(p *Plan) { p.FormatVersion = "2.0" }, "format 2.x"},
		{"no clock", func(p *Plan) { p.Now = druid.NoInstant }, "when it was made"},
		{"expired at birth", func(p *Plan) { p.ExpiresAt = p.Now - 1 }, "before it was made"},
		{"unknown kind", func(p *Plan) { p.Actions[0].Kind = "erase" }, "erase"},
		{"datasource twice", func(p *Plan) { p.Datasources = append(p.Datasources, p.Datasources[0]) }, "listed twice"},
		{"id twice", func(p *Plan) { p.Actions[1].ID = p.Actions[2].ID }, "used twice"},
		{"no id", func(p *Plan) { p.Actions[1].ID = "" }, "the id is empty"},
		{"unknown datasource", func(p *Plan) { p.Actions[1].Datasource = "other" }, "says nothing of this datasource"},
		{"marks of the default", func(p *Plan) { p.Actions[1].Datasource = DefaultRules }, "says nothing of this datasource"},
		{"open action of a blocked datasource", func(p *Plan) { p.Datasources[0].Blocked = true }, "is blocked and the action is not"},
		{"kill that can be undone", func(p *Plan) { p.Actions[3].Permanent = false }, "permanent is false on a kill"},
		{"permanent mark", func(p *Plan) { p.Actions[2].Permanent = true }, "permanent is true on a mark_unused"},
		{"mark after kill", func(p *Plan) { p.Actions[2], p.Actions[3] = p.Actions[3], p.Actions[2] }, "comes after a kill"},
		{"rules without rules", func(p *Plan) { p.Actions[0].RulesAfter = nil }, "rules_after and nothing else"},
		{"rules with a task", func(p *Plan) { p.Actions[0].Task = p.Actions[3].Task }, "rules_after and nothing else"},
		{"rules with runs", func(p *Plan) { p.Actions[0].Runs = p.Actions[1].Runs }, "rules_after and nothing else"},
		{"rules from elsewhere", func(p *Plan) { p.Actions[0].RulesBefore = nil }, "rules_before"},
		{"empty default", func(p *Plan) {
			p.Actions[0].Datasource, p.Actions[0].RulesAfter = DefaultRules, &druid.RuleList{}
		}, "cannot be empty"},
		{"mark with a task", func(p *Plan) { p.Actions[1].Task = p.Actions[3].Task }, "runs and nothing else"},
		{"mark without runs", func(p *Plan) { p.Actions[1].Runs = nil }, "runs and nothing else"},
		{"kill with rules", func(p *Plan) { p.Actions[3].RulesAfter = &druid.RuleList{} }, "a task and nothing else"},
		{"kill without task", func(p *Plan) { p.Actions[3].Task = nil }, "a task and nothing else"},
		{"kill without runs", func(p *Plan) { p.Actions[3].Runs = nil }, "a task and nothing else"},
		{"more than named", func(p *Plan) { p.Actions[2].Segments++ }, "names 2"},
		{"run miscounts", func(p *Plan) { p.Actions[2].Runs[0].Segments++ }, "a run of 3 segments names 2"},
		{"run without version", func(p *Plan) { p.Actions[2].Runs[0].Version = "" }, "without partitions or version"},
		{"segment twice", func(p *Plan) {
			p.Actions[2].Runs, p.Actions[2].Segments = append(p.Actions[2].Runs, p.Actions[2].Runs[0]), 4
		}, "named twice"},
		{"no task id", func(p *Plan) { p.Actions[3].Task.ID = "" }, "task id"},
		{"slash in task id", func(p *Plan) { p.Actions[3].Task.ID = "a/b" }, "task id"},
		{"long task id", func(p *Plan) { p.Actions[3].Task.ID = strings.Repeat("x", 256) }, "task id"},
		{"no limit", func(p *Plan) { p.Actions[3].Task.Limit = 0 }, "limit 0"},
		{"limit over batch", func(p *Plan) { p.Actions[3].Task.Limit = 101 }, "limit 101"},
		{"more than the limit", func(p *Plan) { p.Actions[3].Task.Limit = 1 }, "with a limit of 1"},
		{"fewer than named under the limit", func(p *Plan) { p.Actions[3].Segments = 1 }, "is said to have 1"},
		{"empty interval", func(p *Plan) { p.Actions[3].Task.Interval.End = p.Actions[3].Task.Interval.Start }, "is empty"},
		{"raised priority", func(p *Plan) { p.Actions[3].Task.Context["priority"] = json.RawMessage("75") }, "sets priority"},
		{"another lock", func(p *Plan) { p.Actions[3].Task.Context["taskLockType"] = json.RawMessage(`"SHARED"`) }, "sets taskLockType"},
		{"a lock beside ingestion", func(p *Plan) { p.Actions[3].Task.Context["useConcurrentLocks"] = json.RawMessage("true") }, "sets useConcurrentLocks"},
		{"no cut-off", func(p *Plan) { p.Actions[3].Task.MaxUsedStatusLastUpdated = druid.NoInstant }, "no cut-off"},
		{"cut-off a millisecond early", func(p *Plan) { p.Actions[3].Task.MaxUsedStatusLastUpdated-- }, "after the cut-off"},
		{"marking time unknown", func(p *Plan) { p.Actions[3].Runs[0].MarkedAt = nil }, "does not say when"},
		{"run reaches out", func(p *Plan) { p.Actions[3].Runs[0].Interval.End++ }, "lies outside"},
		{"run begins before", func(p *Plan) { p.Actions[3].Runs[0].Interval.Start-- }, "lies outside"},
		{"no versions", func(p *Plan) { p.Actions[3].Task.Versions = nil }, "versions are not"},
		{"one version more", func(p *Plan) { p.Actions[3].Task.Versions = []string{"v1", "v2"} }, "versions are not"},
		{"a version twice", func(p *Plan) { p.Actions[3].Task.Versions = []string{"v1", "v1"} }, "versions are not"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p := small(t)
			c.change(p)
			if err := Check(p); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("Check: %v, want %q", err, c.want)
			}
		})
	}
}

func TestCheckAccepts(t *testing.T) {
	cases := []struct {
		name   string
		change func(*Plan)
	}{
		{"nothing to do", func(p *Plan) { p.Actions = nil }},
		{"a task that takes part of its reach", func(p *Plan) { p.Actions[3].Task.Limit, p.Actions[3].Segments = 1, 1 }},
		{"blocked altogether", func(p *Plan) {
			p.Datasources[0].Blocked = true
			for _, a := range p.Actions {
				a.Blocked = true
			}
		}},
		{"a change of the default", func(p *Plan) {
			list := rules(t, `[{"type":"dropForever"}]`)
			p.Actions[0].Datasource, p.Actions[0].RulesBefore, p.Actions[0].RulesAfter = DefaultRules, p.DefaultRules.Before, &list
		}},
		{"no list and an empty list", func(p *Plan) {
			p.Datasources[0].Rules.Before, p.Actions[0].RulesBefore = nil, druid.RuleList{}
		}},
		{"cut-off on the marking time", func(p *Plan) { p.Actions[3].Task.MaxUsedStatusLastUpdated++ }},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p := small(t)
			c.change(p)
			if err := Check(p); err != nil {
				t.Errorf("Check: %v", err)
			}
		})
	}
}

// TestCheckKnowsEveryKind fails when a kind is added without a payload of its own.
func TestCheckKnowsEveryKind(t *testing.T) {
	for _, kind := range Kinds {
		p := small(t)
		p.Actions = []*Action{{ID: "bare", Kind: kind, Datasource: "wiki", Permanent: kind == KillTask}}
		if err := Check(p); err == nil || !strings.Contains(err.Error(), "nothing else") {
			t.Errorf("Check of a bare %s: %v", kind, err)
		}
	}
}

func TestTaskID(t *testing.T) {
	id := func(name string, interval druid.Interval, versions []string, cutOff druid.Instant, ids string, ordinal int) string {
		return TaskID(name, interval, versions, cutOff, ids, ordinal)
	}
	base := id("wiki", days(1, 2), []string{"a", "bc"}, day, "x", 0)
	others := map[string]string{
		"datasource": id("wikj", days(1, 2), []string{"a", "bc"}, day, "x", 0),
		"interval":   id("wiki", days(1, 3), []string{"a", "bc"}, day, "x", 0),
		"versions":   id("wiki", days(1, 2), []string{"ab", "c"}, day, "x", 0),
		"cut-off":    id("wiki", days(1, 2), []string{"a", "bc"}, day+1, "x", 0),
		"ids":        id("wiki", days(1, 2), []string{"a", "bc"}, day, "y", 0),
		"ordinal":    id("wiki", days(1, 2), []string{"a", "bc"}, day, "x", 1),
		"attempt":    RetryTaskID(base, 2),
	}
	for what, other := range others {
		if other == base {
			t.Errorf("another %s has the same id %s", what, base)
		}
	}
	if RetryTaskID(base, 1) != base {
		t.Error("the first attempt has another id")
	}
	if a, b := id("a/b", days(1, 2), nil, 0, "", 0), id("a_b", days(1, 2), nil, 0, "", 0); a == b || strings.Contains(a, "/") {
		t.Errorf("ids %s and %s: want two without a slash", a, b)
	}
	long := RetryTaskID(id(strings.Repeat("ö/", 300), days(1, 2), nil, 0, "", 0), 50)
	if len(long) > 255 || strings.Contains(long, "/") {
		t.Errorf("id %s has %d characters", long, len(long))
	}
}

func TestRunsDigestNamesExactlyTheSegments(t *testing.T) {
	runs := func(r ...Run) []Run { return r }
	run := func(version string, partitions ...int32) Run {
		return Run{Interval: days(1, 2), Version: version, Partitions: partitions}
	}
	base := RunsDigest("d", runs(run("v", 0, 1, 2)))
	if split := RunsDigest("d", runs(run("v", 0), run("v", 1, 2))); split != base {
		t.Error("folding into other runs changes the digest")
	}
	for what, other := range map[string]string{
		"datasource": RunsDigest("e", runs(run("v", 0, 1, 2))),
		"version":    RunsDigest("d", runs(run("w", 0, 1, 2))),
		"partition":  RunsDigest("d", runs(run("v", 0, 1, 3))),
		"fewer":      RunsDigest("d", runs(run("v", 0, 1))),
	} {
		if other == base {
			t.Errorf("%s: the digest is the same", what)
		}
	}
}

func TestIDsCanBeCutShort(t *testing.T) {
	for id := range (Run{Interval: days(1, 2), Version: "v", Partitions: Partitions{3, 4}}).IDs("d") {
		if want := (druid.SegmentID{DataSource: "d", Interval: days(1, 2), Version: "v", Partition: 3}); id != want {
			t.Errorf("first id %v, want %v", id, want)
		}
		break
	}
}
