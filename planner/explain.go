package planner

import (
	"fmt"

	"coppice/internal/diag"
	"coppice/internal/druid"
	"coppice/internal/plan"
	"coppice/internal/snapshot"
)

// Explain says of a datasource's segments what happens to them and why. The selector is a segment id, an interval (all
// that overlap it), an instant (all that contain it), or empty (all). The datasource need not be managed.
func Explain(in Input, dataSource, selector string) (*plan.Explanation, error) {
	in.onlyAsked()
	seen := in.Snapshot.Find(dataSource)
	if seen == nil && in.Config.For(dataSource) == nil {
		return nil, fmt.Errorf("the cluster has no datasource %q, and the configuration declares none%s", dataSource, in.perhaps(dataSource))
	}
	picks, err := parseSelector(dataSource, selector)
	if err != nil {
		return nil, err
	}
	in.everyClass = true
	w := newWork(&in, in.subjectOf(dataSource))
	w.decide()
	w.errands()
	e := &plan.Explanation{FormatVersion: plan.FormatVersion, Now: in.Now, Datasource: dataSource, Segments: []plan.ExplainedSegment{}}
	for i := range w.rows {
		if picks(w.seen.ID(&w.rows[i])) {
			e.Segments = append(e.Segments, w.explain(i))
		}
	}
	return e, nil
}

// perhaps asks whether a name that was declared or read, and is nearly the same, is meant.
func (in *Input) perhaps(name string) string {
	var known []string
	for _, d := range in.Config.Datasources {
		known = append(known, d.Name)
	}
	for _, d := range in.Snapshot.Datasources {
		known = append(known, d.Name)
	}
	if near := diag.Nearest(name, known); near != "" {
		return fmt.Sprintf(" (did you mean %q?)", near)
	}
	return ""
}

func parseSelector(dataSource, selector string) (func(druid.SegmentID) bool, error) {
	if selector == "" {
		return func(druid.SegmentID) bool { return true }, nil
	}
	if id, err := druid.ParseSegmentID(dataSource, selector); err == nil {
		return func(o druid.SegmentID) bool { return o == id }, nil
	}
	if interval, err := druid.ParseInterval(selector); err == nil {
		return func(o druid.SegmentID) bool { return o.Interval.Overlaps(interval) }, nil
	}
	if t, err := druid.ParseInstant(selector); err == nil {
		return func(o druid.SegmentID) bool { return o.Interval.Start <= t && t < o.Interval.End }, nil
	}
	return nil, fmt.Errorf("%q is neither a segment id of %s, nor an interval (2026-01-01/2026-02-01), nor an instant (2026-01-01T12:00Z)", selector, dataSource)
}

func (w *work) explain(i int) plan.ExplainedSegment {
	s, v := &w.rows[i], &w.verdicts[i]
	e := plan.ExplainedSegment{ID: w.id(i), Interval: s.Interval, Version: w.seen.Versions.At(s.Version), Partition: s.Partition,
		Used: w.used(i), Bytes: snapshot.UnknownBytes, Decision: decisionNames[v.decision], Class: classNames[v.class],
		Then: plan.Then(decisionNames[v.then]), WaitsFor: waitsNames[v.waits], Rule: w.explainRule(int(v.rule)), Reason: w.describe(v)}
	if s.Has(snapshot.Details) {
		e.Bytes = s.Bytes
	}
	if !e.Used {
		e.MarkedAt, e.PolicyRange = instant(s.MarkedAt), w.graceRange(v)
	} else {
		e.PolicyRange = w.ruleRange(int(v.rule))
	}
	if v.decision == pending {
		e.EligibleAt = instant(v.eligible)
	}
	e.NextChangeAt, e.NextChange = w.nextChange(i)
	return e
}

func (w *work) explainRule(index int) *plan.ExplainedRule {
	if index < 0 {
		return nil
	}
	r := &plan.ExplainedRule{List: "own", Index: index + 1, Type: w.planned.At(index).Type, Range: w.ruleRange(index)}
	if own := len(w.planned.Own); index >= own {
		r.List, r.Index = "default", index-own+1
	}
	return r
}

// nextChange is when time alone changes the decision next: a kept segment is dropped, a pending one becomes killable.
func (w *work) nextChange(i int) (*druid.Instant, plan.Then) {
	v := &w.verdicts[i]
	switch {
	case v.decision == pending && v.eligible.Known():
		return instant(v.eligible), plan.Then(plan.DecisionKill)
	case v.decision != keep || v.rule < 0 && v.why != becauseNoRule:
		return nil, ""
	}
	at := w.rows[i].Interval
	for _, t := range changesOf(w.planned, at, w.in.Now, druid.MaxInstant-1) {
		if judgeAt(w.planned, at, t).action == druid.ActionDrop {
			return instant(t), plan.Then(plan.DecisionDrop)
		}
	}
	return nil, ""
}
