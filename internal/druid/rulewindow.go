package druid

import "math"

// Span is a stretch of moments: From is in it, Until is not. Until == MaxInstant means for ever.
type Span struct {
	From, Until Instant
}

// always is every moment that a rule can be judged at.
var always = Span{From: MinInstant, Until: MaxInstant}

// Windows lists every stretch of "now" during which the rule applies to a segment of that interval, ascending and apart
// from each other: Applies is true exactly there. Almost always it is one stretch. A second and third come up for rules
// by months or years when a boundary with a time of day meets a month end: P1M before March 29th 10:00 and before March
// 30th 09:00 are both February 28th, the later one being the earlier. There is none for rules that can throw
// (StopsCoordinator) and for kinds that are not known.
func (r Rule) Windows(segment Interval) []Span {
	if _, stops := r.StopsCoordinator(); stops {
		return nil
	}
	action, scope := r.kind()
	switch scope {
	case scopeForever:
		return []Span{always}
	case scopeInterval:
		if applies, _ := r.appliesByInterval(action, segment); applies {
			return []Span{always}
		}
	case scopeBeforePeriod:
		return r.period().reached(segment.End)
	case scopePeriod:
		return r.periodWindows(action, segment)
	}
	return nil
}

// Window is Windows as one stretch, from the first moment on at which the rule applies: until it first ceases to apply,
// or for ever when it applies in the end (then short gaps at a month end are left out). Since Druid acts at its first
// chance, that is what matters for "when does the rule next change its mind". ok is false when the rule never applies.
func (r Rule) Window(segment Interval) (from, until Instant, ok bool) {
	spans := r.Windows(segment)
	if len(spans) == 0 {
		return 0, 0, false
	}
	if last := spans[len(spans)-1]; last.Until == MaxInstant {
		return spans[0].From, MaxInstant, true
	}
	return spans[0].From, spans[0].Until, true
}

// periodWindows restates the predicates of appliesByPeriod as "the cutoff has not reached x yet".
func (r *Rule) periodWindows(action Action, segment Interval) []Span {
	x, began := segment.End, segment.Start+1
	if action == ActionDrop {
		x, began = segment.Start+1, max(segment.Start+1, segment.End)
	}
	spans := complement(r.period().reached(x))
	if r.IncludeFuture {
		return spans
	}
	return from(spans, began)
}

// Reached is the first moment whose Before is not earlier than x: when a cutoff of that period arrives at x. It is false
// when there is none in Druid's range of time. Later moments at the same month end may fall back behind x once more, for
// less than four days: see Windows.
func (p Period) Reached(x Instant) (Instant, bool) {
	spans := p.reached(x)
	if len(spans) == 0 {
		return 0, false
	}
	return spans[0].From, true
}

// reached lists the moments whose Before is not earlier than x. Fields of fixed length just move x. What is left keeps
// the time of day and maps days to days in order; up to four days of a month end may land on the same day.
func (p Period) reached(x Instant) []Span {
	for _, step := range p.steps() {
		x = saturated(x, step)
	}
	if p.Years == 0 && p.Months == 0 {
		return join(nil, min(max(x, MinInstant), MaxInstant), MaxInstant)
	}
	day, millis := split(x)
	first, behind := p.landing(day)
	var spans []Span
	for d := first; d < behind; d++ {
		spans = join(spans, clip(d, millis), clip(d+1, 0))
	}
	return join(spans, clip(behind, 0), MaxInstant)
}

// landing is the first day that the years and months of p move to the given day or behind it, and the first that they
// move behind it.
func (p Period) landing(day int64) (first, behind int64) {
	to := func(d int64) int64 { return shiftDay(d, -int64(p.Years), -int64(p.Months)) }
	first = shiftDay(day, int64(p.Years), int64(p.Months))
	for to(first) >= day {
		first--
	}
	for to(first) < day {
		first++
	}
	for behind = first; to(behind) == day; {
		behind++
	}
	return first, behind
}

// saturated adds without wrapping.
func saturated(t Instant, millis int64) Instant {
	sum, ok := addMillis(t, millis)
	switch {
	case ok || millis == 0:
		return sum
	case millis > 0:
		return math.MaxInt64
	}
	return math.MinInt64
}

// clip makes an instant within Druid's range.
func clip(day, millis int64) Instant {
	firstDay, _ := split(MinInstant)
	lastDay, _ := split(MaxInstant)
	switch {
	case day < firstDay:
		return MinInstant
	case day > lastDay:
		return MaxInstant
	}
	return min(max(instantOf(day, millis), MinInstant), MaxInstant)
}

// join appends a span unless it is empty, and merges it with the last one when they touch.
func join(spans []Span, from, until Instant) []Span {
	if from >= until {
		return spans
	}
	if n := len(spans); n > 0 && spans[n-1].Until == from {
		spans[n-1].Until = until
		return spans
	}
	return append(spans, Span{from, until})
}

// complement lists what lies between the spans.
func complement(spans []Span) []Span {
	var out []Span
	at := MinInstant
	for _, s := range spans {
		out = join(out, at, s.From)
		at = s.Until
	}
	return join(out, at, MaxInstant)
}

// from cuts off what lies before a moment.
func from(spans []Span, start Instant) []Span {
	var out []Span
	for _, s := range spans {
		out = join(out, max(s.From, start), s.Until)
	}
	return out
}
