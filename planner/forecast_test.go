package planner

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"coppice/config"
	"coppice/internal/druid"
	"coppice/internal/plan"
	"coppice/internal/snapshot"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// stepper finds out the same as Forecast in the plainest way: it plans the whole datasource at every midnight and a
// millisecond after it, which is where everything of a generated world changes, and carries out what the plan says.
type stepper struct {
	in   Input
	days map[string]*plan.Changes
	name string
}

func (s *stepper) run(now, until druid.Instant) {
	s.in.Now = now
	s.pass("now")
	// From here on the planned rules are in force.
	d := s.in.Snapshot.Datasources[0]
	if p := s.in.Config.Find(s.name); p.Rules != nil && !p.Rules.List.Equal(d.Rules.List) {
		old := d.Rules
		d.Rules.Set, d.Rules.List, d.Rules.Since = true, p.Rules.List, now
		if old.Set {
			d.Rules.History = append([]snapshot.RuleVersion{{Since: old.Since, List: old.List}}, old.History...)
		}
	}
	s.at(now, "now")
	for midnight := now; midnight <= until; midnight += day {
		for _, t := range []druid.Instant{midnight, midnight + 1} {
			if t > now && t <= until {
				s.at(t, date(t))
			}
		}
	}
}

// at plans until nothing changes any more at that moment.
func (s *stepper) at(t druid.Instant, label string) {
	for range 40 {
		if s.in.Now = t; !s.pass(label) {
			return
		}
	}
	panic("it never settles")
}

// pass carries out one plan, and reports whether it changed anything.
func (s *stepper) pass(label string) bool {
	w := newWork(&s.in, s.in.subjects()[0])
	w.decide()
	return s.carryOut(w, label, drop, remove, restore, kill) || !w.restores && s.carryOut(w, label, shadowed)
}

func (s *stepper) carryOut(w *work, label string, which ...decision) bool {
	d, changed := s.in.Snapshot.Datasources[0], false
	var left []snapshot.Segment
	for i := range d.Segments {
		row, v := d.Segments[i], w.verdicts[i]
		if slices.Contains(which, v.decision) && v.waits != waitsLock {
			changed = true
			s.note(w, i, label)
			switch v.decision {
			case kill:
				continue
			case restore:
				row.Flags |= snapshot.Used
			default:
				row.Flags &^= snapshot.Used
				row.MarkedAt = s.in.Now
			}
		}
		left = append(left, row)
	}
	d.Segments = left
	return changed
}

func (s *stepper) note(w *work, i int, label string) {
	if s.days[label] == nil {
		s.days[label] = &plan.Changes{}
	}
	c, size := s.days[label], w.amount(i)
	switch w.verdicts[i].decision {
	case drop:
		c.Drop.Add(size)
		if at := w.rows[i].Interval; at.End > at.Start+day {
			c.OverRetained.Add(size)
		}
	case remove:
		c.Remove.Add(size)
	case restore:
		c.Restore.Add(size)
	case shadowed:
		c.Shadowed.Add(size)
	case kill:
		c.Kill.Add(size)
	}
}

func told3(f *plan.Forecast) map[string]*plan.Changes {
	days := map[string]*plan.Changes{}
	for _, line := range f.Days {
		label := line.Day
		if line.AtOnce {
			label = "now"
		}
		days[label] = &line.Changes
	}
	return days
}

// TestForecastIsPlanningDayByDay: jumping from change to change says what planning at every moment says.
func TestForecastIsPlanningDayByDay(t *testing.T) {
	happened := plan.Changes{}
	check(t, func(t *rapid.T, w *world) {
		w.calendar(t)
		w.unusual(t)
		in := w.input(nil)
		until := in.Now + druid.Instant(rapid.IntRange(1, 40).Draw(t, "horizon"))*day
		got := Forecast(in, until)
		s := &stepper{in: w.input(nil), days: map[string]*plan.Changes{}, name: "d"}
		s.run(in.Now, until)
		if diff := cmp.Diff(s.days, told3(got)); diff != "" {
			t.Fatalf("day by day (-) and forecast (+) differ:\n%s", diff)
		}
		happened.Add(got.Summary)
	})
	for name, amount := range map[string]plan.Amount{"drop": happened.Drop, "over-retained": happened.OverRetained, "shadowed": happened.Shadowed,
		"remove": happened.Remove, "restore": happened.Restore, "kill": happened.Kill} {
		if amount.Segments == 0 {
			t.Errorf("no world had a %s", name)
		}
	}
}

// calendar sometimes lets a world's rules and graces count months, around the end of a February.
func (w *world) calendar(t *rapid.T) {
	if !rapid.Bool().Draw(t, "calendar") {
		return
	}
	for _, list := range []*druid.RuleList{&w.own, &w.wanted} {
		if *list == nil {
			continue
		}
		text := rapid.SampledFrom([]string{`[{"type":"loadByPeriod","period":"P1M"},{"type":"dropForever"}]`, `[{"type":"dropBeforeByPeriod","period":"P1M2D"}]`,
			`[{"type":"loadByPeriod","period":"P1M1D","includeFuture":false},{"type":"dropForever"}]`}).Draw(t, "months")
		parsed, err := druid.ParseRuleList([]byte(text))
		if err != nil {
			t.Fatalf("%v", err)
		}
		*list = parsed
	}
	if w.kill != nil && w.kill.ExpiredAfter != nil {
		w.kill.ExpiredAfter = &config.Setting[druid.Period]{Value: druid.Period{Months: 1}}
	}
	w.now = days(rapid.IntRange(20, 60).Draw(t, "now"))
}

// unusual makes likelier what makes a forecast difficult: a removal of what is used, a hold that ends, a list of which
// nobody knows since when it is in force, a version ahead of its time, and restores that an earlier apply left undone.
func (w *world) unusual(t *rapid.T) {
	often := func(name string) bool { return rapid.IntRange(0, 3).Draw(t, name) == 0 }
	some := func() row { return w.rows[rapid.IntRange(0, len(w.rows)-1).Draw(t, "some row")] }
	if often("removes") {
		r := some()
		w.removals = []config.Removal{{Name: "r", Datasource: "d", Interval: &r.Interval, Versions: []string{r.version}, Reason: "r",
			KillAfter: &config.Setting[druid.Period]{Value: druid.Period{Days: 2}}}}
	}
	if often("holds") {
		r, until := some(), w.now+druid.Instant(rapid.IntRange(1, 20).Draw(t, "hold ends"))*day
		w.holds = []config.Hold{{Name: "h", Datasources: []string{"d"}, Interval: &r.Interval, Until: &until, Reason: "r"}}
	}
	if often("since unknown") {
		w.ownSince = druid.NoInstant
	}
	if often("ahead") {
		w.rows[rapid.IntRange(0, len(w.rows)-1).Draw(t, "ahead row")].version = (w.now + 3*day).String()
	}
	if often("unfinished") {
		w.unfinished = map[druid.SegmentID]druid.Instant{}
		for range 3 {
			r := some()
			w.unfinished[r.id()] = w.now
		}
	}
}

// TestForecastOverALeapDay: P1M reaches a daily segment of the end of January at the end of February, clamped, and the
// grace of a month counts from there.
func TestForecastOverALeapDay(t *testing.T) {
	for _, c := range []struct{ year, marked, gone string }{
		// P1M before March 1st is February 1st; before February 29th it is January 29th, and January 31st ends on February 1st.
		{"2028", "2028-03-01", "2028-04-01"},
		{"2027", "2027-03-01", "2027-04-01"},
	} {
		base := loadConfig(t, "datasource \"d\" {\n  retention {\n    keep = \"P1M\"\n  }\n  kill {\n    expired_after = \"P1M\"\n  }\n}\n")
		d := &snapshot.Datasource{Name: "d", UnusedKnown: true, BusyKnown: true, Rules: snapshot.Rules{Set: true, List: base.Find("d").Rules.List, HistoryComplete: true}}
		r := row{version: c.year + "-02-02T00:00:00.000Z", shard: druid.ShardSpec{Kind: druid.ShardNumbered, HasCore: true, CorePartitions: 1}}
		r.Segment = snapshot.Segment{Interval: mustInterval(t, c.year+"-01-31/"+c.year+"-02-01"), Flags: snapshot.Used | snapshot.Details, File: 1, Bytes: 7,
			MarkedAt: druid.NoInstant, CreatedAt: druid.NoInstant}
		pack(d, r)
		d.Finish()
		in := Input{Config: base, Cluster: base.Clusters[0], Now: at(t, c.year+"-02-10"), Snapshot: &snapshot.Cluster{Name: "test", DruidVersion: "33.0.0",
			Datasources: []*snapshot.Datasource{d}, DefaultRules: snapshot.Rules{Set: true, HistoryComplete: true}}}
		var got []string
		for _, line := range Forecast(in, at(t, c.year+"-12-31")).Days {
			got = append(got, fmt.Sprintf("%s drop %d kill %d", line.Day, line.Drop.Segments, line.Kill.Segments))
		}
		want := []string{c.marked + " drop 1 kill 0", c.gone + " drop 0 kill 1"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", c.year, diff)
		}
	}
}

// TestForecastAtTheSameTime: datasources that are followed side by side give what they give one after the other.
func TestForecastAtTheSameTime(t *testing.T) {
	check(t, func(t *rapid.T, w *world) {
		in := many(w.input(nil))
		until := in.Now + 30*day
		one := Forecast(in, until)
		in.Each = func(n int, work func(i int)) {
			var all sync.WaitGroup
			for i := range n {
				all.Go(func() { work(i) })
			}
			all.Wait()
		}
		if diff := cmp.Diff(one, Forecast(in, until)); diff != "" {
			t.Fatalf("side by side it differs:\n%s", diff)
		}
	})
}
