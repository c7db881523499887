package planner

import (
	"fmt"

	"coppice/internal/diag"
	"coppice/internal/druid"
)

// farFuture complains about used segments that end, and maybe begin, further ahead of now than guard { max_future }
// allows: a wrong clock or unit of time in the data, which no window drops before that day comes. A segment that ends
// just there is not further.
func (w *work) farFuture() {
	limit := w.policy.Guard.MaxFuture
	if limit == nil {
		return
	}
	edge, err := limit.Value.After(w.in.Now)
	if err != nil {
		return // nothing lies behind the end of time
	}
	count, starting, furthest := int64(0), int64(0), -1
	for i := range w.rows {
		interval := w.rows[i].Interval
		if !w.used(i) || interval.End <= edge {
			continue
		}
		count++
		if interval.Start > edge {
			starting++
		}
		if furthest < 0 || interval.End > w.rows[furthest].Interval.End {
			furthest = i
		}
	}
	if count == 0 {
		return
	}
	last := w.rows[furthest].Interval
	until := last.End.String()
	if last.End >= druid.Eternity.End {
		until = "the end of time"
	}
	w.complain(complaint{severity: diag.Warning, code: "far-future", summary: fmt.Sprintf("Segments lie further ahead than %s: %d", limit.Value, count),
		detail: fmt.Sprintf("%d of them begin after %s, all of them end after it, the last one at %s. No window over time drops them before. "+
			"Often a clock or a unit of time was wrong.", starting, edge, until),
		hint:    "Look at what was written there; raise guard { max_future } when it is meant.",
		witness: w.id(furthest), origin: w.guardOrigin(limit.Range), segments: count})
}
