package druid

import (
	"math"
	"time"
)

// Instant is a moment in milliseconds since 1970-01-01T00:00:00Z, in Druid's whole range (years below 0 and above
// 9999 included), on the proleptic Gregorian calendar. It is what Joda's DateTime in UTC is to Druid.
type Instant int64

const (
	// MinInstant and MaxInstant are the ends of Druid's eternity (Intervals.ETERNITY: half of Java's long range).
	MinInstant Instant = math.MinInt64 / 2
	MaxInstant Instant = math.MaxInt64 / 2
	// NoInstant stands for a moment that is not known, such as a NULL used_status_last_updated. It is never a
	// moment of its own: compare with it before comparing order.
	NoInstant Instant = math.MinInt64
)

// Known reports whether the instant is a moment at all.
func (t Instant) Known() bool { return t != NoInstant }

// InstantOf converts from Go's time, cutting off what is finer than a millisecond (towards the past).
func InstantOf(t time.Time) Instant { return Instant(t.UnixMilli()) }

// Time converts to Go's time in UTC. It is for display: time.Time cannot print years outside 0..9999 as JSON, and
// policy is never computed with it.
func (t Instant) Time() time.Time { return time.UnixMilli(int64(t)).UTC() }

// String prints as Druid does (Joda's ISODateTimeFormat.dateTime in UTC): 2026-01-01T00:00:00.000Z, with a sign or
// more digits outside the years 0..9999, such as -146136543-09-08T08:23:32.096Z. NoInstant is "unknown".
func (t Instant) String() string {
	if !t.Known() {
		return "unknown"
	}
	return string(t.append(make([]byte, 0, 32)))
}

// AppendText appends the printed form, and nothing for NoInstant.
func (t Instant) AppendText(b []byte) ([]byte, error) {
	if !t.Known() {
		return b, nil
	}
	return t.append(b), nil
}

// MarshalText is the printed form; NoInstant is the empty text, so fields that may be unknown are better left out.
func (t Instant) MarshalText() ([]byte, error) { return t.AppendText(nil) }

// UnmarshalText reads what MarshalText writes, and every other text that ParseInstant takes.
func (t *Instant) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*t = NoInstant
		return nil
	}
	parsed, err := ParseInstant(string(text))
	if err != nil {
		return err
	}
	*t = parsed
	return nil
}

func (t Instant) append(b []byte) []byte {
	day, millis := split(t)
	d := dateOf(day)
	b = appendYear(b, d.year)
	b = appendPadded(append(b, '-'), int64(d.month), 2)
	b = appendPadded(append(b, '-'), int64(d.day), 2)
	b = appendPadded(append(b, 'T'), millis/hourMillis, 2)
	b = appendPadded(append(b, ':'), millis/minuteMillis%60, 2)
	b = appendPadded(append(b, ':'), millis/secondMillis%60, 2)
	b = appendPadded(append(b, '.'), millis%secondMillis, 3)
	return append(b, 'Z')
}

func appendYear(b []byte, year int64) []byte {
	if year < 0 {
		b, year = append(b, '-'), -year
	}
	return appendPadded(b, year, 4)
}

// appendPadded appends a number of at least so many digits; n is not negative.
func appendPadded(b []byte, n int64, digits int) []byte {
	limit := int64(10)
	for ; digits > 1; digits-- {
		limit *= 10
	}
	for limit > 10 && n < limit/10 {
		b, limit = append(b, '0'), limit/10
	}
	var reversed [20]byte
	i := len(reversed)
	for {
		i--
		reversed[i] = byte('0' + n%10)
		n /= 10
		if n == 0 {
			return append(b, reversed[i:]...)
		}
	}
}
