package planner

import (
	"slices"
	"testing"

	"coppice/internal/druid"
	"coppice/internal/plan"
	"coppice/internal/snapshot"

	"pgregory.net/rapid"
)

// drawRequest asks for something by interval, version, ids or everything.
func (w *world) drawRequest(t *rapid.T, command plan.Command) *plan.Request {
	r := &plan.Request{Command: command, Datasource: "d"}
	switch rapid.IntRange(0, 3).Draw(t, "names") {
	case 0:
		r.All = true
	case 1:
		for _, row := range w.rows {
			if rapid.Bool().Draw(t, "id") {
				r.SegmentIDs = append(r.SegmentIDs, row.id().String())
			}
		}
		r.All = len(r.SegmentIDs) == 0
	case 2:
		r.Versions = []string{w.rows[0].version}
	case 3:
		from := rapid.IntRange(0, 9).Draw(t, "from")
		r.Interval = &druid.Interval{Start: days(from), End: days(from + rapid.IntRange(1, 5).Draw(t, "days"))}
	}
	if command == plan.AskKill && rapid.IntRange(0, 3).Draw(t, "older") == 0 {
		r.OlderThanMarked = &druid.Period{Days: int32(rapid.IntRange(0, 9).Draw(t, "than"))}
	}
	return r
}

// names is the meaning of a request, written from docs/commands.md.
func names(r *plan.Request, s row) bool {
	if len(r.SegmentIDs) > 0 {
		return slices.Contains(r.SegmentIDs, s.id().String())
	}
	within := r.Interval == nil || r.Interval.Start <= s.Interval.Start && s.Interval.End <= r.Interval.End
	return within && (len(r.Versions) == 0 || slices.Contains(r.Versions, s.version))
}

func asks(t *testing.T, command plan.Command, property func(t *rapid.T, w *world, in Input, p *plan.Plan)) {
	t.Helper()
	check(t, func(t *rapid.T, w *world) {
		in := w.input(nil)
		in.Request = w.drawRequest(t, command)
		p := Build(in)
		if err := plan.Check(p); err != nil {
			t.Fatalf("Check: %v", err)
		}
		property(t, w, in, p)
	})
}

func (w *world) held(s row) bool {
	return len(w.holds) > 0 && w.holds[0].Interval.Overlaps(s.Interval)
}

// A kill that was asked for takes asked unused rows and no others: never a used one, one without a marking time, one
// that was marked too short ago, or one under a hold. Its recheck agrees, until an unapproved row is in its reach.
func TestAskedKillTakesWhatWasAsked(t *testing.T) {
	tasks, asked := 0, 0
	asks(t, plan.AskKill, func(t *rapid.T, w *world, in Input, p *plan.Plan) {
		for _, a := range kills(p) {
			tasks++
			for _, s := range w.rows {
				if !takes(a.Task, s) {
					continue
				}
				asked++
				if s.used() || !names(in.Request, s) || w.held(s) || s.MarkedAt == druid.NoInstant || !named(a)[s.id()] {
					t.Fatalf("%s is taken by %+v", s.id(), a.Task)
				}
				if older := in.Request.OlderThanMarked; older != nil && s.MarkedAt > w.now-druid.Instant(older.Days)*day {
					t.Fatalf("%s was marked at %s", s.id(), s.MarkedAt)
				}
			}
		}
		if list := kills(p); len(list) > 0 {
			w.recheckAsked(t, in, list[0])
		}
	})
	if tasks == 0 || asked == 0 {
		t.Errorf("%d tasks, %d segments: nothing was tried", tasks, asked)
	}
}

func (w *world) recheckAsked(t *rapid.T, in Input, a *plan.Action) {
	if v := Recheck(in, a); !v.OK {
		t.Fatalf("a fresh task is refused: %+v", v)
	}
	victim := w.rows[slices.IndexFunc(w.rows, func(r row) bool { return takes(a.Task, r) })]
	victim.Partition, victim.shard.Partition, victim.File = 9, 9, 99
	w.rows = append(w.rows, victim)
	again := w.input(nil)
	again.Request = in.Request
	if v := Recheck(again, a); v.OK {
		t.Fatal("a segment that nobody approved is in the reach, and the task may go")
	}
}

// Marks that were asked for name exactly asked segments in the right state; nothing else is in the plan.
func TestAskedMarksNameWhatWasAsked(t *testing.T) {
	for _, command := range []plan.Command{plan.AskUnused, plan.AskUsed, plan.AskStamp} {
		t.Run(string(command), func(t *testing.T) {
			marks := 0
			asks(t, command, func(t *rapid.T, w *world, in Input, p *plan.Plan) {
				for _, a := range p.Actions {
					for _, s := range w.rows {
						if !named(a)[s.id()] {
							continue
						}
						marks++
						right := s.used() == (command == plan.AskUnused) && (command != plan.AskStamp || s.MarkedAt == druid.NoInstant)
						if !names(in.Request, s) || !right || command == plan.AskUnused && w.held(s) || w.locked(s) {
							t.Fatalf("%s of %s", a.Kind, s.id())
						}
					}
				}
			})
			if marks == 0 {
				t.Error("nothing was marked: nothing was tried")
			}
		})
	}
}

func (w *world) locked(s row) bool {
	return slices.ContainsFunc(w.busy, func(b druid.Interval) bool { return b.Overlaps(s.Interval) })
}

// What is marked used is seen: in the timeline of what is used after it, none of it is covered by newer complete data.
func TestAskedUseIsSeen(t *testing.T) {
	asks(t, plan.AskUsed, func(t *rapid.T, w *world, _ Input, p *plan.Plan) {
		marked := map[druid.SegmentID]bool{}
		for _, a := range p.Actions {
			for id := range named(a) {
				marked[id] = true
			}
		}
		for n, s := range w.rows {
			if marked[s.id()] {
				w.rows[n].Flags |= snapshot.Used
			}
		}
		for _, s := range w.rows {
			if marked[s.id()] && w.covered(s) {
				t.Fatalf("%s is covered", s.id())
			}
		}
	})
}

// covered: each day of the segment has a complete used set of one higher version over just that interval's day.
func (w *world) covered(s row) bool {
	for d := s.Interval.Start; d < s.Interval.End; d += day {
		if !slices.ContainsFunc(w.rows, func(o row) bool {
			return o.used() && o.version > s.version && o.Interval.Start <= d && d < o.Interval.End && w.wholeUsed(o)
		}) {
			return false
		}
	}
	return true
}

func (w *world) wholeUsed(of row) bool {
	var shards []druid.ShardSpec
	for _, o := range w.rows {
		if o.used() && o.version == of.version && o.Interval == of.Interval {
			shards = append(shards, o.shard)
		}
	}
	return wholeSet(shards)
}
