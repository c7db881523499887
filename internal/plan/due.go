package plan

import (
	"cmp"
	"slices"

	"coppice/internal/diag"
	"coppice/internal/druid"
)

// OnlyDue leaves of a plan what is due now: rule changes, drops, removals, kills, restores, and the errors among the
// findings, which block. What stays (shadowed, pending, hold, keep) is taken out, and so is what says how much there is:
// such a plan can be made from a part of the segments, and does not know.
func OnlyDue(p *Plan) {
	p.Due, p.Summary.Left = true, nil
	for _, d := range p.Datasources {
		below := d.ShadowedBelow()
		d.Drop.Covered = &Group{Runs: below}
		for i := range below {
			d.Drop.Covered.Add(below[i].Amount)
		}
		d.Shadowed, d.Pending, d.Hold, d.Used, d.Keep = Group{}, Group{}, Held{}, nil, nil
	}
	for i := range p.Holds { // it does not show what they were about
		p.Holds[i].LetGo = false
	}
	p.Findings = slices.DeleteFunc(append([]Finding{}, p.Findings...), func(f Finding) bool { return f.Severity != diag.Error })
}

// ShadowedBelow are the overshadowed segments that overlap something that the new rules, not time alone, drop, and those
// to be removed, of an older version than that. Rules that narrow are not posted while one of them is used: the older data
// would answer again.
func (d *Datasource) ShadowedBelow() []Run {
	if d.Drop.Covered != nil {
		return d.Drop.Covered.Runs
	}
	drops := d.newDrops()
	below := []Run{}
	for _, s := range d.Shadowed.Runs {
		if drops.any(s.Interval, func(Run) bool { return true }) {
			below = append(below, s)
		}
	}
	for _, s := range d.Remove.Runs {
		if drops.any(s.Interval, func(r Run) bool { return druid.CompareVersions(r.Version, s.Version) > 0 }) {
			below = append(below, s)
		}
	}
	return below
}

// byStart are runs by start; ends[i] is the latest end of the first i+1.
type byStart struct {
	runs []Run
	ends []druid.Instant
}

// newDrops are the runs that are not dropped by time alone.
func (d *Datasource) newDrops() byStart {
	drops := byStart{runs: slices.DeleteFunc(slices.Clone(d.Drop.Runs), func(r Run) bool { return r.ByTime })}
	slices.SortStableFunc(drops.runs, func(a, b Run) int { return a.Interval.Compare(b.Interval) })
	end := druid.MinInstant
	for _, r := range drops.runs {
		end = max(end, r.Interval.End)
		drops.ends = append(drops.ends, end)
	}
	return drops
}

// any reports whether a run that fits overlaps the interval.
func (b byStart) any(i druid.Interval, fits func(Run) bool) bool {
	begun, _ := slices.BinarySearchFunc(b.runs, i.End, func(r Run, end druid.Instant) int { return cmp.Compare(r.Interval.Start, end) })
	for n := begun - 1; n >= 0 && b.ends[n] > i.Start; n-- {
		if b.runs[n].Interval.Overlaps(i) && fits(b.runs[n]) {
			return true
		}
	}
	return false
}
