package druid

// Interval is half open: Start is in it, End is not. Joda allows Start == End; such an interval contains no moment.
type Interval struct {
	Start, End Instant
}

// Eternity is the interval of ALL granularity (Intervals.ETERNITY).
var Eternity = Interval{Start: MinInstant, End: MaxInstant}

// Overlaps is Joda's AbstractInterval.overlaps for intervals of positive length: at least one common millisecond.
func (i Interval) Overlaps(o Interval) bool { return i.Start < o.End && o.Start < i.End }

// Contains reports whether the whole of o lies inside i (Joda's AbstractInterval.contains: a zero-length o at i.End
// is not contained, one at i.Start is; a zero-length i contains nothing).
func (i Interval) Contains(o Interval) bool {
	return i.Start <= o.Start && o.Start < i.End && o.End <= i.End
}

// Intersect returns the common part; its length is zero or negative when there is none.
func (i Interval) Intersect(o Interval) Interval {
	return Interval{Start: max(i.Start, o.Start), End: min(i.End, o.End)}
}

// Empty reports whether the interval has no millisecond.
func (i Interval) Empty() bool { return i.Start >= i.End }

// Compare orders by start, then by end.
func (i Interval) Compare(o Interval) int {
	switch {
	case i.Start < o.Start:
		return -1
	case i.Start > o.Start:
		return 1
	case i.End < o.End:
		return -1
	case i.End > o.End:
		return 1
	}
	return 0
}
