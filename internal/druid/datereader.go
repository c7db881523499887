package druid

// reader walks over a date-time text. Its methods take what Joda's formatters take at the same place, and stand still
// where an optional part is absent; a text is good when nothing is left over.
type reader struct {
	text   string
	pos    int
	failed bool
}

func (r *reader) done() bool { return r.pos == len(r.text) }

func (r *reader) at(upper, lower byte) bool {
	return r.pos < len(r.text) && (r.text[r.pos] == upper || r.text[r.pos] == lower)
}

// letter skips one letter of either case.
func (r *reader) letter(upper byte) bool {
	if !r.at(upper, upper|0x20) {
		return false
	}
	r.pos++
	return true
}

// sign skips one character.
func (r *reader) sign(c byte) bool {
	if !r.at(c, c) {
		return false
	}
	r.pos++
	return true
}

// digits counts the digits that follow, from an offset on, up to a limit.
func (r *reader) digits(offset, limit int) int {
	n := 0
	for n < limit && r.pos+offset+n < len(r.text) && isDigit(r.text[r.pos+offset+n]) {
		n++
	}
	return n
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// number reads up to so many digits, at most nine.
func (r *reader) number(most int) (int, bool) {
	n, value := r.digits(0, most), 0
	for range n {
		value = value*10 + int(r.text[r.pos]-'0')
		r.pos++
	}
	return value, n > 0
}

// date reads year, year-month, year-month-day, year-dayofyear, year-Wweek or year-Wweek-day. A part that does not
// fit is left over.
func (r *reader) date(m *moment) bool {
	if !r.year(m) {
		r.failed = true
		return false
	}
	switch {
	case !r.at('-', '-'):
	case r.digits(1, 3) == 3:
		r.pos++
		m.form = formOrdinal
		m.first, _ = r.number(3)
	case r.digits(1, 2) > 0:
		r.pos++
		m.form = formMonth
		m.first, _ = r.number(2)
		r.second(m, formDay, 2)
	case r.week():
		r.pos += 2
		m.form = formWeek
		m.first, _ = r.number(2)
		r.second(m, formWeekDay, 1)
	}
	return true
}

// year reads one to nine digits with an optional sign.
func (r *reader) year(m *moment) bool {
	negative := r.at('-', '-')
	if r.at('-', '+') && r.digits(1, 1) == 1 {
		r.pos++
	}
	n, ok := r.number(9)
	m.year = int64(n)
	if negative {
		m.year = -m.year
	}
	return ok
}

func (r *reader) week() bool {
	return r.pos+1 < len(r.text) && r.text[r.pos+1]|0x20 == 'w' && r.digits(2, 1) == 1
}

// second reads the day of a month or week.
func (r *reader) second(m *moment, form dateForm, most int) {
	if r.at('-', '-') && r.digits(1, 1) == 1 {
		r.pos++
		m.form = form
		m.second, _ = r.number(most)
	}
}

// time reads an hour, and after it a minute and a second, the last of which may have a fraction. Nothing at all is
// midnight.
func (r *reader) time(m *moment) {
	if !r.timeField(m, 24, hourMillis) {
		return
	}
	if r.at(':', ':') && r.digits(1, 1) == 1 {
		r.pos++
		r.timeField(m, 60, minuteMillis)
		if r.at(':', ':') && r.digits(1, 1) == 1 {
			r.pos++
			r.timeField(m, 60, secondMillis)
			r.fraction(m, secondMillis)
			return
		}
		r.fraction(m, minuteMillis)
		return
	}
	r.fraction(m, hourMillis)
}

func (r *reader) timeField(m *moment, limit int, unit int64) bool {
	n, ok := r.number(2)
	if n >= limit {
		r.failed = true
	}
	if ok {
		m.addTime(timePart{int64(n), unit, unit * int64(limit)})
	}
	return ok
}

// fraction reads up to nine digits after a point or comma, cutting off below a millisecond as Joda does: it keeps one
// digit more while it adds.
func (r *reader) fraction(m *moment, unit int64) {
	if !r.at('.', ',') || r.digits(1, 1) == 0 {
		return
	}
	r.pos++
	sum, weight := int64(0), unit*10
	for range r.digits(0, 9) {
		weight /= 10
		sum += int64(r.text[r.pos]-'0') * weight
		r.pos++
	}
	m.addTime(timePart{sum / 10, 1, unit})
}
