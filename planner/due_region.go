package planner

import "coppice/internal/druid"

// chainRegions is what a chain does with segments at one moment, as boxes.
type chainRegions struct {
	// drops and keeps hold all segments that the chain drops and does not drop; more may be in them.
	drops, keeps []region
	// unknown: a rule that cannot be judged is reached.
	unknown bool
}

// mostRegions is how many boxes are worth telling apart; beyond that everything is in all of them.
const mostRegions = 64

// regionsOf follows the chain from rule to rule with what no rule has taken yet.
func regionsOf(c druid.Chain, now druid.Instant) chainRegions {
	var found chainRegions
	rest := []region{everything}
	for i := range c.Len() {
		shape := shapeOf(c.At(i))
		takes, ok := shape.region(now)
		if !ok {
			found.unknown = len(rest) > 0
			break
		}
		var left []region
		for _, r := range rest {
			if both := r.and(takes); both.empty() {
				left = append(left, r)
				continue
			} else if shape.action == druid.ActionDrop {
				found.drops = append(found.drops, both)
			} else {
				found.keeps = append(found.keeps, both)
			}
			left = append(left, r.without(takes)...)
		}
		if rest = left; len(rest)+len(found.drops)+len(found.keeps) > mostRegions {
			return chainRegions{drops: []region{everything}, keeps: []region{everything}, unknown: true}
		}
	}
	found.keeps = append(found.keeps, rest...)
	return found
}

func (r region) and(o region) region {
	return region{max(r.firstFrom, o.firstFrom), min(r.firstBelow, o.firstBelow), max(r.lastFrom, o.lastFrom), min(r.lastBelow, o.lastBelow)}
}

// empty: no segment's first millisecond lies behind its last one.
func (r region) empty() bool {
	return r.firstFrom >= r.firstBelow || r.lastFrom >= r.lastBelow || r.firstFrom >= r.lastBelow
}

// without is what is left of the box outside another one: up to four boxes that do not overlap.
func (r region) without(o region) []region {
	before, behind, middle := r, r, r
	before.firstBelow = min(r.firstBelow, o.firstFrom)
	behind.firstFrom = max(r.firstFrom, o.firstBelow)
	middle.firstFrom, middle.firstBelow = max(r.firstFrom, o.firstFrom), min(r.firstBelow, o.firstBelow)
	sooner, later := middle, middle
	sooner.lastBelow = min(r.lastBelow, o.lastFrom)
	later.lastFrom = max(r.lastFrom, o.lastBelow)
	var list []region
	for _, part := range []region{before, behind, sooner, later} {
		if !part.empty() {
			list = append(list, part)
		}
	}
	return list
}
