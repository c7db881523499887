package druid

import "testing"

// TestRuleBoundaries reads as a table: what each kind says of a segment that lies just before, at and just after the
// boundary. now is 2026-03-31T00:00Z, so P1M cuts at 2026-02-28T00:00Z.
func TestRuleBoundaries(t *testing.T) {
	const (
		now    = "2026-03-31"
		month  = `{"type":"%s","period":"P1M"}`
		closed = `{"type":"%s","period":"P1M","includeFuture":false}`
		march  = `{"type":"%s","interval":"2026-03-01/2026-03-02"}`
	)
	cases := []struct {
		class, form string
		types       []string
		boundary    string
		// segments around the boundary and the answer for each
		segments []string
		want     []bool
	}{
		{"Rules.eligibleForLoad, with the future", month, periodTakers, "the end passes the cutoff",
			[]string{"2026-02-27/2026-02-27T23:59:59.999", "2026-02-27/2026-02-28", "2026-02-27/2026-02-28T00:00:00.001"},
			[]bool{false, false, true}},
		{"Rules.eligibleForLoad, with the future", month, periodTakers, "no upper bound",
			[]string{"2026-03-30/2026-03-31", "2026-03-31/2026-04-01", "2030-01-01/2030-01-02"},
			[]bool{true, true, true}},
		{"Rules.eligibleForLoad, without the future", closed, periodTakers, "the end passes the cutoff",
			[]string{"2026-02-27/2026-02-27T23:59:59.999", "2026-02-27/2026-02-28", "2026-02-27/2026-02-28T00:00:00.001"},
			[]bool{false, false, true}},
		{"Rules.eligibleForLoad, without the future", closed, periodTakers, "the start reaches now",
			[]string{"2026-03-30T23:59:59.999/2026-04-01", "2026-03-31/2026-04-01", "2026-03-31T00:00:00.001/2026-04-01"},
			[]bool{true, false, false}},
		{"Rules.eligibleForLoad, by interval", march, intervalTakers, "the end passes the start",
			[]string{"2026-02-28/2026-02-28T23:59:59.999", "2026-02-28/2026-03-01", "2026-02-28/2026-03-01T00:00:00.001"},
			[]bool{false, false, true}},
		{"Rules.eligibleForLoad, by interval", march, intervalTakers, "the start reaches the end",
			[]string{"2026-03-01T23:59:59.999/2026-03-03", "2026-03-02/2026-03-03", "2026-03-02T00:00:00.001/2026-03-03"},
			[]bool{true, false, false}},
		{"PeriodDropRule, with the future", month, []string{"dropByPeriod"}, "the start reaches the cutoff",
			[]string{"2026-02-27T23:59:59.999/2026-03-01", "2026-02-28/2026-03-01", "2026-02-28T00:00:00.001/2026-03-01"},
			[]bool{false, true, true}},
		{"PeriodDropRule, with the future", month, []string{"dropByPeriod"}, "the end does not matter",
			[]string{"2026-03-30/2026-03-31", "2026-03-30/2026-04-01", "2030-01-01/2030-01-02"},
			[]bool{true, true, true}},
		{"PeriodDropRule, without the future", closed, []string{"dropByPeriod"}, "the start reaches the cutoff",
			[]string{"2026-02-27T23:59:59.999/2026-03-01", "2026-02-28/2026-03-01", "2026-02-28T00:00:00.001/2026-03-01"},
			[]bool{false, true, true}},
		{"PeriodDropRule, without the future", closed, []string{"dropByPeriod"}, "the end passes now",
			[]string{"2026-03-30/2026-03-30T23:59:59.999", "2026-03-30/2026-03-31", "2026-03-30/2026-03-31T00:00:00.001"},
			[]bool{true, true, false}},
		{"PeriodDropBeforeRule", month, []string{"dropBeforeByPeriod"}, "the end passes the cutoff",
			[]string{"2026-02-27/2026-02-27T23:59:59.999", "2026-02-27/2026-02-28", "2026-02-27/2026-02-28T00:00:00.001"},
			[]bool{true, true, false}},
		{"IntervalDropRule", march, []string{"dropByInterval"}, "the start reaches the start",
			[]string{"2026-02-28T23:59:59.999/2026-03-02", "2026-03-01/2026-03-02", "2026-03-01T00:00:00.001/2026-03-02"},
			[]bool{false, true, true}},
		{"IntervalDropRule", march, []string{"dropByInterval"}, "the end passes the end",
			[]string{"2026-03-01/2026-03-01T23:59:59.999", "2026-03-01/2026-03-02", "2026-03-01/2026-03-02T00:00:00.001"},
			[]bool{true, true, false}},
		{"Forever*Rule", `{"type":"%s"}`, []string{"loadForever", "dropForever", "broadcastForever"}, "none",
			[]string{"1000-01-01/1000-01-02", "2026-03-30/2026-03-31", "9999-01-01/10000-01-01"},
			[]bool{true, true, true}},
	}
	for _, c := range cases {
		for _, kind := range c.types {
			t.Run(c.class+"/"+kind+"/"+c.boundary, func(t *testing.T) {
				r := mustRule(t, c.form, kind)
				for i, segment := range c.segments {
					got, err := r.Applies(mustInterval(t, segment), mustInstant(t, now))
					if err != nil || got != c.want[i] {
						t.Errorf("%s: %v, %v, want %v", segment, got, err, c.want[i])
					}
				}
			})
		}
	}
}

var (
	periodTakers   = []string{"loadByPeriod", "broadcastByPeriod"}
	intervalTakers = []string{"loadByInterval", "broadcastByInterval"}
)

// TestRulesThatThrow: each of them ends the rule run of the whole cluster, and StopsCoordinator says so beforehand.
func TestRulesThatThrow(t *testing.T) {
	cases := []struct {
		rule  string
		stops string
	}{
		{`{"type":"loadByPeriod","period":"P-1D"}`, "the period is negative"},
		{`{"type":"broadcastByPeriod","period":"P-1D"}`, "the period is negative"},
		{`{"type":"dropByPeriod","period":"P1M-29D"}`, "the period is negative"},
		{`{"type":"dropBeforeByPeriod","period":"P-1D"}`, ""},
		{`{"type":"dropBeforeByPeriod","period":"P300000000Y"}`, errRange.Error()},
		{`{"type":"loadByPeriod","period":"P292278000Y"}`, errRange.Error()},
		{`{"type":"loadByPeriod","period":"P1000000Y"}`, ""},
		{`{"type":"dropBeforeByPeriod","period":"PT10000000.12S"}`, errUnreadable.Error()},
		{`{"type":"loadByInterval"}`, "the rule has no interval"},
		{`{"type":"dropByInterval","interval":null}`, "the rule has no interval"},
		{`{"type":"loadByPeriod"}`, ""},
		{`null`, "the rule is null"},
		{`{"type":"loadPartialByPeriod","period":"P-1D"}`, ""},
	}
	segment := Interval{benchNow - dayMillis400, benchNow}
	for _, c := range cases {
		r, err := ParseRule([]byte(c.rule))
		if err != nil {
			t.Fatal(err)
		}
		reason, stops := r.StopsCoordinator()
		if reason != c.stops || stops != (c.stops != "") {
			t.Errorf("%s stops: %q, want %q", c.rule, reason, c.stops)
		}
		match := Chain{Own: RuleList{r}}.Match(segment, mustInstant(t, "2026-03-01"))
		if stops && c.stops != errRange.Error() && c.stops != errUnreadable.Error() && match.Err == nil {
			t.Errorf("%s: %+v, want an error", c.rule, match)
		}
	}
}

const dayMillis400 = 400 * 86400000

func TestChainMatch(t *testing.T) {
	segment := mustInterval(t, "2026-01-01/2026-01-02")
	now := mustInstant(t, "2026-03-31")
	cases := []struct {
		name, own, fallback string
		want                Match
	}{
		{"own before default", `[{"type":"dropForever"}]`, `[{"type":"loadForever"}]`, Match{0, ActionDrop, nil}},
		{"default when own does not apply", `[{"type":"loadByPeriod","period":"P1M"}]`, `[{"type":"loadForever"}]`, Match{1, ActionLoad, nil}},
		{"empty own list", `[]`, `[{"type":"broadcastForever"}]`, Match{0, ActionBroadcast, nil}},
		{"no match", `[{"type":"loadByPeriod","period":"P1M"}]`, `[]`, Match{Index: -1}},
		{"no rules", `[]`, `[]`, Match{Index: -1}},
		{"unknown kind in the way", `[{"type":"loadPartialForever"}]`, `[{"type":"dropForever"}]`, Match{Index: 0}},
		{"unknown kind behind", `[{"type":"dropForever"},{"type":"loadPartialForever"}]`, `[]`, Match{0, ActionDrop, nil}},
		{"throws", `[{"type":"loadByInterval"}]`, `[{"type":"loadForever"}]`, Match{Index: 0, Err: errNoInterval}},
		{"a null in the list", `[null]`, `[]`, Match{Index: 0, Err: errNullRule}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			chain := Chain{mustRules(t, c.own), mustRules(t, c.fallback)}
			if got := chain.Match(segment, now); got != c.want {
				t.Errorf("Match = %+v, want %+v", got, c.want)
			}
			if c.want.Index >= 0 && chain.At(c.want.Index).Action() != c.want.Action && c.want.Err == nil {
				t.Errorf("At(%d) is %s", c.want.Index, chain.At(c.want.Index).Summary())
			}
		})
	}
}
