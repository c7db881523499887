package planner

import (
	"coppice/internal/druid"
	"coppice/internal/plan"
	"coppice/internal/snapshot"
)

// runKey is what the rows of a run share.
type runKey struct {
	interval druid.Interval
	version  uint32
	verdict  verdict
}

// runs folds rows (ascending) into runs: equal interval, version and verdict stand in one.
func (w *work) runs(rows []int) []plan.Run {
	var list []plan.Run
	open := map[verdict]int{} // runs of the current interval and version, by verdict
	var at group
	for _, i := range rows {
		s := &w.rows[i]
		if at.interval != s.Interval || at.version != s.Version || len(list) == 0 {
			at = group{interval: s.Interval, version: s.Version}
			clear(open)
		}
		v := w.verdicts[i]
		v.since = 0 // differs from row to row, and is not shown
		n, ok := open[v]
		if !ok {
			n = len(list)
			open[v] = n
			list = append(list, w.newRun(i))
		}
		w.extendRun(&list[n], s)
	}
	return list
}

func (w *work) newRun(i int) plan.Run {
	s, v := &w.rows[i], &w.verdicts[i]
	r := plan.Run{Interval: s.Interval, Version: w.seen.Versions[s.Version], Class: classNames[v.class], ByTime: v.byTime,
		WaitsFor: waitsNames[v.waits], Reason: w.describe(v)}
	if v.decision == pending {
		r.EligibleAt = instant(v.eligible)
	}
	return r
}

func (w *work) extendRun(r *plan.Run, s *snapshot.Segment) {
	r.Partitions = append(r.Partitions, s.Partition)
	r.Add(amount(s))
	if s.MarkedAt.Known() && !s.Has(snapshot.Used) && (r.MarkedAt == nil || *r.MarkedAt < s.MarkedAt) {
		r.MarkedAt = instant(s.MarkedAt)
	}
}

func amount(s *snapshot.Segment) plan.Amount {
	a := plan.Amount{Segments: 1}
	if s.Has(snapshot.Details) {
		a.Bytes = max(s.Bytes, 0)
	}
	return a
}

// groupOfRows is a plan.Group of rows.
func (w *work) groupOfRows(rows []int) plan.Group {
	g := plan.Group{Runs: w.runs(rows)}
	for _, i := range rows {
		g.Add(amount(&w.rows[i]))
	}
	if g.Runs == nil {
		g.Runs = []plan.Run{}
	}
	return g
}
