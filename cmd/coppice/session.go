package main

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"slices"

	"coppice/config"
	"coppice/internal/collect"
	"coppice/internal/druid"
	"coppice/internal/journal"
	"coppice/internal/metastore"
	"coppice/internal/parallel"
	"coppice/internal/plan"
	"coppice/internal/snapfile"
	"coppice/internal/snapshot"
	"coppice/planner"
)

// session is one look at one cluster, with one configuration, at one moment.
type session struct {
	process  *process
	settings *settings
	config   *config.Config
	cluster  *config.Cluster
	link     *link
	// asked is what was asked for beside the configuration; nil plans the configuration.
	asked *plan.Request
	// now is the moment that is planned for. It is read before the cluster is, so that nothing is older than it seems.
	now druid.Instant
	// unfinished are the segments that earlier applies were to restore and did not.
	unfinished map[druid.SegmentID]druid.Instant
	// remembered are the holds that the last apply knew; while a plan is carried out, the withdrawn ones that it obeys.
	remembered []plan.Hold
	// lastApply is when the newest apply ended; nil when none is known.
	lastApply *druid.Instant
	// deletions are what earlier applies deleted; nil when the configuration has no budget.
	deletions *planner.Deletions
	// lock keeps applies of other machines out; nil where there is none.
	lock *metastore.Lock
	// seen is what the last plan was made from.
	seen *snapshot.Cluster
	// file stands for the cluster; nil when there is a link to it.
	file *snapshot.Cluster
	// shown: the plan is shown and nothing else, so that the snapshot may be used up for it.
	shown bool
	// stream is the file while it is being read; nil when it was read.
	stream *snapfile.Stream
}

// open settles the configuration and connects to its cluster, or reads the snapshot that stands for it. The session is
// ended with closed.
func open(ctx context.Context, p *process, s *settings) (*session, error) {
	if s.snapshot != "" {
		return openSnapshot(p, s, false)
	}
	cfg, cluster, err := settle(p, s)
	if err != nil {
		return nil, err
	}
	return openSession(ctx, p, s, cfg, cluster)
}

func openSession(ctx context.Context, p *process, s *settings, cfg *config.Config, cluster *config.Cluster) (*session, error) {
	look, err := unlinked(p, s, cfg, cluster)
	if err != nil {
		return nil, err
	}
	if look.link, err = connect(ctx, p, s, cluster); err != nil {
		return nil, err
	}
	look.now = s.moment(p)
	return look, nil
}

// unlinked is a session with what the state directory knows, and without a cluster.
func unlinked(p *process, s *settings, cfg *config.Config, cluster *config.Cluster) (*session, error) {
	unfinished, err := journal.Unrestored(s.state())
	if err != nil {
		return nil, err
	}
	remembered, last, err := recall(s.state(), cfg, cluster.Name)
	if err != nil {
		return nil, err
	}
	deleted, err := deletions(s.state(), cfg, "")
	if err != nil {
		return nil, err
	}
	return &session{process: p, settings: s, config: cfg, cluster: cluster, link: &link{}, unfinished: unfinished,
		remembered: remembered, lastApply: last, deletions: deleted}, nil
}

// closed ends the session and passes an error on.
func (l *session) closed(err error) error { return l.process.after(err, l.link.close) }

// after ends something on the way out: its error counts when there is no other, and is told anyhow.
func (p *process) after(err error, end func() error) error {
	ended := end()
	if ended == nil || err == nil {
		if err == nil {
			return ended
		}
		return err
	}
	p.say("coppice: " + ended.Error())
	return err
}

// request says where to read. Over HTTP the unused segments of each datasource cost a request, so only managed and
// held ones are listed, unless the default rules are declared: those concern all.
func (l *session) request() collect.Request {
	r := collect.Request{Name: l.cluster.Name, Now: l.process.now, Sleep: l.process.wait,
		Logger: l.settings.logger(l.process).Named("collect")}
	if l.link.store != nil {
		r.Begin = func(ctx context.Context) (collect.View, error) { return l.link.store.Begin(ctx) }
		r.BeginAt = func(ctx context.Context, moment string) (collect.View, error) {
			return l.link.store.BeginAt(ctx, moment)
		}
	}
	if l.link.api != nil {
		r.Coordinator = l.link.api
	}
	if l.config.DefaultRules != nil {
		return r
	}
	r.Datasources = []string{}
	r.Also = func(name string) bool { return l.config.For(name) != nil || l.held(name) }
	for _, d := range l.config.Datasources {
		r.Datasources = append(r.Datasources, d.Name)
	}
	for _, named := range l.config.Removals {
		r.Datasources = append(r.Datasources, named.Datasource)
	}
	slices.Sort(r.Datasources)
	r.Datasources = slices.Compact(r.Datasources)
	return r
}

// held reports whether a hold, a declared one or one that the last apply knew, speaks of the datasource: the cluster's own
// killers may take what is unused there, which nobody else would say.
func (l *session) held(name string) bool {
	matches := func(pattern string) bool { return config.Matches(pattern, name) }
	return slices.ContainsFunc(l.config.Holds, func(h config.Hold) bool { return slices.ContainsFunc(h.Datasources, matches) }) ||
		slices.ContainsFunc(l.remembered, func(h plan.Hold) bool { return slices.ContainsFunc(h.Datasources, matches) })
}

// input reads the cluster, with the payloads that a plan depends on.
func (l *session) input(ctx context.Context) (planner.Input, error) {
	if l.file != nil {
		return l.fromFile()
	}
	seen, err := l.collect(ctx)
	if err != nil {
		return planner.Input{}, err
	}
	return l.filled(ctx, seen, l.inputOf(seen.Cluster), planner.Needs)
}

// fromFile is the same of a snapshot, which has all payloads.
func (l *session) fromFile() (in planner.Input, err error) {
	l.settings.tellUnmatched(l.process, l.config, l.file)
	in = l.inputOf(l.file)
	in.Killed, err = killed(l.settings.state(), planner.Restoring(in))
	return in, err
}

// filled adds what a plan depends on besides: payloads, and what earlier applies deleted where it may restore.
func (l *session) filled(ctx context.Context, seen *collect.Session, in planner.Input, needs func(planner.Input) []planner.Need) (planner.Input, error) {
	l.settings.tellUnmatched(l.process, l.config, seen.Cluster)
	var err error
	in.Killed, err = killed(l.settings.state(), planner.Restoring(in))
	if err == nil {
		err = fill(ctx, seen, needs(in))
	}
	return in, l.process.after(err, seen.Close)
}

// collect reads the cluster, or what a plan of what is due needs of it.
func (l *session) collect(ctx context.Context) (*collect.Session, error) {
	request := l.request()
	request.Payloads = func(name string) bool { return planner.WantsUnused(l.inputOf(nil), name) }
	if !l.settings.due {
		return collect.Collect(ctx, request)
	}
	request.OnWhole = func(why string) {
		l.process.say("plan --due reads all segments: " + why)
	}
	return collect.Due(ctx, request, func(c *snapshot.Cluster) snapshot.Concern { return planner.Concern(l.inputOf(c)) })
}

// planned reads what the plan is about: the cluster, or of a request its datasource.
func (l *session) planned(ctx context.Context) (planner.Input, error) {
	if l.asked == nil {
		return l.input(ctx)
	}
	if l.asked.Apply != "" {
		return l.undone(ctx)
	}
	seen, err := collect.One(ctx, l.request(), l.asked.Datasource)
	if err != nil {
		return planner.Input{}, err
	}
	in := l.inputOf(seen.Cluster)
	in.Request = l.asked
	return l.filled(ctx, seen, in, planner.Needs)
}

// inputOne reads one datasource only, declared or not.
func (l *session) inputOne(ctx context.Context, dataSource string) (planner.Input, error) {
	if l.file != nil {
		return l.fromFile()
	}
	seen, err := collect.One(ctx, l.request(), dataSource)
	if err != nil {
		return planner.Input{}, err
	}
	in := l.inputOf(seen.Cluster)
	if slices.Contains(planner.Restoring(in), dataSource) {
		in.Killed, err = killed(l.settings.state(), []string{dataSource})
	}
	if err == nil {
		err = fill(ctx, seen, planner.NeedsOf(in, dataSource))
	}
	return in, l.process.after(err, seen.Close)
}

func (l *session) inputOf(seen *snapshot.Cluster) planner.Input {
	return planner.Input{Config: l.config, Cluster: l.cluster, Snapshot: seen, Now: l.now, ToolVersion: toolVersion(),
		Select: l.settings.selects(), Unfinished: l.unfinished, Remembered: l.remembered, LastApply: l.lastApply, Deletions: l.deletions,
		Due: l.settings.due, Each: onAllCores}
}

// onAllCores calls work for 0 to n-1.
func onAllCores(n int, work func(i int)) { parallel.Each(n, runtime.GOMAXPROCS(0), work) }

// fill reads the payloads that the planner asks for.
func fill(ctx context.Context, seen *collect.Session, needs []planner.Need) error {
	var wants []collect.Want
	for _, need := range needs {
		wants = append(wants, collect.Want{Datasource: need.Datasource, Indexes: need.Rows})
	}
	return seen.Fill(ctx, wants)
}

// made plans what the session is about.
func (l *session) made(ctx context.Context) (*plan.Plan, error) {
	in, err := l.planned(ctx)
	if err != nil {
		return nil, cmp.Or(l.readThrough(), err)
	}
	l.seen = in.Snapshot
	if l.shown || l.file != nil {
		in.Each = untilInterrupted(ctx)
	}
	switch {
	case l.stream != nil:
		in.Rows = l.stream.Rows
	case l.shown:
		in.Rows = in.Snapshot.Spend()
	}
	made := planner.Build(in)
	if err := l.readThrough(); err != nil {
		return nil, err // and nobody sees a plan of a part
	}
	return made, nil
}

// readThrough reads the snapshot's file to its end, and says what is wrong with it.
func (l *session) readThrough() error {
	if l.stream == nil {
		return nil
	}
	return l.stream.Wait()
}

// plan makes the plan and its document. What is applied is what a reader of the document gets.
func (l *session) plan(ctx context.Context) (*plan.Plan, []byte, error) {
	made, err := l.made(ctx)
	if err != nil {
		return nil, nil, err
	}
	document, err := plan.Encode(made)
	if err != nil {
		return nil, nil, err
	}
	made, err = plan.Decode(document)
	if err != nil {
		return nil, nil, fmt.Errorf("read the plan back: %w", err)
	}
	return made, document, nil
}
