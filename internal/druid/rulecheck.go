package druid

import "strings"

// The years between which a rule must be able to compute: no plan is ever made outside them.
var (
	firstNow = Instant(yearStart(0) * dayMillis)
	lastNow  = Instant(yearStart(10000)*dayMillis - 1)
)

// StopsCoordinator reports whether the rule can end the Coordinator's whole rule run, for all datasources, as soon as a
// segment reaches it, and why: a null in the list, a missing interval, a period that can be negative (only harmless for
// dropBeforeByPeriod), one that leads out of the calendar at some moment of the years 0 to 9999, or one that Druid cannot read back. Kinds that are not
// known are not accused.
func (r Rule) StopsCoordinator() (reason string, stops bool) {
	_, scope := r.kind()
	switch {
	case r.null():
		return errNullRule.Error(), true
	case scope == scopeInterval && r.Interval == nil:
		return errNoInterval.Error(), true
	case scope == scopePeriod && r.period().Negative():
		return errNegativePeriod.Error(), true
	case (scope == scopePeriod || scope == scopeBeforePeriod) && r.period().absurd():
		return errRange.Error(), true
	case (scope == scopePeriod || scope == scopeBeforePeriod) && !r.period().readable():
		return errUnreadable.Error(), true
	}
	return "", false
}

// readable reports whether Druid can read what it prints of the period: of PT10000000.12S it stores PT10000000.120S, one
// digit more than it reads, and from then on no rules at all can be polled.
func (p Period) readable() bool {
	if p.everyday() {
		return true // and asked for every segment
	}
	_, err := parsePeriod(p.String())
	return err == nil
}

// everyday reports whether no field has more than four digits: such a period can always be read back.
func (p Period) everyday() bool {
	for _, n := range [...]int32{p.Years, p.Months, p.Weeks, p.Days, p.Hours, p.Minutes, p.Seconds, p.Millis} {
		if n < -9999 || n > 9999 {
			return false
		}
	}
	return true
}

// absurd reports whether the arithmetic fails for some moment of the years 0 to 9999. It fails at an end of them if it
// fails at all.
func (p Period) absurd() bool {
	_, early := p.Before(firstNow)
	_, late := p.Before(lastNow)
	return early != nil || late != nil
}

// Negative reports whether Before could move some moment forward in time, so that Druid could not build the interval of
// a load, broadcast or dropByPeriod rule then. Periods with mixed signs are decided exactly, over the 400 years after
// which the calendar repeats: P1M-28D is never negative, P1M-29D is (in March of common years).
func (p Period) Negative() bool {
	sum, sign := int64(0), p.signs()
	for _, step := range p.steps() {
		sum += step
	}
	switch {
	case sign >= 0:
		return false
	case sign == onlyNegative:
		return true
	}
	for month := range 400 * 12 {
		// The first of a month is never clamped, so it moves back least of its month.
		day := dayNumber(date{year: 2000 + int64(month/12), month: month%12 + 1, day: 1})
		if back := day - shiftDay(day, -int64(p.Years), -int64(p.Months)); back*dayMillis+sum < 0 {
			return true
		}
	}
	return false
}

const (
	noNegative   = 0
	mixedSigns   = -1
	onlyNegative = -2
)

func (p Period) signs() int {
	var up, down bool
	for _, n := range [...]int32{p.Years, p.Months, p.Weeks, p.Days, p.Hours, p.Minutes, p.Seconds, p.Millis} {
		up, down = up || n > 0, down || n < 0
	}
	switch {
	case !down:
		return noNegative
	case up:
		return mixedSigns
	default:
		return onlyNegative
	}
}

// Summary names the rule in a few words: "loadByPeriod P30D", "loadByInterval 2012-01-01/2013-01-01", "dropForever".
func (r Rule) Summary() string {
	_, scope := r.kind()
	switch {
	case r.null():
		return "null"
	case scope == scopeUnknown:
		return r.Type + " (unknown kind)"
	case scope == scopeInterval:
		return r.Type + " " + shortInterval(r.Interval)
	case scope == scopePeriod && !r.IncludeFuture:
		return r.Type + " " + r.period().String() + " without future"
	case scope == scopePeriod || scope == scopeBeforePeriod:
		return r.Type + " " + r.period().String()
	}
	return r.Type
}

// DetailedSummary is Summary with the replicants of load rules: "loadForever hot=2 _default_tier=1", or "no replicants".
func (r Rule) DetailedSummary() string {
	if r.parameters()&hasReplicants == 0 {
		return r.Summary()
	}
	replicants := r.replicants()
	if len(replicants) == 0 {
		return r.Summary() + " no replicants"
	}
	b := []byte(r.Summary())
	for _, tier := range replicants {
		b = append(append(append(b, ' '), tier.Tier...), '=')
		b = appendPadded(b, int64(max(tier.Count, 0)), 1)
	}
	return string(b)
}

func shortInterval(i *Interval) string {
	switch {
	case i == nil:
		return "null"
	case *i == Eternity:
		return "eternity"
	}
	return shortInstant(i.Start) + "/" + shortInstant(i.End)
}

// shortInstant leaves midnight, and seconds that are zero, out.
func shortInstant(t Instant) string {
	text := t.String()
	if date, midnight := strings.CutSuffix(text, "T00:00:00.000Z"); midnight {
		return date
	}
	if minute, whole := strings.CutSuffix(text, ":00.000Z"); whole {
		return minute + "Z"
	}
	return text
}
