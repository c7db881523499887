package snapshot

import (
	"cmp"
	"runtime"
	"slices"
	"strings"

	"coppice/internal/druid"
	"coppice/internal/parallel"
)

// Finish brings a cluster that was filled in any order into its one sorted form: equal content gives equal values.
// It may be called again after rows were added or details filled in.
func (c *Cluster) Finish() {
	slices.SortFunc(c.Datasources, func(a, b *Datasource) int { return strings.Compare(a.Name, b.Name) })
	parallel.Each(len(c.Datasources), runtime.GOMAXPROCS(0), func(i int) { c.Datasources[i].Finish() })
	slices.Sort(c.Tiers)
	c.Tiers = slices.Compact(c.Tiers)
	c.Gaps = sortedGaps(c.Gaps)
}

// Finish sorts everything of one datasource, makes the interned lists distinct, and folds rows of equal id into one
// odd row (with a gap that names it).
func (d *Datasource) Finish() {
	d.sortVersions()
	d.sortRoots()
	d.SortShards()
	if !d.inOrder() {
		d.sortSegments()
		d.foldDoubles()
	}
	d.markUnversioned()
	slices.SortFunc(d.Busy, compareBusy)
	d.Busy = slices.Compact(d.Busy)
	d.Gaps = sortedGaps(d.Gaps)
}

// intern sorts values, drops repetitions, and returns where each old index went; moved is nil when nothing moved.
func intern[T any](values []T, compare func(a, b T) int) (sorted []T, moved []uint32) {
	if strictly(values, compare) {
		return values, nil
	}
	order := make([]uint32, len(values))
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortFunc(order, func(a, b uint32) int { return compare(values[a], values[b]) })
	sorted, moved = make([]T, 0, len(values)), make([]uint32, len(values))
	for _, from := range order {
		if n := len(sorted); n == 0 || compare(sorted[n-1], values[from]) != 0 {
			sorted = append(sorted, values[from])
		}
		moved[from] = uint32(len(sorted) - 1)
	}
	return sorted, moved
}

func strictly[T any](values []T, compare func(a, b T) int) bool {
	for i := 1; i < len(values); i++ {
		if compare(values[i-1], values[i]) >= 0 {
			return false
		}
	}
	return true
}

func (d *Datasource) sortVersions() {
	moved := d.Versions.sort()
	for i := range d.Segments {
		if s := &d.Segments[i]; moved != nil {
			s.Version = moved[s.Version]
		}
	}
}

func (d *Datasource) sortRoots() {
	roots, moved := intern(d.Roots, strings.Compare)
	d.Roots = roots
	for i := range d.Segments {
		if s := &d.Segments[i]; moved != nil && s.Root > 0 {
			s.Root = 1 + moved[s.Root-1]
		}
	}
}

// SortShards brings the interned shard specs into order after details were filled in.
func (d *Datasource) SortShards() {
	shards, moved := intern(d.Shards, compareShards)
	d.Shards = shards
	for i := range d.Segments {
		if s := &d.Segments[i]; moved != nil && s.Has(Details) {
			s.Shard = moved[s.Shard]
		}
	}
}

func compareShards(a, b druid.ShardSpec) int {
	order := cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Partition, b.Partition),
		cmp.Compare(a.CorePartitions, b.CorePartitions), cmp.Compare(a.Minor, b.Minor), cmp.Compare(a.AtomicSize, b.AtomicSize),
		cmp.Compare(a.RootStart, b.RootStart), cmp.Compare(a.RootEnd, b.RootEnd), strings.Compare(a.Start, b.Start), strings.Compare(a.End, b.End))
	if order == 0 && a.HasCore != b.HasCore {
		order = 1
		if b.HasCore {
			order = -1
		}
	}
	return order
}

// Compare is the order of Datasource.Segments: interval start, end, version, partition.
func (s *Segment) Compare(o *Segment) int {
	if order := s.Interval.Compare(o.Interval); order != 0 {
		return order
	}
	return cmp.Or(cmp.Compare(s.Version, o.Version), cmp.Compare(s.Partition, o.Partition))
}

// inOrder reports whether nothing is to be sorted or folded, as when they were read from a file.
func (d *Datasource) inOrder() bool {
	for i := 1; i < len(d.Segments); i++ {
		if d.Segments[i-1].Compare(&d.Segments[i]) >= 0 {
			return false
		}
	}
	return true
}

func (d *Datasource) sortSegments() {
	// The second half of the order only matters for rows of equal id, which foldDoubles makes one of: whatever order
	// they were read in, the same one must stay.
	slices.SortFunc(d.Segments, func(a, b Segment) int {
		if order := a.Compare(&b); order != 0 {
			return order
		}
		return cmp.Or(cmp.Compare(b.Flags, a.Flags), cmp.Compare(a.Bytes, b.Bytes), cmp.Compare(a.File, b.File),
			cmp.Compare(a.Shard, b.Shard), cmp.Compare(a.Root, b.Root), cmp.Compare(a.CreatedAt, b.CreatedAt))
	})
}

// foldDoubles makes one row of rows with equal ids. Which of them is right cannot be told, so the row is odd, used if
// one of them was, and without a time of marking.
func (d *Datasource) foldDoubles() {
	kept := d.Segments[:0]
	for i := range d.Segments {
		row := &d.Segments[i]
		if len(kept) == 0 || kept[len(kept)-1].Compare(row) != 0 {
			kept = append(kept, *row)
			continue
		}
		last := &kept[len(kept)-1]
		last.Flags |= Odd | row.Flags&Used
		last.MarkedAt = druid.NoInstant
		d.Gaps = append(d.Gaps, Gap{What: "segment row", Why: d.ID(row).String() + " was seen more than once", Interval: row.Interval})
	}
	clear(d.Segments[len(kept):])
	d.Segments = kept
}

// markUnversioned makes rows odd whose version is empty, which sorts before all others: no plan could name them.
func (d *Datasource) markUnversioned() {
	if d.Versions.Len() == 0 || d.Versions.At(0) != "" {
		return
	}
	for i := range d.Segments {
		if row := &d.Segments[i]; row.Version == 0 && !row.Has(Odd) {
			row.Flags |= Odd
			d.Gaps = append(d.Gaps, Gap{What: "segment row", Why: d.ID(row).String() + " has no version", Interval: row.Interval})
		}
	}
}

func compareBusy(a, b Busy) int {
	return cmp.Or(a.Interval.Compare(b.Interval), strings.Compare(a.Kind, b.Kind), strings.Compare(a.By, b.By))
}

func sortedGaps(gaps []Gap) []Gap {
	slices.SortFunc(gaps, func(a, b Gap) int {
		return cmp.Or(strings.Compare(a.What, b.What), a.Interval.Compare(b.Interval), strings.Compare(a.Why, b.Why))
	})
	return slices.Compact(gaps)
}
