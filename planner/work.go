package planner

import (
	"cmp"
	"slices"

	"coppice/config"
	"coppice/internal/druid"
	"coppice/internal/plan"
	"coppice/internal/snapshot"
)

// work is one datasource while it is being planned. verdicts runs parallel to rows.
type work struct {
	in     *Input
	policy *config.Datasource // nil: not managed, planned only because the default rules change
	seen   *snapshot.Datasource
	// present: the cluster knows the datasource.
	present bool
	rows    []snapshot.Segment
	// inForce are the rules that the cluster has now, planned those that it has after this plan.
	inForce, planned druid.Chain
	rulesChange      bool
	verdicts         []verdict
	complaints       []complaint
	// heldBlocks are the holds that protect the datasource now; removals those that name it, and claimed which of them
	// names each row (nil without removals).
	heldBlocks []*config.Hold
	removals   []*config.Removal
	claimed    []uint16
	// asked is what a request names (nil without one), natural the classes of unused rows if there were none.
	asked   []bool
	natural []class
	// unshown is why rows that a request asks to mark used are not marked.
	unshown map[int]string
	// standing are the declared removals while a request to restore is planned, and standOver which of them names each row.
	standing  []*config.Removal
	standOver []uint16
	// marked are the segments that an apply which is undone was to mark unused.
	marked map[rowKey]bool
	// lost is what was deleted for good, killed how high up, and below the rows that are not restored because of it.
	lost    []KilledSegment
	killed  *highest
	below   map[int]bool
	history []chainVersion
	// taken are the intervals that others work on; nil until asked for.
	taken []druid.Interval
	// odd are the rows whose intervals do not sort as text; nil until asked for.
	odd []int
	// space is what components use one after the other; reasons are the words of verdicts that were needed before.
	space space
	// memory is what it has borrowed; nil when what is decided is kept.
	memory  *memory
	reasons map[verdict]plan.Reason
	// lengthless: a row has an interval without length.
	lengthless bool
	// restores: a row will be restored, or might have to be, so nothing is killed in this plan.
	restores bool
}

// verdict is what is decided of one row.
type verdict struct {
	decision decision
	class    class
	// natural is the class that a row, which a request asks to kill, has by itself.
	natural class
	waits   waits
	// then is what the rule run after does with a shadowed row once it is uncovered.
	then decision
	why  reason
	// byTime: the rules in force drop it as well.
	byTime bool
	// doomed: used and kept because it could not be judged, although the planned rules, and not those in force, drop it.
	doomed bool
	// rule is the index in the planned chain of the first rule that applies, -1 when none does.
	rule int16
	// counted: its file's bytes count with another row that shares it.
	counted bool
	// unsized: nothing deletes it, so nobody asked for its payload; its bytes do not count even where they are known.
	unsized bool
	// claim is the removal and hold the hold that decided, counted from 1; 0 when none did.
	claim, hold uint16
	// eligible is when a pending row becomes due, since what its grace counts from; NoInstant when not known.
	eligible, since druid.Instant
}

type decision uint8

const (
	undecided decision = iota
	keep
	drop
	shadowed
	remove
	restore
	kill
	pending
	hold
)

var decisionNames = [...]plan.Decision{"", plan.DecisionKeep, plan.DecisionDrop, plan.DecisionShadowed, plan.DecisionRemove, plan.DecisionRestore,
	plan.DecisionKill, plan.DecisionPending, plan.DecisionHold}

type class uint8

const (
	noClass class = iota
	removed
	superseded
	expired
	unexplained
)

var classNames = [...]plan.Class{"", plan.ClassRemoved, plan.ClassSuperseded, plan.ClassExpired, plan.ClassUnexplained}

type waits uint8

const (
	waitsForNothing waits = iota
	waitsGrace
	waitsInterval
	waitsHides
	waitsReach
	waitsLock
	waitsFile
	waitsRestore
)

var waitsNames = [...]plan.WaitsFor{"", plan.WaitsGrace, plan.WaitsInterval, plan.WaitsHides, plan.WaitsReach, plan.WaitsLock,
	plan.WaitsFile, plan.WaitsRestore}

func newWork(in *Input, s subject) *work {
	w := &work{in: in, policy: s.policy, seen: s.seen, present: s.present, rows: s.seen.Segments}
	w.inForce = druid.Chain{Own: s.seen.Rules.List, Default: in.presentDefault()}
	w.planned = druid.Chain{Own: s.plannedOwn(), Default: in.plannedDefault()}
	for i := range w.rows {
		w.lengthless = w.lengthless || w.rows[i].Interval.Empty()
	}
	w.rulesChange = !w.planned.Own.Equal(w.inForce.Own) || !w.planned.Default.Equal(w.inForce.Default)
	w.heldBlocks = in.holdsOf(s.seen.Name)
	w.removals = removalsOf(in.Config, s.seen.Name)
	w.claimed = w.claims(w.removals)
	w.ask()
	return w
}

func removalsOf(c *config.Config, name string) []*config.Removal {
	var list []*config.Removal
	for n := range c.Removals {
		if r := &c.Removals[n]; r.Datasource == name {
			list = append(list, r)
		}
	}
	return list
}

// plannedOwn is the datasource's own list after this plan.
func (s subject) plannedOwn() druid.RuleList {
	if s.policy != nil && s.policy.Rules != nil {
		return s.policy.Rules.List
	}
	return s.seen.Rules.List
}

func sortSubjects(list []subject) {
	slices.SortFunc(list, func(a, b subject) int { return cmp.Compare(a.seen.Name, b.seen.Name) })
}

// judgement is what a chain says of an interval at the plan's now.
type judgement struct {
	action druid.Action // ActionLoad when no rule applies: nothing happens to such a segment
	rule   int          // -1: none applies
	failed bool         // evaluation throws, or the kind is unknown: kept
}

func (w *work) judge(c druid.Chain, i druid.Interval) judgement { return judgeAt(c, i, w.in.Now) }

// judgeAt is the first rule of the chain that applies (RunRules): none at all keeps, and so does one that cannot be judged.
func judgeAt(c druid.Chain, i druid.Interval, now druid.Instant) judgement {
	m := c.Match(i, now)
	switch {
	case m.Err != nil || (m.Index >= 0 && m.Action == druid.ActionUnknown):
		return judgement{druid.ActionUnknown, m.Index, true}
	case m.Index < 0:
		return judgement{druid.ActionLoad, -1, false}
	}
	return judgement{m.Action, m.Index, false}
}

func (w *work) used(i int) bool { return w.rows[i].Has(snapshot.Used) }

// shard is the row's shard spec, with ShardUnknown when its payload was not read.
func (w *work) shard(i int) druid.ShardSpec {
	s := &w.rows[i]
	if !s.Has(snapshot.Details) || int(s.Shard) >= len(w.seen.Shards) {
		return druid.ShardSpec{Partition: s.Partition}
	}
	return w.seen.Shards[s.Shard]
}

func (w *work) id(i int) string { return w.seen.ID(&w.rows[i]).String() }
