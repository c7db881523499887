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
		d.Shadowed, d.Pending, d.Hold, d.Used, d.Keep = Group{}, Group{}, Group{}, nil, nil
	}
	for i := range p.Holds { // it does not show what they were about
		p.Holds[i].LetGo = false
	}
	p.Findings = slices.DeleteFunc(append([]Finding{}, p.Findings...), func(f Finding) bool { return f.Severity != diag.Error })
}

// ShadowedBelow are the overshadowed segments that overlap something that the new rules, not time alone, drop. Rules
// that narrow are not posted before the clean-up took them: the older data would answer again.
func (d *Datasource) ShadowedBelow() []Run {
	if d.Drop.Covered != nil {
		return d.Drop.Covered.Runs
	}
	var drops []druid.Interval
	for _, run := range d.Drop.Runs {
		if !run.ByTime {
			drops = append(drops, run.Interval)
		}
	}
	slices.SortFunc(drops, druid.Interval.Compare)
	for i := 1; i < len(drops); i++ { // from here on End is the latest end so far
		drops[i].End = max(drops[i].End, drops[i-1].End)
	}
	below := []Run{}
	for _, s := range d.Shadowed.Runs {
		begun, _ := slices.BinarySearchFunc(drops, s.Interval.End, func(i druid.Interval, end druid.Instant) int { return cmp.Compare(i.Start, end) })
		if begun > 0 && drops[begun-1].End > s.Interval.Start {
			below = append(below, s)
		}
	}
	return below
}
