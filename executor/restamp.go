package executor

import (
	"fmt"

	"coppice/internal/plan"
)

// restamp gives unused segments a new marking time: Druid stamps what is marked unused by its id anew, also when it is
// unused already. What somebody marked used since the plan is left out. The marking time cannot be read back here, so
// the number that Druid says it changed is all there is to compare; the next plan sees the times.
func (r *run) restamp(a *plan.Action) {
	named := inventoryOf(a.Runs)
	ids, err := r.cluster.UsedSegments(r.ctx, a.Datasource, named.hull())
	if err != nil {
		r.endFailed(a, Failed, fmt.Sprintf("read used segments: %v", err))
		return
	}
	todo := named.minus(newInventory(ids))
	switch {
	case todo.count() == 0:
		r.end(a, DoneBefore, "nothing is left to mark")
		return
	case !r.undisturbed(a) || !r.intend(a, "", &Counts{Segments: todo.count(), Bytes: -1, Files: -1}):
		return
	}
	if again := named.count() - todo.count(); again > 0 {
		r.note(a, fmt.Sprintf("%d segments are used by now, and were left out", again))
	}
	changed, posted := r.sendMarks(a, todo)
	report := r.reports[a.ID]
	report.Real = Counts{Segments: int64(changed), Bytes: -1, Files: -1}
	switch {
	case posted != nil:
		r.endFailed(a, Unknown, fmt.Sprintf("mark segments: %v", posted))
	case int64(changed) != todo.count():
		report.Differences = append(report.Differences, fmt.Sprintf("Druid says that it changed %d of %d segments", changed, todo.count()))
		r.endFailed(a, Unknown)
	default:
		r.end(a, Done)
	}
}
