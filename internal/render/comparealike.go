package render

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"coppice/internal/druid"
	"coppice/internal/plan"
)

// direction is one of the two ways in which an end can move.
type direction struct {
	title, sign string
	ink         ink
	pick        func(*plan.Compared) *plan.Difference
	// of is the sum of an entry.
	of func(*comparedEntry) *plan.Difference
}

var directions = []direction{
	{"ENDS EARLIER", "-", inkDanger, func(d *plan.Compared) *plan.Difference { return &d.DiesEarlier },
		func(e *comparedEntry) *plan.Difference { return &e.earlier }},
	{"ENDS LATER", "+", inkGood, func(d *plan.Compared) *plan.Difference { return &d.DiesLater },
		func(e *comparedEntry) *plan.Difference { return &e.later }},
}

// comparedEntry is a datasource of a comparison, or several to which the same happens.
type comparedEntry struct {
	all []*plan.Compared
	// earlier and later are their sums, without runs.
	earlier, later plan.Difference
}

// comparedEntries are all of a comparison, what is deleted earlier first, and of equal ones the most segments. Those are alike to
// which the same happens by the same change of rules; of the others, those to which the same happens.
func comparedEntries(c *plan.Comparison, verbose bool) []*comparedEntry {
	found := singly(c.Datasources)
	if !verbose {
		found = alikeAmong(alikeAmong(found, func(d *plan.Compared) string { return comparedKey(d) + comparedRulesKey(d) }), comparedKey)
	}
	var list []*comparedEntry
	for _, group := range found {
		e := &comparedEntry{all: group}
		for _, d := range group {
			e.earlier.Add(d.DiesEarlier)
			e.later.Add(d.DiesLater)
		}
		list = append(list, e)
	}
	slices.SortFunc(list, compareCompared)
	return list
}

func singly(all []*plan.Compared) [][]*plan.Compared {
	list := make([][]*plan.Compared, len(all))
	for n, d := range all {
		list[n] = []*plan.Compared{d}
	}
	return list
}

// alikeAmong puts those together that are alike and stand alone so far.
func alikeAmong(found [][]*plan.Compared, key func(*plan.Compared) string) [][]*plan.Compared {
	var single []*plan.Compared
	var list [][]*plan.Compared
	for _, group := range found {
		if len(group) == 1 {
			single = append(single, group[0])
		} else {
			list = append(list, group)
		}
	}
	return append(list, groups(single, key, func(d *plan.Compared) int64 { return d.DiesEarlier.Segments + d.DiesLater.Segments })...)
}

// comparedKey is equal for datasources of which the same is said, but for numbers and moments.
func comparedKey(d *plan.Compared) string {
	earlier, later, before, after := &d.DiesEarlier, &d.DiesLater, d.OldestKeptBefore, d.OldestKeptAfter
	return fmt.Sprintln(earlier.Segments > 0, earlier.Deleted.Segments > 0, later.Segments > 0, later.Deleted.Segments > 0,
		before == nil, after == nil, keptFrom(before) == keptFrom(after))
}

// comparedRulesKey is equal for equal changes of rules.
func comparedRulesKey(d *plan.Compared) string {
	if !d.RulesChange() {
		return ""
	}
	return d.RulesBefore.Digest() + d.RulesAfter.Digest()
}

func compareCompared(a, b *comparedEntry) int {
	worse := func(a, b *plan.Difference) int {
		return cmp.Or(cmp.Compare(b.Deleted.Segments, a.Deleted.Segments), cmp.Compare(b.Segments, a.Segments))
	}
	return cmp.Or(worse(&a.earlier, &b.earlier), worse(&a.later, &b.later), strings.Compare(a.all[0].Name, b.all[0].Name))
}

// name is the datasource's, or how many are alike.
func (e *comparedEntry) name() string {
	if len(e.all) == 1 {
		return clean(e.all[0].Name)
	}
	return alikeName(len(e.all))
}

// rawNames are the datasources', as they are.
func (e *comparedEntry) rawNames() []string {
	list := make([]string, len(e.all))
	for n, d := range e.all {
		list[n] = d.Name
	}
	return list
}

// names are the same, safe to be shown.
func (e *comparedEntry) names() []string {
	list := e.rawNames()
	for n, name := range list {
		list[n] = clean(name)
	}
	return list
}

// span is the time over which something ends.
func (e *comparedEntry) span(d direction) druid.Interval {
	span := d.pick(e.all[0]).Runs[0].Interval
	for _, each := range e.all {
		for _, r := range d.pick(each).Runs {
			span = hull(span, r.Interval)
		}
	}
	return span
}

// extremes are the smallest and the largest number of segments, and the name of the datasource with the latter.
func (e *comparedEntry) extremes(d direction) (fewest, greatest int64, richest string) {
	fewest = d.pick(e.all[0]).Segments
	for _, each := range e.all {
		n := d.pick(each).Segments
		if fewest = min(fewest, n); n > greatest {
			greatest, richest = n, clean(each.Name)
		}
	}
	return fewest, greatest, richest
}

// kept is where the oldest data begins before and after.
func (e *comparedEntry) kept() (before, after string) {
	return e.keptWords(func(d *plan.Compared) *druid.Instant { return d.OldestKeptBefore }),
		e.keptWords(func(d *plan.Compared) *druid.Instant { return d.OldestKeptAfter })
}

// keptWords is a moment, the first and the last one of several, or that there is nothing.
func (e *comparedEntry) keptWords(of func(*plan.Compared) *druid.Instant) string {
	first, last := of(e.all[0]), of(e.all[0])
	if first == nil {
		return keptFrom(nil)
	}
	for _, d := range e.all {
		if t := of(d); *t < *first {
			first = t
		} else if *t > *last {
			last = t
		}
	}
	if *first == *last {
		return keptFrom(first)
	}
	return keptFrom(first) + " to " + keptFrom(last)
}
