package collect

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"coppice/internal/druid"
	"coppice/internal/snapshot"
)

// part reads rows of many datasources until nothing that was not read overlaps anything that is concerned.
type part struct {
	session *Session
	index   Index
	shares  map[string]*share
	// read counts rows, most is how many are worth reading this way.
	read, most int64
}

// share is one datasource's part.
type share struct {
	*builder
	used int64
	// intervals are those of the used rows, from the census.
	intervals []druid.Interval
	// concerned is the time that matters, seen the time of which all overlapping rows are in the builder: both sorted and
	// apart. odd rows were read by themselves.
	concerned, seen []druid.Interval
	oddIDs          map[string]bool
}

// fewRows are always worth reading by themselves. Beyond them the way through the index, whose rows lie anywhere in the
// table, costs more than all of the table from a third of the rows on.
const fewRows = 50_000

const tooMany = "so many segments are concerned that reading all is cheaper"

func newPart(s *Session, index Index) *part {
	return &part{session: s, index: index, shares: map[string]*share{}}
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

// count refuses to go on when too much is read.
func (p *part) count() error {
	if p.read++; p.read > p.most {
		p.session.Whole = tooMany
		return errWhole
	}
	return nil
}

func (p *part) odd(o druid.OddRecord) error {
	share := p.share(o.DataSource)
	if !share.oddIDs[o.ID] {
		share.oddIDs[o.ID] = true
		share.odd(o)
	}
	return nil
}

// census counts, reads the rows of odd times, and finds used rows that overlap others: only there can two of one version
// clash, which concerns the whole datasource.
func (p *part) census(ctx context.Context, names []string) error {
	p.most = max(fewRows, p.index.Estimate(ctx)/3)
	written := map[string][][2]string{}
	err := p.index.Census(ctx, names, func(c druid.Census) error {
		share := p.share(c.DataSource)
		share.used, share.intervals = c.Used, c.Intervals
		share.concerned = append(share.concerned, contested(c.Intervals)...)
		if len(c.Odd) > 0 {
			written[c.DataSource] = distinctTimes(c.Odd)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(written)) {
		share := p.share(name)
		err := p.index.Exactly(ctx, name, written[name], func(r *druid.SegmentRecord) error {
			if share.add(r); r.Used {
				share.concerned = append(share.concerned, r.ID.Interval)
				share.used++
			} else { // a task that takes it has to have room for all others
				share.concerned = append(share.concerned, druid.Eternity)
			}
			return p.count()
		}, p.odd)
		if err != nil {
			return err
		}
	}
	return nil
}

// distinctTimes leaves out what is written twice, such as the times of used and of unused rows over all eternity.
func distinctTimes(written [][2]string) [][2]string {
	sorted := slices.SortedFunc(slices.Values(written), func(a, b [2]string) int { return slices.Compare(a[:], b[:]) })
	return slices.Compact(sorted)
}

// contested are those of the intervals, distinct and sorted by end and then start, that overlap another one. Whatever
// begins before an earlier one ends also begins before its neighbour does.
func contested(intervals []druid.Interval) []druid.Interval {
	var list []druid.Interval
	for i := 1; i < len(intervals); i++ {
		if before := intervals[i-1]; intervals[i].Overlaps(before) {
			list = append(list, druid.Interval{Start: min(before.Start, intervals[i].Start), End: intervals[i].End})
		}
	}
	return list
}

// concern finds the time that the rows of the regions take. Of used rows the census tells it.
func (p *part) concern(ctx context.Context, regions []druid.Region) error {
	var asked []druid.Region
	for i := range regions {
		if r := &regions[i]; r.Used {
			p.share(r.DataSource).concernUsed(r)
		} else {
			asked = append(asked, *r)
		}
	}
	slices.SortStableFunc(asked, func(a, b druid.Region) int { // each statement asks for one kind
		return cmp.Compare(b2i(a.MarkedUntil != druid.NoInstant), b2i(b.MarkedUntil != druid.NoInstant))
	})
	var found int64
	err := p.index.Regions(ctx, asked, func(_ int, r *druid.SegmentRecord) error {
		share := p.share(r.ID.DataSource)
		if n := len(share.concerned); n == 0 || share.concerned[n-1] != r.ID.Interval {
			share.concerned = append(share.concerned, r.ID.Interval)
		}
		if found++; found > p.most {
			p.session.Whole = tooMany
			return errWhole
		}
		return nil
	}, p.odd)
	for _, share := range p.shares {
		share.concerned = joined(share.concerned)
	}
	return err
}

func (s *share) concernUsed(r *druid.Region) {
	for _, i := range s.intervals {
		if r.HasInterval(i) {
			s.concerned = append(s.concerned, i)
		}
	}
}

// overlappingUsed is the used rows that overlap an interval. Since their ends are known, the walk along the index need
// not go on to the last row.
func (s *share) overlappingUsed(i druid.Interval) druid.Region {
	r := druid.Overlapping(s.name, true, i)
	r.EndUntil = i.Start
	for _, used := range s.intervals {
		if used.Overlaps(i) {
			r.EndUntil = max(r.EndUntil, used.End)
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
			for _, i := range share.missing(round) {
				wanted = append(wanted, piece{share, i})
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

// piece is time of a datasource that is read whole.
type piece struct {
	share    *share
	interval druid.Interval
}

func (p *part) readPieces(ctx context.Context, wanted []piece) error {
	regions := make([]druid.Region, 0, 2*len(wanted))
	for _, w := range wanted {
		regions = append(regions, w.share.overlappingUsed(w.interval), druid.Overlapping(w.share.name, false, w.interval))
	}
	err := p.index.Regions(ctx, regions, func(n int, r *druid.SegmentRecord) error {
		w := wanted[n/2]
		// What overlaps time that was seen before is there already; of several pieces the first one takes a row.
		if overlapsAny(w.share.seen, r.ID.Interval) || n >= 2 && wanted[n/2-1].share == w.share && wanted[n/2-1].interval.Overlaps(r.ID.Interval) {
			return nil
		}
		w.share.add(r)
		return p.count()
	}, p.odd)
	if err != nil {
		return err
	}
	for _, w := range wanted {
		w.share.seen = append(w.share.seen, w.interval)
	}
	for i, w := range wanted {
		if i == 0 || wanted[i-1].share != w.share {
			w.share.seen = joined(w.share.seen)
			w.share.grow()
		}
	}
	return nil
}

// missing is the concerned time of which not all rows are there.
func (s *share) missing(round int) []druid.Interval {
	left := subtract(s.concerned, s.seen)
	switch {
	case len(left) == 0:
		return nil
	case round >= mostRounds:
		return subtract([]druid.Interval{druid.Eternity}, s.seen)
	case len(left) > mostPieces:
		return subtract(hulls(left), s.seen)
	}
	return left
}

// grow makes the concerned time complete: whole components of the rows that are there.
func (s *share) grow() {
	intervals := make([]druid.Interval, 0, s.rows.count)
	for _, chunk := range s.rows.chunks() {
		for i := range chunk {
			intervals = append(intervals, chunk[i].Interval)
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

// build leaves out what was read beside the concerned time.
func (s *share) build() *snapshot.Datasource {
	s.rows.keep(func(row *snapshot.Segment) bool { return overlapsAny(s.concerned, row.Interval) })
	return s.builder.build()
}
