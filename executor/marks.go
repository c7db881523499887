package executor

import (
	"fmt"
	"slices"

	"coppice/internal/druid"
	"coppice/internal/plan"
)

// compareMarks waits until the Coordinator has marked what the plan predicts for every datasource whose rules were
// changed, and then looks what else it marked. A datasource in which it marked what the plan keeps is closed: its kills
// are not sent.
func (r *run) compareMarks() {
	changed := r.changedDatasources()
	if len(changed) == 0 {
		return
	}
	// Everything is compared once at least one rule run can have happened, also where nothing is predicted.
	r.until(r.limits.RulePoll, &Waiting{For: "the Coordinator to run the new rules"}, func() bool {
		return r.since(r.changedAt) >= r.limits.RulePoll
	})
	start := r.o.Now()
	for _, d := range changed {
		report := r.compareMarked(d, start)
		r.report.Marks = append(r.report.Marks, report)
		r.recordMarks(report)
		r.emit(MarksCompared{report})
		if report.NotPredicted > 0 {
			r.close(d.Name, NotStarted, "the Coordinator marked segments unused that the plan keeps")
		}
	}
}

func (r *run) recordMarks(report *MarkReport) {
	r.record(Record{Step: StepMarks, Datasource: report.Datasource, Amounts: &Counts{Segments: report.Marked, Bytes: -1, Files: -1},
		Detail: report.sentences()})
}

// changedDatasources are those whose own or default rules this run, or the one it resumes, changed.
func (r *run) changedDatasources() []*plan.Datasource {
	var found []*plan.Datasource
	for _, a := range r.plan.Actions {
		outcome := r.reports[a.ID].Outcome
		if a.Kind != plan.SetRules || outcome != Done && outcome != DoneBefore {
			continue
		}
		for _, d := range r.affected(a) {
			if !slices.Contains(found, d) {
				found = append(found, d)
			}
		}
	}
	return found
}

// compareMarked shares one time limit, from start, with the other datasources: the Coordinator's run is one for all.
func (r *run) compareMarked(d *plan.Datasource, start druid.Instant) *MarkReport {
	predicted := inventoryOf(d.Drop.Runs)
	report := &MarkReport{Datasource: d.Name, Predicted: predicted.count(), NotMarkedIDs: []string{}, UsedAgainIDs: []string{},
		NotPredictedIDs: []string{}}
	if r.broken != nil || r.ctx.Err() != nil {
		report.Problem = "the run ended before"
		return report
	}
	left := predicted
	if predicted.count() > 0 {
		var err error
		limit := max(r.limits.Marks-r.since(start), 0)
		if left, err = r.waitGone(d.Name, predicted, limit, "the Coordinator to mark what the rules drop"); err != nil {
			report.Problem = fmt.Sprintf("read used segments: %v", err)
			return report
		}
	}
	report.NotMarked, report.NotMarkedIDs = left.count(), left.names(d.Name)
	report.Marked = report.Predicted - report.NotMarked
	report.Waited = report.NotMarked > 0 && r.since(start) >= r.limits.Marks
	if report.NotMarked > 0 && !report.Waited {
		report.Problem = "interrupted before the Coordinator had marked everything"
	}
	r.compareKept(d, report)
	return report
}

// compareKept looks for segments that were used before the change, are not any more, and that nothing explains.
func (r *run) compareKept(d *plan.Datasource, report *MarkReport) {
	before, known, err := r.baseline(d.Name)
	if err != nil || !known {
		report.Problem = "what was used before the rules were changed is not on record, so what the plan keeps could not be compared"
		if err != nil {
			report.Problem = err.Error()
		}
		return
	}
	ids, err := r.cluster.UsedSegments(r.ctx, d.Name, druid.Eternity)
	if err != nil {
		report.Problem = fmt.Sprintf("read used segments: %v", err)
		return
	}
	now := newInventory(ids)
	gone := before.minus(now).minus(inventoryOf(d.Drop.Runs, d.Drop.Later.Runs, d.Shadowed.Runs, d.Remove.Runs))
	newer := newCover(now.minus(before))
	if r.plan.Due { // it does not list what the overshadow clean-up takes: all that lies below a higher version may be that
		newer = newCover(now.plus(before))
	}
	gone = r.unexplained(d.Name, gone, newer)
	report.NotPredicted, report.NotPredictedIDs = gone.count(), gone.names(d.Name)
}

// unexplained leaves of segments that are used no more those that neither newer data nor time takes.
func (r *run) unexplained(dataSource string, gone inventory, newer cover) inventory {
	d := r.datasource(dataSource)
	for _, at := range gone.chunks() {
		if newer.above(at) || r.droppedByTime(d, at.interval) {
			delete(gone, at)
		}
	}
	return gone
}

// datasource is the plan's; every action has one, but those on default rules.
func (r *run) datasource(name string) *plan.Datasource {
	return r.plan.Datasources[slices.IndexFunc(r.plan.Datasources, func(d *plan.Datasource) bool { return d.Name == name })]
}

// droppedByTime reports whether the planned chain drops the segment, or cannot be judged, at some instant between the
// plan and now. Only where a rule begins or ceases to apply can the answer change.
func (r *run) droppedByTime(d *plan.Datasource, segment druid.Interval) bool {
	chain := druid.Chain{Own: planned(d.Rules), Default: planned(r.plan.DefaultRules)}
	now := r.o.Now()
	instants := []druid.Instant{r.plan.Now, now}
	for i := range chain.Len() {
		for _, span := range chain.At(i).Windows(segment) {
			instants = append(instants, span.From, span.Until)
		}
	}
	return slices.ContainsFunc(instants, func(t druid.Instant) bool {
		if t < r.plan.Now || t > now {
			return false
		}
		match := chain.Match(segment, t)
		return match.Err != nil || match.Index >= 0 && (match.Action == druid.ActionDrop || match.Action == druid.ActionUnknown)
	})
}

// planned is the list that is in force once the plan is carried out.
func planned(c plan.RuleChange) druid.RuleList {
	if c.Change == plan.ChangeNone {
		return c.Before
	}
	return c.After
}

// sentences are what the journal keeps.
func (m *MarkReport) sentences() []string {
	said := []string{fmt.Sprintf("%d of %d predicted segments are marked unused", m.Marked, m.Predicted)}
	if m.NotMarked > 0 {
		said = append(said, fmt.Sprintf("%d are still used: the Coordinator has not run its rules, or sees others", m.NotMarked))
	}
	if m.UsedAgain > 0 {
		said = append(said, fmt.Sprintf("%d of those marked are used again, such as %v", m.UsedAgain, m.UsedAgainIDs[:1]))
	}
	if m.NotPredicted > 0 {
		said = append(said, fmt.Sprintf("%d segments that the plan keeps are no longer used, such as %v", m.NotPredicted,
			m.NotPredictedIDs[:1]))
	}
	if m.Problem != "" {
		said = append(said, m.Problem)
	}
	return said
}
