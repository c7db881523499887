package executor

import (
	"context"
	"fmt"
	"time"

	"coppice/internal/druid"
	"coppice/internal/plan"
)

// Run carries the plan out. An error means that nothing was begun: the plan is not fit to be applied, or something is
// missing from the options. Everything that happens later is in the report, which is then never nil.
func Run(ctx context.Context, p *plan.Plan, cluster Cluster, o Options) (*Report, error) {
	if err := refusal(p, o); err != nil {
		return nil, err
	}
	r, err := newRun(ctx, p, cluster, o)
	if err != nil {
		return nil, err
	}
	stopListening := r.listen()
	defer stopListening()
	r.emit(Started{Actions: len(r.open())})
	r.preflight()
	r.change()
	r.compareMarks()
	r.kill()
	r.compareAgain()
	return r.finish(), nil
}

// refusal is everything that can be said against a run without asking the cluster.
func refusal(p *plan.Plan, o Options) error {
	if err := plan.Check(p); err != nil {
		return fmt.Errorf("check plan: %w", err)
	}
	kinds := map[plan.Kind]bool{}
	for _, a := range p.Actions {
		kinds[a.Kind] = kinds[a.Kind] || !a.Blocked
	}
	return o.check(kinds)
}

// run is the state of one Run. Nothing in it outlives it.
type run struct {
	ctx context.Context
	// waiting ends early, at the first interrupt.
	waiting context.Context
	plan    *plan.Plan
	digest  string
	cluster Cluster
	o       Options
	limits  Limits
	report  *Report
	reports map[string]*ActionReport
	rules   ledger
	// closed says, by datasource, why none of its further actions runs.
	closed map[string]ending
	// intended: an intent of this run is on record.
	intended map[string]bool
	// before is what was used in a datasource right before its rules were changed.
	before map[string]inventory
	// changedAt is when rules were last changed; NoInstant when they were not.
	changedAt druid.Instant
	flights   []*flight
	// kept counts, by action, approved segments that were out of the reach when its task was sent by this run.
	kept    map[string]int
	queue   queue
	room    room
	killing killing
	// broken is set when the journal cannot be written: no further call to the cluster.
	broken      error
	interrupted bool
	// sent: a kill task was sent or taken over, so that time has passed since the marks were compared.
	sent bool
}

// ending is an outcome and the reasons for it.
type ending struct {
	outcome Outcome
	reasons []string
}

func newRun(ctx context.Context, p *plan.Plan, cluster Cluster, o Options) (*run, error) {
	digest := p.Digest
	if digest == "" {
		sealed := *p
		if err := plan.Seal(&sealed); err != nil {
			return nil, err
		}
		digest = sealed.Digest
	}
	r := &run{ctx: ctx, waiting: ctx, plan: p, digest: digest, cluster: cluster, o: o, limits: o.Limits.filled(),
		reports: map[string]*ActionReport{}, rules: newLedger(p, o.Resume), closed: map[string]ending{},
		intended: map[string]bool{}, queue: newQueue(p), before: map[string]inventory{}, kept: map[string]int{}, changedAt: druid.NoInstant}
	r.room = room{counted: o.Limits.Slots > 0, lookedAt: druid.NoInstant, since: druid.NoInstant}
	r.report = &Report{PlanDigest: digest, StartedAt: o.Now(), Marks: []*MarkReport{}}
	for _, a := range p.Actions {
		r.add(a)
	}
	return r, nil
}

// add puts an action into the report, as blocked, done before, or open (no outcome yet).
func (r *run) add(a *plan.Action) {
	planned := Counts{Segments: a.Segments, Bytes: a.Bytes, Files: a.Segments}
	if a.Kind == plan.SetRules {
		planned = Counts{}
	}
	report := &ActionReport{ID: a.ID, Kind: a.Kind, Datasource: a.Datasource, Permanent: a.Permanent, Planned: planned,
		Reasons: []string{}, Differences: []string{}}
	progress := r.progress(a)
	switch {
	case a.Blocked:
		report.Outcome = SkippedBlocked
	case progress.settled():
		report.Outcome, report.Real, report.Task = DoneBefore, progress.Amounts, progress.Task
		r.noteRulesDone(a)
	}
	r.report.Actions = append(r.report.Actions, report)
	r.reports[a.ID] = report
}

// noteRulesDone: whether the other parts of Druid have polled rules that an earlier run posted is not known, so waiting
// counts from now.
func (r *run) noteRulesDone(a *plan.Action) {
	if a.Kind == plan.SetRules {
		r.changedAt = r.o.Now()
	}
}

func (r *run) progress(a *plan.Action) Progress { return r.o.Resume.Actions[a.ID] }

// open are the actions without an outcome, in the order of the plan.
func (r *run) open() []*plan.Action {
	var open []*plan.Action
	for _, a := range r.plan.Actions {
		if r.reports[a.ID].Outcome == "" {
			open = append(open, a)
		}
	}
	return open
}

// change carries out everything but the kills.
func (r *run) change() {
	for _, a := range r.open() {
		if a.Kind == plan.KillTask {
			continue
		}
		if r.halted() {
			return
		}
		if !r.admitted(a) {
			continue
		}
		r.emit(ActionStarted{a})
		if a.Kind == plan.SetRules {
			r.setRules(a)
		} else {
			r.mark(a)
		}
	}
}

// admitted ends the action when its datasource is closed, or no longer has the rules that the plan expects.
func (r *run) admitted(a *plan.Action) bool {
	if end, closed := r.closed[a.Datasource]; closed {
		r.end(a, end.outcome, end.reasons...)
		return false
	}
	return r.expectRules(a)
}

// halted reports whether no further action may begin.
func (r *run) halted() bool {
	if r.broken != nil || r.ctx.Err() != nil {
		return true
	}
	if !r.interrupted {
		select {
		case <-r.o.Interrupted:
			r.interrupted = true
			r.emit(Interrupting{})
		default:
		}
	}
	return r.interrupted
}

// listen makes waits end at the first interrupt. The returned function ends the listening.
func (r *run) listen() func() {
	waiting, cancel := context.WithCancel(r.ctx)
	r.waiting = waiting
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		select {
		case <-r.o.Interrupted:
			cancel()
		case <-waiting.Done():
		}
	}()
	return func() { cancel(); <-ended }
}

// pause waits, and reports whether the run may go on.
func (r *run) pause(d time.Duration) bool {
	if r.halted() {
		return false
	}
	// An error of Wait means that one of the contexts is done, which halted tells apart.
	if err := r.o.Wait(r.waiting, d); err != nil {
		return !r.halted() && r.waiting.Err() == nil
	}
	return !r.halted()
}

func (r *run) since(t druid.Instant) time.Duration {
	return time.Duration(r.o.Now()-t) * time.Millisecond
}

func (r *run) emit(e Event) {
	if r.o.Events != nil {
		r.o.Events(e)
	}
}
