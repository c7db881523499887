package render

import (
	"fmt"
	"strings"
	"time"

	"coppice/internal/druid"
)

const millisOfSecond, millisOfMinute, millisOfDay = 1000, 60_000, 86_400_000

// calendar turns an instant into the calendar's fields, in UTC.
func calendar(t druid.Instant) time.Time { return time.UnixMilli(int64(t)).UTC() }

// instant writes a moment to the minute, or to the second where it has seconds: "2026-11-18 23:10Z". Parts of a second
// are cut off.
func instant(t druid.Instant) string {
	if text, special := specialInstant(t); special {
		return text
	}
	if floorMod(int64(t), millisOfMinute) < millisOfSecond {
		return calendar(t).Format("2006-01-02 15:04Z")
	}
	return calendar(t).Format("2006-01-02 15:04:05Z")
}

// instantSeconds always writes seconds, for the headline.
func instantSeconds(t druid.Instant) string {
	if text, special := specialInstant(t); special {
		return text
	}
	return calendar(t).Format("2006-01-02 15:04:05Z")
}

// dueInstant is the first whole second at which something is due: nobody is told a moment that is too early.
func dueInstant(t druid.Instant) string {
	if rest := floorMod(int64(t), millisOfSecond); rest > 0 && t.Known() && t < druid.MaxInstant {
		t += druid.Instant(millisOfSecond - rest)
	}
	return instant(t)
}

func specialInstant(t druid.Instant) (string, bool) {
	switch {
	case !t.Known():
		return "unknown", true
	case t <= druid.MinInstant:
		return "-∞", true
	case t >= druid.MaxInstant:
		return "∞", true
	}
	return "", false
}

// interval writes dates when both ends are midnights, "eternity" for all time, else ISO moments without needless zeros.
func interval(i druid.Interval) string {
	if i.Start <= druid.MinInstant && i.End >= druid.MaxInstant {
		return "eternity"
	}
	layout := "2006-01-02"
	if !midnight(i.Start) || !midnight(i.End) {
		layout = "2006-01-02T15:04Z"
	}
	if !wholeMinute(i.Start) || !wholeMinute(i.End) {
		layout = "2006-01-02T15:04:05.999Z"
	}
	return intervalEnd(i.Start, layout) + "/" + intervalEnd(i.End, layout)
}

func intervalEnd(t druid.Instant, layout string) string {
	if text, special := specialInstant(t); special {
		return text
	}
	return calendar(t).Format(layout)
}

// midnight also holds for the ends of time, which are written as signs.
func midnight(t druid.Instant) bool {
	_, special := specialInstant(t)
	return special || floorMod(int64(t), millisOfDay) == 0
}

func wholeMinute(t druid.Instant) bool {
	_, special := specialInstant(t)
	return special || floorMod(int64(t), millisOfMinute) == 0
}

// floorMod is the remainder that is never negative, for moments before 1970.
func floorMod(a, b int64) int64 {
	if rest := a % b; rest < 0 {
		return rest + b
	} else {
		return rest
	}
}

// hull is the interval from the earlier start to the later end.
func hull(a, b druid.Interval) druid.Interval {
	return druid.Interval{Start: min(a.Start, b.Start), End: max(a.End, b.End)}
}

// duration writes the two largest units: "41 s", "3 min 20 s", "2 h 5 min", "3 d 4 h". Below a second it is "under 1 s".
func duration(d time.Duration) string {
	if d < time.Second {
		return "under 1 s"
	}
	units := []struct {
		size time.Duration
		name string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "min"}, {time.Second, "s"}}
	var parts []string
	for _, unit := range units {
		if n := d / unit.size; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, unit.name))
			d -= n * unit.size
		} else if len(parts) > 0 {
			break
		}
		if len(parts) == 2 {
			break
		}
	}
	return strings.Join(parts, " ")
}
