package planner

import (
	"slices"

	"coppice/internal/druid"
)

// grid is everything that rules can tell apart at one moment. Their bounds cut time into cells; two segments that start
// in one cell and end in one cell are the same to every rule.
type grid struct {
	now druid.Instant
	// bounds are the ends of the cells: cell i runs from bounds[i] to before bounds[i+1].
	bounds  []druid.Instant
	regions []region
	// judged is false for rules that may apply anywhere or nowhere.
	judged []bool
}

func newGrid(shapes []shape, now druid.Instant) *grid {
	g := &grid{now: now, regions: make([]region, len(shapes)), judged: make([]bool, len(shapes))}
	g.bounds = append(make([]druid.Instant, 0, 4*len(shapes)+3), druid.MinInstant, druid.MaxInstant, now)
	for i := range shapes {
		r, ok := shapes[i].region(now)
		g.regions[i], g.judged[i] = r, ok
		g.bounds = append(g.bounds, r.firstFrom, r.firstBelow, r.lastFrom, r.lastBelow)
	}
	slices.Sort(g.bounds)
	g.bounds = slices.Compact(g.bounds)
	return g
}

func (g *grid) cells() int { return len(g.bounds) - 1 }

// square is a class of segments: the cell of their first and that of their last millisecond.
type square struct{ first, last int }

// squares goes through all classes of segments: those inside one cell before those across several, and near now
// before far from it, so that the first one found makes a good example.
func (g *grid) squares() func(yield func(square) bool) {
	order := g.nearNow()
	return func(yield func(square) bool) {
		for _, cell := range order {
			if !yield(square{cell, cell}) {
				return
			}
		}
		for _, last := range order {
			for first := last - 1; first >= 0; first-- {
				if !yield(square{first, last}) {
					return
				}
			}
		}
	}
}

// nearNow lists the cells from the one before now back, then those from now on.
func (g *grid) nearNow() []int {
	order := make([]int, 0, g.cells())
	past, _ := slices.BinarySearch(g.bounds, g.now)
	for cell := past - 1; cell >= 0; cell-- {
		order = append(order, cell)
	}
	for cell := past; cell < g.cells(); cell++ {
		order = append(order, cell)
	}
	return order
}

// in reports whether the rule's box holds the segments of the square.
func (g *grid) in(s square, rule int) bool {
	r := &g.regions[rule]
	first, last := g.bounds[s.first], g.bounds[s.last]
	return r.firstFrom <= first && first < r.firstBelow && r.lastFrom <= last && last < r.lastBelow
}

// decides is the first rule that applies to the square for sure, len(regions) when there is none.
func (g *grid) decides(s square) int {
	for rule := range g.regions {
		if g.judged[rule] && g.in(s, rule) {
			return rule
		}
	}
	return len(g.regions)
}

const dayMillis = druid.Instant(24 * 60 * 60 * 1000)

// example is a segment of the square: a whole day where one fits.
func (g *grid) example(s square) druid.Interval {
	from, below := g.bounds[s.first], g.bounds[s.last+1]
	if s.first != s.last {
		// Across several cells: as little of the outer ones as a day, or what there is.
		return druid.Interval{Start: max(from, g.bounds[s.first+1]-dayMillis), End: min(below, g.bounds[s.last]+dayMillis)}
	}
	midnight := func(t druid.Instant) druid.Instant { return t - ((t%dayMillis)+dayMillis)%dayMillis }
	if below <= g.now || from == druid.MinInstant {
		if end := midnight(below); end-dayMillis >= from {
			return druid.Interval{Start: end - dayMillis, End: end}
		}
		return druid.Interval{Start: max(from, below-dayMillis), End: below}
	}
	if start := midnight(from + dayMillis - 1); start+dayMillis <= below {
		return druid.Interval{Start: start, End: start + dayMillis}
	}
	return druid.Interval{Start: from, End: min(below, from+dayMillis)}
}
