package druid

import (
	"testing"

	"pgregory.net/rapid"
)

// TestBefore shows the order of fields and the clamping (Joda's DateTime.minus in UTC).
func TestBefore(t *testing.T) {
	cases := []struct{ name, from, period, want string }{
		{"clamps to the month's end", "2026-03-31", "P1M", "2026-02-28"},
		{"clamps to the leap day", "2024-03-31", "P1M", "2024-02-29"},
		{"years first: February 29th becomes 28th before months", "2024-02-29", "P1Y2M", "2022-12-28"},
		{"months alone keep the 29th", "2024-02-29", "P14M", "2022-12-29"},
		{"year and month", "2025-03-31", "P1Y1M", "2024-02-29"},
		{"month before day", "2026-05-31", "P1M1D", "2026-04-29"},
		{"weeks and days together", "2026-03-31", "P1W1D", "2026-03-23"},
		{"century without leap day", "2104-02-29", "P4Y", "2100-02-28"},
		{"year 0 is a leap year", "0004-02-29", "P4Y", "0000-02-29"},
		{"below year 0", "0000-01-31", "P1M", "-0001-12-31"},
		{"above year 9999", "10000-03-31", "P1M", "10000-02-29"},
		{"time of day stays", "2026-03-31T12:34:56.789Z", "P1M", "2026-02-28T12:34:56.789Z"},
		{"hours are real hours", "2026-03-01T00:00", "PT36H", "2026-02-27T12:00"},
		{"negative fields move forward", "2026-01-31", "P-1M", "2026-02-28"},
		{"zero", "2026-01-31", "P", "2026-01-31"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p, err := ParsePeriod(c.period)
			if err != nil {
				t.Fatal(err)
			}
			got, err := p.Before(mustInstant(t, c.from))
			if want := mustInstant(t, c.want); err != nil || got != want {
				t.Errorf("%s before %s = %s, %v, want %s", c.period, c.from, got, err, want)
			}
		})
	}
}

func TestBeforeLeavesTheCalendar(t *testing.T) {
	cases := []struct {
		from, period string
		fails        bool
	}{
		{"2026-01-01", "P300000000Y", true},
		{"2026-01-01", "P-300000000Y", true},
		{"2026-01-01", "P-2147483648Y", true},
		{"2026-01-01", "P-2147483648M", false},
		{"200000000-01-01", "P-2147483648M", true},
		// Joda checks the year only beyond an int's worth of months; here its sum wraps round.
		{"200000000-01-01", "P-2147483647M", false},
		{"292278993-12-31", "P-229D", false},
		{"292278993-12-31", "P-230D", true},
		{"-292275054-01-01", "P229D", false},
		{"-292275054-01-01", "P230D", true},
	}
	for _, c := range cases {
		p, err := ParsePeriod(c.period)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := p.Before(mustInstant(t, c.from)); (err != nil) != c.fails {
			t.Errorf("%s before %s = %s, %v, want an error: %v", c.period, c.from, got, err, c.fails)
		}
	}
}

func TestParsePeriod(t *testing.T) {
	cases := []struct{ text, want string }{
		{"P1Y2M3W4DT5H6M7.008S", "P1Y2M3W4DT5H6M7.008S"},
		{"P", "PT0S"}, {"P0D", "PT0S"}, {"pt1h", "PT1H"}, {" \tP1D\x00\n", "P1D"}, {"P7D", "P7D"}, {"P1W", "P1W"},
		{"P+1D", "P1D"}, {"P-1D", "P-1D"}, {"PT-0.5S", "PT-0.500S"}, {"PT1,5S", "PT1.500S"}, {"PT.5S", "PT0.500S"},
		{"PT1.S", "PT1S"}, {"PT0.0009S", "PT0S"}, {"P0000000001D", "P1D"}, {"P-2147483648Y", "P-2147483648Y"},
	}
	for _, c := range cases {
		if got, err := ParsePeriod(c.text); err != nil || got.String() != c.want {
			t.Errorf("ParsePeriod(%q) = %s, %v, want %s", c.text, got, err, c.want)
		}
	}
	for _, text := range []string{"", "PT", "P1DT", "P1H", "-P1D", "P1.5D", "PT1.5H", "P1M1Y", "P1D1D", "P2147483648D",
		"P00000000001D", "P1D ;", "1D", "P--1D", "P\u00a01D", "\u00a0P1D", "PT1.2.3S", "PT0000000001.S", "PT-.5S", "P1T"} {
		if got, err := ParsePeriod(text); err == nil {
			t.Errorf("ParsePeriod(%q) = %s, want an error", text, got)
		}
	}
}

// anyPeriod draws fields of every size and sign, as parsing could give them: seconds and millis have one sign.
func anyPeriod(t *rapid.T) Period {
	field := func(name string) int32 { return rapid.Int32().Draw(t, name) }
	p := Period{Years: field("years"), Months: field("months"), Weeks: field("weeks"), Days: field("days"),
		Hours: field("hours"), Minutes: field("minutes"), Seconds: rapid.Int32Range(-999999999, 999999999).Draw(t, "seconds")}
	if rapid.Bool().Draw(t, "fraction") {
		// Joda reads ten digits in all, so that it cannot read back what it prints of longer ones.
		p.Seconds %= 10000000
		p.Millis = rapid.Int32Range(0, 999).Draw(t, "millis")
		if p.Seconds < 0 {
			p.Millis = -p.Millis
		}
	}
	return p
}

func TestPeriodPrintsAndReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := anyPeriod(t)
		if back, err := ParsePeriod(p.String()); err != nil || back != p {
			t.Fatalf("%s reads back as %+v, %v", p, back, err)
		}
	})
}

// TestNegativeIsExact asks Before on every day of 400 years.
func TestNegativeIsExact(t *testing.T) {
	cases := map[string]bool{"P1D": false, "P": false, "P-1D": true, "P1M-28D": false, "P1M-29D": true, "P1Y-12M": false,
		"P1Y-13M": true, "P12M-365D": false, "P12M-366D": true, "P1Y-365DT0.001S": false, "P4Y-1461D": true, "P1DT-24H": false,
		"P1DT-24H-0.001S": true, "P-1M32D": false, "P-1M30D": true}
	for text, want := range cases {
		p, err := ParsePeriod(text)
		if err != nil {
			t.Fatal(err)
		}
		moves := false
		for day := yearStart(2000); day < yearStart(2400) && !moves; day++ {
			now := instantOf(day, 0)
			before, err := p.Before(now)
			moves = err != nil || before > now
		}
		if moves != want || p.Negative() != want {
			t.Errorf("%s: Negative %v, moved forward %v, want %v", text, p.Negative(), moves, want)
		}
	}
}

// TestAfterUndoesBefore for fields of fixed length; months clamp and cannot be undone.
func TestAfterUndoesBefore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := sanePeriods(t)
		p.Years, p.Months = 0, 0
		now := edgeInstants(t, "now")
		before, err := p.Before(now)
		if err != nil {
			t.Fatal(err)
		}
		if back, err := p.After(before); err != nil || back != now {
			t.Fatalf("%s after %s = %s, %v, want %s", p, before, back, err, now)
		}
	})
}
