package planner

import (
	"slices"

	"coppice/config"
	"coppice/internal/diag"
	"coppice/internal/druid"
	"coppice/internal/plan"
	"coppice/internal/snapshot"
)

// Lint complains about rules, and about what they do to the segments there are. Without a snapshot (nil) it looks at the
// configuration alone. What is declared counts as if it were new: that the cluster does it already is no excuse.
// The findings are sorted, errors first. Limits of one plan and what a plan waits for are not among them.
func Lint(in Input) []plan.Finding {
	live := in.Snapshot != nil
	if !live {
		in.Snapshot = &snapshot.Cluster{}
	}
	in.asNew = true
	subjects := in.subjects()
	in.learnReaches(subjects)
	found := []plan.Finding{}
	add := func(datasource *string, list []complaint) {
		more, _ := in.findings(datasource, list)
		found = append(found, more...)
	}
	for _, s := range subjects {
		w := newWork(&in, s)
		if live {
			w.lintPlan()
		}
		w.lint()
		add(&w.seen.Name, w.complaints)
	}
	for _, family := range in.withoutMembers() {
		w := newWork(&in, subject{policy: family, seen: orEmpty(nil, family.Name)})
		w.lint()
		add(&w.seen.Name, w.complaints)
	}
	add(&defaultName, in.defaultComplaints())
	if live {
		add(nil, append(in.clusterComplaints(), in.defaultAffects()...))
	}
	found = slices.DeleteFunc(found, func(f plan.Finding) bool { return f.Code == "unmanaged" || f.Code == "kill-deferred" })
	sortFindings(found)
	return found
}

// lintPlan decides the datasource and complains as a plan does, without its limits.
func (w *work) lintPlan() {
	w.decide()
	d := w.output()
	dropped := w.changed()
	if w.countsAsNew() {
		dropped = plan.Amount{Segments: d.Drop.Segments + d.Drop.Later.Segments, Bytes: d.Drop.Bytes + d.Drop.Later.Bytes}
	}
	w.guardEverything(d, dropped)
	w.contested()
	w.stopsCoordinator()
	w.presence()
}

// lint complains about the rules of a managed datasource, and about segments that they do not treat as one would think.
// The rows are decided, unless there are none.
func (w *work) lint() {
	if w.policy == nil {
		return
	}
	if w.knowsRules() {
		w.lintRules(w.in.reach(w.planned.Own))
	}
	w.lintSegments()
}

// knowsRules: the own list is declared, or was read.
func (w *work) knowsRules() bool {
	return w.policy.Rules != nil || w.present && !w.gapped("rules")
}

func (w *work) gapped(what string) bool {
	is := func(g snapshot.Gap) bool { return g.What == what }
	return slices.ContainsFunc(w.seen.Gaps, is) || slices.ContainsFunc(w.in.Snapshot.Gaps, is)
}

func (w *work) lintRules(r *reachability) {
	w.unreachableRules(r)
	w.recentDrops(r)
	w.overlappingPeriods(r)
	w.unknownTiers()
	w.fallThrough(r)
	w.neverExpires(r)
	w.dropsOnArrival()
}

// defaultComplaints are those about a declared default list, by itself: datasources without rules of their own have just
// that.
func (in *Input) defaultComplaints() []complaint {
	w := in.defaultWork()
	if w == nil {
		return nil
	}
	r := in.reach(w.planned.Own)
	w.unreachableRules(r)
	w.recentDrops(r)
	w.overlappingPeriods(r)
	w.unknownTiers()
	w.fallThrough(r)
	return w.complaints
}

// defaultWork looks at the declared default list as if it were that of a datasource named _default; nil when none is
// declared.
func (in *Input) defaultWork() *work {
	if in.Config.DefaultRules == nil {
		return nil
	}
	policy := &config.Datasource{Name: plan.DefaultRules, Origin: in.Config.DefaultRules.Origin, Rules: in.Config.DefaultRules}
	w := newWork(in, subject{policy: policy, seen: orEmpty(nil, plan.DefaultRules)})
	w.planned = druid.Chain{Own: in.Config.DefaultRules.List}
	w.inForce = druid.Chain{Own: in.Snapshot.DefaultRules.List}
	return w
}

// learnReaches works out the reachability of every own list that the subjects will have, once for all that share it:
// afterwards they can be planned at the same time.
func (in *Input) learnReaches(subjects []subject) {
	in.reaches = map[string]*reachability{}
	var lists []druid.RuleList
	var keys []string
	for _, s := range subjects {
		if s.policy == nil {
			continue
		}
		list := s.plannedOwn()
		if key := list.Digest(); in.reaches[key] == nil {
			in.reaches[key] = &reachability{}
			lists, keys = append(lists, list), append(keys, key)
		}
	}
	found := make([]*reachability, len(lists))
	in.each(len(lists), func(i int) { found[i] = reachabilityOf(lists[i], in.Now) })
	for i, key := range keys {
		in.reaches[key] = found[i]
	}
}

// reach is the reachability of a list.
func (in *Input) reach(list druid.RuleList) *reachability {
	if known := in.reaches[list.Digest()]; known != nil {
		return known
	}
	return reachabilityOf(list, in.Now)
}

// severity is an error for what this plan changes; what the cluster does already is a warning, in a plan. In lint that
// is no excuse for what is declared.
func (w *work) severity(already bool) diag.Severity {
	if already && !w.countsAsNew() {
		return diag.Warning
	}
	return diag.Error
}

// countsAsNew: in lint, rules of a managed datasource that the configuration declares, its own or the default ones.
func (w *work) countsAsNew() bool {
	return w.in.asNew && w.policy != nil && (w.policy.Rules != nil || w.in.Config.DefaultRules != nil)
}

// stands reports whether a rule of the planned own list is in force already with the same trouble; is tells whether the
// rule of the list in force at that index has it.
func (w *work) stands(rule int, is func(inForce int) bool) bool {
	for i := range w.inForce.Own {
		if w.inForce.Own[i].Equal(w.planned.Own[rule]) && is(i) {
			return true
		}
	}
	return false
}
