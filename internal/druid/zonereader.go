package druid

// zone reads Z or an offset: +hh, +hhmm, +hh:mm, with seconds and a fraction of up to three digits behind, hours up to
// 23. Nothing at all is UTC.
func (r *reader) zone(m *moment) {
	if r.letter('Z') || !r.at('+', '-') || r.digits(1, 2) < 2 {
		return
	}
	negative := r.text[r.pos] == '-'
	r.pos++
	r.offset(m)
	if negative {
		m.offset = -m.offset
	}
}

func (r *reader) offset(m *moment) {
	r.offsetField(m, 24, hourMillis)
	colons := r.at(':', ':')
	for _, unit := range [...]int64{minuteMillis, secondMillis} {
		if !r.offsetNext(colons) {
			return
		}
		r.offsetField(m, 60, unit)
	}
	if colons && !r.sign('.') && !r.sign(',') {
		return
	}
	r.offsetFraction(m, colons)
}

// offsetNext reports whether minutes or seconds follow; with colons they must, without they may.
func (r *reader) offsetNext(colons bool) bool {
	if colons {
		return r.sign(':')
	}
	return r.digits(0, 1) > 0
}

// offsetField reads exactly two digits.
func (r *reader) offsetField(m *moment, limit int, unit int64) {
	if r.digits(0, 2) < 2 {
		r.failed = true
		return
	}
	n, _ := r.number(2)
	if n >= limit {
		r.failed = true
	}
	m.offset += int64(n) * unit
}

// offsetFraction reads one to three digits of a second; behind a point there must be one.
func (r *reader) offsetFraction(m *moment, must bool) {
	if must && r.digits(0, 1) == 0 {
		r.failed = true
		return
	}
	unit := secondMillis
	for range r.digits(0, 3) {
		unit /= 10
		m.offset += int64(r.text[r.pos]-'0') * unit
		r.pos++
	}
}
