package config

import (
	"time"

	"coppice/internal/druid"
)

// periodOrder says how two periods compare, over every moment from which they can be counted back.
type periodOrder uint8

const (
	// unordered: which one reaches further depends on the moment, as with P30D and P1M.
	unordered periodOrder = iota
	// shorter: the first reaches back less, from every moment.
	shorter
	// longer: the first reaches back further, from every moment.
	longer
	// same: both reach equally far, from every moment.
	same
)

type periodPair struct{ a, b druid.Period }

// order compares two periods and remembers the answer.
func (d *decoder) order(a, b druid.Period) periodOrder {
	pair := periodPair{a, b}
	if known, ok := d.orders[pair]; ok {
		return known
	}
	found := comparePeriods(a, b)
	d.orders[pair] = found
	return found
}

// comparePeriods is exact. Bounds decide what is far apart; the calendar decides the rest.
func comparePeriods(a, b druid.Period) periodOrder {
	leastA, mostA, okA := bounds(a)
	leastB, mostB, okB := bounds(b)
	switch {
	case okA && okB && mostA < leastB:
		return shorter
	case okA && okB && mostB < leastA:
		return longer
	case a.Years == b.Years && a.Months == b.Months:
		return compareAt(a, b, druid.InstantOf(cycleStart))
	}
	return compareEverywhere(a, b)
}

// compareEverywhere goes through the calendar. Only years and months depend on the moment: they clamp at month ends. The rest has a fixed
// length in UTC, and is counted back after them. So it is enough to look at the days on which clamping differs (the
// 28th, which stands for all before it, to the 31st) of every month of the calendar's cycle of 400 years.
//
// A moment that cannot be evaluated proves nothing: the answer is unordered.
func compareEverywhere(a, b druid.Period) periodOrder {
	var seen [same + 1]bool
	for month := range 400 * 12 {
		first := cycleStart.AddDate(0, month, 0)
		for day := first.AddDate(0, 0, 27); day.Month() == first.Month(); day = day.AddDate(0, 0, 1) {
			seen[compareAt(a, b, druid.InstantOf(day))] = true
		}
	}
	return settled(seen)
}

var cycleStart = time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC)

func compareAt(a, b druid.Period, t druid.Instant) periodOrder {
	reachA, errA := a.Before(t)
	reachB, errB := b.Before(t)
	switch {
	case errA != nil || errB != nil:
		return unordered
	case reachA > reachB:
		return shorter
	case reachA < reachB:
		return longer
	}
	return same
}

// settled is the one order that was seen; periods that are sometimes equal and sometimes not have none.
func settled(seen [same + 1]bool) periodOrder {
	found := unordered
	for order, ok := range seen {
		if !ok {
			continue
		}
		if found != unordered || periodOrder(order) == unordered {
			return unordered
		}
		found = periodOrder(order)
	}
	return found
}

// bounds are the least and the most milliseconds that a period can reach back: a year has 365 or 366 days, a month 28
// to 31, also where the end of a month is clamped. The third result is false for periods with negative parts.
func bounds(p druid.Period) (least, most int64, ok bool) {
	for _, part := range [...]int32{p.Years, p.Months, p.Weeks, p.Days, p.Hours, p.Minutes, p.Seconds, p.Millis} {
		if part < 0 {
			return 0, 0, false
		}
	}
	const day = 86_400_000
	years, months := int64(p.Years)*day, int64(p.Months)*day
	fixed := fixedMillis(p)
	return years*365 + months*28 + fixed, years*366 + months*31 + fixed, true
}

// fixedMillis is the length of the parts of a period that do not depend on the calendar: all but years and months.
func fixedMillis(p druid.Period) int64 {
	days := int64(p.Weeks)*7 + int64(p.Days)
	minutes := (days*24+int64(p.Hours))*60 + int64(p.Minutes)
	return (minutes*60+int64(p.Seconds))*1000 + int64(p.Millis)
}
