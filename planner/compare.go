package planner

import (
	"cmp"
	"slices"

	"coppice/internal/druid"
	"coppice/internal/plan"
	"coppice/internal/snapshot"
)

// Compare follows every segment under two configurations, from one view and one moment on until a horizon (inclusive), as
// Forecast does, and says whose end comes earlier or later under the second. The inputs differ in Config and Cluster alone.
// Configurations of equal meaning have no difference, whatever they look like.
func Compare(base, head Input, until druid.Instant) *plan.Comparison {
	c := &plan.Comparison{FormatVersion: plan.FormatVersion, Cluster: head.Cluster.Name, Now: head.Now, Until: until, Datasources: []*plan.Compared{}}
	before, after := newFollower(base, until), newFollower(head, until)
	names := subjectNames(&base, &head)
	found, unjudged := make([]*plan.Compared, len(names)), make([]bool, len(names))
	head.each(len(names), func(i int) {
		was, is := before.fatesOf(names[i]), after.fatesOf(names[i])
		found[i], unjudged[i] = compared(was, is, head.Now), was.unjudged || is.unjudged
	})
	for i, one := range found {
		if unjudged[i] {
			c.Unjudged = append(c.Unjudged, names[i])
		}
		if one != nil {
			c.Datasources = append(c.Datasources, one)
			c.Summary.Datasources++
			c.Summary.DiesEarlier.Add(one.DiesEarlier)
			c.Summary.DiesLater.Add(one.DiesLater)
		}
	}
	return c
}

// subjectNames are the datasources that one of the two is about, sorted.
func subjectNames(inputs ...*Input) []string {
	var names []string
	for _, in := range inputs {
		for _, s := range in.subjects() {
			names = append(names, s.seen.Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// follower follows datasources under one configuration.
type follower struct {
	in    Input
	until druid.Instant
}

func newFollower(in Input, until druid.Instant) *follower {
	in.Due, in.Request = false, nil
	return &follower{in, until}
}

// followed is what becomes of one datasource.
type followed struct {
	seen *snapshot.Datasource
	own  druid.RuleList
	// fates of rows that change, by what names them.
	fates map[rowKey]fate
	// unjudged: of some rows nobody can tell what will happen.
	unjudged bool
}

// fate is when a row stops being used for the last time, and when it is deleted. MaxInstant: not until the horizon;
// MinInstant: it is unused from the beginning.
type fate struct{ unused, deleted druid.Instant }

func (f *follower) fatesOf(name string) followed {
	s := f.in.subjectOf(name)
	course := newForecaster(f.in, f.until)
	course.fates = map[rowKey]fate{}
	course.datasource(s)
	return followed{s.seen, newWork(&f.in, s).planned.Own, course.fates, course.unjudged}
}

// of is the fate of a row, also of one that nothing happens to.
func (d *followed) of(i int) fate {
	if known, ok := d.fates[keyOf(d.seen, i)]; ok {
		return known
	}
	return untouched(&d.seen.Segments[i])
}

func untouched(s *snapshot.Segment) fate {
	if s.Has(snapshot.Used) {
		return fate{druid.MaxInstant, druid.MaxInstant}
	}
	return fate{druid.MinInstant, druid.MaxInstant}
}

func keyOf(d *snapshot.Datasource, i int) rowKey {
	s := &d.Segments[i]
	return rowKey{s.Interval, d.Versions.At(s.Version), s.Partition}
}

// note keeps what a forecast does to a row.
func (r *course) note(i int) {
	if r.f.fates == nil {
		return
	}
	key := r.rowKey(i)
	known, ok := r.f.fates[key]
	if !ok {
		known = untouched(&r.rows[i])
	}
	switch r.verdicts[i].decision {
	case drop, remove, shadowed:
		known.unused = r.input.Now
	case restore:
		known.unused = druid.MaxInstant
	case kill:
		known.deleted = r.input.Now
	}
	r.f.fates[key] = known
}

// compared is the difference between two fates of a datasource; nil when there is none.
func compared(before, after followed, now druid.Instant) *plan.Compared {
	c := &plan.Compared{Name: after.seen.Name, RulesBefore: before.own, RulesAfter: after.own,
		OldestKeptBefore: before.oldestKept(now), OldestKeptAfter: after.oldestKept(now)}
	earlier, later := difference{now: now}, difference{now: now}
	for i := range after.seen.Segments {
		was, is := before.of(i), after.of(i)
		if was == is {
			continue
		}
		row := comparedRow{after.seen, i}
		earlier.add(row, was, is, func(was, is druid.Instant) bool { return is < was })
		later.add(row, was, is, func(was, is druid.Instant) bool { return is > was })
	}
	c.DiesEarlier, c.DiesLater = earlier.done(), later.done()
	same := c.OldestKeptBefore == nil && c.OldestKeptAfter == nil ||
		c.OldestKeptBefore != nil && c.OldestKeptAfter != nil && *c.OldestKeptBefore == *c.OldestKeptAfter
	if c.DiesEarlier.Segments+c.DiesLater.Segments == 0 && same && !c.RulesChange() {
		return nil
	}
	return c
}

// oldestKept is where the oldest segment begins that is used once what is due now was done.
func (d *followed) oldestKept(now druid.Instant) *druid.Instant {
	for i := range d.seen.Segments { // sorted by start
		if d.of(i).unused > now {
			return instant(d.seen.Segments[i].Interval.Start)
		}
	}
	return nil
}

// comparedRow is one row of a datasource.
type comparedRow struct {
	seen *snapshot.Datasource
	i    int
}

// difference collects rows whose end moves in one direction.
type difference struct {
	plan.Difference
	now druid.Instant
}

func (d *difference) add(row comparedRow, was, is fate, moved func(was, is druid.Instant) bool) {
	unused, deleted := moved(was.unused, is.unused), moved(was.deleted, is.deleted)
	if !unused && !deleted {
		return
	}
	s := &row.seen.Segments[row.i]
	size := plan.Amount{Segments: 1}
	if s.Has(snapshot.Details) {
		size.Bytes = max(s.Bytes, 0)
	}
	d.Amount.Add(size)
	if unused {
		d.end(row, plan.EndUse, was.unused, is.unused, size)
	}
	if deleted {
		d.Deleted.Add(size)
		d.end(row, plan.EndExistence, was.deleted, is.deleted, size)
	}
}

// end adds a row to the run that it belongs to.
func (d *difference) end(row comparedRow, ends plan.End, was, is druid.Instant, size plan.Amount) {
	first := max(min(was, is), d.now)
	if d.FirstAt == nil || first < *d.FirstAt {
		d.FirstAt = instant(first)
	}
	s := &row.seen.Segments[row.i]
	r := plan.ComparedRun{Interval: s.Interval, Version: row.seen.Versions.At(s.Version), Ends: ends, Before: d.moment(was), After: d.moment(is)}
	for n := len(d.Runs) - 1; n >= 0 && d.Runs[n].Interval == r.Interval && d.Runs[n].Version == r.Version; n-- {
		if sameEnd(&d.Runs[n], &r) {
			d.Runs[n].Partitions = append(d.Runs[n].Partitions, s.Partition)
			d.Runs[n].Amount.Add(size)
			return
		}
	}
	r.Partitions, r.Amount = plan.Partitions{s.Partition}, size
	d.Runs = append(d.Runs, r)
}

// moment is nil for never, and now for what is so from the beginning.
func (d *difference) moment(t druid.Instant) *druid.Instant {
	if t == druid.MaxInstant {
		return nil
	}
	return instant(max(t, d.now))
}

func sameEnd(a, b *plan.ComparedRun) bool {
	same := func(x, y *druid.Instant) bool { return x == y || x != nil && y != nil && *x == *y }
	return a.Ends == b.Ends && same(a.Before, b.Before) && same(a.After, b.After)
}

func (d *difference) done() plan.Difference {
	slices.SortStableFunc(d.Runs, func(a, b plan.ComparedRun) int {
		return cmp.Or(a.Interval.Compare(b.Interval), druid.CompareVersions(a.Version, b.Version), cmp.Compare(a.Ends, b.Ends))
	})
	return d.Difference
}
