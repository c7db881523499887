package planner

import (
	"fmt"
	"testing"

	"coppice/config"
	"coppice/internal/druid"
	"coppice/internal/plan"
	"coppice/internal/snapshot"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// long lays segments over (or under) much of a world, so that one component is of many parts.
func (w *world) long(t *rapid.T) {
	for n := range rapid.IntRange(1, 3).Draw(t, "long rows") {
		r := row{version: rapid.SampledFrom([]string{"2025-12-30", "2025-12-30", "2025-12-31", "2026-01-03", "2026-01-09"}).Draw(t, "long version")}
		from := rapid.IntRange(-3, 6).Draw(t, "long from")
		r.Interval = druid.Interval{Start: days(from), End: days(from + rapid.SampledFrom([]int{5, 10, 15, 60}).Draw(t, "long for"))}
		r.Flags, r.Bytes, r.File, r.CreatedAt = snapshot.Details, 10, uint64(1000+n), druid.NoInstant
		if rapid.Bool().Draw(t, "long used") {
			r.Flags |= snapshot.Used
		}
		if r.MarkedAt = days(rapid.IntRange(8, 20).Draw(t, "long marked")); rapid.IntRange(0, 4).Draw(t, "long null") == 0 {
			r.MarkedAt = druid.NoInstant
		}
		r.shard = druid.ShardSpec{Kind: druid.ShardNumbered, CorePartitions: int32(rapid.SampledFrom([]int{1, 1, 1, 2}).Draw(t, "long core"))}
		same := func() bool {
			for _, o := range w.rows {
				if o.id() == r.id() {
					return true
				}
			}
			return w.clashes(r)
		}
		if !same() {
			w.rows = append(w.rows, r)
		}
	}
}

// stony makes likelier what stones are about: days in a row, most of them used, over an old long row that is unused, with or without
// graces for either class, under rules that drop what is old.
func (w *world) stony(t *rapid.T) {
	w.removals, w.wanted, w.unfinished, w.rows = nil, nil, nil, nil
	sometimes := func(name string, of int) bool { return rapid.IntRange(0, of).Draw(t, name) == 0 }
	var err error
	w.own, err = druid.ParseRuleList(fmt.Appendf(nil, rapid.SampledFrom([]string{`[{"type":"loadByPeriod","period":"P%dD"},{"type":"dropForever"}]`,
		`[{"type":"loadByPeriod","period":"P%dD"},{"type":"dropForever"}]`, `[{"type":"dropByPeriod","period":"P%dD"}]`}).Draw(t, "list"), rapid.IntRange(3, 30).Draw(t, "keeps")))
	if err != nil {
		t.Fatal(err)
	}
	w.kill = drawKill(t)
	if rapid.Bool().Draw(t, "superseded stay") {
		w.kill.SupersededAfter = nil
	}
	add := func(from, to int, version string, used bool) {
		r := row{version: version, shard: druid.ShardSpec{Kind: druid.ShardNumbered, CorePartitions: 1}}
		r.Interval = druid.Interval{Start: days(from), End: days(to)}
		r.Flags, r.Bytes, r.File, r.CreatedAt, r.MarkedAt = snapshot.Details, 10, uint64(len(w.rows)+1), druid.NoInstant, days(rapid.IntRange(8, 20).Draw(t, "marked at"))
		if sometimes("no time", 8) {
			r.MarkedAt = druid.NoInstant
		}
		if sometimes("incomplete", 12) {
			r.shard.CorePartitions = 2
		}
		if used {
			r.Flags |= snapshot.Used
		}
		if sometimes("shares a file", 25) {
			r.File = 77
		}
		w.rows = append(w.rows, r)
	}
	first, last := rapid.IntRange(0, 3).Draw(t, "first"), rapid.IntRange(8, 16).Draw(t, "last")
	for d := first; d < last; d++ {
		if sometimes("gap", 8) {
			continue
		}
		add(d, d+1, "2026-01-05", !sometimes("unused", 5))
		if sometimes("old one", 6) {
			add(d, d+1, "2026-01-04", sometimes("old used", 1))
		}
	}
	add(first-rapid.IntRange(0, 1).Draw(t, "before"), last+rapid.IntRange(0, 1).Draw(t, "behind"), "2025-12-30", sometimes("long used", 3))
	if sometimes("below", 3) {
		add(first, first+2, "2025-12-25", sometimes("below used", 1))
	}
}

// TestForecastAroundStones: followed part by part beside what stays, the rows fare as when all are planned together at every moment.
func TestForecastAroundStones(t *testing.T) {
	for name, draw := range map[string]func(t *rapid.T, w *world){
		"any":   func(t *rapid.T, w *world) { w.long(t); w.unusual(t) },
		"plain": func(t *rapid.T, w *world) { w.long(t); w.removals, w.wanted = nil, nil },
		"stony": func(t *rapid.T, w *world) { w.stony(t) }, "as stony": func(t *rapid.T, w *world) { w.stony(t) },
		"stony with holds": func(t *rapid.T, w *world) {
			w.stony(t)
			until := w.now + druid.Instant(rapid.IntRange(1, 60).Draw(t, "hold ends"))*day
			held := w.rows[rapid.IntRange(0, len(w.rows)-1).Draw(t, "held row")].Interval
			w.holds = []config.Hold{{Name: "h", Datasources: []string{"d"}, Interval: &held, Until: &until, Reason: "r"}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			parted := 0
			check(t, func(t *rapid.T, w *world) {
				draw(t, w)
				in := w.input(nil)
				until := in.Now + druid.Instant(rapid.IntRange(1, 40).Draw(t, "horizon"))*day
				f := newForecaster(in, until)
				f.datasource(in.subjects()[0])
				parted += f.parted
				s := &stepper{in: w.input(nil), days: map[string]*plan.Changes{}, name: "d"}
				s.run(in.Now, until)
				if diff := cmp.Diff(s.days, told3(Forecast(w.input(nil), until))); diff != "" {
					t.Fatalf("day by day (-) and forecast (+) differ:\n%s", diff)
				}
			})
			if parted == 0 {
				t.Error("no world was parted")
			}
		})
	}
}

// TestForecastGrowsEvenly: twice as many segments over a long one that stays are twice as much to decide, and not four times.
func TestForecastGrowsEvenly(t *testing.T) {
	for _, below := range []string{"used", "unexplained", "superseded"} {
		var decided [2]int
		for n, size := range []int{300, 600} {
			in, until := overOne(t, size, below)
			f := newForecaster(in, until)
			f.datasource(in.subjects()[0])
			decided[n] = f.decided
			if got := Forecast(in, until).Summary.Drop.Segments; got != int64(size) {
				t.Errorf("%s: %d of %d segments are dropped", below, got, size)
			}
		}
		if decided[1] > 5*decided[0]/2 {
			t.Errorf("%s: %s", below, fmt.Sprint(decided))
		}
	}
}

// TestForecastThatIsNoStone: what looks as if it stayed, and goes, or would go if a part of the rows were all there is.
func TestForecastThatIsNoStone(t *testing.T) {
	period := func(days int32) *config.Setting[druid.Period] {
		return &config.Setting[druid.Period]{Value: druid.Period{Days: days}}
	}
	at := func(from, to int, version string, used bool, marked int, file uint64) row {
		r := row{version: version, shard: druid.ShardSpec{Kind: druid.ShardNumbered, CorePartitions: 1}}
		r.Interval = druid.Interval{Start: days(from), End: days(to)}
		r.Flags, r.Bytes, r.File, r.CreatedAt, r.MarkedAt = snapshot.Details, 10, file, druid.NoInstant, days(marked)
		if used {
			r.Flags |= snapshot.Used
		}
		return r
	}
	daily := func(used bool) (rows []row) {
		for d := range 5 {
			rows = append(rows, at(d, d+1, "2026-01-05", used, 8, uint64(d+1)))
		}
		return rows
	}
	for name, c := range map[string]struct {
		rules string
		kill  config.Kill
		rows  []row
		want  int64
	}{
		"it is superseded once what lies over it is expired": {`[{"type":"loadByPeriod","period":"P25D"},{"type":"dropForever"}]`,
			config.Kill{SupersededAfter: period(1)}, append(daily(false), at(0, 5, "2025-12-30", false, 8, 99)), 1},
		"it would be expired below a part of what covers it": {`[{"type":"loadByPeriod","period":"P25D"},{"type":"dropForever"}]`,
			config.Kill{ExpiredAfter: period(0)}, append(daily(true), at(0, 5, "2025-12-30", false, 8, 99)), 0},
		"two below it share a file": {`[{"type":"loadForever"}]`,
			config.Kill{SupersededAfter: period(3)}, []row{at(0, 1, "2026-01-01", false, 8, 7), at(3, 4, "2026-01-01", false, 20, 7), at(0, 5, "2026-01-09", true, 8, 99)}, 2},
	} {
		w := &world{now: days(20), base: loadConfig(t, ""), maxTask: 4, rows: c.rows, kill: &c.kill}
		w.kill.Task.MaxSegments.Value, w.kill.Task.MaxInterval.Value = 1000, druid.Period{Days: 31}
		own, err := druid.ParseRuleList([]byte(c.rules))
		if err != nil {
			t.Fatal(err)
		}
		w.own = own
		until := w.now + 30*day
		s := &stepper{in: w.input(nil), days: map[string]*plan.Changes{}, name: "d"}
		s.run(w.now, until)
		got := Forecast(w.input(nil), until)
		if diff := cmp.Diff(s.days, told3(got)); diff != "" || got.Summary.Kill.Segments != c.want {
			t.Errorf("%s: %d are deleted, want %d; day by day (-) and forecast (+) differ:\n%s", name, got.Summary.Kill.Segments, c.want, diff)
		}
	}
}
