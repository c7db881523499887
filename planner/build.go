package planner

import (
	"slices"

	"coppice/internal/druid"
	"coppice/internal/plan"
)

// planLife is how long a saved plan may be applied.
var planLife = druid.Period{Days: 7}

// defaultName is what findings about the default rules are about.
var defaultName = plan.DefaultRules

// Build makes the plan. It never fails: what cannot be known is kept, and findings say so.
func Build(in Input) *plan.Plan {
	p := in.header()
	if in.onlyAsked(); in.Request != nil {
		p.Request, p.DefaultRules = in.Request, in.defaultChange()
	}
	subjects := in.subjects()
	in.learnReaches(subjects)
	in.memories = make(memories, 16)
	parts := make([]part, len(subjects))
	in.each(len(subjects)+1, func(i int) {
		if i == 0 { // as long as many datasources take, so it begins first
			if in.Rows == nil {
				p.SnapshotDigest = in.Snapshot.Digest()
			}
			return
		}
		parts[i-1] = in.part(subjects[i-1], p.DefaultRules.Change != plan.ChangeNone)
	})
	var steps []step
	var crossings []*crossing
	blocked := map[string][]string{}
	for _, of := range parts {
		p.Findings = append(p.Findings, of.findings...)
		blocked[of.planned.Name] = of.blocking
		steps = append(steps, of.steps...)
		if of.crossing != nil {
			crossings = append(crossings, of.crossing)
		}
		p.Datasources = append(p.Datasources, of.planned)
	}
	if p.DefaultRules.Change != plan.ChangeNone {
		steps = append(steps, in.ruleSteps(p.DefaultRules, crossings)...)
	}
	found, blocking := in.findings(nil, slices.Concat(in.clusterComplaints(), in.autoKillUnknown(), in.defaultAffects()))
	byDefault, also := in.findings(&defaultName, append(in.defaultComplaints(), in.defaultChangedSince()...))
	p.Findings = append([]plan.Finding{}, slices.Concat(p.Findings, found, byDefault)...) // a list in JSON, also when it is empty
	blocking = append(blocking, also...)
	p.Actions = inOrder(steps)
	block(p, blocked, blocking)
	summarize(p)
	sortFindings(p.Findings)
	if in.Due {
		plan.OnlyDue(p)
	}
	return p
}

// part is what a plan says of one datasource; crossing is nil unless the default rules change.
type part struct {
	planned  *plan.Datasource
	findings []plan.Finding
	blocking []string
	steps    []step
	crossing *crossing
}

// part plans one datasource. It may run beside others, and so writes to nothing that they see.
func (in *Input) part(s subject, crosses bool) part {
	if in.Rows != nil && s.present {
		s.seen = in.Rows(s.seen)
	}
	w := newWork(in, s)
	w.borrow()
	defer w.giveBack()
	of := part{planned: w.plan()}
	of.findings, of.blocking = in.findings(&of.planned.Name, w.complaints)
	of.planned.Blocked = len(of.blocking) > 0
	of.steps = w.actions(of.planned)
	if crosses {
		of.crossing = w.crossing(of.planned)
	}
	return of
}

// each calls work for 0 to n-1, at the same time where Each allows it.
func (in *Input) each(n int, work func(i int)) {
	if in.Each != nil {
		in.Each(n, work)
		return
	}
	for i := range n {
		work(i)
	}
}

// plan decides one datasource and limits the outcome.
func (w *work) plan() *plan.Datasource {
	w.decide()
	w.unrecoverable()
	d := w.output()
	w.guard(d)
	w.contested()
	if w.in.Request != nil {
		w.requestFindings()
		return d
	}
	w.autoKill()
	w.stopsCoordinator()
	w.presence()
	w.lint()
	return d
}

func (in *Input) header() *plan.Plan {
	s := in.Snapshot
	p := &plan.Plan{FormatVersion: plan.FormatVersion, ToolVersion: in.ToolVersion, Now: in.Now, ExpiresAt: in.expiry(),
		ConfigDigest: in.Config.Digest(in.Cluster.Name), DefaultRules: in.defaultChange(), Holds: in.holds(),
		Datasources: []*plan.Datasource{}, Actions: []*plan.Action{}, Findings: []plan.Finding{}}
	p.Cluster = plan.Cluster{Name: in.Cluster.Name, Identity: s.Identity, DruidVersion: s.DruidVersion,
		Datasources: len(s.Datasources), Managed: len(in.managed()), Sources: in.sources(), AutoKill: in.autoKillState()}
	for _, d := range s.Datasources {
		p.Cluster.Segments += int64(d.Count())
	}
	return p
}

// expiry is when the plan may no longer be applied.
func (in *Input) expiry() druid.Instant {
	expires, err := planLife.After(in.Now)
	if err != nil {
		return druid.MaxInstant
	}
	return expires
}

func (in *Input) sources() string {
	switch s := in.Snapshot.Sources; {
	case s.Store && s.Coordinator && s.Disagree != "":
		return "PostgreSQL and Coordinator disagree"
	case s.Store && s.Coordinator:
		return "PostgreSQL and Coordinator agree"
	case s.Store:
		return "PostgreSQL only"
	}
	return "Coordinator"
}

// block marks what apply has to skip. A change of the default rules stands or falls with every datasource that it
// concerns.
func block(p *plan.Plan, byName map[string][]string, cluster []string) {
	p.Summary.Blocked = []plan.Blocked{}
	for _, code := range distinct(cluster) {
		p.Summary.Blocked = append(p.Summary.Blocked, plan.Blocked{Code: code})
	}
	all := len(cluster) > 0
	for _, d := range p.Datasources {
		for _, code := range distinct(byName[d.Name]) {
			p.Summary.Blocked = append(p.Summary.Blocked, plan.Blocked{Datasource: &d.Name, Code: code})
			all = all || p.DefaultRules.Change != plan.ChangeNone
		}
	}
	stopped := map[string]bool{}
	for _, d := range p.Datasources {
		d.Blocked = d.Blocked || all
		stopped[d.Name] = d.Blocked
	}
	for _, a := range p.Actions {
		a.Blocked = all || stopped[a.Datasource]
	}
}

func distinct(codes []string) []string {
	sorted := slices.Clone(codes)
	slices.Sort(sorted)
	return slices.Compact(sorted)
}

// summarize adds up what is not blocked.
func summarize(p *plan.Plan) {
	s := &p.Summary
	s.Left = &plan.Left{}
	for _, d := range p.Datasources {
		if d.Blocked {
			continue
		}
		if d.Rules.Change != plan.ChangeNone {
			s.RuleChanges++
		}
		s.Unused.Add(plan.Amount{Segments: d.Drop.Segments - d.Drop.ByTime.Segments, Bytes: d.Drop.Bytes - d.Drop.ByTime.Bytes})
		s.Unused.Add(counted(p, d.Remove))
		s.ByTime.Add(d.Drop.ByTime)
		if d.Drop.ByTime.Segments > 0 {
			s.ByTime.Datasources++
		}
		s.Kill.Add(d.Kill.Amount)
		s.Restore.Add(counted(p, d.Restore))
		s.Shadowed.Add(d.Shadowed.Amount)
		s.Pending.Add(d.Pending.Amount)
		s.Hold.Add(d.Hold.Amount)
		if d.Restamp != nil {
			s.Restamp = &d.Restamp.Amount
		}
		for _, r := range d.Pending.Runs {
			if r.WaitsFor != plan.WaitsGrace && r.WaitsFor != plan.WaitsInterval {
				s.Deferred.Add(r.Amount)
			}
		}
	}
	for _, a := range p.Actions {
		if a.Kind == plan.KillTask && !a.Blocked {
			s.Kill.Tasks++
		}
		if a.Datasource == plan.DefaultRules && !a.Blocked {
			s.RuleChanges++
		}
	}
}

// counted is what the totals say of a group to be marked: of a request, what it does now.
func counted(p *plan.Plan, g plan.Group) plan.Amount {
	if p.Request == nil {
		return g.Amount
	}
	var now plan.Amount
	for _, r := range g.Runs {
		if r.WaitsFor == "" {
			now.Add(r.Amount)
		}
	}
	return now
}
