package safety

import (
	"context"
	"fmt"
	"hash/fnv"
	"slices"
	"time"

	"coppice/executor"
	"coppice/internal/druid"
	"coppice/internal/plan"
	"coppice/internal/snapshot"
	"coppice/planner"
)

// name is the datasource.
const name = "d"

// deed is something that somebody else does, or a crash.
type deed struct {
	what what
	id   druid.SegmentID
	list druid.RuleList
}

type what uint8

const (
	markUsed what = iota
	markUnused
	newVersion
	appended
	editRules
	coordinator
	foreignKill
	// crash comes before the work of a call, crashAfter when the work is done and the answer is on its way.
	crash
	crashAfter
)

func (d deed) String() string {
	words := [...]string{"mark used", "mark unused", "new version", "append", "rules", "coordinator", "kill", "crash", "crash after"}
	return fmt.Sprintf("%s %s %s", words[d.what], d.id, d.list.Digest()[:4])
}

// step is a deed at the n-th point of a run.
type step struct {
	point int
	deed  deed
}

func (s step) String() string { return fmt.Sprintf("at %d: %s", s.point, s.deed) }

// gate stands between the executor and the cluster: every call is a point at which others may act first.
type gate struct {
	*cluster
	explorer *explorer
	// script is what happens, in order; next is the first that has not happened.
	script []step
	next   int
	point  int
	// heard is everything that the executor has been told since it was started, folded.
	heard uint64
	// fresh: nobody has acted since the executor last looked at the datasource.
	fresh   bool
	journal *memory
}

// died is what a crash throws, known what a state throws that was followed before.
type (
	died  struct{}
	known struct{}
)

// call is one point: others act, then the work is done, and its answer is noted.
func (g *gate) call(what string, work func() string) {
	g.point++
	after := false
	for g.next < len(g.script) && g.script[g.next].point == g.point {
		d := g.script[g.next].deed
		g.next++
		if d.what == crash {
			panic(died{})
		}
		after = after || d.what == crashAfter
		g.do(d)
	}
	if g.next == len(g.script) && !after {
		g.explorer.arrive(g)
	}
	answer := work()
	if after {
		panic(died{})
	}
	g.hear(what + answer)
}

// change is a call that changes the cluster: its intent is on record.
func (g *gate) change(what string, work func() string) {
	if !g.journal.announced {
		g.guard.wrong("%s was called without an intent on record", what)
	}
	g.call(what, work)
}

func (g *gate) hear(text string) {
	h := fnv.New64a()
	_, _ = fmt.Fprintf(h, "%d%s", g.heard, text)
	g.heard = h.Sum64()
}

// do carries out what somebody else does to the cluster.
func (g *gate) do(d deed) {
	g.fresh = false
	r := g.find(d.id)
	switch d.what {
	case markUsed:
		g.mark(r, true)
		r.touched = true
	case markUnused:
		g.mark(r, false)
		r.touched = true
	case newVersion, appended:
		g.rows = append(g.rows, &row{id: d.id, key: keyOf(d.id), used: d.what == newVersion, marked: g.now, touched: true})
	case editRules:
		g.edited = true
		g.own = append([]posted{{d.list, g.now}}, g.own...)
	case coordinator:
		g.coordinate()
	case foreignKill:
		g.rows = slices.DeleteFunc(g.rows, func(r *row) bool { return !r.used && r.id.Interval == d.id.Interval })
	}
}

// deeds are those that would change something now.
func (g *gate) deeds() []deed {
	list := []deed{{what: crash}, {what: crashAfter}, {what: coordinator}}
	seen := map[druid.Interval]bool{}
	for _, r := range g.rows {
		if r.used {
			list = append(list, deed{what: markUnused, id: r.id})
		} else if !g.hidden(r) {
			list = append(list, deed{what: markUsed, id: r.id})
		}
		if !seen[r.id.Interval] {
			seen[r.id.Interval] = true
			list = append(list, g.about(r.id)...)
		}
	}
	for _, rules := range g.explorer.lists {
		if !rules.Equal(g.rules()) {
			list = append(list, deed{what: editRules, list: rules})
		}
	}
	return list
}

// about are deeds that concern a whole interval.
func (g *gate) about(id druid.SegmentID) []deed {
	fresh, late := id, id
	fresh.Version, fresh.Partition = "3", 0
	late.Version, late.Partition = "1", 1
	list := []deed{{what: foreignKill, id: id}}
	if g.find(fresh) == nil {
		list = append(list, deed{what: newVersion, id: fresh})
	}
	if g.find(late) == nil {
		list = append(list, deed{what: appended, id: late})
	}
	return list
}

// explorer follows every run of one plan with up to a number of deeds.
type explorer struct {
	plan   *plan.Plan
	begin  func() *cluster
	recall planner.Input
	wanted *druid.RuleList
	lists  []druid.RuleList
	budget int
	// seen is the most deeds that were left when a state was followed.
	seen map[[16]byte]int
	todo [][]step
	// quiet is the end without foreign deeds.
	quiet   string
	trouble []string
}

// arrive follows a state: all that can happen here is put on the list, unless that was done before.
func (e *explorer) arrive(g *gate) {
	left := e.budget - len(g.script)
	h := fnv.New128a()
	_, _ = fmt.Fprintf(h, "%d %v ", g.heard, g.fresh)
	_, _ = h.Write(g.image())
	_, _ = h.Write(g.journal.image)
	var key [16]byte
	h.Sum(key[:0])
	if before, followed := e.seen[key]; followed && before >= left {
		if len(g.script) > 0 {
			panic(known{})
		}
		return
	}
	e.seen[key] = left
	if left == 0 {
		return
	}
	for _, d := range g.deeds() {
		e.todo = append(e.todo, append(slices.Clone(g.script), step{g.point, d}))
	}
}

// explore follows everything.
func (e *explorer) explore() {
	e.seen = map[[16]byte]int{}
	e.todo = [][]step{nil}
	for len(e.todo) > 0 {
		script := e.todo[len(e.todo)-1]
		e.todo = e.todo[:len(e.todo)-1]
		e.follow(script)
	}
}

// follow is one run, with crashes and what resumes it, to its end or to a known state.
func (e *explorer) follow(script []step) {
	c := e.begin()
	c.guard = newGuard(e.plan, e.wanted)
	g := &gate{cluster: c, explorer: e, script: script, fresh: true}
	g.journal = &memory{guard: c.guard}
	var report *executor.Report
	for range len(script) + 1 {
		var more bool
		if report, more = e.once(g); !more {
			break
		}
	}
	if report != nil {
		for range 4 {
			c.pass(2 * time.Second)
		}
		c.guard.believes(c, e.plan, report)
		e.ends(c, script, report)
	}
	for _, trouble := range c.guard.trouble {
		e.trouble = append(e.trouble, fmt.Sprintf("%v: %s", script, trouble))
	}
}

// once is one process: it ends by itself, in a crash (then more is to come), or in a state that is known.
func (e *explorer) once(g *gate) (report *executor.Report, more bool) {
	defer func() {
		switch thrown := recover().(type) {
		case nil, known:
		case died:
			report, more = nil, true
		default:
			panic(thrown)
		}
	}()
	g.heard = 0
	report, err := executor.Run(context.Background(), e.plan, g, executor.Options{
		Recorder: g.journal, Recheck: g.recheck, Marking: g.marking, Author: "x", Resume: g.journal.resume,
		Now: func() druid.Instant { return g.now },
		Wait: func(ctx context.Context, d time.Duration) error {
			g.pass(d)
			g.fresh = false
			return ctx.Err()
		},
		Limits: executor.Limits{Slots: 2, RulePoll: 2 * time.Second, Marks: 4 * time.Second, Shadowed: 4 * time.Second,
			PollMin: time.Second, PollMax: time.Second},
	})
	if err != nil {
		g.guard.wrong("the run was refused: %v", err)
	}
	return report, false
}

// ends wants the end of an undisturbed run when nothing but crashes interfered.
func (e *explorer) ends(c *cluster, script []step, report *executor.Report) {
	end := ""
	for _, r := range c.rows {
		end += fmt.Sprintf("%s %v\n", r.id, r.used)
	}
	end += c.rules().Digest() + c.defaults.Digest()
	if len(script) == 0 {
		e.quiet = end
		if !report.Complete() {
			c.guard.wrong("an undisturbed run is not complete: %s", report.Class())
		}
	}
	for _, s := range script {
		if s.deed.what != crash && s.deed.what != crashAfter {
			return
		}
	}
	if end != e.quiet {
		c.guard.wrong("the end is another one than without a crash:\n%swant:\n%s", end, e.quiet)
	}
}

// recheck reads the cluster and asks the planner, as the command does.
func (g *gate) recheck(_ context.Context, a *plan.Action) (executor.Verdict, error) {
	var verdict executor.Verdict
	g.call("recheck", func() string {
		g.fresh = true
		in := g.explorer.recall
		in.Snapshot, in.Now = g.snapshot(), g.now
		judged := planner.Recheck(in, a)
		verdict.OK, verdict.Differences, verdict.Kept = judged.OK, judged.Differences, judged.Kept
		for _, v := range judged.Victims {
			verdict.Victims = append(verdict.Victims, executor.Victim{ID: v.ID.String(), Bytes: v.Bytes, LoadSpec: "{}"})
		}
		return fmt.Sprint(verdict)
	})
	return verdict, nil
}

// marking: nobody holds locks here.
func (g *gate) marking(context.Context, *plan.Action) (executor.Verdict, error) {
	return executor.Verdict{OK: true}, nil
}

// snapshot is the cluster as collect shows it.
func (c *cluster) snapshot() *snapshot.Cluster {
	d := &snapshot.Datasource{Name: name, UnusedKnown: true, BusyKnown: true}
	for i, r := range c.rows {
		s := snapshot.Segment{Interval: r.id.Interval, MarkedAt: r.marked, CreatedAt: druid.NoInstant, Bytes: 1, File: uint64(i + 1),
			Version: uint32(i), Shard: uint32(i), Partition: r.id.Partition, Flags: snapshot.Details}
		if r.used {
			s.Flags |= snapshot.Used
		}
		d.Versions.Add(r.id.Version)
		d.Shards = append(d.Shards, druid.ShardSpec{Kind: druid.ShardNumbered, Partition: r.id.Partition, CorePartitions: 1})
		d.Segments = append(d.Segments, s)
	}
	d.Rules = snapshot.Rules{Set: true, List: c.rules(), Since: c.own[0].since}
	for _, earlier := range c.own[1:] {
		d.Rules.History = append(d.Rules.History, snapshot.RuleVersion{Since: earlier.since, List: earlier.list})
	}
	d.Finish()
	return &snapshot.Cluster{Name: "test", DruidVersion: "33.0.0", Datasources: []*snapshot.Datasource{d},
		DefaultRules: snapshot.Rules{Set: true, List: c.defaults, Since: 0}}
}

// memory is a journal that survives crashes.
type memory struct {
	guard *guard
	// announced: the newest record is an intent.
	announced bool
	resume    executor.Resume
	baselines map[string]executor.Baseline
	image     []byte
}

func (m *memory) Record(r executor.Record) error {
	m.resume.Add(r)
	m.announced = r.Step == executor.StepIntent
	m.image = fmt.Appendf(m.image, "|%s %s %s %s", r.Step, r.Action, r.Task, r.Outcome)
	return nil
}

func (m *memory) Baseline(b executor.Baseline) error {
	if m.baselines == nil {
		m.baselines = map[string]executor.Baseline{}
	}
	m.baselines[b.Datasource] = b
	m.image = fmt.Appendf(m.image, "|baseline %s %v", b.Datasource, b.Used)
	return nil
}

func (m *memory) Earlier(name string) (*executor.Baseline, error) {
	if b, known := m.baselines[name]; known {
		return &b, nil
	}
	return nil, nil
}

func (m *memory) Manifest(x executor.Manifest) error {
	m.guard.manifests = append(m.guard.manifests, x)
	m.image = fmt.Appendf(m.image, "|manifest %s %v", x.Task.ID, x.Victims)
	return nil
}
