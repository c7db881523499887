package druid

// Region is rows of a datasource by state and time: those with StartFrom <= start < StartBelow and EndAfter < end <=
// EndUntil. All that is used, or all that is unused, is EveryRow.
type Region struct {
	DataSource                                string
	Used                                      bool
	StartFrom, StartBelow, EndAfter, EndUntil Instant
	// MarkedUntil: only rows that were marked at that moment or before; NoInstant: whenever, and if nobody knows when.
	MarkedUntil Instant
	// Payloads: what the payloads of these rows say is wanted as well. The rows that are told have Data then, unless the
	// payload cannot be read or is that of another segment.
	Payloads bool
}

// EveryRow is all rows of one state.
func EveryRow(dataSource string, used bool) Region {
	return Region{DataSource: dataSource, Used: used, StartFrom: MinInstant, StartBelow: MaxInstant, EndAfter: MinInstant,
		EndUntil: MaxInstant, MarkedUntil: NoInstant}
}

// Overlapping is all rows of one state that overlap the interval by a millisecond or more.
func Overlapping(dataSource string, used bool, i Interval) Region {
	r := EveryRow(dataSource, used)
	r.StartBelow, r.EndAfter = i.End, i.Start
	return r
}

// Has reports whether the row lies in the region.
func (r *Region) Has(row *SegmentRecord) bool {
	return row.ID.DataSource == r.DataSource && row.Used == r.Used && r.HasInterval(row.ID.Interval) && (r.MarkedUntil == NoInstant || row.MarkedAt.Known() && row.MarkedAt <= r.MarkedUntil)
}

// HasInterval reports whether a row of that interval may lie in the region.
func (r *Region) HasInterval(i Interval) bool {
	return r.StartFrom <= i.Start && i.Start < r.StartBelow && r.EndAfter < i.End && i.End <= r.EndUntil
}

// Census is what is known of all used rows of a datasource without reading them.
type Census struct {
	DataSource string
	// Used is how many there are, without the odd ones.
	Used int64
	// Contested is the time of used rows that overlap used rows of another interval, directly or through others: sorted
	// and apart. A used row that overlaps any of it lies in it. Odd rows are left out.
	Contested []Interval
	// Odd are start and end, as they are written, of rows of either state whose texts do not sort as moments do: another
	// length than Druid's four-digit years make, no moment at all, or no time between them. The same times may be named
	// twice.
	Odd [][2]string
}

// Contested returns the time that intervals take which overlap another one, directly or through others: sorted and
// apart. The intervals are distinct and sorted by end; the list is used as space and spoiled.
func Contested(intervals []Interval) []Interval {
	var found []Interval
	apart := intervals[:0] // the intervals so far, overlapping ones as one
	for _, i := range intervals {
		overlaps := false
		for n := len(apart); n > 0 && apart[n-1].End > i.Start; n-- {
			i.Start, overlaps = min(i.Start, apart[n-1].Start), true
			apart = apart[:n-1]
		}
		apart = append(apart, i)
		if !overlaps {
			continue
		}
		for n := len(found); n > 0 && found[n-1].Start >= i.Start; n-- {
			found = found[:n-1]
		}
		found = append(found, i)
	}
	return found
}
