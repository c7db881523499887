package planner

import "coppice/internal/druid"

// place is where segments of one version lie.
type place struct {
	interval druid.Interval
	version  string
}

// uncovering is what removals bring to light for a moment: rows that are used, lie below what a removal marks, and are
// dropped themselves, once the clean-up or the rules get to them.
type uncovering struct {
	// over are the places of what is removed above such rows.
	over map[place]bool
	rows []int
}

// uncovers looks for older data that is dropped below what removals mark. Marking the newer first would let it answer
// until the Coordinator has run.
func (w *work) uncovers() (u uncovering) {
	if w.claimed == nil {
		return u
	}
	u.over = map[place]bool{}
	for _, c := range w.components() {
		groups := c.groups(w)
		for _, below := range groups {
			u.look(w, below, groups)
		}
	}
	return u
}

// look notes the group when it is dropped and lies below a removed one.
func (u *uncovering) look(w *work, below group, groups []group) {
	dropped := func(i int) bool { return w.verdicts[i].decision == drop }
	if !w.anyOf(below, dropped) {
		return
	}
	covered := false
	for _, g := range groups {
		newer := g.version > below.version
		if newer && g.interval.Overlaps(below.interval) && w.anyOf(g, func(i int) bool { return w.verdicts[i].decision == remove }) {
			u.over[place{g.interval, w.seen.Versions.At(g.version)}], covered = true, true
		}
	}
	for i := below.from; i < below.to && covered; i++ {
		if dropped(i) {
			u.rows = append(u.rows, i)
		}
	}
}
