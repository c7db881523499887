package druid

import "fmt"

// ParseInstant reads an ISO 8601 date or date-time as Druid does (DateTimes.of, Joda's
// ISODateTimeFormat.dateTimeParser): without a zone it is UTC, an offset is converted, a date alone is midnight.
// Years of up to nine digits with a sign are taken, so eternity's ends are. Refused, though Druid takes it, is a time
// without a date (T12:00, which Druid reads as of 1970-01-01). The form that Druid stores needs no allocation.
func ParseInstant(text string) (Instant, error) {
	if t, ok := StoredInstant(text); ok {
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

// StoredInstant reads yyyy-MM-ddTHH:mm:ss.SSSZ, the form of all columns of the metadata store, and the only one in which
// Druid prints moments of the years 0 to 9999; false says that the text has another form, or none. It looks at eight bytes at
// a time, since stores and snapshots are made of moments.
func StoredInstant[T string | []byte](s T) (Instant, bool) {
	if len(s) != 24 {
		return 0, false
	}
	date, clock, end := eight(s, 0), eight(s, 8), eight(s, 16)
	const (
		dateForm, dateMarks   = 0x2d00002d_00000000, 0xff0000ff_00000000 // ____-__-
		clockForm, clockMarks = 0x00003a00_00540000, 0x0000ff00_00ff0000 // __T__:__
		endForm, endMarks     = 0x5a000000_2e00003a, 0xff000000_ff0000ff // :__.___Z
		zeros, over           = 0x30303030_30303030, 0x76767676_76767676
	)
	formed := (date&dateMarks ^ dateForm) | (clock&clockMarks ^ clockForm) | (end&endMarks ^ endForm)
	date, clock, end = (date^zeros)&^dateMarks, (clock^zeros)&^clockMarks, (end^zeros)&^endMarks
	// A digit has become 0 to 9; what is more has its highest bit set, or gets it by adding over.
	beyond := (date | (date + over) | clock | (clock + over) | end | (end + over)) & 0x80808080_80808080
	if formed|beyond != 0 {
		return 0, false
	}
	month := pair(date, 40)
	hour, minute, second := pair(clock, 24), pair(clock, 48), pair(end, 8)
	if month-1 > 11 || hour > 23 || minute > 59 || second > 59 {
		return 0, false
	}
	year, day := pair(date, 0)*100+pair(date, 16), pair(clock, 0)
	if day-1 > 27 && (day < 1 || int(day) > daysInMonth(int64(year), int(month))) {
		return 0, false
	}
	millis := pair(end, 32)*10 + end>>48&15
	return instantOf(storedDay(year, month, day), int64((hour*60+minute)*60+second)*secondMillis+int64(millis)), true
}

// fromMarch is the number of days from March 1st to each month, of which January is the first here and the last but one
// of its year there; early is 1 for the months that belong to the year before.
var (
	fromMarch = [...]uint64{306, 337, 0, 31, 61, 92, 122, 153, 184, 214, 245, 275}
	early     = [...]uint64{1, 1, 11: 0}
)

// storedDay is dayNumber of a valid date in the years 0 to 9999, without a branch. It counts years from March 1st.
func storedDay(year, month, day uint64) int64 {
	y := year + 400 - early[month-1]
	return int64(365*y+y/4-y/100+y/400+fromMarch[month-1]+day-1) - 146097 + 60 - epochDays
}

// eight are the bytes from there on, the first one lowest.
func eight[T string | []byte](s T, at int) uint64 {
	b := s[at : at+8]
	return uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
		uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
}

// pair are the two digits from that bit on.
func pair(digits uint64, at int) uint64 { return digits>>at&15*10 + digits>>(at+8)&15 }

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
	if t, ok := StoredInstant(text); ok {
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
