package executor

import (
	"time"

	"coppice/internal/druid"
)

// growing is a pause that grows by half each time, so that a quick end is seen quickly and a long wait asks seldom.
type growing struct{ next, limit time.Duration }

func (r *run) growing() *growing { return &growing{r.limits.PollMin, r.limits.PollMax} }

func (g *growing) pause() time.Duration {
	pause := g.next
	g.next = min(g.next+g.next/2, g.limit)
	return pause
}

// until asks until the answer is yes or the limit is over, and says which it was. It asks at least once. An interrupt
// ends the waiting, not the question in hand. The question may count in what.Left.
func (r *run) until(limit time.Duration, what *Waiting, answered func() bool) bool {
	start, pauses := r.o.Now(), r.growing()
	for {
		if answered() {
			return true
		}
		what.Waited, what.Limit = r.since(start), limit
		if what.Waited >= limit {
			return false
		}
		r.emit(*what)
		if !r.pause(min(pauses.pause(), limit-what.Waited)) {
			return false
		}
	}
}

// waitGone waits until none of the segments is used any more, and returns those that still are. The error is that of
// the last look; then what is returned is from the look before.
func (r *run) waitGone(dataSource string, segments inventory, limit time.Duration, forWhat string) (inventory, error) {
	left, total := segments, segments.count()
	what := &Waiting{For: forWhat, Datasource: dataSource, Left: total, Total: total}
	var err error
	r.until(limit, what, func() bool {
		var ids []druid.SegmentID
		if ids, err = r.cluster.UsedSegments(r.ctx, dataSource, left.hull()); err != nil {
			return false
		}
		left = left.and(newInventory(ids))
		what.Left = left.count()
		return what.Left == 0
	})
	return left, err
}
