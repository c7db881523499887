package druid

import (
	"testing"

	"pgregory.net/rapid"
)

// sanePeriods draws periods whose arithmetic stays within the calendar, with month ends and clamping in mind.
func sanePeriods(t *rapid.T) Period {
	field := func(name string, most int) int32 {
		return int32(rapid.IntRange(0, most).Draw(t, name))
	}
	if rapid.Bool().Draw(t, "long") {
		return Period{Years: field("years", 100000), Months: field("months", 30)}
	}
	return Period{Years: field("years", 3), Months: field("months", 14), Weeks: field("weeks", 3), Days: field("days", 40),
		Hours: field("hours", 30), Minutes: field("minutes", 2), Seconds: field("seconds", 2), Millis: field("millis", 2)}
}

// edgeInstants draws moments at and around month ends, leap days and the ends of days, in near and far years.
func edgeInstants(t *rapid.T, name string) Instant {
	year := rapid.SampledFrom([]int64{2023, 2024, 2025, 2026, 1900, 2000, -4, 0, 9999, 10000, 123456, -123456}).Draw(t, name+" year")
	month := rapid.IntRange(1, 12).Draw(t, name+" month")
	d := date{year: year, month: month, day: rapid.SampledFrom([]int{1, 2, 27, 28, 29, 30, 31}).Draw(t, name+" day")}
	d.day = min(d.day, daysInMonth(year, month))
	millis := rapid.SampledFrom([]int64{0, 1, 9 * hourMillis, 10 * hourMillis, dayMillis - 1}).Draw(t, name+" millis")
	return instantOf(dayNumber(d), millis)
}

// around lists a moment with its neighbours by milliseconds, hours and days.
func around(t Instant) []Instant {
	var out []Instant
	for _, step := range []int64{0, 1, hourMillis, dayMillis, 2 * dayMillis, 3 * dayMillis, 31 * dayMillis} {
		out = append(out, t-Instant(step), t+Instant(step), t+Instant(step-1), t+Instant(step+1))
	}
	return out
}

func inside(spans []Span, now Instant) bool {
	for _, s := range spans {
		if s.From <= now && now < s.Until {
			return true
		}
	}
	return false
}

// TestReachedIsTheFirstMoment: Before is not earlier than x at Reached, and earlier everywhere before it.
func TestReachedIsTheFirstMoment(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, x := sanePeriods(t), edgeInstants(t, "x")
		first, ok := p.Reached(x)
		if !ok {
			t.Fatalf("%s never reaches %s", p, x)
		}
		if got, err := p.Before(first); err != nil || got < x {
			t.Fatalf("%s before %s = %s (%v), earlier than %s", p, first, got, err, x)
		}
		for _, now := range around(first) {
			if got, err := p.Before(now); now < first && (err != nil || got >= x) {
				t.Fatalf("%s before %s = %s (%v), reached %s before %s", p, now, got, err, x, first)
			}
		}
	})
}

func TestReachedAtTheEndsOfTime(t *testing.T) {
	if got, ok := (Period{Days: 1}).Reached(MaxInstant); ok {
		t.Errorf("P1D reaches eternity's end at %s", got)
	}
	if got, ok := (Period{Days: -1}).Reached(MinInstant); !ok || got != MinInstant {
		t.Errorf("P-1D reaches eternity's start at %s, %v", got, ok)
	}
	if got, ok := (Period{}).Reached(MaxInstant - 1); !ok || got != MaxInstant-1 {
		t.Errorf("P0D reaches the last moment at %s, %v", got, ok)
	}
}

// TestWindowsEqualApplies: at every moment around the boundaries, the rule applies exactly inside its windows.
func TestWindowsEqualApplies(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := sanePeriods(t)
		a, b := edgeInstants(t, "start"), edgeInstants(t, "end")
		segment := Interval{min(a, b), max(a, b)}
		other := Interval{segment.Start - 1, segment.End}
		r := Rule{Type: rapid.SampledFrom(knownTypes).Draw(t, "type"), Period: &p, Interval: &other,
			IncludeFuture: rapid.Bool().Draw(t, "future")}
		spans := r.Windows(segment)
		checkApart(t, spans)
		for _, now := range boundaries(p, segment, spans) {
			applies, err := r.Applies(segment, now)
			if err != nil || applies != inside(spans, now) {
				t.Fatalf("%s on %s at %s: applies %v (%v), windows %v", r.Summary(), segment, now, applies, err, spans)
			}
		}
		checkWindow(t, r, segment, spans)
	})
}

var knownTypes = []string{"loadForever", "loadByInterval", "loadByPeriod", "dropForever", "dropByInterval", "dropByPeriod",
	"dropBeforeByPeriod", "broadcastForever", "broadcastByInterval", "broadcastByPeriod"}

// boundaries are the moments at which an answer may change, with their neighbours.
func boundaries(p Period, segment Interval, spans []Span) []Instant {
	marks := append(around(segment.Start), around(segment.End)...)
	for _, x := range []Instant{segment.Start, segment.End} {
		if reached, err := p.After(x); err == nil {
			marks = append(marks, around(reached)...)
		}
	}
	for _, s := range spans {
		marks = append(append(marks, around(s.From)...), around(s.Until)...)
	}
	var sane []Instant
	for _, now := range marks {
		if now >= MinInstant/2 && now < MaxInstant/2 {
			sane = append(sane, now)
		}
	}
	return sane
}

func checkApart(t *rapid.T, spans []Span) {
	for i, s := range spans {
		if s.From >= s.Until || i > 0 && s.From <= spans[i-1].Until {
			t.Fatalf("spans %v", spans)
		}
	}
}

// checkWindow: Window starts with the first span, and ends with it or never.
func checkWindow(t *rapid.T, r Rule, segment Interval, spans []Span) {
	from, until, ok := r.Window(segment)
	if ok != (len(spans) > 0) {
		t.Fatalf("window %v, spans %v", ok, spans)
	}
	if ok && (from != spans[0].From || until != spans[0].Until && until != spans[len(spans)-1].Until) {
		t.Fatalf("window [%s, %s), spans %v", from, until, spans)
	}
}

// TestWindowAtMonthEnds shows the one case in which a rule changes its mind more than once.
func TestWindowAtMonthEnds(t *testing.T) {
	segment := mustInterval(t, "2026-02-28T09:00/2026-02-28T10:00")
	load := Rule{Type: "loadByPeriod", Period: &Period{Months: 1}, IncludeFuture: true}
	want := "-146136543-09-08T08:23:32.096Z..2026-03-28T10:00:00.000Z 2026-03-29T00:00:00.000Z..2026-03-29T10:00:00.000Z " +
		"2026-03-30T00:00:00.000Z..2026-03-30T10:00:00.000Z 2026-03-31T00:00:00.000Z..2026-03-31T10:00:00.000Z "
	if got := spanText(load.Windows(segment)); got != want {
		t.Errorf("Windows = %s, want %s", got, want)
	}
	if _, until, _ := load.Window(segment); until.String() != "2026-03-28T10:00:00.000Z" {
		t.Errorf("Window ends %s", until)
	}
	drop := Rule{Type: "dropBeforeByPeriod", Period: &Period{Months: 1}}
	if from, until, _ := drop.Window(segment); from.String() != "2026-03-28T10:00:00.000Z" || until != MaxInstant {
		t.Errorf("drop window [%s, %s)", from, until)
	}
}

func spanText(spans []Span) (text string) {
	for _, s := range spans {
		text += s.From.String() + ".." + s.Until.String() + " "
	}
	return text
}

func TestWindowsOfRulesThatThrow(t *testing.T) {
	for _, r := range []Rule{{Type: "loadByPeriod", Period: &Period{Days: -1}}, {Type: "loadByInterval"}, {Raw: []byte("null")},
		{Type: "loadPartialForever", Raw: []byte("{}")}} {
		if _, _, ok := r.Window(Eternity); ok {
			t.Errorf("%s has a window", r.Summary())
		}
	}
}

func mustInterval(t *testing.T, text string) Interval {
	t.Helper()
	i, err := ParseInterval(text)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func mustInstant(t *testing.T, text string) Instant {
	t.Helper()
	i, err := ParseInstant(text)
	if err != nil {
		t.Fatal(err)
	}
	return i
}
