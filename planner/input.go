package planner

import (
	"slices"

	"coppice/config"
	"coppice/internal/druid"
	"coppice/internal/plan"
	"coppice/internal/snapshot"
)

// Input is everything a plan depends on.
type Input struct {
	Config  *config.Config
	Cluster *config.Cluster
	// Snapshot is read only.
	Snapshot *snapshot.Cluster
	// Now is the moment that is planned for.
	Now         druid.Instant
	ToolVersion string
	// Select says which datasources are planned (--target, --exclude); nil means all.
	Select func(name string) bool
	// Each calls work for 0 to n-1 and returns when all are done; it may do so at the same time, since each datasource is
	// decided by itself. The plan does not depend on it. Nil means one after the other.
	Each func(n int, work func(i int))
	// OwnTasks are ids of kill tasks that this apply has sent itself: their locks are no obstacle in a recheck.
	OwnTasks map[string]bool
	// Unfinished are segments that an earlier apply was to restore and did not, with the moment that its plan was made
	// for: it may have posted the rules that keep them, and then a widened window tells nothing of them any more. A row
	// that was marked later is somebody else's.
	Unfinished map[druid.SegmentID]druid.Instant
	// Deletions are what a budget is measured with; nil when no journal was read, which every budget complains about.
	Deletions *Deletions
	// Killed is what they deleted of the datasources that Restoring names; nil when nobody looked.
	Killed *Killed

	// LastApply is when the newest apply ended, as the journal tells; nil when none is known. For display only.
	LastApply *druid.Instant
	// Remembered are the holds that the last apply knew, as the journal tells.
	Remembered []plan.Hold

	// Request is what was asked for beside the configuration; nil plans the configuration.
	Request *plan.Request
	// Undo is what the apply did that the request is to undo.
	Undo *Undo
	// Due plans only what is due now; a snapshot that holds no more than that is enough for it. See Concern.
	Due bool
	// Rows gives a datasource of the snapshot with its rows, which stand elsewhere; it may wait for them. Build calls it once for
	// each datasource and lets go of it, and the plan has no SnapshotDigest: it is for being shown and not for being saved. Nil
	// when the snapshot has the rows.
	Rows func(d *snapshot.Datasource) *snapshot.Datasource

	// undisturbed: nobody else is taken to be at work.
	undisturbed bool
	// asNew: what is declared counts as new, as lint has it.
	asNew bool
	// everyClass: the class of every unused row is asked for, also where it decides nothing.
	everyClass bool
	// reaches is what is known of rule lists, by their digest; see learnReaches.
	reaches map[string]*reachability
	// memories are for one datasource after the other; nil when each has its own.
	memories memories
	// declared is the whole configuration while a request is planned.
	declared *config.Config
}

func (in *Input) selected(name string) bool { return in.Select == nil || in.Select(name) }

// subject is a datasource to be planned: what is wanted (policy, nil when unmanaged) and what was seen (seen, an
// empty datasource when the cluster does not have it).
type subject struct {
	policy  *config.Datasource
	seen    *snapshot.Datasource
	present bool
}

// subjects lists the datasources to be planned, by name. A change of the default rules plans every datasource of
// the cluster, since it may concern each of them: unmanaged ones, and those that were not chosen.
func (in *Input) subjects() []subject {
	if in.undoes() {
		return in.undoneSubjects()
	}
	if in.Request != nil {
		return []subject{in.askedOf(in.Request.Datasource)}
	}
	var list []subject
	everything := in.defaultChanges()
	for _, name := range in.managed() {
		s := in.subjectOf(name)
		if !in.selected(name) {
			if !everything || s.seen.Count()+len(s.seen.Gaps) == 0 {
				continue
			}
			s.policy = leftAlone(s.policy)
		}
		list = append(list, s)
	}
	if everything {
		for _, seen := range in.Snapshot.Datasources {
			if in.Config.Find(seen.Name) == nil && !in.member(seen) {
				list = append(list, subject{nil, seen, true})
			}
		}
	} else {
		list = append(list, in.named()...)
	}
	sortSubjects(list)
	return list
}

// managed are the names that have a policy: the declared ones, whether they are there or not, and the members of
// families that are there.
func (in *Input) managed() []string {
	var names []string
	for _, d := range in.Config.Datasources {
		names = append(names, d.Name)
	}
	for _, seen := range in.Snapshot.Datasources {
		if in.Config.Find(seen.Name) == nil && in.member(seen) {
			names = append(names, seen.Name)
		}
	}
	return names
}

// subjectOf is one datasource, declared or not.
func (in *Input) subjectOf(name string) subject {
	if in.Request != nil && (in.Request.Datasource == name || in.undoes()) {
		return in.askedOf(name)
	}
	seen := in.Snapshot.Find(name)
	return subject{in.Config.For(name), orEmpty(seen, name), seen != nil}
}

// named are datasources without a policy that a removal names, a hold protects, or several families claim. A removal
// manages only what it names; a hold outlives the blocks that it protects from; and nobody guesses a policy.
func (in *Input) named() []subject {
	var list []subject
	add := func(name string) {
		known := slices.ContainsFunc(list, func(s subject) bool { return s.seen.Name == name })
		if !known && in.selected(name) && in.Config.For(name) == nil {
			list = append(list, in.subjectOf(name))
		}
	}
	for _, r := range in.Config.Removals {
		add(r.Datasource)
	}
	for _, d := range in.Snapshot.Datasources {
		if len(in.holdsOf(d.Name)) > 0 || hasData(d) && in.Config.Contested(d.Name) {
			add(d.Name)
		}
	}
	return list
}

// leftAlone is the policy of a datasource that was not chosen, while the default rules change: nothing of its own is
// carried out, and its guards limit what the default does to it.
func leftAlone(policy *config.Datasource) *config.Datasource {
	return &config.Datasource{Name: policy.Name, Origin: policy.Origin, Guard: policy.Guard}
}

func orEmpty(seen *snapshot.Datasource, name string) *snapshot.Datasource {
	if seen != nil {
		return seen
	}
	return &snapshot.Datasource{Name: name, UnusedKnown: true, BusyKnown: true}
}

func (in *Input) defaultChanges() bool {
	wanted := in.Config.DefaultRules
	return wanted != nil && !wanted.List.Equal(in.Snapshot.DefaultRules.List)
}

// plannedDefault is the default list after this plan.
func (in *Input) plannedDefault() druid.RuleList {
	if in.Config.DefaultRules != nil {
		return in.Config.DefaultRules.List
	}
	return in.presentDefault()
}

// presentDefault is the default list in force; when it could not be read, a rule that cannot be judged stands for it,
// since an empty list would keep what the real one may drop.
func (in *Input) presentDefault() druid.RuleList {
	if slices.ContainsFunc(in.Snapshot.Gaps, func(g snapshot.Gap) bool { return g.What == "rules" }) {
		return unknownList
	}
	return in.Snapshot.DefaultRules.List
}

// Need names rows of a datasource whose payload (size, files, shard spec) a plan depends on.
type Need struct {
	Datasource *snapshot.Datasource
	// Rows are indexes into Datasource.Segments, ascending.
	Rows []int32
}

// Needs says which payloads must be read before Build: all unused rows (their files and sizes), the rows that share
// time with rows of another state or version (whether their sets are complete, whether they share files), and the used
// rows that a chain drops (their sizes). Everything else is decided without payloads. Rows whose details are known
// already are left out.
func Needs(in Input) []Need {
	in.onlyAsked()
	subjects := in.subjects()
	rows := make([][]int32, len(subjects))
	in.each(len(subjects), func(i int) { rows[i] = newWork(&in, subjects[i]).neededRows() })
	var needs []Need
	for i, s := range subjects {
		if len(rows[i]) > 0 {
			needs = append(needs, Need{s.seen, rows[i]})
		}
	}
	return needs
}

// WantsUnused reports whether Needs asks for all unused rows of the datasource, whichever these are. No snapshot is needed to tell.
func WantsUnused(in Input, dataSource string) bool {
	policy := in.Config.For(dataSource)
	return !in.Due && in.Request == nil && policy != nil && policy.Kill != nil && in.selected(dataSource)
}

// NeedsOf are the needs of one datasource, managed or not: those of explaining it.
func NeedsOf(in Input, dataSource string) []Need {
	seen := in.Snapshot.Find(dataSource)
	if seen == nil {
		return nil
	}
	in.everyClass = true
	rows := newWork(&in, subject{in.Config.For(dataSource), seen, true}).neededRows()
	if len(rows) == 0 {
		return nil
	}
	return []Need{{seen, rows}}
}

func (w *work) neededRows() []int32 {
	var rows []int32
	for _, c := range w.components() {
		if w.leavesUnused(c) || w.in.Due && !w.mayTouchUnused(c) {
			rows = append(rows, w.neededUsed(c)...)
			continue
		}
		contested := c.contested(w)
		for i := c.from; i < c.to; i++ {
			s := &w.rows[i]
			if s.Has(snapshot.Details) || s.Has(snapshot.Odd) {
				continue
			}
			if contested || !s.Has(snapshot.Used) || endless(s.Interval) || w.claimedBy(i) != nil || w.looksForTombstones(s.Interval) || w.mayDrop(s.Interval) {
				rows = append(rows, int32(i))
			}
		}
	}
	return rows
}

// mayDrop reports whether either chain does anything else than keep a visible used segment of that interval.
func (w *work) mayDrop(i druid.Interval) bool {
	return w.judge(w.inForce, i).action == druid.ActionDrop || w.judge(w.planned, i).action == druid.ActionDrop
}
