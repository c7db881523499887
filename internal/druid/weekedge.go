package druid

// Week dates at the ends of Java's long: see calendaredge.go.

func (m *moment) edgeWeekyear() edgeStep {
	return edgeStep{
		set: func(t Instant) (Instant, bool) {
			return setWeekyear(t, m.year), max(m.year, -m.year) <= maxYear
		},
		floor: func(t Instant) Instant {
			t = floorWeek(t)
			return t - Instant((weekOf(t)-1)*weekMillis)
		},
	}
}

// setWeekyear keeps week and day of week as far as the year has them (BasicWeekyearDateTimeField.set).
func setWeekyear(t Instant, year int64) Instant {
	present := weekyearOf(t)
	if present == year {
		return t
	}
	week := min(weekOf(t), edgeWeeksInYear(present), edgeWeeksInYear(year))
	work := setYear(t, year)
	switch reached := weekyearOf(work); {
	case reached < year:
		work += Instant(weekMillis)
	case reached > year:
		work -= Instant(weekMillis)
	}
	work += Instant((week - weekOf(work)) * weekMillis)
	return work + Instant((weekDayOf(t)-weekDayOf(work))*dayMillis)
}

func (m *moment) edgeWeek() edgeStep {
	return edgeStep{
		set: func(t Instant) (Instant, bool) {
			week := int64(m.first)
			ok := week >= 1 && (week <= 52 || week <= edgeWeeksInYear(weekyearOf(t)))
			return t + Instant((week-weekOf(t))*weekMillis), ok
		},
		floor: floorWeek,
	}
}

func (m *moment) edgeWeekDay() edgeStep {
	return edgeStep{
		set: func(t Instant) (Instant, bool) {
			return t + Instant((int64(m.second)-weekDayOf(t))*dayMillis), m.second >= 1 && m.second <= 7
		},
		floor: floorDay,
	}
}

// weekDayOf counts from Monday, 1.
func weekDayOf(t Instant) int64 {
	day, _ := split(t)
	return floorMod(day+3, 7) + 1
}

func floorWeek(t Instant) Instant {
	return floorDay(t) - Instant((weekDayOf(t)-1)*dayMillis)
}

// edgeFirstWeek is Monday of week 1 as Joda computes it: when January 1st wraps, it lands on another day of the week.
func edgeFirstWeek(year int64) Instant {
	january := instantOf(yearStart(year), 0)
	if day := weekDayOf(january); day > 4 {
		return january + Instant((8-day)*dayMillis)
	}
	return january - Instant((weekDayOf(january)-1)*dayMillis)
}

func edgeWeeksInYear(year int64) int64 {
	return int64(edgeFirstWeek(year+1)-edgeFirstWeek(year)) / weekMillis
}

// weekOf compares wrapped instants on purpose: in the last year of all, the first week of the next one wraps.
func weekOf(t Instant) int64 {
	year := yearOf(t)
	first := edgeFirstWeek(year)
	switch {
	case t < first:
		return edgeWeeksInYear(year - 1)
	case t >= edgeFirstWeek(year+1):
		return 1
	}
	return int64(t-first)/weekMillis + 1
}

func weekyearOf(t Instant) int64 {
	switch week := weekOf(t); {
	case week == 1:
		return yearOf(t + Instant(weekMillis))
	case week > 51:
		return yearOf(t - Instant(2*weekMillis))
	}
	return yearOf(t)
}
