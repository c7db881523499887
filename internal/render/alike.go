package render

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"coppice/internal/diag"
	"coppice/internal/plan"
)

// entry is what a part of the screen says of one datasource, or of several to which the same happens for the same reasons.
type entry struct {
	all    []*plan.Datasource
	folder *folder
	total  *fold
	tasks  int
	// fewest and greatest are the smallest and the largest number of segments of a datasource, richest the one with the latter.
	fewest, greatest int64
	richest          string
	// least and most are the smallest and the largest share of a datasource's used segments; nil when not known.
	least, most *share
}

// share is a part of a whole, in segments.
type share struct{ part, whole int64 }

func (s share) compare(o share) int {
	return cmp.Compare(float64(s.part)/float64(s.whole), float64(o.part)/float64(o.whole))
}

// leastAlike is how many datasources are shown as one.
const leastAlike = 4

// entries are the datasources of a part, alike ones as one, what is most dangerous first: what apply does before what is
// blocked, last copies before what newer data covers, then the most bytes. Those are alike that the same lines of the
// configuration speak of; of the others, those for which different lines say the same.
func entries(p *plan.Plan, one part, verbose bool) []*entry {
	tasks := taskCounts(p)
	var list []*entry
	for _, d := range p.Datasources {
		if folder, total := gather(d, one); total.runs > 0 {
			list = append(list, newEntry(d, folder, total, tasks[d.Name]))
		}
	}
	if !verbose {
		list = joined(list, func(e *entry) string { return e.alikeKey(p, true) })
		list = joined(list, func(e *entry) string { return e.alikeKey(p, false) })
	}
	slices.SortStableFunc(list, compareEntries)
	return list
}

// joined joins the entries of single datasources that have the same key.
func joined(list []*entry, keyOf func(*entry) string) []*entry {
	var result, single []*entry
	for _, e := range list {
		if len(e.all) > 1 {
			result = append(result, e)
		} else {
			single = append(single, e)
		}
	}
	for _, group := range groups(single, keyOf, func(e *entry) int64 { return e.total.Segments }) {
		for _, other := range group[1:] {
			group[0].join(other)
		}
		result = append(result, group[0])
	}
	return result
}

// groups puts together what has the same key, unless that is few. One that weighs more than all others together stands alone.
func groups[T comparable](list []T, keyOf func(T) string, weight func(T) int64) (result [][]T) {
	byKey := map[string][]T{}
	var keys []string
	for _, each := range list {
		key := keyOf(each)
		if byKey[key] == nil {
			keys = append(keys, key)
		}
		byKey[key] = append(byKey[key], each)
	}
	for _, key := range keys {
		single, rest := outstanding(byKey[key], weight)
		if len(rest) < leastAlike {
			single, rest = append(single, rest...), nil
		}
		for _, one := range single {
			result = append(result, []T{one})
		}
		if rest != nil {
			result = append(result, rest)
		}
	}
	return result
}

// outstanding takes out those that weigh more than all that is left, as long as enough is left to be shown as one.
func outstanding[T comparable](alike []T, weight func(T) int64) (single, rest []T) {
	var sum int64
	for _, each := range alike {
		sum += weight(each)
	}
	for len(alike) >= leastAlike {
		most := slices.MaxFunc(alike, func(a, b T) int { return cmp.Compare(weight(a), weight(b)) })
		if 2*weight(most) <= sum {
			break
		}
		sum -= weight(most)
		single = append(single, most)
		alike = slices.DeleteFunc(alike, func(each T) bool { return each == most })
	}
	return single, alike
}

func newEntry(d *plan.Datasource, folder *folder, total *fold, tasks int) *entry {
	e := &entry{all: []*plan.Datasource{d}, folder: folder, total: total, tasks: tasks, fewest: total.Segments, greatest: total.Segments,
		richest: clean(d.Name)}
	if d.Used != nil && d.Used.Segments > 0 {
		e.least = &share{total.Segments, d.Used.Segments}
		e.most = e.least
	}
	return e
}

// alikeKey is equal for datasources of which a part says the same, but for numbers and moments, and but for places if so asked.
func (e *entry) alikeKey(p *plan.Plan, places bool) string {
	d := e.all[0]
	var causes []string
	for _, each := range e.folder.inOrder {
		c := each.cause
		if !places {
			c.place = diag.Range{}
		}
		causes = append(causes, fmt.Sprintf("%+v", c))
	}
	slices.Sort(causes)
	if d.Blocked {
		causes = append(causes, blockedBy(p, d.Name)...)
	}
	return fmt.Sprintln(d.Blocked, causes)
}

// join takes a datasource in that is alike.
func (e *entry) join(o *entry) {
	e.all, e.tasks = append(e.all, o.all...), e.tasks+o.tasks
	e.total.join(o.total)
	if e.fewest = min(e.fewest, o.fewest); o.greatest > e.greatest {
		e.greatest, e.richest = o.greatest, o.richest
	}
	for _, each := range o.folder.inOrder {
		e.folder.alike(each.cause).absorb(each)
	}
	if e.least == nil || o.least == nil {
		e.least, e.most = nil, nil
		return
	}
	if o.least.compare(*e.least) < 0 {
		e.least = o.least
	}
	if o.most.compare(*e.most) > 0 {
		e.most = o.most
	}
}

// alike finds the fold of a cause, or the one of the same cause at another place.
func (f *folder) alike(c cause) *fold {
	for _, each := range f.inOrder {
		other := each.cause
		if other.place = c.place; other == c && f.byCause[c] == nil {
			return each
		}
	}
	return f.get(c)
}

// absorb is join for folds of one cause in several datasources.
func (f *fold) absorb(o *fold) {
	f.join(o)
	if o.place != f.place {
		if f.places == nil {
			f.places = map[diag.Range]bool{}
		}
		f.places[o.place] = true
	}
	f.versions.close()
	o.versions.close()
	f.versions.intervals += o.versions.intervals
	f.versions.least = min(f.versions.least, o.versions.least)
	f.versions.most = max(f.versions.most, o.versions.most)
}

func compareEntries(a, b *entry) int {
	rank := func(e *entry) int {
		switch {
		case e.all[0].Blocked:
			return 2
		case slices.ContainsFunc(e.folder.inOrder, func(f *fold) bool { return f.class != plan.ClassSuperseded }):
			return 0
		}
		return 1
	}
	return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(b.total.Bytes, a.total.Bytes), cmp.Compare(b.total.Segments, a.total.Segments),
		strings.Compare(a.all[0].Name, b.all[0].Name))
}

// name is the datasource's, or how many are alike.
func (e *entry) name() string {
	if len(e.all) == 1 {
		return clean(e.all[0].Name)
	}
	return alikeName(len(e.all))
}

// alikeName stands in place of a name for several datasources.
func alikeName(n int) string { return count(int64(n)) + " datasources alike" }

// names are the datasources'.
func (e *entry) names() []string {
	list := make([]string, len(e.all))
	for i, d := range e.all {
		list[i] = clean(d.Name)
	}
	return list
}

// shownAlike is how many names are written of datasources that lose nothing for good.
const shownAlike = 40

// members names the datasources of an entry of several. Whatever dies is named.
func (s *screen) members(e *entry, one part) {
	if len(e.all) == 1 {
		return
	}
	limit := shownAlike
	if one.ink == inkDanger {
		limit = 0
	}
	s.sentence(detailIndent, eachWords(e.fewest, e.greatest, e.richest)+": "+nameWords(e.names(), limit, asIs), "")
}

// eachWords is how much each of several datasources has.
func eachWords(fewest, greatest int64, richest string) string {
	if fewest == greatest {
		return "each " + segments(fewest)
	}
	return "each " + count(fewest) + " to " + segments(greatest) + ", the most in " + richest
}
