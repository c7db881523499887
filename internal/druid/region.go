package druid

// Region is rows of a datasource by state and time: those with StartFrom <= start < StartBelow and EndAfter < end <=
// EndUntil. All that is used, or all that is unused, is EveryRow.
type Region struct {
	DataSource                                string
	Used                                      bool
	StartFrom, StartBelow, EndAfter, EndUntil Instant
	// MarkedUntil: only rows that were marked at that moment or before; NoInstant: whenever, and if nobody knows when.
	MarkedUntil Instant
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
	// Intervals are those of the used rows, distinct, by end and then start. Odd ones are left out.
	Intervals []Interval
	// Odd are start and end, as they are written, of rows of either state whose texts do not sort as moments do: another
	// length than Druid's four-digit years make, no moment at all, or no time between them. The same times may be named
	// twice.
	Odd [][2]string
}
