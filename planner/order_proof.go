package planner

import (
	"coppice/internal/druid"
)

// proof tells whether a chain that mixes old and new lists is safe: for every segment that Druid can have, also one that
// is written after the plan was made, at every moment until the plan expires. What is not proved does not hold.
type proof struct {
	// shapes are the rules of four lists: own and default in force, own and default planned. List n begins at begin[n].
	shapes []shape
	begin  [5]int
}

// mixture names two of the four lists: an own one and the default behind it.
type mixture [2]int

var (
	bothOld      = mixture{0, 1}
	bothNew      = mixture{2, 3}
	ownNew       = mixture{2, 1}
	defaultIsNew = mixture{0, 3}
)

func newProof(inForce, planned druid.Chain) *proof {
	p := &proof{}
	for n, list := range []druid.RuleList{inForce.Own, inForce.Default, planned.Own, planned.Default} {
		p.begin[n] = len(p.shapes)
		p.shapes = append(p.shapes, shapesOf(list)...)
	}
	p.begin[4] = len(p.shapes)
	return p
}

// mostLooks bounds the work of one proof; lists so long that it does not suffice take the way that needs none.
const mostLooks = 8_000_000

// safe reports whether the mixture keeps whatever both ends keep.
func (p *proof) safe(mixed mixture, from, until druid.Instant) bool {
	looks := 0
	for t := range momentsOf(p.shapes, from).all() {
		if t > until {
			break
		}
		g := newGrid(p.shapes, t)
		if looks += g.cells() * g.cells() * len(p.shapes); looks > mostLooks || !g.judgesAll() {
			return false
		}
		for s := range g.squares() {
			if !p.keeps(g, s, mixed) && p.keeps(g, s, bothOld) && p.keeps(g, s, bothNew) {
				return false
			}
		}
	}
	return true
}

// keeps reports whether a chain of two lists leaves the segments of a square used.
func (p *proof) keeps(g *grid, s square, lists mixture) bool {
	for _, list := range lists {
		for rule := p.begin[list]; rule < p.begin[list+1]; rule++ {
			if g.in(s, rule) {
				return p.shapes[rule].keeps()
			}
		}
	}
	return true
}

// judgesAll reports whether every rule can be judged at that moment.
func (g *grid) judgesAll() bool {
	for _, judged := range g.judged {
		if !judged {
			return false
		}
	}
	return true
}
