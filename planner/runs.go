package planner

import (
	"coppice/internal/druid"
	"coppice/internal/plan"
	"coppice/internal/snapshot"
)

// folder folds rows into runs.
type folder struct {
	w    *work
	list []plan.Run
	// partitions are those of all runs, as long as each row belongs to the newest; instants are moments that runs point at.
	partitions plan.Partitions
	instants   []druid.Instant
}

// runs folds rows (ascending) into runs: equal interval, version and verdict stand in one.
func (w *work) runs(rows []int) []plan.Run {
	f := folder{w: w, list: make([]plan.Run, 0, w.countRuns(rows)), partitions: make(plan.Partitions, 0, len(rows))}
	var open map[verdict]int // runs of the current interval and version, by verdict; nil while there is one
	n := 0                   // the run of the row before
	for at, i := range rows {
		switch same := at > 0 && w.sameGroup(rows[at-1], i); {
		case same && w.alike(rows[at-1], i):
		case same:
			if open == nil {
				open = map[verdict]int{}
			}
			open[w.shown(rows[at-1])] = n
			var ok bool
			if n, ok = open[w.shown(i)]; !ok {
				n = f.begin(i)
			}
		default:
			clear(open)
			n = f.begin(i)
		}
		f.extend(n, i)
	}
	return f.list
}

// countRuns is how many runs the rows make, or somewhat more.
func (w *work) countRuns(rows []int) int {
	count := 0
	for n, i := range rows {
		if n == 0 || !w.sameGroup(rows[n-1], i) || !w.alike(rows[n-1], i) {
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

// alike reports whether the verdicts on two rows are shown alike.
func (w *work) alike(i, j int) bool { return w.shown(i) == w.shown(j) }

// begin makes a run of the row's interval, version and verdict, and says which.
func (f *folder) begin(i int) int {
	w := f.w
	s, v := &w.rows[i], &w.verdicts[i]
	r := plan.Run{Interval: s.Interval, Version: w.seen.Versions.At(s.Version), Class: classNames[v.class], ByTime: v.byTime,
		WaitsFor: waitsNames[v.waits], Reason: w.reason(v)}
	if v.decision == pending && v.eligible.Known() {
		r.EligibleAt = f.instant(v.eligible)
	}
	f.list = append(f.list, r)
	return len(f.list) - 1
}

// extend adds a row to a run.
func (f *folder) extend(n, i int) {
	r, s := &f.list[n], &f.w.rows[i]
	if n+1 == len(f.list) {
		from := len(f.partitions) - len(r.Partitions)
		f.partitions = append(f.partitions, s.Partition)
		r.Partitions = f.partitions[from:len(f.partitions):len(f.partitions)]
	} else {
		r.Partitions = append(r.Partitions, s.Partition)
	}
	r.Add(f.w.amount(i))
	switch {
	case !s.MarkedAt.Known() || s.Has(snapshot.Used):
	case r.MarkedAt == nil:
		r.MarkedAt = f.instant(s.MarkedAt)
	default:
		*r.MarkedAt = max(*r.MarkedAt, s.MarkedAt)
	}
}

// instant is a place for a moment; there is room for many at a time.
func (f *folder) instant(t druid.Instant) *druid.Instant {
	if len(f.instants) == cap(f.instants) {
		f.instants = make([]druid.Instant, 0, min(cap(f.list), 256))
	}
	f.instants = append(f.instants, t)
	return &f.instants[len(f.instants)-1]
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
