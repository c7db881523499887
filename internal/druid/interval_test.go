package druid

import "testing"

// TestIntervalRelations cites Joda's AbstractInterval, zero length included.
func TestIntervalRelations(t *testing.T) {
	day := Interval{10, 20}
	cases := []struct {
		name               string
		i, o               Interval
		overlaps, contains bool
	}{
		{"itself", day, day, true, true},
		{"inside", day, Interval{12, 15}, true, true},
		{"touching before", day, Interval{5, 10}, false, false},
		{"one millisecond before", day, Interval{5, 11}, true, false},
		{"touching after", day, Interval{20, 25}, false, false},
		{"one millisecond after", day, Interval{19, 25}, true, false},
		{"zero length at the start", day, Interval{10, 10}, false, true},
		{"zero length inside", day, Interval{15, 15}, true, true},
		{"zero length at the end", day, Interval{20, 20}, false, false},
		{"nothing is inside a zero length", Interval{10, 10}, Interval{10, 10}, false, false},
		{"a zero length inside overlaps", Interval{15, 15}, day, true, false},
	}
	for _, c := range cases {
		if got := c.i.Overlaps(c.o); got != c.overlaps {
			t.Errorf("%s: Overlaps %v", c.name, got)
		}
		if got := c.i.Contains(c.o); got != c.contains {
			t.Errorf("%s: Contains %v", c.name, got)
		}
	}
}

func TestParseInterval(t *testing.T) {
	cases := []struct{ text, want string }{
		{"2012/2013", "2012-01-01T00:00:00.000Z/2013-01-01T00:00:00.000Z"},
		{"2020-01-31T22:00-05:00/P1M", "2020-02-01T03:00:00.000Z/2020-03-01T03:00:00.000Z"},
		{"P1M/2020-03-31", "2020-02-29T00:00:00.000Z/2020-03-31T00:00:00.000Z"},
		{"2020/p", "2020-01-01T00:00:00.000Z/2020-01-01T00:00:00.000Z"},
		{"20120101/20120102", "20120101-01-01T00:00:00.000Z/20120102-01-01T00:00:00.000Z"},
		{Eternity.String(), "-146136543-09-08T08:23:32.096Z/146140482-04-24T15:36:27.903Z"},
	}
	for _, c := range cases {
		if got, err := ParseInterval(c.text); err != nil || got.String() != c.want {
			t.Errorf("ParseInterval(%q) = %s, %v, want %s", c.text, got, err, c.want)
		}
	}
	refused := map[string]string{
		"": "expected start/end, start/period or period/end", "2020": "expected start/end, start/period or period/end",
		"2020/": "expected start/end, start/period or period/end", "2021/2020": "it ends before it starts",
		"2020/P-1D": "it ends before it starts", "P1D/P1D": "not an ISO 8601 date or date-time",
		"T00:00/T01:00": "a time without a date", "2020/2021/2022": "not an ISO 8601 date or date-time",
		"2020/P1D ": "expected a form like P30D, P1Y6M or PT36H", "eternity/2020": "not an ISO 8601 date or date-time",
	}
	for text, why := range refused {
		if got, err := ParseInterval(text); err == nil || reason(err) != why {
			t.Errorf("ParseInterval(%q) = %s, %v, want %s", text, got, err, why)
		}
	}
}
