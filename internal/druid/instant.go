package druid

import "math"

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
