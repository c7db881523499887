package planner

import (
	"coppice/internal/plan"
	"coppice/internal/snapshot"
)

// runs folds rows (ascending) into runs: equal interval, version and verdict stand in one.
func (w *work) runs(rows []int) []plan.Run {
	list := make([]plan.Run, 0, w.countRuns(rows))
	open := map[verdict]int{} // runs of the current interval and version, by verdict
	last := -1                // the row before
	n := 0                    // its run
	for _, i := range rows {
		v := w.shown(i)
		switch same := last >= 0 && w.sameGroup(last, i); {
		case same && w.shown(last) == v:
		case same:
			open[w.shown(last)] = n
			var ok bool
			if n, ok = open[v]; !ok {
				n = len(list)
				list = append(list, w.newRun(i))
			}
		default:
			clear(open)
			n = len(list)
			list = append(list, w.newRun(i))
		}
		last = i
		w.extendRun(&list[n], i)
	}
	return list
}

// countRuns is how many runs the rows make, or somewhat more.
func (w *work) countRuns(rows []int) int {
	count := 0
	for n, i := range rows {
		if n == 0 || !w.sameGroup(rows[n-1], i) || w.shown(rows[n-1]) != w.shown(i) {
			count++
		}
	}
	return count
}

func (w *work) sameGroup(i, j int) bool {
	return w.rows[i].Interval == w.rows[j].Interval && w.rows[i].Version == w.rows[j].Version
}

// shown is a verdict without what differs from row to row and is not shown.
func (w *work) shown(i int) verdict {
	v := w.verdicts[i]
	v.since = 0
	return v
}

func (w *work) newRun(i int) plan.Run {
	s, v := &w.rows[i], &w.verdicts[i]
	r := plan.Run{Interval: s.Interval, Version: w.seen.Versions[s.Version], Class: classNames[v.class], ByTime: v.byTime,
		WaitsFor: waitsNames[v.waits], Reason: w.reason(v)}
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

// amount is one segment, and its bytes where they are known and do not count with another row. What nothing deletes
// is not sized, also where its payload happens to be known.
func (w *work) amount(i int) plan.Amount {
	a, s, v := plan.Amount{Segments: 1}, &w.rows[i], &w.verdicts[i]
	if s.Has(snapshot.Details) && !v.counted && !v.unsized {
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
