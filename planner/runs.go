package planner

import (
	"coppice/internal/plan"
	"coppice/internal/snapshot"
)

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
		w.extendRun(&list[n], i)
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

func (w *work) extendRun(r *plan.Run, i int) {
	s := &w.rows[i]
	r.Partitions = append(r.Partitions, s.Partition)
	r.Add(w.amount(i))
	if s.MarkedAt.Known() && !s.Has(snapshot.Used) && (r.MarkedAt == nil || *r.MarkedAt < s.MarkedAt) {
		r.MarkedAt = instant(s.MarkedAt)
	}
}

// amount is one segment, and its bytes where they are known and do not count with another row.
func (w *work) amount(i int) plan.Amount {
	a, s := plan.Amount{Segments: 1}, &w.rows[i]
	if s.Has(snapshot.Details) && !w.verdicts[i].counted {
		a.Bytes = max(s.Bytes, 0)
	}
	return a
}

// groupOfRows is a plan.Group of rows.
func (w *work) groupOfRows(rows []int) plan.Group {
	g := plan.Group{Runs: w.runs(rows)}
	for _, i := range rows {
		g.Add(w.amount(i))
	}
	if g.Runs == nil {
		g.Runs = []plan.Run{}
	}
	return g
}
