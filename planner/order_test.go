package planner

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"coppice/config"
	"coppice/internal/druid"
	"coppice/internal/plan"
	"coppice/internal/snapshot"

	"pgregory.net/rapid"
)

// lists is what a cluster of some datasources has and is to have: own lists by name, and the default's.
type lists struct {
	before, after map[string]druid.RuleList
	in            Input
}

// drawLists draws a change of the default rules together with own lists, over segments of several lengths. Some
// datasources are declared, some are not; some rules are of a kind that cannot be judged.
func drawLists(t *rapid.T, base *config.Config) *lists {
	w := &world{now: days(20), base: base}
	w.own, w.defaults, w.wanted = drawUnjudged(t, "own"), drawUnjudged(t, "default"), drawUnjudged(t, "wanted")
	for range rapid.IntRange(0, 8).Draw(t, "rows") {
		if r := drawRow(t); !w.clashes(r) && !slices.ContainsFunc(w.rows, func(o row) bool { return o.id() == r.id() }) {
			w.rows = append(w.rows, r)
		}
	}
	l := &lists{before: map[string]druid.RuleList{"d": w.own}, after: map[string]druid.RuleList{"d": w.planned()}, in: w.input(nil)}
	l.in.Config.DefaultRules = &config.Rules{List: append(drawUnjudged(t, "default wanted"), w.defaults[:min(1, len(w.defaults))]...)}
	l.before[plan.DefaultRules], l.after[plan.DefaultRules] = w.defaults, l.in.Config.DefaultRules.List
	if rapid.Bool().Draw(t, "another") {
		other := *l.in.Snapshot.Datasources[0]
		other.Name, other.Rules.List = "e", drawUnjudged(t, "other")
		other.Rules.Set = len(other.Rules.List) > 0
		l.before["e"], l.after["e"] = other.Rules.List, other.Rules.List
		l.in.Snapshot.Datasources = append(l.in.Snapshot.Datasources, &other)
		if rapid.Bool().Draw(t, "declared") {
			policy := *l.in.Config.Datasources[0]
			policy.Name, policy.Rules = "e", &config.Rules{List: drawUnjudged(t, "other wanted")}
			l.in.Config.Datasources, l.after["e"] = append(l.in.Config.Datasources, &policy), policy.Rules.List
		}
	}
	return l
}

func drawUnjudged(t *rapid.T, name string) druid.RuleList {
	list := drawRules(t, name)
	for n := range list {
		if rapid.IntRange(0, 19).Draw(t, "unjudged") == 0 {
			r, err := druid.ParseRule(fmt.Appendf(nil, `{"type":"loadPartialForever","x":%d}`, rapid.IntRange(0, 2).Draw(t, "x")))
			if err != nil {
				panic(err)
			}
			list[n] = r
		}
	}
	return list
}

// truth is what rules of a kind that cannot be judged really do: each drops all, keeps all, or applies to nothing.
type truth map[string]string

func drawTruth(t *rapid.T) truth {
	real := truth{}
	for n := range 3 {
		real[fmt.Sprintf(`{"type":"loadPartialForever","x":%d}`, n)] = rapid.SampledFrom([]string{"loadForever", "dropForever", ""}).Draw(t, "truth")
	}
	return real
}

// match is what the Coordinator finds.
func (real truth) match(own, defaults druid.RuleList, at druid.Interval, now druid.Instant) druid.Match {
	return druid.Chain{Own: real.of(own), Default: real.of(defaults)}.Match(at, now)
}

func (real truth) of(list druid.RuleList) druid.RuleList {
	var judged druid.RuleList
	for _, r := range list {
		if r.Action() == druid.ActionUnknown {
			if r.Type = real[string(r.Raw)]; r.Type == "" {
				continue
			}
		}
		judged = append(judged, r)
	}
	return judged
}

// drawSpots are segments that a cluster may have, now or by the time of a run, with the moment of that run.
func drawSpots(t *rapid.T) (spots []druid.Interval, now druid.Instant) {
	for start := -12; start < 32; start++ {
		for _, length := range []int{1, 2, 5} {
			spots = append(spots, druid.Interval{Start: days(start), End: days(start + length)})
		}
	}
	now = days(20) + druid.Instant(rapid.Int64Range(0, 7*int64(day)).Draw(t, "later"))
	if rapid.Bool().Draw(t, "at once") {
		now = days(20)
	}
	return spots, now
}

// At every moment between two POSTs the rules in force drop nothing that both ends keep: no segment at all, whenever it
// came and whenever the Coordinator looks before the plan expires. Of what is there and used they drop nothing that a
// rule keeps in the end, also when the rules at the start would drop it.
func TestNoPrefixDropsWhatThePlanKeeps(t *testing.T) {
	base := loadConfig(t, "")
	rapid.Check(t, func(t *rapid.T) {
		l := drawLists(t, base)
		p, real := Build(l.in), drawTruth(t)
		spots, now := drawSpots(t)
		l.walk(t, p, real, spots, now)
		if err := plan.Check(p); err != nil {
			t.Fatalf("Check: %v", err)
		}
	})
}

// walk goes through the steps of a plan, and looks at every point.
func (l *lists) walk(t fataler, p *plan.Plan, real truth, spots []druid.Interval, now druid.Instant) {
	force := maps.Clone(l.before)
	for _, a := range p.Actions {
		if a.Kind != plan.SetRules {
			continue
		}
		if force[a.Datasource].Equal(*a.RulesAfter) {
			t.Fatalf("a step that changes nothing: %+v", a)
		}
		force[a.Datasource] = *a.RulesAfter
		for name := range l.before {
			if name != plan.DefaultRules {
				l.compare(t, real, name, force, spots, now)
			}
		}
	}
	for name, list := range l.after {
		if !force[name].Equal(list) && len(force[name])+len(list) > 0 {
			t.Fatalf("the rules of %s end as %v, not as declared", name, force[name])
		}
	}
}

// plainLists are lists of which many need an order: what one leaves to the default the other keeps itself. The window
// leaves the interval within the life of a plan.
var plainLists = []string{`[]`, `[{"type":"dropForever"}]`, `[{"type":"loadForever"}]`, `[{"type":"loadByPeriod","period":"P14D"}]`,
	`[{"type":"loadByInterval","interval":"2025-12-20/2026-01-10"}]`, `[{"type":"loadByInterval","interval":"2026-01-08/2026-01-10"}]`,
	`[{"type":"loadByPeriod","period":"P14D"},{"type":"dropForever"}]`,
	`[{"type":"loadByInterval","interval":"2025-12-20/2026-01-10"},{"type":"dropForever"}]`,
	`[{"type":"dropByInterval","interval":"2026-01-02/2026-01-10"}]`, `[{"type":"loadPartialForever","x":0}]`}

// TestEveryWayBetweenPlainLists goes from each own list and default to each other.
func TestEveryWayBetweenPlainLists(t *testing.T) {
	base := loadConfig(t, "")
	var pool []druid.RuleList
	for _, text := range plainLists {
		pool = append(pool, mustRules(t, text))
	}
	unknown := plainLists[len(plainLists)-1]
	unknown = unknown[1 : len(unknown)-1]
	var spots []druid.Interval
	for start := -14; start < 26; start += 2 {
		spots = append(spots, druid.Interval{Start: days(start), End: days(start + 1)}, druid.Interval{Start: days(start), End: days(start + 6)})
	}
	detours := 0
	for n := range len(pool) * len(pool) * len(pool) * len(pool) {
		size := len(pool)
		own, wanted, defaults, declared := pool[n%size], pool[n/size%size], pool[n/size/size%size], pool[n/size/size/size]
		if len(defaults) == 0 || len(declared) == 0 || declared.Equal(defaults) || own.Equal(wanted) || len(wanted) == 0 {
			continue
		}
		w := &world{now: days(20), base: base, own: own, defaults: defaults, wanted: wanted}
		l := &lists{before: map[string]druid.RuleList{"d": own, plan.DefaultRules: defaults},
			after: map[string]druid.RuleList{"d": wanted, plan.DefaultRules: declared}, in: w.input(nil)}
		l.in.Config.DefaultRules = &config.Rules{List: declared}
		p := Build(l.in)
		if len(p.Actions) == 3 {
			detours++
			for _, r := range *p.Actions[0].RulesAfter {
				if r.Action() == druid.ActionDrop {
					t.Fatalf("the list that widens drops: %v", *p.Actions[0].RulesAfter)
				}
			}
		}
		truths := []string{"loadForever", "dropForever", ""}
		if opaque := pool[size-1]; !own.Equal(opaque) && !wanted.Equal(opaque) && !defaults.Equal(opaque) && !declared.Equal(opaque) {
			truths = truths[:1]
		}
		for _, real := range truths {
			for _, now := range []druid.Instant{days(20), days(25)} {
				l.walk(t, p, truth{unknown: real}, spots, now)
			}
		}
	}
	if detours < 100 {
		t.Errorf("only %d ways go through a list that widens", detours)
	}
}

func (l *lists) compare(t fataler, real truth, name string, force map[string]druid.RuleList, spots []druid.Interval, now druid.Instant) {
	if force[name].Equal(l.before[name]) && force[plan.DefaultRules].Equal(l.before[plan.DefaultRules]) {
		return // as at the start
	}
	d := l.in.Snapshot.Find(name)
	for n := range len(spots) + len(d.Segments) {
		at, when, there := druid.Interval{}, now, n >= len(spots)
		if there {
			if at, when = d.Segments[n-len(spots)].Interval, l.in.Now; !d.Segments[n-len(spots)].Has(snapshot.Used) {
				continue
			}
		} else {
			at = spots[n]
		}
		ask := func(of map[string]druid.RuleList) druid.Match {
			return real.match(of[name], of[plan.DefaultRules], at, when)
		}
		start, end, between := ask(l.before), ask(l.after), ask(force)
		keeps := end.Action != druid.ActionDrop && (there && end.Index >= 0 || start.Action != druid.ActionDrop)
		if keeps && between.Action == druid.ActionDrop {
			t.Fatalf("%s of %s is kept by the plan and dropped at %s between two lists (there: %v)\nown %v -> %v -> %v\ndefault %v -> %v -> %v", at, name, when, there,
				l.before[name], force[name], l.after[name], l.before[plan.DefaultRules], force[plan.DefaultRules], l.after[plan.DefaultRules])
		}
	}
}

// A step that says that it widens drops no used segment that was not dropped before it, overshadowed or not.
func TestWhatWidensDropsNothing(t *testing.T) {
	base := loadConfig(t, "")
	rapid.Check(t, func(t *rapid.T) {
		l := drawLists(t, base)
		if !l.in.defaultChanges() {
			t.Skip("own lists alone are judged by what they do to visible segments")
		}
		force := maps.Clone(l.before)
		drops := func(d *snapshot.Datasource, i int) bool {
			m := druid.Chain{Own: force[d.Name], Default: force[plan.DefaultRules]}.Match(d.Segments[i].Interval, l.in.Now)
			return m.Action == druid.ActionDrop
		}
		for _, a := range Build(l.in).Actions {
			if a.Kind != plan.SetRules {
				continue
			}
			was := map[string][]bool{}
			for _, d := range l.in.Snapshot.Datasources {
				for i := range d.Segments {
					was[d.Name] = append(was[d.Name], drops(d, i))
				}
			}
			force[a.Datasource] = *a.RulesAfter
			for _, d := range l.in.Snapshot.Datasources {
				for i, s := range d.Segments {
					if a.Widens && s.Has(snapshot.Used) && drops(d, i) && !was[d.Name][i] {
						t.Fatalf("%s of %s is dropped by a step that widens", s.Interval, d.Name)
					}
				}
			}
		}
	})
}
