package planner

import (
	"slices"
	"strings"
	"testing"

	"coppice/config"
	"coppice/internal/druid"
	"coppice/internal/plan"

	"pgregory.net/rapid"
)

// remembered reads the holds that a scene's last apply knew.
func remembered(t *testing.T, text string) []plan.Hold {
	t.Helper()
	var list []plan.Hold
	for line := range lines(text) {
		f := strings.Fields(line)
		if len(f) != 4 {
			t.Fatalf("remembered line %q", line)
		}
		h := plan.Hold{Name: f[0], Datasources: strings.Split(f[1], ","), Reason: "it was said so"}
		if f[2] != "always" {
			i := mustInterval(t, f[2])
			h.Interval = &i
		}
		if f[3] != "ever" {
			until := at(t, f[3])
			h.Until = &until
		}
		list = append(list, h)
	}
	return list
}

// TestWithdrawnLeavesNothingUnprotected: whatever a remembered hold protected, at a moment before its end, is protected
// by what is declared or by what is withdrawn; and nothing is withdrawn that is declared as it was.
func TestWithdrawnLeavesNothingUnprotected(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		was, declared := drawHolds(rt, "was"), drawHolds(rt, "now")
		now := drawInstant(rt, "clock")
		var blocks []config.Hold
		for _, h := range declared {
			blocks = append(blocks, config.Hold{Name: h.Name, Datasources: h.Datasources, Interval: h.Interval, Until: h.Until})
		}
		both := append(slices.Clone(declared), Withdrawn(blocks, was, now)...)
		name := rapid.SampledFrom([]string{"a", "ab", "abc", "b", "ba"}).Draw(rt, "name")
		at, later := drawInstant(rt, "at"), max(now, drawInstant(rt, "later"))
		if protects(was, name, at, later) && !protects(both, name, at, later) {
			rt.Fatalf("%s at %s is not protected at %s: was %+v, declared %+v", name, at, later, was, declared)
		}
		if list := Withdrawn(blocks, declared, now); len(list) > 0 {
			rt.Fatalf("what is declared is withdrawn: %+v", list)
		}
	})
}

func protects(holds []plan.Hold, name string, at, now druid.Instant) bool {
	return slices.ContainsFunc(holds, func(h plan.Hold) bool {
		return (h.Until == nil || now < *h.Until) && (h.Interval == nil || h.Interval.Start <= at && at < h.Interval.End) &&
			matchesAny(h.Datasources, name)
	})
}

func drawInstant(rt *rapid.T, label string) druid.Instant {
	return druid.Instant(rapid.IntRange(0, 6).Draw(rt, label))
}

func drawHolds(rt *rapid.T, label string) []plan.Hold {
	one := rapid.Custom(func(rt *rapid.T) plan.Hold {
		h := plan.Hold{Name: rapid.SampledFrom([]string{"x", "y"}).Draw(rt, "hold")}
		h.Datasources = rapid.SliceOfN(rapid.SampledFrom([]string{"*", "a*", "*a", "a", "ab", "a*b*", "b*"}), 1, 3).Draw(rt, "patterns")
		if rapid.Bool().Draw(rt, "some time") {
			start := drawInstant(rt, "start")
			h.Interval = &druid.Interval{Start: start, End: start + 1 + drawInstant(rt, "length")}
		}
		if rapid.Bool().Draw(rt, "ends") {
			until := drawInstant(rt, "until")
			h.Until = &until
		}
		return h
	})
	return rapid.SliceOfN(one, 0, 3).Draw(rt, label)
}
