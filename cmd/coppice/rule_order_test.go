package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"coppice/internal/druid"
	"coppice/internal/plan"
	"coppice/internal/sandbox"

	"pgregory.net/rapid"
)

// someRules are lists as Druid has them and as they are declared: what one leaves to the default another keeps itself.
var someRules = []struct{ druid, declared string }{
	{`[{"type":"loadByPeriod","period":"P14D"}]`, `load { period = "P14D" }`},
	{`[{"type":"loadByPeriod","period":"P14D"},{"type":"dropForever"}]`, "load { period = \"P14D\" }\n  drop { forever = true }"},
	{`[{"type":"loadByInterval","interval":"2026-10-01/2026-11-12"}]`, `load { interval = "2026-10-01/2026-11-12" }`},
	{`[{"type":"loadByInterval","interval":"2026-10-01/2026-11-12"},{"type":"dropForever"}]`,
		"load { interval = \"2026-10-01/2026-11-12\" }\n  drop { forever = true }"},
	{`[{"type":"dropByInterval","interval":"2026-10-01/2026-10-20"}]`, `drop { interval = "2026-10-01/2026-10-20" }`},
	{`[{"type":"loadForever"}]`, `load { forever = true }`},
	{`[{"type":"dropForever"}]`, `drop { forever = true }`},
}

const orderConfig = `cluster "try" {
  coordinator = "http://druid.invalid"
}

guard {
  max_unused_percent = 100
  newest_victim_age  = "none"
}

allow "drops-everything" {
  datasources = ["*"]
  until       = "2027-01-01"
  reason      = "a test"
}
`

// change is a change of the default rules together with own lists.
type change struct {
	// before and after are the lists by key; without an entry of its own a datasource has none.
	before, after map[string]druid.RuleList
	config        strings.Builder
}

func drawChange(t *rapid.T) (c *change, posted map[string]string) {
	c = &change{before: map[string]druid.RuleList{}, after: map[string]druid.RuleList{}}
	posted = map[string]string{}
	c.config.WriteString(orderConfig)
	for _, key := range []string{plan.DefaultRules, "narrow", "plain", "orders"} {
		was := rapid.SampledFrom(someRules).Draw(t, key)
		if key == plan.DefaultRules || rapid.IntRange(0, 4).Draw(t, "own") > 0 {
			posted[key] = was.druid
			c.before[key], c.after[key] = rulesOf(was.druid), rulesOf(was.druid)
		}
		will := rapid.SampledFrom(someRules).Draw(t, key+" becomes")
		switch {
		case key == plan.DefaultRules:
			fmt.Fprintf(&c.config, "default_rules {\n  %s\n}\n", lines(will.declared))
		case key == "orders":
			continue // nobody declares it
		default:
			fmt.Fprintf(&c.config, "datasource %q {\n  rules {\n  %s\n  }\n}\n", key, lines(will.declared))
		}
		c.after[key] = rulesOf(will.druid)
	}
	return c, posted
}

// lines spreads blocks over lines, as the language wants them.
func lines(blocks string) string {
	return strings.NewReplacer("{ ", "{\n", " }", "\n}").Replace(blocks)
}

func rulesOf(text string) druid.RuleList {
	list, err := druid.ParseRuleList([]byte(text))
	if err != nil {
		panic(err)
	}
	return list
}

// keeps reports whether rules leave a segment as it is.
func keeps(rules map[string]druid.RuleList, key string, at druid.Interval, now druid.Instant) bool {
	m := druid.Chain{Own: rules[key], Default: rules[plan.DefaultRules]}.Match(at, now)
	return m.Action != druid.ActionDrop
}

// orderStage is a cluster with the lists before, and used days under the window, under the interval, under both and
// under none; hides: some of them hide an older version that the clean-up has not taken yet.
func orderStage(t *testing.T, c *change, posted map[string]string, hides bool) *stage {
	t.Helper()
	s := stageWith(t, 0)
	for _, name := range []string{"narrow", "plain", "widen", "orders"} {
		for _, r := range s.box.Rows(name) {
			_, err := s.box.DeleteRows(name, r.ID)
			try(t, err)
		}
		try(t, s.box.SetRules(name, "[]", "admin", "", startOfTests-100*dayOfTests))
	}
	s.wire.rows = nil
	for key, list := range posted {
		try(t, s.box.SetRules(key, list, "admin", "", startOfTests-100*dayOfTests+1))
	}
	var rows []sandbox.Segment
	for _, name := range []string{"narrow", "plain", "orders"} {
		for _, ago := range []int{1, 9, 12, 30, 40, 100} {
			rows = append(rows, usedDay(name, ago, "1"))
			if hides && ago%2 == 0 {
				rows = append(rows, usedDay(name, ago, "0"))
			}
		}
	}
	try(t, s.box.AddSegments(rows...))
	try(t, os.WriteFile(filepath.Join(s.dir, "main.hcl"), []byte(c.config.String()), 0o600))
	return s
}

// watch looks at the cluster after a run of the Coordinator: what both ends keep is used, and nothing older answers in
// the place of what the old rules kept.
func (c *change) watch(s *stage, now druid.Instant) (trouble string) {
	for _, name := range []string{"narrow", "plain", "orders"} {
		used := map[druid.Interval]map[string]bool{}
		for _, r := range s.box.Rows(name) {
			id, err := druid.ParseSegmentID(name, r.ID)
			try(s.t, err)
			if used[id.Interval] == nil {
				used[id.Interval] = map[string]bool{}
			}
			used[id.Interval][id.Version] = r.Used
		}
		for at, versions := range used {
			if !keeps(c.before, name, at, now) {
				continue
			}
			if keeps(c.after, name, at, now) && !versions["1"] {
				return fmt.Sprintf("%s of %s is kept by the plan and was marked unused", at, name)
			}
			if versions["0"] && !versions["1"] {
				return fmt.Sprintf("version 0 of %s of %s answers again", at, name)
			}
		}
	}
	return ""
}

// TestRuleOrder: own lists and the default change together, and the Coordinator runs at every request. It never marks
// what both ends keep, nothing older comes back on the way, and afterwards all lists are as declared.
func TestRuleOrder(t *testing.T) {
	steps, deferred := map[int]int{}, 0
	rapid.Check(t, func(rt *rapid.T) {
		c, posted := drawChange(rt)
		s := orderStage(t, c, posted, rapid.IntRange(0, 2).Draw(rt, "hides") == 0)
		path, made := s.plan()
		if !anyOpen(made) {
			return
		}
		lists := 0
		for _, a := range made.Actions {
			if a.Kind == plan.SetRules {
				lists++
			}
		}
		steps[lists]++
		s.wire.before = func(spot, *http.Request) (*http.Response, error) {
			try(t, s.box.Tick())
			if trouble := c.watch(s, s.clock.now()); trouble != "" {
				rt.Fatalf("%s\n%s\n%v", trouble, c.config.String(), posted)
			}
			return nil, nil
		}
		code, m := s.coppice("apply", path)
		s.wire.quiet()
		// What no rule loads is served by nobody, and what it hides is then never cleaned up: the lists that narrow are
		// not posted.
		waits := code == exitPartial && strings.Contains(m.errs.String(), "were not cleaned up")
		if code != exitDone && !waits {
			rt.Fatalf("exit %d\n%s%s\n%s\n%v", code, &m.out, &m.errs, c.config.String(), posted)
		}
		if waits {
			deferred++
		} else if _, made = s.plan(); anyOpen(made) {
			rt.Fatalf("still to do: %+v", made.Actions[0])
		}
		_ = s.box.Close()
	})
	t.Logf("plans by number of lists set: %v; deferred: %d", steps, deferred)
}
