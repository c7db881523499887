package druid

import (
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestParseInstant(t *testing.T) {
	cases := []struct{ text, want string }{
		{"2026-01-01T00:00:00.000Z", "2026-01-01T00:00:00.000Z"},
		{"2026-01-01", "2026-01-01T00:00:00.000Z"},
		{"2026-01", "2026-01-01T00:00:00.000Z"},
		{"2026", "2026-01-01T00:00:00.000Z"},
		{"2026-060", "2026-03-01T00:00:00.000Z"},
		{"2026-W01-1", "2025-12-29T00:00:00.000Z"},
		{"2026-01-01T12", "2026-01-01T12:00:00.000Z"},
		{"2026-01-01T12:30+05:30", "2026-01-01T07:00:00.000Z"},
		{"2026-1-2t3:4:5.6z", "2026-01-02T03:04:05.600Z"},
		{"2026-01-01T12.5", "2026-01-01T12:30:00.000Z"},
		{"2026-01-01T00:00:00.9999Z", "2026-01-01T00:00:00.999Z"},
		{"2026-01-01T12.12345", "2026-01-01T12:07:24.420Z"},
		{"2026-01-01T00:00-08:00", "2026-01-01T08:00:00.000Z"},
		{"2026-01-01T00:00+01:00:30.5", "2025-12-31T22:59:29.500Z"},
		{"-0044-03-15", "-0044-03-15T00:00:00.000Z"},
		{"20260101", "20260101-01-01T00:00:00.000Z"},
		{"-146136543-09-08T08:23:32.096Z", "-146136543-09-08T08:23:32.096Z"},
		{"146140482-04-24T15:36:27.903Z", "146140482-04-24T15:36:27.903Z"},
		{"2024-02-29", "2024-02-29T00:00:00.000Z"},
	}
	for _, c := range cases {
		t.Run(c.text, func(t *testing.T) {
			got, err := ParseInstant(c.text)
			if err != nil || got.String() != c.want {
				t.Errorf("ParseInstant(%q) = %s, %v, want %s", c.text, got, err, c.want)
			}
		})
	}
}

func TestParseInstantRefuses(t *testing.T) {
	cases := map[string]string{
		"":                          "not an ISO 8601 date or date-time",
		"T12:00":                    "a time without a date",
		"2026-02-29":                "no such date or time",
		"2026-02-29T00:00:00.000Z":  "no such date or time",
		"2026-13-01":                "no such date or time",
		"2026-366":                  "no such date or time",
		"2026-W54":                  "no such date or time",
		"2026-01-01T24:00":          "not an ISO 8601 date or date-time",
		"2026-01-01T24:00:00.000Z":  "not an ISO 8601 date or date-time",
		"2026-01-01T12:60":          "not an ISO 8601 date or date-time",
		"2026-01-01 12:00":          "not an ISO 8601 date or date-time",
		"2026-01-01Z":               "not an ISO 8601 date or date-time",
		"2026-01-01T12:00+24:00":    "not an ISO 8601 date or date-time",
		"2026-01-01T00:00:00.000Z ": "not an ISO 8601 date or date-time",
		"1234567890":                "not an ISO 8601 date or date-time",
	}
	for text, why := range cases {
		_, err := ParseInstant(text)
		if err == nil || reason(err) != why {
			t.Errorf("ParseInstant(%q) = %v, want %s", text, err, why)
		}
	}
}

// TestInstantPrintsAsGo compares with package time over the years that it can print.
func TestInstantPrintsAsGo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := Instant(rapid.Int64Range(-62167219200000, 253402300799999).Draw(t, "millis"))
		want := x.Time().Format("2006-01-02T15:04:05.000Z")
		if x.String() != want {
			t.Fatalf("%d prints %s, want %s", x, x, want)
		}
		if back, ok := StoredInstant(want); !ok || back != x {
			t.Fatalf("%s reads back as %d, want %d", want, back, x)
		}
	})
}

// TestEveryInstantReadsBack covers all of Java's long but the ends, where NoInstant lies.
func TestEveryInstantReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := Instant(rapid.Int64Min(int64(NoInstant)+1).Draw(t, "millis"))
		if back, err := ParseInstant(x.String()); err != nil || back != x {
			t.Fatalf("%s reads back as %s, %v", x, back, err)
		}
	})
}

// TestStoredFormIsNoSpecialCase: the fast way never takes what the general one refuses, nor with another meaning.
func TestStoredFormIsNoSpecialCase(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := []byte("2024-02-29T23:59:59.999Z")
		for range rapid.IntRange(1, 4).Draw(t, "changes") {
			at := rapid.IntRange(0, len(text)-1).Draw(t, "at")
			text[at] = rapid.SampledFrom([]byte("0123456789-:.TZ+ ")).Draw(t, "to")
		}
		fast, ok := StoredInstant(string(text))
		if slow, err := parseDateTime(string(text)); ok && (err != nil || slow != fast) {
			t.Fatalf("%s: fast %s, slow %s %v", text, fast, slow, err)
		}
	})
}

func TestInstantText(t *testing.T) {
	if NoInstant.String() != "unknown" || NoInstant.Known() {
		t.Errorf("NoInstant prints %s", NoInstant)
	}
	for _, x := range []Instant{0, MinInstant, MaxInstant, NoInstant, -1} {
		text, err := json.Marshal(x)
		if err != nil {
			t.Fatal(err)
		}
		var back Instant
		if err := json.Unmarshal(text, &back); err != nil || back != x {
			t.Errorf("%s reads back as %s, %v", text, back, err)
		}
	}
	if got := InstantOf(time.Date(2026, 1, 1, 0, 0, 0, 1999999, time.UTC)); got.String() != "2026-01-01T00:00:00.001Z" {
		t.Errorf("InstantOf = %s", got)
	}
	if got := InstantOf(time.Unix(0, -1)); got != -1 {
		t.Errorf("InstantOf one nanosecond before 1970 = %d, want -1", got)
	}
}

// TestNothingIsAllocated: a scan of a million rows reads three instants and judges each row.
func TestNothingIsAllocated(t *testing.T) {
	segment := Interval{benchNow - 1, benchNow}
	bad := Chain{Own: RuleList{{Type: "loadByInterval"}}}
	unknown := Chain{Own: RuleList{{Type: "loadPartialForever"}}}
	for name, run := range map[string]func(){
		"ParseInstant": func() { _, _ = ParseInstant("2026-03-31T12:34:56.789Z") },
		"Match":        func() { benchChain.Match(segment, benchNow) },
		"Match, dies":  func() { bad.Match(segment, benchNow) },
		"unknown":      func() { unknown.Match(segment, benchNow) },
		"Applies":      func() { _, _ = benchChain.Own[2].Applies(segment, benchNow) },
		"out of range": func() { _, _ = Rule{Type: "dropBeforeByPeriod", Period: &absurdPeriod}.Applies(segment, benchNow) },
	} {
		if n := testing.AllocsPerRun(100, run); n != 0 {
			t.Errorf("%s allocates %v times", name, n)
		}
	}
}

var absurdPeriod = Period{Years: 300000000}

// TestEveryStoredDay: the stored form counts days as the calendar does, from the first to the last that it can write.
func TestEveryStoredDay(t *testing.T) {
	for day := yearStart(0); day < yearStart(10_000); day++ {
		if d := dateOf(day); storedDay(uint64(d.year), uint64(d.month), uint64(d.day)) != day || dayNumber(d) != day {
			t.Fatalf("%+v is day %d, and %d in stored form", d, day, storedDay(uint64(d.year), uint64(d.month), uint64(d.day)))
		}
	}
}
