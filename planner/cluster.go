package planner

import (
	"cmp"
	"fmt"
	"slices"

	"coppice/internal/diag"
	"coppice/internal/snapshot"
)

// clusterComplaints concern the whole cluster.
func (in *Input) clusterComplaints() []complaint {
	var list []complaint
	for _, gap := range in.Snapshot.Gaps {
		list = append(list, complaint{severity: diag.Warning, code: "gap", summary: "Not read: " + gap.What, detail: gap.Why})
	}
	if in.defaultChanges() && !in.seesEverything() {
		list = append(list, complaint{severity: diag.Error, code: "gap", summary: "The default rules concern datasources that were not read",
			detail: "A change of _default acts on every datasource of the cluster; this view does not show them all."})
	}
	if d := in.Snapshot.Duties; d != nil && d.Stopped {
		list = append(list, complaint{severity: diag.Warning, code: "rules-stopped", summary: "The Coordinator's rules do not run",
			detail: d.Detail, hint: "Look for a rule that stops them (rule-stops-coordinator) and at the Coordinator's log."})
	}
	if d := in.Snapshot.Duties; d != nil && d.Frozen {
		list = append(list, complaint{severity: diag.Warning, code: "coordinator-frozen", summary: "The Coordinator's view of the segments stands still",
			detail: d.Detail, hint: "Look for timeline-clash: two used segments of one version with overlapping intervals."})
	}
	for _, r := range in.Snapshot.DefaultRules.List {
		if why, stops := r.StopsCoordinator(); stops && !in.defaultChanges() {
			list = append(list, stopsComplaint(why, r))
		}
	}
	return slices.Concat(list, in.withdrawnComplaints(), in.unmanaged(), in.emptyFamilies())
}

// seesEverything reports whether the view shows every datasource, its rules, and whose every row is.
func (in *Input) seesEverything() bool {
	hides := func(list []snapshot.Gap, parts ...string) bool {
		return slices.ContainsFunc(list, func(gap snapshot.Gap) bool { return slices.Contains(parts, gap.What) })
	}
	return !hides(in.Snapshot.Gaps, "segments", "datasources", "rules", "segment row") &&
		!slices.ContainsFunc(in.Snapshot.Datasources, func(d *snapshot.Datasource) bool { return hides(d.Gaps, "datasources", "rules") })
}

// unmanaged notes how many datasources no block declares: they are not touched.
func (in *Input) unmanaged() []complaint {
	if in.Request != nil {
		return nil
	}
	var names []string
	for _, d := range in.Snapshot.Datasources {
		if in.Config.For(d.Name) == nil && !in.Config.Contested(d.Name) {
			names = append(names, d.Name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	summary := fmt.Sprintf("%d datasources are not declared", len(names))
	if len(names) == 1 {
		summary = "1 datasource is not declared"
	}
	detail := "What is not declared is not touched."
	if in.defaultChanges() {
		detail = "What is not declared is not touched, except by the default rules, which change."
	}
	return []complaint{{severity: diag.Note, code: "unmanaged", summary: summary, detail: detail, witness: names[0]}}
}

// presence complains about a declared datasource that the cluster does not have: a typo when a similar name exists,
// policy before ingestion otherwise. And about gaps of its own.
func (w *work) presence() {
	for _, gap := range w.seen.Gaps {
		w.complain(complaint{severity: diag.Warning, code: "gap", summary: "Not read: " + gap.What, detail: gap.Why, interval: gap.Interval})
	}
	if w.policy == nil || w.present && (w.seen.HasRows() || len(w.seen.Gaps) > 0) {
		return
	}
	c := complaint{severity: diag.Note, code: "datasource-unknown", summary: "The cluster has no segments of this datasource",
		detail: "Its rules are set all the same and wait for the first ingestion."}
	switch near := w.in.nearName(w.seen.Name); {
	case near == "":
	case w.in.Config.For(near) == nil:
		c.severity = diag.Error
		c.detail = fmt.Sprintf("There is a datasource named %q. Is that the one?", near)
		c.hint = "Correct the name, or consent with:" + w.allowBlock(c.code)
	default: // names of a family are alike by nature
		c.severity = diag.Warning
		c.detail = fmt.Sprintf("There is a datasource named %q, whose policy is that of a family. Is that the one?", near)
		c.hint = "Correct the name, unless the datasource is still to come."
	}
	w.complain(c)
}

// nearName is a datasource without a block of its own whose name is one or two letters away: no more than every third
// one of a short name. One that nobody manages comes first.
func (in *Input) nearName(name string) (near string) {
	for _, d := range in.Snapshot.Datasources {
		if d.Name == name || !d.HasRows() || in.Config.Find(d.Name) != nil || diag.Distance(name, d.Name) > min(2, len(name)/3) {
			continue
		}
		if in.Config.For(d.Name) == nil {
			return d.Name
		}
		near = cmp.Or(near, d.Name)
	}
	return near
}
