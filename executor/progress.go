package executor

import (
	"time"

	"coppice/internal/druid"
	"coppice/internal/plan"
)

// progressEvery is how long nothing is said of the progress of many deletions.
const progressEvery = 30 * time.Second

// killing follows how far the deletions of this run are.
type killing struct {
	began, shown druid.Instant
	told         int
	Deleting
	// planned is what the tasks that have ended were to delete, which the estimate goes by.
	planned int64
}

// begin counts what there is to do.
func (k *killing) begin(r *run) {
	k.began, k.shown = r.o.Now(), r.o.Now()
	for _, a := range r.open() {
		if a.Kind == plan.KillTask {
			k.AllTasks++
			k.AllSegments += a.Segments
		}
	}
}

// ended counts a kill whose turn is over.
func (k *killing) ended(report *ActionReport) {
	if report.Kind == plan.KillTask {
		k.Tasks++
		k.Segments += max(report.Real.Segments, 0)
		k.planned += report.Planned.Segments
	}
}

// show tells the progress when something has ended since the last time, and something is left.
func (k *killing) show(r *run) {
	if k.Tasks == k.told || k.Tasks == k.AllTasks || r.since(k.shown) < progressEvery {
		return
	}
	k.shown, k.told = r.o.Now(), k.Tasks
	e := k.Deleting
	e.Spent = r.since(k.began)
	if k.planned > 0 {
		e.Left = time.Duration(float64(e.Spent) / float64(k.planned) * float64(max(k.AllSegments-k.planned, 0)))
	}
	r.emit(e)
}
