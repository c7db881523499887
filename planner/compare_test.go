package planner

import (
	"slices"
	"sync"
	"testing"

	"coppice/config"
	"coppice/internal/druid"
	"coppice/internal/plan"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// variant is another configuration for the same world: other rules, other graces, or none of the block at all.
func (w *world) variant(t *rapid.T, in Input) Input {
	cfg := *in.Config
	cfg.Datasources = slices.Clone(cfg.Datasources)
	for n, d := range cfg.Datasources {
		changed := *d
		if rapid.Bool().Draw(t, "other rules") {
			text := rapid.SampledFrom([]string{`[{"type":"loadForever"}]`, `[{"type":"dropForever"}]`,
				`[{"type":"loadByPeriod","period":"P3D"},{"type":"dropForever"}]`}).Draw(t, "rules")
			list, err := druid.ParseRuleList([]byte(text))
			if err != nil {
				t.Fatalf("%v", err)
			}
			changed.Rules = &config.Rules{List: list}
		}
		if rapid.Bool().Draw(t, "other kill") {
			changed.Kill = nil
		}
		cfg.Datasources[n] = &changed
	}
	if rapid.IntRange(0, 5).Draw(t, "undeclared") == 0 {
		cfg.Datasources = nil
	}
	in.Config = &cfg
	return in
}

// A comparison says what two forecasts say: as many segments end within the horizon, and on the same days.
func TestCompareIsTwoForecasts(t *testing.T) {
	var earlier, later, restored int64
	check(t, func(t *rapid.T, w *world) {
		w.unusual(t)
		base := w.input(nil)
		head := w.variant(t, w.input(nil))
		until := base.Now + druid.Instant(rapid.IntRange(1, 40).Draw(t, "horizon"))*day
		c := Compare(base, head, until)
		back := Compare(head, base, until)
		if c.Summary.DiesEarlier.Amount != back.Summary.DiesLater.Amount || c.Summary.DiesLater.Amount != back.Summary.DiesEarlier.Amount {
			t.Fatalf("forth %+v, back %+v", c.Summary, back.Summary)
		}
		if same := Compare(head, head, until); len(same.Datasources) != 0 {
			t.Fatalf("a configuration differs from itself: %+v", same.Datasources[0])
		}
		if diff := cmp.Diff(killsOf(head, until)-killsOf(base, until), moreKills(c)); diff != "" {
			t.Fatalf("kills within the horizon, by forecasts (-) and by comparison (+):\n%s", diff)
		}
		earlier += c.Summary.DiesEarlier.Segments
		later += c.Summary.DiesLater.Segments
		for _, d := range c.Datasources {
			for _, r := range slices.Concat(d.DiesEarlier.Runs, d.DiesLater.Runs) {
				if r.Segments != int64(len(r.Partitions)) {
					t.Fatalf("a run of %d segments names %d", r.Segments, len(r.Partitions))
				}
				if r.Ends == plan.EndUse && r.Before != nil && *r.Before == base.Now {
					restored++
				}
			}
		}
	})
	if earlier == 0 || later == 0 || restored == 0 {
		t.Errorf("no world had something earlier (%d), later (%d), or brought back (%d)", earlier, later, restored)
	}
}

func killsOf(in Input, until druid.Instant) int64 {
	var n int64
	for _, name := range subjectNames(&in) {
		f := newFollower(in, until)
		for _, fate := range f.fatesOf(name).fates {
			if fate.deleted <= until {
				n++
			}
		}
	}
	if told := Forecast(in, until).Summary.Kill.Segments; told != n {
		panic("fates and forecast tell different numbers of deletions")
	}
	return n
}

// moreKills counts deletions within the horizon that the second configuration has and the first has not, less those the
// other way round.
func moreKills(c *plan.Comparison) int64 {
	var n int64
	for _, d := range c.Datasources {
		for _, r := range d.DiesEarlier.Runs {
			if r.Ends == plan.EndExistence && r.Before == nil {
				n += r.Segments
			}
		}
		for _, r := range d.DiesLater.Runs {
			if r.Ends == plan.EndExistence && r.After == nil {
				n -= r.Segments
			}
		}
	}
	return n
}

// TestCompareAtTheSameTime: datasources that are compared side by side give what they give one after the other.
func TestCompareAtTheSameTime(t *testing.T) {
	check(t, func(t *rapid.T, w *world) {
		head := many(w.input(nil))
		base := head
		other := *base.Config
		other.Datasources = nil
		base.Config = &other
		until := head.Now + 30*day
		one := Compare(base, head, until)
		head.Each = func(n int, work func(i int)) {
			var all sync.WaitGroup
			for i := range n {
				all.Go(func() { work(i) })
			}
			all.Wait()
		}
		base.Each = head.Each
		if diff := cmp.Diff(one, Compare(base, head, until)); diff != "" {
			t.Fatalf("side by side it differs:\n%s", diff)
		}
	})
}
