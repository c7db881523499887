package planner

import (
	"slices"
	"sort"

	"coppice/internal/druid"
)

// moments is a finite set of moments from now on, such that whatever can happen at any moment from now on happens at one
// of them. What a list of rules does depends on nothing but the order of its bounds on the line of time: fixed ones
// (interval rules), and ones that move with now (cutoffs, and now itself).
//
//   - On one day a cutoff stays at the same distance from now; the distance depends on the day alone.
//   - So two moving bounds keep their order for a whole day, and a moving bound meets a fixed one, if at all, at one
//     moment of the day. Days near such a meeting are looked at piece by piece: its moment, and what lies between.
//   - Between those days no moving bound passes a fixed one. What is left is the order of the moving ones: one moment for
//     every combination of distances that comes up, which the calendar repeats after 400 years.
type moments struct {
	now     druid.Instant
	periods []druid.Period  // of moving bounds; the zero period is now itself
	fixed   []druid.Instant // bounds of intervals
}

// cycleDays is how many days the calendar takes to repeat itself.
const cycleDays = 146_097

func momentsOf(shapes []shape, now druid.Instant) *moments {
	m := &moments{now: now, periods: []druid.Period{{}}}
	for i := range shapes {
		switch s := &shapes[i]; {
		case s.moves() && !slices.Contains(m.periods, s.period):
			m.periods = append(m.periods, s.period)
		case s.scope == byInterval:
			m.fixed = append(m.fixed, s.interval.Start, s.interval.End)
		}
	}
	slices.Sort(m.fixed)
	m.fixed = slices.Compact(m.fixed)
	return m
}

// all goes through the moments, now first.
func (m *moments) all() func(yield func(druid.Instant) bool) {
	return func(yield func(druid.Instant) bool) {
		busy := m.busyDays()
		for n, day := range busy {
			until := min(dayOf(druid.MaxInstant), day+1+cycleDays)
			if n+1 < len(busy) {
				until = min(until, busy[n+1])
			}
			if !m.pieces(day, yield) || !m.combinations(day+1, until, yield) {
				return
			}
		}
	}
}

func dayOf(t druid.Instant) int64 {
	day := int64(t / dayMillis)
	if t%dayMillis < 0 {
		day--
	}
	return day
}

func startOf(day int64) druid.Instant { return druid.Instant(day) * dayMillis }

// clampedDays is how many days a cutoff can stay on one day at a month end, with room to spare: four at most.
const clampedDays = 5

// busyDays are the days from now on during which a moving bound may meet a fixed one, ascending; the day of now leads.
func (m *moments) busyDays() []int64 {
	today := dayOf(m.now)
	days := []int64{today}
	for _, p := range m.periods {
		for _, bound := range m.fixed {
			met, ok := p.Reached(bound)
			if !ok || met >= druid.MaxInstant {
				continue
			}
			for day := dayOf(met); day <= dayOf(met)+clampedDays; day++ {
				if day > today {
					days = append(days, day)
				}
			}
		}
	}
	slices.Sort(days)
	return slices.Compact(days)
}

// pieces yields the start of the day (or now), the meetings of the day, and a moment behind each: the first of the piece
// that follows it.
func (m *moments) pieces(day int64, yield func(druid.Instant) bool) bool {
	begin := max(startOf(day), m.now)
	at := []druid.Instant{begin}
	for _, p := range m.periods {
		distance, ok := distanceOf(p, startOf(day))
		if !ok {
			continue
		}
		for _, bound := range m.fixed {
			at = append(at, bound+distance, bound+distance+1)
		}
	}
	slices.Sort(at)
	for _, t := range slices.Compact(at) {
		if t >= begin && t < startOf(day+1) && !yield(t) {
			return false
		}
	}
	return true
}

// distanceOf is how far back from a moment its cutoff lies. It is the same for all moments of a day.
func distanceOf(p druid.Period, t druid.Instant) (druid.Instant, bool) {
	cutoff, err := p.Before(t)
	return t - cutoff, err == nil
}

// combinations yields the start of one day for every combination of distances that comes up from one day to before
// another.
func (m *moments) combinations(from, until int64, yield func(druid.Instant) bool) bool {
	if from >= until {
		return true
	}
	var calendar []druid.Period
	for _, p := range m.periods {
		if p.Years != 0 || p.Months != 0 {
			calendar = append(calendar, p)
		}
	}
	if len(calendar) == 0 {
		return yield(startOf(from))
	}
	seen := map[string]bool{}
	for day := range clampingDays(from, until) {
		var key []byte
		for _, p := range calendar {
			distance, _ := distanceOf(p, startOf(day))
			for shift := 0; shift < 64; shift += 8 {
				key = append(key, byte(distance>>shift))
			}
		}
		if !seen[string(key)] {
			seen[string(key)] = true
			if !yield(startOf(day)) {
				return false
			}
		}
	}
	return true
}

// clampingDays yields days on which years and months reach back differently: of every month its first day, which stands
// for the first 28 since none of them is ever clamped, and each from the 29th on.
func clampingDays(from, until int64) func(yield func(int64) bool) {
	return func(yield func(int64) bool) {
		month := monthOf(from)
		for day := from; day < until; month++ {
			begin, next := monthStart(month), monthStart(month+1)
			if next <= day {
				return // the end of Druid's range of time
			}
			if day < begin+28 {
				if !yield(day) {
					return
				}
				day = begin + 28
			}
			for ; day < min(next, until); day++ {
				if !yield(day) {
					return
				}
			}
		}
	}
}

// monthStart is the first day of a month, counted from January 1970.
func monthStart(month int) int64 {
	t, err := druid.Period{Months: int32(month)}.After(0)
	if err != nil {
		return 0
	}
	return dayOf(t)
}

func monthOf(day int64) int {
	low := int(day/31) - 2
	if day < 0 {
		low = int(day/28) - 2
	}
	width := int(max(day, -day)/28-max(day, -day)/31) + 5
	return low + sort.Search(width, func(n int) bool { return monthStart(low+n+1) > day })
}
