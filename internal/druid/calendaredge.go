package druid

// At the very ends of Java's long, 292 million years away, Joda's sums wrap round, and some texts become instants that
// nobody would expect. Druid stores what comes out, so this file does the same: it sets the parts of a date one after
// the other, twice, as Joda's DateTimeParserBucket does. All other dates are computed directly.

// atEdge reports whether the year is one for which sums may wrap.
func (m *moment) atEdge() bool { return m.year < minYear || m.year > maxYear }

// edgeStep sets one part of an instant, and clears all smaller parts.
type edgeStep struct {
	set   func(Instant) (Instant, bool)
	floor func(Instant) Instant
}

func (m *moment) edgeInstant() (Instant, bool) {
	steps := m.edgeSteps()
	t := Instant(0)
	for pass := range 2 {
		for i, step := range steps {
			var ok bool
			if t, ok = step.set(t); !ok {
				return 0, false
			}
			if pass == 0 || i == len(steps)-1 {
				t = step.floor(t)
			}
		}
	}
	return t - Instant(m.offset), true
}

func (m *moment) edgeSteps() []edgeStep {
	var steps []edgeStep
	switch m.form {
	case formYear:
		steps = []edgeStep{m.edgeYear()}
	case formMonth:
		steps = []edgeStep{m.edgeYear(), m.edgeMonth()}
	case formDay:
		steps = []edgeStep{m.edgeYear(), m.edgeMonth(), m.edgeDay()}
	case formOrdinal:
		steps = []edgeStep{m.edgeYear(), m.edgeOrdinal()}
	case formWeek:
		steps = []edgeStep{m.edgeWeekyear(), m.edgeWeek()}
	case formWeekDay:
		steps = []edgeStep{m.edgeWeekyear(), m.edgeWeek(), m.edgeWeekDay()}
	}
	for _, part := range m.times[:m.timed] {
		steps = append(steps, part.edgeStep())
	}
	return steps
}

func (m *moment) edgeYear() edgeStep {
	return edgeStep{
		set: func(t Instant) (Instant, bool) {
			return setYear(t, m.year), m.year >= minYear-1 && m.year <= maxYear+1
		},
		floor: func(t Instant) Instant { return instantOf(yearStart(yearOf(t)), 0) },
	}
}

func yearOf(t Instant) int64 {
	day, _ := split(t)
	return dateOf(day).year
}

func setYear(t Instant, year int64) Instant {
	day, millis := split(t)
	d := dateOf(day)
	d.year, d.day = year, min(d.day, daysInMonth(year, d.month))
	return instantOf(dayNumber(d), millis)
}

func (m *moment) edgeMonth() edgeStep {
	return edgeStep{
		set: func(t Instant) (Instant, bool) {
			if m.first < 1 || m.first > 12 {
				return 0, false
			}
			day, millis := split(t)
			d := dateOf(day)
			d.month, d.day = m.first, min(d.day, daysInMonth(d.year, m.first))
			return instantOf(dayNumber(d), millis), true
		},
		floor: func(t Instant) Instant {
			day, _ := split(t)
			d := dateOf(day)
			d.day = 1
			return instantOf(dayNumber(d), 0)
		},
	}
}

func (m *moment) edgeDay() edgeStep {
	return edgeStep{
		set: func(t Instant) (Instant, bool) {
			day, _ := split(t)
			d := dateOf(day)
			ok := m.second >= 1 && (m.second <= 28 || m.second <= daysInMonth(d.year, d.month))
			return t + Instant(int64(m.second-d.day)*dayMillis), ok
		},
		floor: floorDay,
	}
}

func floorDay(t Instant) Instant {
	day, _ := split(t)
	return instantOf(day, 0)
}

func (m *moment) edgeOrdinal() edgeStep {
	return edgeStep{
		set: func(t Instant) (Instant, bool) {
			day, _ := split(t)
			year := dateOf(day).year
			present := day - yearStart(year) + 1
			ok := m.first >= 1 && m.first <= daysInYear(year)
			return t + Instant((int64(m.first)-present)*dayMillis), ok
		},
		floor: floorDay,
	}
}

func (p timePart) edgeStep() edgeStep {
	return edgeStep{
		set: func(t Instant) (Instant, bool) {
			present := floorMod(int64(t), p.within) / p.unit
			return t + Instant((p.value-present)*p.unit), true
		},
		floor: func(t Instant) Instant { return t - Instant(floorMod(int64(t), p.unit)) },
	}
}
