package druid

import "fmt"

// ParseInstant reads an ISO 8601 date or date-time as Druid does (DateTimes.of, Joda's
// ISODateTimeFormat.dateTimeParser): without a zone it is UTC, an offset is converted, a date alone is midnight.
// Years of up to nine digits with a sign are taken, so eternity's ends are. Refused, though Druid takes it, is a time
// without a date (T12:00, which Druid reads as of 1970-01-01). The form that Druid stores needs no allocation.
func ParseInstant(text string) (Instant, error) {
	if t, ok := parseStored(text); ok {
		return t, nil
	}
	return parseDateTime(text)
}

// TextError says that a text is not what Druid would read.
type TextError struct {
	// What was expected: "instant", "interval", "period", "segment id", "rule", "shard spec".
	What string
	// Text is what was found, and Why what is wrong with it, in a few words.
	Text, Why string
}

// Error implements error.
func (e *TextError) Error() string { return fmt.Sprintf("bad %s %q: %s", e.What, e.Text, e.Why) }

// parseStored reads yyyy-MM-ddTHH:mm:ss.SSSZ, the form of all columns of the metadata store.
func parseStored(s string) (Instant, bool) {
	if len(s) != 24 || s[4] != '-' || s[7] != '-' || s[10] != 'T' || s[13] != ':' || s[16] != ':' || s[19] != '.' ||
		s[23] != 'Z' {
		return 0, false
	}
	var bad uint32
	year := pair(s, 0, &bad)*100 + pair(s, 2, &bad)
	month, day := pair(s, 5, &bad), pair(s, 8, &bad)
	hour, minute, second := pair(s, 11, &bad), pair(s, 14, &bad), pair(s, 17, &bad)
	millis := pair(s, 20, &bad)*10 + digit(s[22], &bad)
	if bad > 9 || month-1 > 11 || hour > 23 || minute > 59 || second > 59 {
		return 0, false
	}
	d := date{year: int64(year), month: int(month), day: int(day)}
	if d.day < 1 || d.day > daysInMonth(d.year, d.month) {
		return 0, false
	}
	return instantOf(dayNumber(d), int64((hour*60+minute)*60+second)*secondMillis+int64(millis)), true
}

// digit reads one digit; anything else raises bad above 9.
func digit(c byte, bad *uint32) uint32 {
	n := uint32(c) - '0'
	*bad = max(*bad, n)
	return n
}

func pair(s string, at int, bad *uint32) uint32 { return digit(s[at], bad)*10 + digit(s[at+1], bad) }

// moment collects the parts of a date-time text before they become an instant.
type moment struct {
	form   dateForm
	year   int64
	first  int // month, week or day of year
	second int // day of month or of week
	// millis is the time of day, offset what the zone is ahead of UTC, both in milliseconds.
	millis, offset int64
	// times are the parts of millis that were written, times[:timed].
	times [4]timePart
	timed int
}

// timePart is one number of a time of day: so many units within a larger unit, in milliseconds.
type timePart struct{ value, unit, within int64 }

func (m *moment) addTime(p timePart) {
	m.millis += p.value * p.unit
	m.times[m.timed] = p
	m.timed++
}

// dateForm says which parts of the date were written.
type dateForm uint8

const (
	formYear dateForm = iota
	formMonth
	formDay
	formOrdinal
	formWeek
	formWeekDay
)

func parseDateTime(text string) (Instant, error) {
	r := reader{text: text}
	if r.at('T', 't') {
		return 0, &TextError{"instant", text, "a time without a date"}
	}
	var m moment
	if r.date(&m) && r.letter('T') {
		r.time(&m)
		r.zone(&m)
	}
	if r.failed || !r.done() {
		return 0, &TextError{"instant", text, "not an ISO 8601 date or date-time"}
	}
	t, ok := m.instant()
	if !ok {
		return 0, &TextError{"instant", text, "no such date or time"}
	}
	return t, nil
}

// instant is the moment itself; false when a part is out of its bounds.
func (m *moment) instant() (Instant, bool) {
	if m.atEdge() {
		edge := *m // so that m itself stays off the heap
		return edge.edgeInstant()
	}
	day, ok := m.dayNumber()
	return instantOf(day, m.millis) - Instant(m.offset), ok
}

func (m *moment) dayNumber() (int64, bool) {
	switch m.form {
	case formYear:
		return yearStart(m.year), true
	case formMonth, formDay:
		return m.monthDay()
	case formOrdinal:
		return yearStart(m.year) + int64(m.first) - 1, m.first >= 1 && m.first <= daysInYear(m.year)
	default:
		return m.weekDay()
	}
}

func (m *moment) monthDay() (int64, bool) {
	d := date{year: m.year, month: m.first, day: 1}
	if m.form == formDay {
		d.day = m.second
	}
	if d.month < 1 || d.month > 12 || d.day < 1 || d.day > daysInMonth(d.year, d.month) {
		return 0, false
	}
	return dayNumber(d), true
}

func (m *moment) weekDay() (int64, bool) {
	day := 1
	if m.form == formWeekDay {
		day = m.second
	}
	if m.first < 1 || int64(m.first) > weeksInYear(m.year) || day < 1 || day > 7 {
		return 0, false
	}
	return firstWeek(m.year) + int64(m.first-1)*7 + int64(day-1), true
}

// parseSegmentDate reads the date-time of a segment id (ISODateTimeFormat.dateTime): all parts down to a fraction of a
// second must be there, and a zone.
func parseSegmentDate(text string) (Instant, bool) {
	if t, ok := parseStored(text); ok {
		return t, true
	}
	r := reader{text: text}
	var m moment
	full := r.date(&m) && m.form == formDay && r.letter('T') && r.fullTime(&m)
	zoned := r.at('Z', 'z') || r.at('+', '-')
	r.zone(&m)
	if !full || !zoned || r.failed || !r.done() {
		return 0, false
	}
	return m.instant()
}

// fullTime reads hour, minute, second and a fraction behind a point.
func (r *reader) fullTime(m *moment) bool {
	ok := r.timeField(m, 24, hourMillis) && r.sign(':') && r.timeField(m, 60, minuteMillis) && r.sign(':') &&
		r.timeField(m, 60, secondMillis) && r.at('.', '.') && r.digits(1, 1) == 1
	if ok {
		r.fraction(m, secondMillis)
	}
	return ok
}
