package druid

import "strings"

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

// ParseInterval reads start/end, start/period or period/end as Druid does (Intervals.of). No blanks are allowed; an
// end before the start is refused, an end at the start is not. Refused, though Druid takes it, is an end that is a
// time without a date.
func ParseInterval(text string) (Interval, error) {
	left, right, found := strings.Cut(text, "/")
	if !found || left == "" || right == "" {
		return Interval{}, &TextError{"interval", text, "expected start/end, start/period or period/end"}
	}
	i, err := intervalOf(left, right)
	if err != nil {
		return Interval{}, &TextError{"interval", text, reason(err)}
	}
	if i.End < i.Start {
		return Interval{}, &TextError{"interval", text, "it ends before it starts"}
	}
	return i, nil
}

func intervalOf(left, right string) (i Interval, err error) {
	switch {
	case startsPeriod(left):
		if i.End, err = ParseInstant(right); err == nil {
			i.Start, err = shiftBy(left, i.End, -1)
		}
	case startsPeriod(right):
		if i.Start, err = ParseInstant(left); err == nil {
			i.End, err = shiftBy(right, i.Start, 1)
		}
	default:
		if i.Start, err = ParseInstant(left); err == nil {
			i.End, err = ParseInstant(right)
		}
	}
	return i, err
}

func startsPeriod(text string) bool { return text[0] == 'P' || text[0] == 'p' }

// shiftBy moves an instant by a period in text; unlike a rule's period it is not trimmed.
func shiftBy(text string, t Instant, direction int64) (Instant, error) {
	p, err := parsePeriod(text)
	if err != nil {
		return 0, err
	}
	return p.shift(t, direction)
}

// String prints as Druid does: both ends in UTC with milliseconds.
func (i Interval) String() string {
	b := i.Start.append(make([]byte, 0, 64))
	return string(i.End.append(append(b, '/')))
}

// MarshalText is the printed form.
func (i Interval) MarshalText() ([]byte, error) { return []byte(i.String()), nil }

// UnmarshalText reads every text that ParseInterval takes.
func (i *Interval) UnmarshalText(text []byte) (err error) {
	*i, err = ParseInterval(string(text))
	return err
}
