package render

import (
	"math"
	"testing"
	"time"

	"coppice/internal/druid"
)

func TestSize(t *testing.T) {
	cases := []struct {
		bytes int64
		want  string
	}{
		{0, "0 B"}, {1, "1 B"}, {1023, "1023 B"}, {1024, "1.0 KiB"}, {1536, "1.5 KiB"},
		{1<<20 - 1, "1.0 MiB"}, {1<<20 - 60, "1023.9 KiB"}, {1 << 20, "1.0 MiB"}, {13_853_000_000_000, "12.6 TiB"},
		{math.MaxInt64, "8.0 EiB"},
	}
	for _, c := range cases {
		if got := size(c.bytes); got != c.want {
			t.Errorf("size(%d) = %q, want %q", c.bytes, got, c.want)
		}
	}
}

func TestCount(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 41870: "41,870", 5012338: "5,012,338", -1234: "-1,234",
		math.MinInt64: "-9,223,372,036,854,775,808"} {
		if got := count(n); got != want {
			t.Errorf("count(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestPercent(t *testing.T) {
	cases := []struct {
		part, whole int64
		want        string
	}{
		{0, 0, ""}, {1, 10000, "under 0.1%"}, {1, 3, "33.3%"}, {30, 100, "30%"}, {100, 100, "100%"}, {99999, 100000, "99.9%"},
	}
	for _, c := range cases {
		if got := percent(c.part, c.whole); got != c.want {
			t.Errorf("percent(%d, %d) = %q, want %q", c.part, c.whole, got, c.want)
		}
	}
}

func TestInterval(t *testing.T) {
	one := func(start, end string) druid.Interval { return druid.Interval{Start: at(t, start), End: at(t, end)} }
	cases := []struct {
		name string
		in   druid.Interval
		want string
	}{
		{"days", one("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"), "2026-01-01/2026-01-02"},
		{"hours", one("2026-01-01T05:00:00Z", "2026-01-02T00:00:00Z"), "2026-01-01T05:00Z/2026-01-02T00:00Z"},
		{"milliseconds", one("2026-01-01T05:00:00.007Z", "2026-01-02T00:00:00Z"), "2026-01-01T05:00:00.007Z/2026-01-02T00:00:00Z"},
		{"before 1970", one("1969-12-31T00:00:00Z", "1970-01-01T00:00:00Z"), "1969-12-31/1970-01-01"},
		{"eternity", druid.Eternity, "eternity"},
		{"half of eternity", druid.Interval{Start: druid.MinInstant, End: at(t, "2026-01-01T00:00:00Z")}, "-∞/2026-01-01"},
		{"no end", druid.Interval{Start: at(t, "2026-01-01T00:00:00Z"), End: druid.MaxInstant}, "2026-01-01/∞"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := interval(c.in); got != c.want {
				t.Errorf("interval(%v) = %q, want %q", c.in, got, c.want)
			}
		})
	}
}

func TestInstant(t *testing.T) {
	cases := []struct {
		text, shown, due string
	}{
		{"2026-11-21T02:10:00Z", "2026-11-21 02:10Z", "2026-11-21 02:10Z"},
		{"2026-11-21T02:10:00.001Z", "2026-11-21 02:10Z", "2026-11-21 02:10:01Z"},
		{"2026-11-21T02:10:22.999Z", "2026-11-21 02:10:22Z", "2026-11-21 02:10:23Z"},
		{"1969-12-31T23:59:59.999Z", "1969-12-31 23:59:59Z", "1970-01-01 00:00Z"},
	}
	for _, c := range cases {
		if got := instant(at(t, c.text)); got != c.shown {
			t.Errorf("instant(%s) = %q, want %q", c.text, got, c.shown)
		}
		if got := dueInstant(at(t, c.text)); got != c.due {
			t.Errorf("dueInstant(%s) = %q, want %q", c.text, got, c.due)
		}
	}
	if got := instant(druid.NoInstant); got != "unknown" {
		t.Errorf("instant(NoInstant) = %q", got)
	}
}

func TestDuration(t *testing.T) {
	cases := []struct {
		d    time.Duration
		want string
	}{
		{0, "under 1 s"}, {41 * time.Second, "41 s"}, {200 * time.Second, "3 min 20 s"}, {2*time.Hour + 5*time.Minute + 3*time.Second, "2 h 5 min"},
		{76 * time.Hour, "3 d 4 h"}, {time.Hour, "1 h"}, {time.Hour + time.Second, "1 h"},
	}
	for _, c := range cases {
		if got := duration(c.d); got != c.want {
			t.Errorf("duration(%v) = %q, want %q", c.d, got, c.want)
		}
	}
}
