package druid

// The calendar is Joda's ISO chronology in UTC: proleptic Gregorian, with a year 0, days of exactly 24 hours.
// Sums wrap like Java's long, since Joda's do where it does not check.

const (
	secondMillis int64 = 1000
	minuteMillis       = 60 * secondMillis
	hourMillis         = 60 * minuteMillis
	dayMillis          = 24 * hourMillis
	weekMillis         = 7 * dayMillis
)

// Years that Joda accepts when a year is computed (BasicChronology.getMinYear and getMaxYear).
const (
	minYear int64 = -292275054
	maxYear int64 = 292278993
)

// epochDays is the number of days from 0000-01-01 to 1970-01-01.
const epochDays int64 = 719528

// date is a day of the calendar; month and day count from 1.
type date struct {
	year       int64
	month, day int
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func floorMod(a, b int64) int64 {
	m := a % b
	if m < 0 {
		m += b
	}
	return m
}

// split parts an instant into its day (counted from 1970-01-01) and its millisecond of that day.
func split(t Instant) (day, millis int64) {
	day, millis = int64(t)/dayMillis, int64(t)%dayMillis
	if millis < 0 {
		day, millis = day-1, millis+dayMillis
	}
	return day, millis
}

func leapYear(y int64) bool { return y%4 == 0 && (y%100 != 0 || y%400 == 0) }

var monthDays = [...]int{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}

// daysInMonth is the length of a month; month counts from 1.
func daysInMonth(y int64, month int) int {
	if month == 2 && leapYear(y) {
		return 29
	}
	return monthDays[month-1]
}

func daysInYear(y int64) int {
	if leapYear(y) {
		return 366
	}
	return 365
}

// yearStart is the day number of January 1st.
func yearStart(y int64) int64 {
	return 365*y + floorDiv(y+3, 4) - floorDiv(y+99, 100) + floorDiv(y+399, 400) - epochDays
}

// daysBefore is the number of days of a common year before each month; the last entry closes December.
var daysBefore = [...]int{0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365}

// dayNumber counts days from 1970-01-01 to a valid date.
func dayNumber(d date) int64 {
	n := yearStart(d.year) + int64(daysBefore[d.month-1]) + int64(d.day) - 1
	if d.month > 2 && leapYear(d.year) {
		n++
	}
	return n
}

// dateOf turns a day number into a date. It counts years from March 1st, so that the leap day is the last of its year.
func dateOf(day int64) date {
	const era = 146097 // days in 400 years
	shifted := day + epochDays - 60
	cycle := floorDiv(shifted, era)
	rest := shifted - cycle*era
	yearOfCycle := (rest - rest/1460 + rest/36524 - rest/(era-1)) / 365
	dayOfYear := rest - (365*yearOfCycle + yearOfCycle/4 - yearOfCycle/100)
	march := (5*dayOfYear + 2) / 153 // months since March
	d := date{year: yearOfCycle + cycle*400, day: int(dayOfYear-(153*march+2)/5) + 1}
	if march < 10 {
		d.month = int(march) + 3
	} else {
		d.month = int(march) - 9
		d.year++
	}
	return d
}

// instantOf joins a day number and a millisecond of the day. It wraps silently outside Java's long.
func instantOf(day, millis int64) Instant { return Instant(day*dayMillis + millis) }

// firstWeek is the day number of Monday of week 1: the week that holds January 4th.
func firstWeek(y int64) int64 {
	fourth := yearStart(y) + 3
	return fourth - floorMod(fourth+3, 7) // 1970-01-01 was a Thursday
}

func weeksInYear(y int64) int64 { return (firstWeek(y+1) - firstWeek(y)) / 7 }
