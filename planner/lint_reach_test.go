package planner

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"coppice/internal/druid"

	"pgregory.net/rapid"
)

// ruleOf reads a rule in short: "load P30D", "load P30D past" (without the future), "drop 2021/2023", "before P2Y",
// "load forever", "broadcast P1M", "moon" for a kind that nobody knows.
func ruleOf(t fataler, text string) druid.Rule {
	words := strings.Fields(text)
	body := fmt.Sprintf(`{"type":%q}`, "dropByMoonPhase")
	switch {
	case words[0] == "moon":
	case words[0] == "before":
		body = fmt.Sprintf(`{"type":"dropBeforeByPeriod","period":%q}`, words[1])
	case words[1] == "forever":
		body = fmt.Sprintf(`{"type":"%sForever"}`, words[0])
	case strings.Contains(words[1], "/"):
		body = fmt.Sprintf(`{"type":"%sByInterval","interval":%q}`, words[0], words[1])
	default:
		body = fmt.Sprintf(`{"type":"%sByPeriod","period":%q,"includeFuture":%v}`, words[0], words[1], len(words) == 2)
	}
	r, err := druid.ParseRule([]byte(body))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return r
}

func listOf(t fataler, text string) druid.RuleList {
	var list druid.RuleList
	for rule := range strings.SplitSeq(text, ",") {
		if strings.TrimSpace(rule) != "" {
			list = append(list, ruleOf(t, rule))
		}
	}
	return list
}

func TestReachability(t *testing.T) {
	cases := []struct {
		name, list string
		// never lists the rules that nothing ever reaches, from 1, each with the rules that hide it; "!" marks harm.
		never string
		// falls: something falls through.
		falls bool
	}{
		{"load then drop recent of one period", "load P1M, drop P1M", "2 by 1", true},
		{"an interval that the window moves past", "load P5Y, load 2021/2023", "", true},
		{"the future only", "load P6M past, load P3M", "", true},
		{"growing windows", "load P1Y, load P2Y", "", true},
		{"shrinking windows", "load P2Y, load P1Y", "2 by 1", true},
		{"behind a forever", "load P1D, drop forever, load P1Y", "3 by 1 2 !", false},
		{"behind two that are all there is", "load P30D, before P30D, load forever", "3 by 1 2 !", false},
		{"complements leave nothing", "load P1M, before P1M", "", false},
		{"a month is at least 28 days", "load P28D, load P1M", "", true},
		{"thirty days are more than February", "load P1M, load P30D", "", true},
		{"a month is at most 31 days", "load P31D, load P1M", "2 by 1", true},
		{"a month can be longer than 30 days", "load P30D, load P1M", "", true},
		{"a year is twelve months", "load P1Y, load P12M", "2 by 1", true},
		{"a year and a month are thirteen months, not at a leap day", "load P1Y1M, load P13M", "2 by 1", true},
		{"thirteen months never reach back further than a year and a month", "load P13M, load P1Y1M", "", true},
		{"366 days are at least a year", "load P366D, load P1Y", "2 by 1", true},
		{"365 days are not", "load P365D, load P1Y", "", true},
		{"four years are 1461 days at most", "load P1461D, load P4Y", "2 by 1", true},
		{"and 1460 over a century without a leap day", "load P1460D, load P4Y", "", true},
		{"a drop behind a load of the same past", "load P1M, drop P1M past", "2 by 1", true},
		{"a load behind a drop reaches straddlers", "drop P1M, broadcast P1M", "", true},
		{"an interval inside another", "load 2021/2023, drop 2021/2022", "2 by 1", true},
		{"drops take only what is inside", "drop 2021/2023, load 2021/2023", "", true},
		{"two drops leave what straddles", "drop 2021/2022, drop 2022/2023, drop 2021/2023", "", true},
		{"two loads cover an interval", "load 2021/2022, load 2022/2023, drop 2021/2023", "3 by 1 2", true},
		{"a gap of a millisecond between loads", "load 2021/2022, load 2022-01-01T00:00:00.001Z/2023, drop 2021/2023", "", true},
		{"windows and intervals together", "load P1Y, before P1Y, load 2021/2023", "3 by 1 2 !", false},
		{"a window that an interval will be behind", "before P1Y, load 2027/2028", "", true},
		{"an interval that is behind already", "before P1Y, load 2021/2022", "", true},
		{"only straddlers, and those not any more", "before P1Y, drop 2021/2022", "2 by 1", true},
		{"not yet behind", "before P1Y, drop 2025/2026", "", true},
		{"one millisecond left", "before P1Y, drop 2025/2025-11-20T00:00:00.001Z", "", true},
		{"nothing left", "before P1Y, drop 2025/2025-11-20", "2 by 1", true},
		{"a window of no length", "load P1D, drop PT0S past, drop forever", "2 by !", false},
		{"an interval of no length", "drop 2021/2021, load forever", "1 by !", false},
		{"for four milliseconds of next week", "load 1000/2026-11-25T10:00Z, load 2026-11-25T10:00:00.005Z/146140482-04-24T15:36:27.903Z, drop P1D, load P1D, drop forever", "", false},
		{"never between two neighbouring milliseconds", "load 1000/2026-11-25T10:00Z, load 2026-11-25T10:00:00.001Z/146140482-04-24T15:36:27.903Z, drop P1D, load P1D, drop forever", "4 by 1 2 3 !", false},
		{"an unknown kind hides nothing", "moon, load P1Y, drop forever", "", false},
		{"an unknown kind behind everything", "load forever, moon", "2 by 1", false},
		{"an unknown kind in front of what others hide", "load P2Y, moon, load P1Y", "3 by 1", true},
		{"the ordinary ones", "load P30D, drop forever", "", false},
		{"with a hot tier", "load P7D, load P1Y, drop forever", "", false},
		{"drop the old", "before P2Y, load forever", "", false},
		{"nothing at all", "", "", true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			list := listOf(t, c.list)
			r := reachabilityOf(list, at(t, "2026-11-20"))
			if got := told2(r); got != c.never {
				t.Errorf("%s: never reached %q, want %q", c.list, got, c.never)
			}
			if got := r.closed || r.reached[len(list)] == nil; got == c.falls {
				t.Errorf("%s: falls through: %v, want %v", c.list, !got, c.falls)
			}
			verify(t, list, r)
		})
	}
}

func told2(r *reachability) string {
	var parts []string
	for i := range r.shapes {
		if r.reached[i] != nil {
			continue
		}
		text := fmt.Sprintf("%d by", i+1)
		var by []int
		for _, h := range r.hidden[i] {
			by = append(by, h.by+1)
		}
		slices.Sort(by)
		for _, n := range by {
			text += fmt.Sprint(" ", n)
		}
		if !r.harmless(i) {
			text += " !"
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ", ")
}

// verify checks every answer that comes with an example against Druid's own predicates.
func verify(t fataler, list druid.RuleList, r *reachability) {
	chain := druid.Chain{Own: list}
	for i, s := range r.reached {
		if s == nil || i < len(list) && r.shapes[i].scope == opaque {
			continue
		}
		want := i
		if i == len(list) {
			want = -1
		}
		if m := chain.Match(s.interval, s.at); s.at < r.now || s.interval.Empty() || m.Index != want && !r.open {
			t.Fatalf("rule %d is said to decide on %s, but %d does (%v)", i, s, m.Index, list)
		}
	}
	for i, hidden := range r.hidden {
		for _, h := range hidden {
			applies, _ := list[i].Applies(h.shown.interval, h.shown.at)
			if m := chain.Match(h.shown.interval, h.shown.at); m.Index != h.by && !r.open || !applies && r.shapes[i].scope != opaque {
				t.Fatalf("rule %d is said to take %s from %d, but %d does (%v)", h.by, h.shown, i, m.Index, list)
			}
		}
	}
}

// Over a grid of every start, end and moment of a few milliseconds: a rule is claimed to be out of reach exactly when no
// point of the grid reaches it. The grid is wide enough to hold every case, since bounds lie in its middle.
func TestReachabilityByBruteForce(t *testing.T) {
	const now = druid.Instant(1_795_132_800_000) // 2026-11-20
	rapid.Check(t, func(t *rapid.T) {
		list := drawTinyRules(t, now)
		r := reachabilityOf(list, now)
		verify(t, list, r)
		if got, want := reachedBy(r), bruteForce(list, now, 30, 12); !slices.Equal(got, want) {
			t.Fatalf("reached %v, by brute force %v: %v", got, want, list)
		}
	})
}

func reachedBy(r *reachability) []bool {
	got := make([]bool, len(r.reached))
	for i, s := range r.reached {
		got[i] = s != nil
	}
	got[len(got)-1] = got[len(got)-1] && !r.closed
	return got
}

// drawTinyRules draws rules whose bounds are some milliseconds around now.
func drawTinyRules(t *rapid.T, now druid.Instant) druid.RuleList {
	var list druid.RuleList
	for range rapid.IntRange(1, 5).Draw(t, "rules") {
		period := fmt.Sprintf("PT0.%03dS", rapid.IntRange(0, 6).Draw(t, "period"))
		from := now + druid.Instant(rapid.IntRange(-6, 8).Draw(t, "from"))
		interval := druid.Interval{Start: from, End: from + druid.Instant(rapid.IntRange(0, 5).Draw(t, "length"))}
		form := rapid.SampledFrom([]string{"load P", "load P past", "load I", "drop P", "drop P past", "drop I", "before P", "drop forever"}).Draw(t, "form")
		text := strings.NewReplacer("P", period, "I", interval.String()).Replace(form)
		list = append(list, ruleOf(t, text))
	}
	return list
}

// bruteForce asks Druid's predicates at every point: moments from now on, segments that begin and end around them.
func bruteForce(list druid.RuleList, now druid.Instant, moments, before int) []bool {
	chain := druid.Chain{Own: list}
	got := make([]bool, len(list)+1)
	for t := now; t < now+druid.Instant(moments); t++ {
		for start := now - druid.Instant(before) - 5; start < now+druid.Instant(moments)+5; start++ {
			for end := start + 1; end < now+druid.Instant(moments)+7; end++ {
				m := chain.Match(druid.Interval{Start: start, End: end}, t)
				got[(m.Index+len(got))%len(got)] = true
			}
		}
	}
	return got
}

// The same with months and years, over all days of some years: what is claimed to be out of reach is not reached on any
// day, at the start of the day, its middle and its last millisecond, by any segment whose ends lie at a bound, just
// before or just after it. What is not claimed has an example, which verify checks.
func TestReachabilityOverTheCalendar(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := epoch + day*druid.Instant(rapid.IntRange(0, 1500).Draw(t, "now")) + druid.Instant(rapid.IntRange(0, 2).Draw(t, "of day"))*day/2
		list := drawCalendarRules(t)
		r := reachabilityOf(list, now)
		verify(t, list, r)
		for range 60 {
			at := now + day*druid.Instant(rapid.IntRange(0, 1600).Draw(t, "at")) + druid.Instant(rapid.IntRange(0, 2).Draw(t, "time"))*day/2
			for _, moment := range [...]druid.Instant{at, at - at%day + day - 1} {
				r.challenge(t, list, moment)
			}
		}
	})
}

func drawCalendarRules(t *rapid.T) druid.RuleList {
	periods := []string{"P1M", "P30D", "P31D", "P28D", "P1Y", "P365D", "P366D", "P12M", "P1M1D", "P2M", "P59D", "P1Y1M", "P13M", "P1MT12H"}
	intervals := []string{"2026/2027", "2026-02-01/2026-03-01", "2026-02-28T12:00Z/2026-05-31", "2027-01-31/2028-02-29", "2025/2026-02-01"}
	var list druid.RuleList
	for range rapid.IntRange(2, 5).Draw(t, "rules") {
		form := rapid.SampledFrom([]string{"load P", "load P", "load P past", "load I", "drop P", "drop P past", "drop I", "before P"}).Draw(t, "form")
		text := strings.NewReplacer("P", rapid.SampledFrom(periods).Draw(t, "period"), "I", rapid.SampledFrom(intervals).Draw(t, "interval")).Replace(form)
		list = append(list, ruleOf(t, text))
	}
	return list
}

// challenge looks for a segment that reaches a rule that is said to be out of reach.
func (r *reachability) challenge(t fataler, list druid.RuleList, at druid.Instant) {
	var ends []druid.Instant
	for i := range list {
		bounds := []druid.Instant{at}
		if list[i].Period != nil {
			cutoff, _ := list[i].Period.Before(at)
			bounds = append(bounds, cutoff)
		}
		if list[i].Interval != nil {
			bounds = append(bounds, list[i].Interval.Start, list[i].Interval.End)
		}
		for _, b := range bounds {
			ends = append(ends, b-1, b, b+1)
		}
	}
	chain := druid.Chain{Own: list}
	for _, start := range ends {
		for _, end := range ends {
			if start >= end {
				continue
			}
			m := chain.Match(druid.Interval{Start: start, End: end}, at)
			if n := (m.Index + len(list) + 1) % (len(list) + 1); r.reached[n] == nil && !(n == len(list) && r.closed) {
				t.Fatalf("rule %d is said to be out of reach, but %s/%s at %s reaches it: %v", n, start, end, at, list)
			}
		}
	}
}

// BenchmarkReachability: a list whose rules are all reached is done at the first moment; one with a rule that never is
// goes through every combination of the calendar.
func BenchmarkReachability(b *testing.B) {
	many := "load P1M"
	for year := 1990; year < 2020; year++ {
		many += fmt.Sprintf(", load %d-02-01/%d-03-01", year, year)
	}
	for name, text := range map[string]string{
		"ordinary": "load P7D, load P1Y, drop forever", "hidden": "load P1M, drop P1M, load P1Y1M, load P13M",
		"33 rules": many + ", drop forever, load P2Y",
	} {
		list := listOf(b, text)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				reachabilityOf(list, epoch)
			}
		})
	}
}
