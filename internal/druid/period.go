package druid

import (
	"errors"
	"math"
	"strconv"
)

// Period is an ISO 8601 period, field by field as written: P7D and P1W differ in fields, though not in meaning.
type Period struct {
	Years, Months, Weeks, Days, Hours, Minutes, Seconds, Millis int32
}

// errRange is returned (as one value, so that judging a segment allocates nothing) when a period leads out of the
// years that Joda can compute with.
var errRange = errors.New("the period leads out of Druid's range of time")

// Before is t minus p as Joda computes it in UTC (DateTime.minus): years first, then months, each clamping to the last
// day of the month reached, then the fields of fixed length. It is an error when a year outside Joda's range comes up.
func (p Period) Before(t Instant) (Instant, error) { return p.shift(t, -1) }

// After is t plus p, by the same arithmetic.
func (p Period) After(t Instant) (Instant, error) { return p.shift(t, 1) }

// Zero reports whether no field is set.
func (p Period) Zero() bool { return p == Period{} }

func (p *Period) shift(t Instant, direction int64) (Instant, error) {
	if p.Years != 0 || p.Months != 0 {
		var ok bool
		if t, ok = p.shiftCalendar(t, direction); !ok {
			return 0, errRange
		}
	}
	if MinInstant <= t && t <= MaxInstant {
		// All steps together are below half of Java's long, so no sum can overflow on the way.
		return t + Instant(direction*p.fixed()), nil
	}
	for _, step := range p.steps() {
		var ok bool
		if t, ok = addMillis(t, direction*step); !ok {
			return 0, errRange
		}
	}
	return t, nil
}

// fixed is the sum of the steps.
func (p *Period) fixed() int64 {
	return int64(p.Weeks)*weekMillis + int64(p.Days)*dayMillis + int64(p.Hours)*hourMillis + int64(p.Minutes)*minuteMillis +
		int64(p.Seconds)*secondMillis + int64(p.Millis)
}

// steps are the fields of fixed length in milliseconds. None overflows: a field has 32 bits.
func (p Period) steps() [6]int64 {
	return [...]int64{int64(p.Weeks) * weekMillis, int64(p.Days) * dayMillis, int64(p.Hours) * hourMillis,
		int64(p.Minutes) * minuteMillis, int64(p.Seconds) * secondMillis, int64(p.Millis)}
}

// addMillis adds with Joda's check (FieldUtils.safeAdd); nothing is added without one.
func addMillis(t Instant, millis int64) (Instant, bool) {
	sum := int64(t) + millis
	return Instant(sum), (sum > int64(t)) == (millis > 0)
}

// shiftCalendar moves by the years and months of the period, of which there are some.
func (p *Period) shiftCalendar(t Instant, direction int64) (Instant, bool) {
	day, millis := split(t)
	d, ok := addYears(dateOf(day), direction*int64(p.Years))
	if !ok {
		return 0, false
	}
	if d, ok = addMonths(d, direction*int64(p.Months)); !ok {
		return 0, false
	}
	return instantOf(dayNumber(d), millis), true
}

// addYears clamps February 29th. The number of years and the year reached must be in bounds
// (BasicYearDateTimeField.add); no years is no check.
func addYears(d date, years int64) (date, bool) {
	if years == 0 {
		return d, true
	}
	d.year += years
	d.day = min(d.day, daysInMonth(d.year, d.month))
	return d, years <= math.MaxInt32 && d.year >= minYear && d.year <= maxYear
}

// addMonths clamps to the end of the month reached. Joda checks the year only for a number of months beyond an int
// (BasicMonthOfYearDateTimeField.add); otherwise a year too far away wraps round.
func addMonths(d date, months int64) (date, bool) {
	if months == 0 {
		return d, true
	}
	total := d.year*12 + int64(d.month-1) + months
	d.year, d.month = floorDiv(total, 12), int(floorMod(total, 12))+1
	d.day = min(d.day, daysInMonth(d.year, d.month))
	checked := months > math.MaxInt32
	return d, !checked || d.year >= minYear && d.year <= maxYear
}

// shiftDay moves a day by years and months, each clamping, without any bounds.
func shiftDay(day, years, months int64) int64 {
	d, _ := addYears(dateOf(day), years)
	d, _ = addMonths(d, months)
	return dayNumber(d)
}

// String prints as Joda does (ISOPeriodFormat.standard): zero fields are left out, zero of any spelling is PT0S, and
// milliseconds are three digits after the seconds.
func (p Period) String() string {
	if p.Zero() {
		return "PT0S"
	}
	b := make([]byte, 1, 24)
	b[0] = 'P'
	b = appendField(b, p.Years, 'Y')
	b = appendField(b, p.Months, 'M')
	b = appendField(b, p.Weeks, 'W')
	b = appendField(b, p.Days, 'D')
	if p.Hours != 0 || p.Minutes != 0 || p.Seconds != 0 || p.Millis != 0 {
		b = append(b, 'T')
	}
	b = appendField(b, p.Hours, 'H')
	b = appendField(b, p.Minutes, 'M')
	return string(appendSeconds(b, int64(p.Seconds)*secondMillis+int64(p.Millis)))
}

func appendField(b []byte, n int32, letter byte) []byte {
	if n == 0 {
		return b
	}
	return append(strconv.AppendInt(b, int64(n), 10), letter)
}

func appendSeconds(b []byte, millis int64) []byte {
	if millis == 0 {
		return b
	}
	if millis < 0 {
		b, millis = append(b, '-'), -millis
	}
	b = strconv.AppendInt(b, millis/secondMillis, 10)
	if rest := millis % secondMillis; rest != 0 {
		b = appendPadded(append(b, '.'), rest, 3)
	}
	return append(b, 'S')
}

// MarshalText is the printed form.
func (p Period) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads every text that ParsePeriod takes.
func (p *Period) UnmarshalText(text []byte) (err error) {
	*p, err = ParsePeriod(string(text))
	return err
}
