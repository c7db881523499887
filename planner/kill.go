package planner

import (
	"cmp"
	"slices"
	"sort"

	"coppice/config"
	"coppice/internal/druid"
)

// errand is a kill task in the making: the rows that it may take, and exactly the reach that takes them.
type errand struct {
	rows     []int // ascending row numbers
	interval druid.Interval
	versions []uint32
	cutoff   druid.Instant
	// limit is how many it takes; less than len(rows) only where one interval and version has more rows than a task may
	// take: then errands of equal reach follow each other, numbered by ordinal.
	limit   int
	ordinal int
	// strays is how many other rows Druid counts against the limit before it leaves them alone.
	strays int
}

const maxVersions = 1000

// lump is victims that belong together: their intervals overlap, directly or through each other.
type lump struct {
	// rows are a part of all victims, which are ascending.
	rows     []int
	interval druid.Interval
	// chunk: they all have one interval, so that neighbouring lumps can share a task.
	chunk bool
}

// plainTask shapes the kill tasks of removals in datasources without a kill block: the language's defaults.
var plainTask = config.Task{MaxSegments: config.Setting[int]{Value: 1000}, MaxInterval: config.Setting[druid.Period]{Value: druid.Period{Days: 31}}}

func (w *work) task() *config.Task {
	if w.policy == nil || w.policy.Kill == nil {
		return &plainTask
	}
	return &w.policy.Kill.Task
}

// errands turns the victims into kill tasks: oldest first, and lower versions before or with higher ones.
func (w *work) errands() []errand {
	lumps := w.lumps()
	b := errandBuilder{w: w, task: w.task(), done: make([]errand, 0, len(lumps))}
	for _, l := range lumps {
		b.add(l)
	}
	b.close()
	return b.done
}

func (w *work) lumps() []lump { return w.lumpsIn(component{0, len(w.rows)}) }

func (w *work) lumpsIn(c component) []lump {
	m := w.lent()
	victims, list := m.victims[:0], m.lumps[:0]
	for i := c.from; i < c.to; i++ {
		if w.verdicts[i].decision == kill {
			victims = append(victims, i)
		}
	}
	from := 0 // of the last lump
	for n, i := range victims {
		at := w.rows[i].Interval
		if n > 0 && at.Start < list[len(list)-1].interval.End {
			last := &list[len(list)-1]
			last.chunk = last.chunk && at == last.interval
			last.interval.End = max(last.interval.End, at.End)
			last.rows = victims[from : n+1]
			continue
		}
		from = n
		list = append(list, lump{victims[n : n+1], at, true})
	}
	m.victims, m.lumps = victims, list
	return list
}

// errandBuilder joins lumps that abut into one task as long as its reach takes nobody else.
type errandBuilder struct {
	w    *work
	task *config.Task
	open *reach
	rows []int
	done []errand
	// seen is the reach of one task after the other.
	seen reach
}

func (b *errandBuilder) add(l lump) {
	if b.open != nil && b.joins(l) {
		b.rows = b.rows[:len(b.rows)+len(l.rows)] // which follow them in the list of all victims
		return
	}
	b.close()
	if !b.w.in.canPin() { // whole as it is, and nothing else
		b.done = append(b.done, b.w.errandOf(l.rows))
		return
	}
	r := b.seen.from(b.w, l.interval.Start)
	if len(l.rows) <= b.task.MaxSegments.Value && r.extend(l) && (l.chunk || b.fits(l.interval)) {
		b.open, b.rows = r, l.rows
		if !l.chunk {
			b.close()
		}
		return
	}
	b.split(l)
}

// joins extends the open task by a chunk that begins where it ends.
func (b *errandBuilder) joins(l lump) bool {
	whole := druid.Interval{Start: b.open.interval.Start, End: l.interval.End}
	if !l.chunk || l.interval.Start != b.open.interval.End || len(b.rows)+len(l.rows) > b.task.MaxSegments.Value || !b.fits(whole) {
		return false
	}
	return b.open.extend(l) // a reach that could not be extended is closed, and not looked at again
}

// fits reports whether the interval is no longer than max_interval.
func (b *errandBuilder) fits(i druid.Interval) bool {
	end, err := b.task.MaxInterval.Value.After(i.Start)
	return err == nil && i.End <= end
}

func (b *errandBuilder) close() {
	if b.open != nil {
		b.done = append(b.done, b.w.errandOf(b.rows))
	}
	b.open, b.rows = nil, nil
}

// split makes one task for each interval and version of a lump: lowest version first, so that nothing goes before what
// it hides; and within a version what lies inside another interval before that one, whose task would take it too.
func (b *errandBuilder) split(l lump) {
	units := map[unit][]int{}
	var order []unit
	for _, i := range l.rows {
		u := unit{b.w.rows[i].Version, b.w.rows[i].Interval}
		if units[u] == nil {
			order = append(order, u)
		}
		units[u] = append(units[u], i)
	}
	slices.SortFunc(order, unit.compare)
	for _, u := range order {
		rows, most := units[u], b.task.MaxSegments.Value
		e := b.w.errandOf(rows)
		if e.strays > 0 {
			most = len(rows) // how many of them one of several tasks would take is not known
		}
		for left := len(rows); left > 0; left -= most {
			e.limit = min(left, most)
			b.done = append(b.done, e)
			e.ordinal++
		}
	}
}

type unit struct {
	version  uint32
	interval druid.Interval
}

func (u unit) compare(o unit) int {
	length := func(i druid.Interval) druid.Instant { return i.End - i.Start }
	return cmp.Or(cmp.Compare(u.version, o.version), cmp.Compare(length(u.interval), length(o.interval)), u.interval.Compare(o.interval))
}

// errandOf is the smallest reach that holds the rows, for one task that takes all of them.
func (w *work) errandOf(rows []int) errand {
	e := errand{rows: rows, limit: len(rows), ordinal: 1, interval: w.rows[rows[0]].Interval, cutoff: w.rows[rows[0]].MarkedAt}
	e.versions = w.space.versions[:0]
	for _, i := range rows {
		s := &w.rows[i]
		e.interval.Start, e.interval.End = min(e.interval.Start, s.Interval.Start), max(e.interval.End, s.Interval.End)
		e.cutoff = max(e.cutoff, s.MarkedAt)
		e.versions = append(e.versions, s.Version)
	}
	w.space.versions = e.versions
	slices.Sort(e.versions)
	e.versions = slices.Clone(slices.Compact(e.versions))
	e.strays = w.strays(&e)
	return e
}

// textYears are the years within which instants sort as their texts do (DateTimes.COMPARE_DATE_AS_STRING_INTERVAL).
var textYears = druid.Interval{Start: -62167219200000, End: 253402300799999}

func sortsAsText(i druid.Interval) bool { return i.Start >= textYears.Start && i.End <= textYears.End }

// strays counts the rows that Druid's query for the task finds and its closer look leaves alone. The limit is applied in
// between, so a task must have room for them, or it may take nothing. An interval that sorts as text finds no others but
// those that do not; any other interval finds everything.
func (w *work) strays(e *errand) int {
	candidates := w.textless()
	if !sortsAsText(e.interval) {
		candidates = w.indexes()
	}
	n := 0
	for _, i := range candidates {
		s := &w.rows[i]
		within := e.interval.Start <= s.Interval.Start && s.Interval.End <= e.interval.End
		_, listed := slices.BinarySearch(e.versions, s.Version)
		found := listed && s.MarkedAt.Known() && s.MarkedAt <= e.cutoff || !w.in.canPin()
		if !w.used(i) && !within && found {
			n++
		}
	}
	return n
}

// textless are the rows whose intervals do not sort as text.
func (w *work) textless() []int {
	if w.odd == nil {
		w.odd = []int{}
		for i := range w.rows {
			if !sortsAsText(w.rows[i].Interval) {
				w.odd = append(w.odd, i)
			}
		}
	}
	return w.odd
}

// reach follows what a growing task would take besides its victims: the earliest marking of a foreign row (unused, no
// victim) by version. It counts every foreign row that begins inside, also one that is not contained: that can only
// make more tasks, never take more segments.
type reach struct {
	w        *work
	interval druid.Interval
	cutoff   druid.Instant
	versions map[uint32]bool
	foreign  map[uint32]druid.Instant
	next     int           // first row not looked at
	first    druid.Instant // earliest foreign marking among the task's versions
}

// from begins anew, with a task that begins at a moment.
func (r *reach) from(w *work, start druid.Instant) *reach {
	*r = reach{w, druid.Interval{Start: start, End: start}, druid.MinInstant, emptied(r.versions), emptied(r.foreign),
		w.firstFrom(start), druid.MaxInstant}
	return r
}

// emptied is an empty map, in the memory of an earlier one unless that is large: clearing takes as long as it has room.
func emptied[V any](m map[uint32]V) map[uint32]V {
	if m == nil || len(m) > 64 {
		return map[uint32]V{}
	}
	clear(m)
	return m
}

// firstFrom is the first row that begins at the moment or later.
func (w *work) firstFrom(start druid.Instant) int {
	return sort.Search(len(w.rows), func(i int) bool { return w.rows[i].Interval.Start >= start })
}

// extend takes a lump in; false means that the reach would take a foreign row or name too many versions.
func (r *reach) extend(l lump) bool {
	r.interval.End = l.interval.End
	for _, i := range l.rows {
		s := &r.w.rows[i]
		r.cutoff = max(r.cutoff, s.MarkedAt)
		r.versions[s.Version] = true
		if t, ok := r.foreign[s.Version]; ok {
			r.first = min(r.first, t)
		}
	}
	for ; r.next < len(r.w.rows) && r.w.rows[r.next].Interval.Start < r.interval.End; r.next++ {
		r.meet(r.next)
	}
	return r.cutoff < r.first && len(r.versions) <= maxVersions
}

func (r *reach) meet(i int) {
	s := &r.w.rows[i]
	if r.w.used(i) || r.w.verdicts[i].decision == kill || !s.MarkedAt.Known() {
		return
	}
	if t, ok := r.foreign[s.Version]; !ok || s.MarkedAt < t {
		r.foreign[s.Version] = s.MarkedAt
	}
	if r.versions[s.Version] {
		r.first = min(r.first, s.MarkedAt)
	}
}
