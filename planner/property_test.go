package planner

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"coppice/config"
	"coppice/internal/druid"
	"coppice/internal/plan"
	"coppice/internal/snapshot"

	"pgregory.net/rapid"
)

// world is a small generated cluster: one datasource "d", what is declared for it, and a moment.
type world struct {
	now      druid.Instant
	rows     []row
	own      druid.RuleList
	defaults druid.RuleList
	wanted   druid.RuleList // nil: rules are not declared
	kill     *config.Kill
	restore  bool
	busy     []druid.Interval
	ownSince druid.Instant
	older    []snapshot.RuleVersion
	gaps     []snapshot.Gap
	unlisted bool
	base     *config.Config
	maxTask  int
	maxDays  int32 // longest span of a task; 0 for the usual 31
	holds    []config.Hold
	removals []config.Removal
	// unfinished are restores that an earlier apply left undone.
	unfinished map[druid.SegmentID]druid.Instant
}

const day = druid.Instant(24 * 60 * 60 * 1000)

var epoch = druid.Instant(1767225600000) // 2026-01-01

func days(n int) druid.Instant { return epoch + druid.Instant(n)*day }

func drawWorld(t *rapid.T, base *config.Config) *world {
	w := &world{now: days(20), base: base, restore: rapid.Bool().Draw(t, "restore"), maxTask: rapid.IntRange(1, 4).Draw(t, "max")}
	w.own, w.defaults = drawRules(t, "own"), drawRules(t, "default")
	if rapid.Bool().Draw(t, "declares") {
		w.wanted = drawRules(t, "wanted")
	}
	w.ownSince = days(rapid.IntRange(0, 20).Draw(t, "since"))
	if rapid.IntRange(0, 4).Draw(t, "kills") > 0 {
		w.kill = drawKill(t)
	}
	seen := map[druid.SegmentID]bool{}
	for range rapid.IntRange(1, 14).Draw(t, "rows") {
		r := drawRow(t)
		id := druid.SegmentID{Interval: r.Interval, Version: r.version, Partition: r.Partition}
		if !seen[id] && !w.clashes(r) {
			seen[id] = true
			w.rows = append(w.rows, r)
		}
	}
	if rapid.IntRange(0, 3).Draw(t, "busy") == 0 {
		from := rapid.IntRange(0, 10).Draw(t, "lock")
		w.busy = []druid.Interval{{Start: days(from), End: days(from + 1)}}
	}
	w.drawNamed(t)
	return w
}

// drawNamed sometimes adds a hold and a removal.
func (w *world) drawNamed(t *rapid.T) {
	span := func(name string) *druid.Interval {
		from := rapid.IntRange(0, 9).Draw(t, name)
		return &druid.Interval{Start: days(from), End: days(from + rapid.IntRange(1, 3).Draw(t, name))}
	}
	if rapid.IntRange(0, 4).Draw(t, "hold") == 0 {
		w.holds = []config.Hold{{Name: "h", Datasources: []string{"d"}, Interval: span("held"), Reason: "r"}}
	}
	if rapid.IntRange(0, 3).Draw(t, "removal") == 0 {
		r := config.Removal{Name: "r", Datasource: "d", Interval: span("removed"), Reason: "r",
			Versions: []string{fmt.Sprintf("2026-01-%02d", rapid.IntRange(1, 5).Draw(t, "claimed"))}}
		if rapid.Bool().Draw(t, "kills it") {
			r.KillAfter = &config.Setting[druid.Period]{Value: druid.Period{Days: 1}}
		}
		w.removals = []config.Removal{r}
	}
}

// clashes: two used rows of one version over different overlapping intervals are another story.
func (w *world) clashes(r row) bool {
	return slices.ContainsFunc(w.rows, func(o row) bool {
		return o.version == r.version && o.Interval != r.Interval && o.Interval.Overlaps(r.Interval)
	})
}

func drawRules(t *rapid.T, name string) druid.RuleList {
	var list druid.RuleList
	for range rapid.IntRange(0, 3).Draw(t, name) {
		n := rapid.IntRange(0, 12).Draw(t, "n")
		text := rapid.SampledFrom([]string{
			`{"type":"loadByPeriod","period":"P%dD"}`, `{"type":"loadByPeriod","period":"P%dD","includeFuture":false}`,
			`{"type":"dropByPeriod","period":"P%dD"}`, `{"type":"dropBeforeByPeriod","period":"P%dD"}`,
			`{"type":"dropByInterval","interval":"2026-01-02/P%dD"}`, `{"type":"loadByInterval","interval":"2026-01-03/P%dD"}`,
			`{"type":"loadForever","x":%d}`, `{"type":"dropForever","x":%d}`}).Draw(t, "rule")
		r, err := druid.ParseRule(fmt.Appendf(nil, text, n))
		if err != nil {
			panic(err)
		}
		list = append(list, r)
	}
	return list
}

func drawKill(t *rapid.T) *config.Kill {
	grace := func(name string) *config.Setting[druid.Period] {
		if rapid.IntRange(0, 3).Draw(t, name) == 0 {
			return nil
		}
		return &config.Setting[druid.Period]{Value: druid.Period{Days: int32(rapid.IntRange(0, 6).Draw(t, name))}}
	}
	k := &config.Kill{SupersededAfter: grace("superseded"), ExpiredAfter: grace("expired")}
	k.Task.MaxSegments.Value, k.Task.MaxInterval.Value = 1000, druid.Period{Days: 31}
	return k
}

func drawRow(t *rapid.T) row {
	length := rapid.SampledFrom([]int{1, 1, 1, 2, 5}).Draw(t, "length")
	start := rapid.IntRange(0, 9).Draw(t, "start")
	start -= start % length
	r := row{version: fmt.Sprintf("2026-01-%02d", rapid.IntRange(1, 5).Draw(t, "version"))}
	r.Interval = druid.Interval{Start: days(start), End: days(start + length)}
	r.Flags, r.Bytes = snapshot.Details, 10
	if rapid.Bool().Draw(t, "used") {
		r.Flags |= snapshot.Used
	}
	r.CreatedAt = druid.NoInstant
	r.MarkedAt = days(rapid.IntRange(8, 20).Draw(t, "marked"))
	if rapid.IntRange(0, 9).Draw(t, "null") == 0 {
		r.MarkedAt = druid.NoInstant
	}
	r.Partition = int32(rapid.SampledFrom([]int{0, 0, 0, 1}).Draw(t, "partition"))
	r.shard = druid.ShardSpec{Kind: druid.ShardNumbered, Partition: r.Partition, CorePartitions: int32(rapid.SampledFrom([]int{1, 1, 1, 2, 0}).Draw(t, "core"))}
	if rapid.IntRange(0, 9).Draw(t, "tombstone") == 0 {
		r.shard, r.Partition = druid.ShardSpec{Kind: druid.ShardTombstone}, 0
		return r
	}
	r.File = uint64(r.Interval.Start) ^ uint64(r.version[9])<<8 ^ uint64(r.Partition)
	if rapid.IntRange(0, 9).Draw(t, "shares") == 0 {
		r.File = 7
	}
	return r
}

// input packs the world; order permutes the rows.
func (w *world) input(order []int) Input {
	d := &snapshot.Datasource{Name: "d", UnusedKnown: !w.unlisted, BusyKnown: true, Gaps: slices.Clone(w.gaps)}
	d.Rules = snapshot.Rules{Set: len(w.own) > 0, List: w.own, Since: w.ownSince, HistoryComplete: false}
	for n := range w.rows {
		r := w.rows[n]
		if order != nil {
			r = w.rows[order[n]]
		}
		pack(d, r)
	}
	for _, b := range w.busy {
		d.Busy = append(d.Busy, snapshot.Busy{Interval: b, Kind: "lock", By: "x"})
	}
	d.Finish()
	cfg := *w.base
	policy := &config.Datasource{Name: "d", Guard: w.base.Guard, Kill: w.kill}
	policy.Guard.MaxUnusedPercent.Value, policy.Guard.NewestVictimAge.Value = 100, nil
	policy.Restore.Value = w.restore
	if w.kill != nil {
		kill := *w.kill
		kill.Task.MaxSegments.Value = w.maxTask
		if w.maxDays > 0 {
			kill.Task.MaxInterval.Value = druid.Period{Days: w.maxDays}
		}
		policy.Kill = &kill
	}
	if w.wanted != nil {
		policy.Rules = &config.Rules{List: w.wanted}
	}
	cfg.Datasources = []*config.Datasource{policy}
	cfg.Holds, cfg.Removals = w.holds, w.removals
	cluster := &snapshot.Cluster{Name: "test", DruidVersion: "33.0.0", Datasources: []*snapshot.Datasource{d},
		DefaultRules: snapshot.Rules{Set: true, List: w.defaults, Since: days(0)}}
	return Input{Config: &cfg, Cluster: cfg.Clusters[0], Snapshot: cluster, Now: w.now, ToolVersion: "test", Unfinished: w.unfinished}
}

func (r *row) used() bool { return r.Flags&snapshot.Used != 0 }

func (r *row) id() druid.SegmentID {
	return druid.SegmentID{DataSource: "d", Interval: r.Interval, Version: r.version, Partition: r.Partition}
}

// takes is what Druid's kill task reaches, written from its documentation.
func takes(t *plan.Task, r row) bool {
	return !r.used() && t.Interval.Start <= r.Interval.Start && r.Interval.End <= t.Interval.End &&
		slices.Contains(t.Versions, r.version) && r.MarkedAt != druid.NoInstant && r.MarkedAt <= t.MaxUsedStatusLastUpdated
}

func named(a *plan.Action) map[druid.SegmentID]bool {
	ids := map[druid.SegmentID]bool{}
	for _, r := range a.Runs {
		for id := range r.IDs("d") {
			ids[id] = true
		}
	}
	return ids
}

func kills(p *plan.Plan) []*plan.Action {
	return slices.DeleteFunc(slices.Clone(p.Actions), func(a *plan.Action) bool { return a.Kind != plan.KillTask })
}

func killed(p *plan.Plan) map[druid.SegmentID]bool {
	all := map[druid.SegmentID]bool{}
	for _, a := range kills(p) {
		for id := range named(a) {
			all[id] = true
		}
	}
	return all
}

func decisions(t fataler, in Input) map[string]plan.ExplainedSegment {
	e, err := Explain(in, "d", "")
	if err != nil {
		t.Fatalf("explain: %v", err)
	}
	all := map[string]plan.ExplainedSegment{}
	for _, s := range e.Segments {
		all[s.ID] = s
	}
	return all
}

type fataler interface{ Fatalf(string, ...any) }

func check(t *testing.T, property func(t *rapid.T, w *world)) {
	t.Helper()
	base := loadConfig(t, "")
	rapid.Check(t, func(t *rapid.T) { property(t, drawWorld(t, base)) })
}

// A kill task takes exactly the approved segments: none that is used, none that is not named, and all that are.
func TestKillReachIsExact(t *testing.T) {
	check(t, func(t *rapid.T, w *world) {
		p := Build(w.input(nil))
		for _, a := range kills(p) {
			ids := named(a)
			for _, r := range w.rows {
				if takes(a.Task, r) != ids[r.id()] {
					t.Fatalf("task %+v takes %s: %v, approved: %v", a.Task, r.id(), takes(a.Task, r), ids[r.id()])
				}
			}
		}
		if err := plan.Check(p); err != nil {
			t.Fatalf("Check: %v", err)
		}
	})
}

// Nothing is killed before what it hides: when a task runs, no older unused version that stays behind is overlapped by
// a segment that the task takes.
func TestNothingIsKilledBeforeWhatItHides(t *testing.T) {
	check(t, func(t *rapid.T, w *world) {
		rows := slices.Clone(w.rows)
		for _, a := range kills(Build(w.input(nil))) {
			gone := func(r row) bool { return takes(a.Task, r) }
			if int64(len(named(a))) > a.Segments { // one of several tasks of equal reach
				left := a.Task.Limit
				rows = slices.DeleteFunc(rows, func(r row) bool { left -= one(gone(r)); return gone(r) && left >= 0 })
				continue
			}
			for _, r := range rows {
				for _, o := range rows {
					if gone(r) && !w.claims(r) && !gone(o) && !o.used() && o.version < r.version && o.Interval.Overlaps(r.Interval) {
						t.Fatalf("%s dies while %s, which it hides, stays", r.id(), o.id())
					}
				}
			}
			rows = slices.DeleteFunc(rows, gone)
		}
	})
}

func one(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// What is not known is kept: a row that contradicts itself, an unknown marking time, a payload that was not read, a
// gap, a lock, unused rows not listed, an older Druid: none of them adds a victim.
func TestUnknownIsKept(t *testing.T) {
	check(t, func(t *rapid.T, w *world) {
		before := killed(Build(w.input(nil)))
		k := rapid.IntRange(0, len(w.rows)-1).Draw(t, "row")
		what := rapid.IntRange(0, 6).Draw(t, "what")
		switch what {
		case 0:
			w.rows[k].Flags |= snapshot.Odd
		case 1:
			if w.inSomeReach(k) {
				t.Skip("a task with a cut-off leaves rows without a marking time alone: that frees what shared their reach")
			}
			w.rows[k].MarkedAt = druid.NoInstant
		case 2:
			w.rows[k].Flags &^= snapshot.Details
		case 3:
			w.gaps = []snapshot.Gap{{What: "segment row", Interval: w.rows[k].Interval}}
		case 4:
			w.busy = append(w.busy, w.rows[k].Interval)
		case 5:
			w.unlisted, w.gaps = true, []snapshot.Gap{{What: unusedGap}}
		case 6:
			w.gaps = []snapshot.Gap{{What: "rules"}}
		}
		for id := range killed(Build(w.input(nil))) {
			if !before[id] {
				t.Fatalf("%s dies only since something is not known (%d, %s)", id, what, w.rows[k].id())
			}
		}
	})
}

// inSomeReach reports whether a task for another row of the same version would reach the row.
func (w *world) inSomeReach(k int) bool {
	for n, o := range w.rows {
		if n != k && !o.used() && o.version == w.rows[k].version && o.Interval.Contains(w.rows[k].Interval) {
			return true
		}
	}
	return false
}

// Longer graces and longer retention never delete or drop more.
func TestMonotone(t *testing.T) {
	check(t, func(t *rapid.T, w *world) {
		if w.kill == nil || w.kill.SupersededAfter == nil || w.kill.ExpiredAfter == nil {
			t.Skip("no grace to lengthen")
		}
		before := killed(Build(w.input(nil)))
		longer := *w.kill
		longer.SupersededAfter = &config.Setting[druid.Period]{Value: druid.Period{Days: w.kill.SupersededAfter.Value.Days + 1}}
		longer.ExpiredAfter = &config.Setting[druid.Period]{Value: druid.Period{Days: w.kill.ExpiredAfter.Value.Days + 2}}
		w.kill = &longer
		for id := range killed(Build(w.input(nil))) {
			if !before[id] {
				t.Fatalf("%s dies only with the longer grace", id)
			}
		}
	})
}

// The order in which rows were read changes no byte of the plan.
func TestOrderOfRowsDoesNotMatter(t *testing.T) {
	check(t, func(t *rapid.T, w *world) {
		order := rapid.Permutation(seq(len(w.rows))).Draw(t, "order")
		one, err1 := plan.Encode(Build(w.input(nil)))
		two, err2 := plan.Encode(Build(w.input(order)))
		if err1 != nil || err2 != nil || !bytes.Equal(one, two) {
			t.Fatalf("%v %v\n%s\n%s", err1, err2, one, two)
		}
	})
}

func seq(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	return list
}

// What is killed is unused, marked, past its grace, and neither unexplained nor below an unexplained segment.
func TestOnlyTheExplainedDies(t *testing.T) {
	check(t, func(t *rapid.T, w *world) {
		in := w.input(nil)
		all, dead := decisions(t, in), killed(Build(in))
		for _, r := range w.rows {
			if !dead[r.id()] {
				continue
			}
			e := all[r.id().String()]
			if r.used() || r.MarkedAt == druid.NoInstant || e.Class == plan.ClassUnexplained || e.Decision != plan.DecisionKill {
				t.Fatalf("%s dies: %+v", r.id(), e)
			}
			for _, o := range w.rows {
				if e.Class != plan.ClassRemoved && !o.used() && all[o.id().String()].Class == plan.ClassUnexplained && o.version > r.version && o.Interval.Overlaps(r.Interval) {
					t.Fatalf("%s dies below the unexplained %s", r.id(), o.id())
				}
			}
		}
	})
}

// claims reports whether the removal names the row.
func (w *world) claims(r row) bool {
	return len(w.removals) > 0 && w.removals[0].Versions[0] == r.version && w.removals[0].Interval.Contains(r.Interval)
}

// A hold beats everything: what it overlaps is neither deleted nor marked.
func TestHoldsBind(t *testing.T) {
	check(t, func(t *rapid.T, w *world) {
		if len(w.holds) == 0 {
			t.Skip("no hold")
		}
		for _, a := range Build(w.input(nil)).Actions {
			for id := range named(a) {
				if (a.Kind == plan.KillTask || a.Kind == plan.MarkUnused) && id.Interval.Overlaps(*w.holds[0].Interval) {
					t.Fatalf("%s of the held %s", a.Kind, id)
				}
			}
		}
	})
}

// What marks unused marks only used rows that a removal names.
func TestOnlyTheNamedIsMarked(t *testing.T) {
	check(t, func(t *rapid.T, w *world) {
		for _, a := range Build(w.input(nil)).Actions {
			if a.Kind != plan.MarkUnused {
				continue
			}
			ids := named(a)
			for _, r := range w.rows {
				if ids[r.id()] && (!r.used() || !w.claims(r)) {
					t.Fatalf("%s is marked", r.id())
				}
			}
		}
	})
}

// Superseded is proved: every millisecond of a superseded segment is covered by a complete set of a higher version.
// Expired is proved: the rules in force and the planned ones both drop it, and nothing older that stays used lies bare
// below it. Both are checked here against a model that looks at every day.
func TestClassesByBruteForce(t *testing.T) {
	check(t, func(t *rapid.T, w *world) {
		in := w.input(nil)
		all := decisions(t, in)
		for _, r := range w.rows {
			e := all[r.id().String()]
			switch e.Class {
			case plan.ClassSuperseded:
				for d := r.Interval.Start; d < r.Interval.End; d += day {
					if !w.coveredBy(all, d, r.version) {
						t.Fatalf("%s is called superseded, but %s is not covered", r.id(), d)
					}
				}
			case plan.ClassExpired:
				for _, c := range []druid.Chain{{Own: w.own, Default: w.defaults}, {Own: w.planned(), Default: w.defaults}} {
					if m := c.Match(r.Interval, w.now); m.Action != druid.ActionDrop || m.Index < 0 {
						t.Fatalf("%s is called expired, but a chain keeps it", r.id())
					}
				}
			}
		}
	})
}

func (w *world) planned() druid.RuleList {
	if w.wanted != nil {
		return w.wanted
	}
	return w.own
}

// coveredBy reports whether a complete set of a higher version, made of rows that count, covers that day.
func (w *world) coveredBy(all map[string]plan.ExplainedSegment, d druid.Instant, version string) bool {
	sets := map[string][]druid.ShardSpec{}
	for _, r := range w.rows {
		e := all[r.id().String()]
		counts := r.used() && e.Decision != plan.DecisionRemove || e.Decision == plan.DecisionRestore || e.Class == plan.ClassExpired
		if counts && r.version > version && r.Interval.Start <= d && d < r.Interval.End {
			key := r.Interval.String() + r.version
			sets[key] = append(sets[key], r.shard)
		}
	}
	for _, shards := range sets {
		if wholeSet(shards) {
			return true
		}
	}
	return false
}

// wholeSet is PartitionHolder.isComplete for numbered specs and tombstones, looked at plainly.
// Each partition says by itself how many there are; those of a drawn set may contradict each other.
func wholeSet(shards []druid.ShardSpec) bool {
	sorted := slices.SortedFunc(slices.Values(shards), func(a, b druid.ShardSpec) int { return int(a.Partition - b.Partition) })
	for n, s := range sorted {
		first := s.Partition == 0 || s.CorePartitions == 0
		follows := n > 0 && (s.Partition == sorted[n-1].Partition+1 || s.Partition >= s.CorePartitions)
		if n == 0 && !first || n > 0 && !follows {
			return false
		}
		if s.CorePartitions == 0 || s.Partition == s.CorePartitions-1 {
			return true
		}
	}
	return false
}

// A task that was planned a moment ago may go; one whose reach has gained a segment may not.
func TestRecheck(t *testing.T) {
	check(t, func(t *rapid.T, w *world) {
		p := Build(w.input(nil))
		tasks := kills(p)
		if len(tasks) == 0 {
			t.Skip("nothing to kill")
		}
		a := tasks[0]
		if v := Recheck(w.input(nil), a); !v.OK || len(v.Victims) == 0 {
			t.Fatalf("a fresh task is refused: %+v", v)
		}
		victim := w.rows[slices.IndexFunc(w.rows, func(r row) bool { return takes(a.Task, r) })]
		victim.Partition, victim.shard.Partition, victim.File = 9, 9, 99
		w.rows = append(w.rows, victim)
		if v := Recheck(w.input(nil), a); v.OK {
			t.Fatalf("a segment that nobody approved is in the reach, and the task may go")
		}
	})
}

// Settles: carry the plan out on paper and plan again at the same moment; nothing is left to do.
func TestSettles(t *testing.T) {
	check(t, func(t *rapid.T, w *world) {
		for range 3 {
			p := Build(w.input(nil))
			w.carryOut(p)
		}
		if p := Build(w.input(nil)); len(p.Actions) > 0 {
			t.Fatalf("still to do: %s %+v", p.Actions[0].Kind, p.Actions[0])
		}
	})
}

// carryOut does what executor and Druid would do: rules, restores, marks by rules, kills.
func (w *world) carryOut(p *plan.Plan) {
	for _, a := range p.Actions {
		switch a.Kind {
		case plan.SetRules:
			w.own, w.ownSince = *a.RulesAfter, w.now
		case plan.MarkUsed:
			ids := named(a)
			for n := range w.rows {
				if ids[w.rows[n].id()] {
					w.rows[n].Flags |= snapshot.Used
				}
			}
		case plan.MarkUnused:
			ids := named(a)
			for n := range w.rows {
				if ids[w.rows[n].id()] {
					w.rows[n].Flags &^= snapshot.Used
					w.rows[n].MarkedAt = w.now
				}
			}
		case plan.KillTask:
			w.rows = slices.DeleteFunc(w.rows, func(r row) bool { return takes(a.Task, r) })
		}
	}
	for _, d := range p.Datasources {
		ids := named(&plan.Action{Runs: slices.Concat(d.Drop.Runs, d.Drop.Later.Runs)})
		for n := range w.rows {
			if ids[w.rows[n].id()] {
				w.rows[n].Flags &^= snapshot.Used
				w.rows[n].MarkedAt = w.now
			}
		}
	}
}
