package collect

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"sync/atomic"

	"coppice/internal/druid"
	"coppice/internal/snapshot"
)

// part reads rows of datasources through one view until nothing that was not read overlaps anything that is concerned.
type part struct {
	index Index
	*bound
	asked  snapshot.Concern
	shares map[string]*share
	// taken is what there was in the end.
	taken []taken
}

// bound is how many rows are worth reading this way. It is shared by parts that are read at the same time: read counts their
// rows.
type bound struct {
	read atomic.Int64
	most int64
}

// errTooMany ends the reading of parts.
var errTooMany = errors.New(tooMany)

// count refuses to go on when too much is read.
func (b *bound) count() error {
	if b.read.Add(1) > b.most {
		return errTooMany
	}
	return nil
}

// share is one datasource's part.
type share struct {
	*builder
	used int64
	// contested is where used rows overlap each other, from the census.
	contested []druid.Interval
	// first are the intervals of the used rows that were read first.
	first []druid.Interval
	// mayHaveOdd: something is asked of the unused rows, which those of odd times are no answer to.
	mayHaveOdd bool
	// written are the odd times that were found.
	written [][2]string
	// concerned is the time that matters, seen by state the time of which all overlapping rows are in the builder: each
	// sorted and apart. odd rows were read by themselves.
	concerned []druid.Interval
	seen      [2][]druid.Interval
	oddIDs    map[string]bool
}

// fewRows are always worth reading by themselves. Beyond them the way through the index, whose rows lie anywhere in the
// table, costs more than all of the table from a third of the rows on.
const fewRows = 50_000

const tooMany = "so many segments are concerned that reading all is cheaper"

func newPart(bound *bound, asked snapshot.Concern) *part {
	return &part{bound: bound, asked: asked, shares: map[string]*share{}}
}

// mostPortions are few, since each costs a handful of statements, and enough that two views end at about the same time.
const mostPortions = 4

// portions divides the datasources among parts.
func portions(bound *bound, asked snapshot.Concern) (parts []*part) {
	of := map[string]*part{}
	for names := range slices.Chunk(asked.Counted, len(asked.Counted)/mostPortions+1) {
		p := newPart(bound, snapshot.Concern{Counted: names})
		parts = append(parts, p)
		for _, name := range names {
			of[name] = p
		}
	}
	for _, r := range asked.Regions {
		p := of[r.DataSource]
		p.asked.Regions = append(p.asked.Regions, r)
	}
	return parts
}

// read takes everything that is asked for.
func (p *part) read(ctx context.Context) error {
	for _, step := range []func(context.Context) error{p.firstRows, p.concern, p.census, p.oddUnused, p.oddRows, p.close} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	p.taken = make([]taken, 0, len(p.shares))
	for _, share := range p.shares {
		p.taken = append(p.taken, share.taken())
	}
	p.shares = nil
	return nil
}

// taken is what was read of one datasource.
type taken struct {
	name     string
	used     int64
	segments []snapshot.Segment
	versions snapshot.Versions
	roots    []string
	shards   []druid.ShardSpec
	gaps     []snapshot.Gap
}

// beside reports whether a row lies beside the concerned time.
func (s *share) beside() bool {
	rows := s.rows.rows.cursor()
	for r := rows.next(); r != nil; r = rows.next() {
		if !overlapsAny(s.concerned, r.interval) {
			return true
		}
	}
	return false
}

// taken leaves out what was read beside the concerned time.
func (s *share) taken() taken {
	if s.beside() {
		s.rows.keep(func(row *snapshot.Segment) bool { return overlapsAny(s.concerned, row.Interval) })
	}
	d := s.build()
	return taken{s.name, s.used, d.Segments, d.Versions, d.Roots, d.Shards, d.Gaps}
}

func (p *part) share(name string) *share {
	found, ok := p.shares[name]
	if !ok {
		found = &share{builder: &builder{name: name, unusedKnown: true}, oddIDs: map[string]bool{}}
		p.shares[name] = found
	}
	return found
}

func (p *part) inOrder() []*share {
	var list []*share
	for _, name := range slices.Sorted(maps.Keys(p.shares)) {
		list = append(list, p.shares[name])
	}
	return list
}

func (p *part) odd(o druid.OddRecord) error {
	share := p.share(o.DataSource)
	if !share.oddIDs[o.ID] {
		share.oddIDs[o.ID] = true
		share.odd(o)
	}
	return nil
}

// regions asks the index, and refuses to go on where it finds so many rows that the counts, which know what was told
// twice, would refuse by far.
func (p *part) regions(ctx context.Context, regions []druid.Region, row func(n int, r *druid.SegmentRecord) error, odd func(druid.OddRecord) error) error {
	more, err := p.index.Regions(ctx, regions, 2*p.most+1, row, odd)
	if err == nil && more {
		return errTooMany
	}
	return err
}

// firstRows reads the used rows of the regions.
func (p *part) firstRows(ctx context.Context) error {
	asked := ofState(p.asked.Regions, true)
	of := map[string][]int{}
	for n := range asked {
		of[asked[n].DataSource] = append(of[asked[n].DataSource], n)
	}
	return p.regions(ctx, asked, func(n int, r *druid.SegmentRecord) error {
		for _, before := range of[r.ID.DataSource] {
			if before < n && asked[before].Has(r) {
				return nil // it was told already
			}
		}
		share := p.share(r.ID.DataSource)
		if n := len(share.first); n == 0 || share.first[n-1] != r.ID.Interval {
			share.first = append(share.first, r.ID.Interval)
		}
		share.add(r)
		return p.count()
	}, func(o druid.OddRecord) error {
		if o.Interval != (druid.Interval{}) {
			share := p.share(o.DataSource)
			share.first = append(share.first, o.Interval)
		}
		return p.odd(o)
	})
}

// ofState are the regions of one state, sorted by what a statement can ask for alike.
func ofState(regions []druid.Region, used bool) []druid.Region {
	var list []druid.Region
	for i := range regions {
		if regions[i].Used == used {
			list = append(list, regions[i])
		}
	}
	kind := func(r *druid.Region) int { return 2*b2i(r.MarkedUntil != druid.NoInstant) + b2i(!r.Payloads) }
	slices.SortStableFunc(list, func(a, b druid.Region) int { return cmp.Compare(kind(&a), kind(&b)) })
	return list
}

// census takes the counts, and finds used rows that overlap others: only there can two of one version clash, which
// concerns the whole datasource. All other used rows that were read overlap no used row but those of their own interval,
// which were read with them.
func (p *part) census(ctx context.Context) error {
	err := p.index.Census(ctx, p.asked.Counted, func(c druid.Census) error {
		share := p.share(c.DataSource)
		share.used, share.contested, share.written = c.Used, c.Contested, append(share.written, c.Odd...)
		return nil
	})
	for _, share := range p.shares {
		share.settle()
	}
	return err
}

// settle tells the used rows that were read and are apart from others; the rest of them is read again with what it
// overlaps.
func (s *share) settle() {
	if len(s.contested) > 0 {
		s.rows.keep(func(row *snapshot.Segment) bool { return !overlapsAny(s.contested, row.Interval) })
	}
	var apart []druid.Interval
	for _, i := range s.first {
		if !overlapsAny(s.contested, i) {
			apart = append(apart, i)
		}
	}
	s.seen[b2i(true)] = joined(apart)
	s.concerned = joined(slices.Concat(s.concerned, s.first, s.contested))
	s.first = nil
}

// oddUnused looks for unused rows of odd times wherever anything is concerned by now. Elsewhere nothing can be due.
func (p *part) oddUnused(ctx context.Context) error {
	var names []string
	for _, share := range p.inOrder() {
		if share.mayHaveOdd || len(share.concerned)+len(share.written) > 0 {
			names = append(names, share.name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	return p.index.OddUnused(ctx, names, func(name, start, end string) {
		share := p.share(name)
		share.written = append(share.written, [2]string{start, end})
	})
}

// oddRows reads the rows of odd times.
func (p *part) oddRows(ctx context.Context) error {
	for _, share := range p.inOrder() {
		if len(share.written) == 0 {
			continue
		}
		err := p.index.Exactly(ctx, share.name, distinctTimes(share.written), func(r *druid.SegmentRecord) error {
			if share.add(r); r.Used {
				share.concern(r.ID.Interval)
				share.used++
			} else { // a task that takes it has to have room for all others
				share.concern(druid.Eternity)
			}
			return p.count()
		}, p.odd)
		if err != nil {
			return err
		}
		share.concerned = joined(share.concerned)
	}
	return nil
}

// concern adds time that matters.
func (s *share) concern(i druid.Interval) {
	if n := len(s.concerned); n == 0 || s.concerned[n-1] != i {
		s.concerned = append(s.concerned, i)
	}
}

// distinctTimes leaves out what is written twice, such as the times of used and of unused rows over all eternity.
func distinctTimes(written [][2]string) [][2]string {
	sorted := slices.SortedFunc(slices.Values(written), func(a, b [2]string) int { return slices.Compare(a[:], b[:]) })
	return slices.Compact(sorted)
}

// concern finds the time that the unused rows of the regions take.
func (p *part) concern(ctx context.Context) error {
	asked := ofState(p.asked.Regions, false)
	for i := range asked {
		p.share(asked[i].DataSource).mayHaveOdd = true
	}
	var found int64
	return p.regions(ctx, asked, func(_ int, r *druid.SegmentRecord) error {
		p.share(r.ID.DataSource).concern(r.ID.Interval)
		if found++; found > p.most {
			return errTooMany
		}
		return nil
	}, p.odd)
}

// overlapping is the rows of a state that overlap an interval. Used rows where they overlap each other end where all of
// that does, so that the walk along the index need not go on to the last row.
func (s *share) overlapping(used bool, i druid.Interval) druid.Region {
	r := druid.Overlapping(s.name, used, i)
	for _, c := range s.contested {
		if used && c.Start <= i.Start && i.End <= c.End {
			r.EndUntil = c.End
		}
	}
	return r
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// mostRounds bounds how often rows are looked for that overlap what was found last; then all of a datasource is read.
const mostRounds = 20

// close reads everything that overlaps the concerned time, directly or through others.
func (p *part) close(ctx context.Context) error {
	for round := 0; ; round++ {
		var wanted []piece
		for _, share := range p.inOrder() {
			for used := range share.seen {
				for _, i := range share.missing(used, round) {
					wanted = append(wanted, piece{share, used, i})
				}
			}
		}
		if len(wanted) == 0 {
			return nil
		}
		if err := p.readPieces(ctx, wanted); err != nil {
			return err
		}
	}
}

// piece is time of a datasource of which all rows of a state are read.
type piece struct {
	share    *share
	used     int
	interval druid.Interval
}

// follows: the piece before it in the list is of the same rows.
func (w *piece) follows(before *piece) bool { return before.share == w.share && before.used == w.used }

func (p *part) readPieces(ctx context.Context, wanted []piece) error {
	regions := make([]druid.Region, 0, len(wanted))
	for _, w := range wanted {
		regions = append(regions, w.share.overlapping(w.used == b2i(true), w.interval))
	}
	err := p.regions(ctx, regions, func(n int, r *druid.SegmentRecord) error {
		w := &wanted[n]
		// What overlaps time that was seen before is there already; of several pieces the first one takes a row.
		if overlapsAny(w.share.seen[w.used], r.ID.Interval) || n > 0 && w.follows(&wanted[n-1]) && wanted[n-1].interval.Overlaps(r.ID.Interval) {
			return nil
		}
		w.share.add(r)
		return p.count()
	}, p.odd)
	if err != nil {
		return err
	}
	for _, w := range wanted {
		w.share.seen[w.used] = append(w.share.seen[w.used], w.interval)
	}
	for i := range wanted {
		if w := &wanted[i]; i == 0 || !w.follows(&wanted[i-1]) {
			w.share.seen[w.used] = joined(w.share.seen[w.used])
		}
		if i == len(wanted)-1 || wanted[i+1].share != wanted[i].share {
			wanted[i].share.grow()
		}
	}
	return nil
}

// missing is the concerned time of which not all rows of the state are there.
func (s *share) missing(used, round int) []druid.Interval {
	left := subtract(s.concerned, s.seen[used])
	switch {
	case len(left) == 0:
		return nil
	case round >= mostRounds:
		return subtract([]druid.Interval{druid.Eternity}, s.seen[used])
	case len(left) > mostPieces:
		return subtract(hulls(left), s.seen[used])
	}
	return left
}

// grow makes the concerned time complete: whole components of the rows that are there.
func (s *share) grow() {
	intervals := make([]druid.Interval, 0, s.rows.rows.count)
	rows := s.rows.rows.cursor()
	for r := rows.next(); r != nil; r = rows.next() {
		if n := len(intervals); n == 0 || intervals[n-1] != r.interval {
			intervals = append(intervals, r.interval)
		}
	}
	slices.SortFunc(intervals, druid.Interval.Compare)
	grown := s.concerned
	for from := 0; from < len(intervals); {
		whole := intervals[from]
		to := from + 1
		for ; to < len(intervals) && intervals[to].Start < whole.End; to++ {
			whole.End = max(whole.End, intervals[to].End)
		}
		if overlapsAny(s.concerned, whole) {
			grown = append(grown[:len(grown):len(grown)], whole)
		}
		from = to
	}
	s.concerned = joined(grown)
}
