package druid

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func mustRule(t *testing.T, form string, args ...any) Rule {
	t.Helper()
	r, err := ParseRule(fmt.Appendf(nil, form, args...))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func mustRules(t *testing.T, text string) RuleList {
	t.Helper()
	l, err := ParseRuleList([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// anyRule draws rules of the known kinds as parsing would give them.
func anyRule(t *rapid.T) Rule {
	r := Rule{Type: rapid.SampledFrom(knownTypes).Draw(t, "type"), IncludeFuture: true, UseDefaultTierForNull: true}
	fields := r.parameters()
	if fields&hasPeriod != 0 && rapid.Bool().Draw(t, "period") {
		p := sanePeriods(t)
		r.Period = &p
	}
	if fields&hasInterval != 0 && rapid.Bool().Draw(t, "interval") {
		a, b := edgeInstants(t, "from"), edgeInstants(t, "to")
		r.Interval = &Interval{min(a, b), max(a, b)}
	}
	if fields&hasFuture != 0 {
		r.IncludeFuture = rapid.Bool().Draw(t, "future")
	}
	if fields&hasReplicants != 0 {
		r.Replicants = Replicants{}
		for _, tier := range rapid.SliceOfDistinct(rapid.String(), rapid.ID).Draw(t, "tiers") {
			r.Replicants = append(r.Replicants, TierReplicants{tier, rapid.Int32Min(0).Draw(t, "count")})
		}
		r.UseDefaultTierForNull = rapid.Bool().Draw(t, "default tier")
	}
	return r
}

func TestRulePrintsAndReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := RuleList(rapid.SliceOf(rapid.Custom(anyRule)).Draw(t, "rules"))
		text, err := list.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		back, err := ParseRuleList(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if len(list) > 0 && !cmp.Equal(list, back) {
			t.Fatalf("%s: %s", text, cmp.Diff(list, back))
		}
		if !list.Equal(back) || list.Digest() != back.Digest() {
			t.Fatalf("%s is not equal to itself", text)
		}
	})
}

// TestFirstMatchWins: the rule that decides applies, and none before it does.
func TestFirstMatchWins(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rules := rapid.SliceOf(rapid.Custom(anyRule)).Draw(t, "rules")
		cut := rapid.IntRange(0, len(rules)).Draw(t, "own")
		chain := Chain{rules[:cut], rules[cut:]}
		a, b := edgeInstants(t, "start"), edgeInstants(t, "end")
		segment, now := Interval{min(a, b), max(a, b)}, edgeInstants(t, "now")
		first := slices.IndexFunc(rules, func(r Rule) bool {
			applies, err := r.Applies(segment, now)
			return applies || err != nil
		})
		if got := chain.Match(segment, now); got.Index != first {
			t.Fatalf("Match = %+v, want index %d", got, first)
		}
	})
}

func TestRuleEqual(t *testing.T) {
	cases := []struct {
		a, b string
		want bool
	}{
		{`{"type":"loadForever"}`, `{"type":"loadForever","tieredReplicants":{"_default_tier":2},"useDefaultTierForNull":true}`, true},
		{`{"type":"loadForever"}`, `{"type":"loadForever","tieredReplicants":{}}`, false},
		{`{"type":"loadForever","tieredReplicants":{"a":1,"b":2}}`, `{"type":"loadForever","tieredReplicants":{"b":2,"a":1}}`, true},
		{`{"type":"loadForever","tieredReplicants":{"a":1}}`, `{"type":"loadForever","tieredReplicants":{"a":2}}`, false},
		{`{"type":"loadForever","tieredReplicants":{"a":0}}`, `{"type":"loadForever","tieredReplicants":{}}`, false},
		{`{"type":"loadForever","tieredReplicants":{},"useDefaultTierForNull":false}`, `{"type":"loadForever","useDefaultTierForNull":false}`, true},
		{`{"type":"loadByPeriod","period":"P7D"}`, `{"type":"loadByPeriod","period":"P1W","includeFuture":true}`, true},
		{`{"type":"loadByPeriod","period":"P1D"}`, `{"type":"loadByPeriod","period":"PT24H"}`, true},
		{`{"type":"loadByPeriod","period":"P30D"}`, `{"type":"loadByPeriod","period":"P1M"}`, false},
		{`{"type":"loadByPeriod","period":"P12M"}`, `{"type":"loadByPeriod","period":"P1Y"}`, false},
		{`{"type":"loadByPeriod","period":"P1D"}`, `{"type":"loadByPeriod","period":"P1D","includeFuture":false}`, false},
		{`{"type":"loadByPeriod"}`, `{"type":"loadByPeriod","period":"P0D"}`, true},
		{`{"type":"loadByPeriod"}`, `{"type":"loadByPeriod","period":"P1DT-24H"}`, false},
		{`{"type":"dropByInterval","interval":"2020/2021"}`, `{"type":"dropByInterval","interval":"2020-01-01T01:00+01:00/P1Y"}`, true},
		{`{"type":"dropByInterval","interval":"2020/2021"}`, `{"type":"dropByInterval","interval":"2020/2022"}`, false},
		{`{"type":"dropByInterval","interval":"2020/2021"}`, `{"type":"dropByInterval"}`, false},
		{`{"type":"dropForever"}`, `{"type":"dropForever","tieredReplicants":{"a":1}}`, true},
		{`{"type":"dropForever"}`, `{"type":"loadForever"}`, false},
		{`{"type":"loadPartialForever","x":[1,2.50]}`, `{ "x": [1, 2.50], "type": "loadPartialForever" }`, true},
		{`{"type":"loadPartialForever","x":1}`, `{"type":"loadPartialForever","x":2}`, false},
		{`null`, `null`, true},
	}
	for _, c := range cases {
		a, b := mustRule(t, "%s", c.a), mustRule(t, "%s", c.b)
		if a.Equal(b) != c.want || b.Equal(a) != c.want {
			t.Errorf("%s equal to %s: want %v", c.a, c.b, c.want)
		}
		if (RuleList{a}.Digest() == RuleList{b}.Digest()) != c.want || (RuleList{a}).Equal(RuleList{b}) != c.want {
			t.Errorf("%s and %s: lists and digests must say %v", c.a, c.b, c.want)
		}
	}
	if one := mustRules(t, `[{"type":"loadForever"},{"type":"dropForever"}]`); one.Equal(RuleList{one[1], one[0]}) {
		t.Error("order of rules must matter")
	}
}

// TestEqualRulesApplyAlike: what Equal calls the same never decides differently.
func TestEqualRulesApplyAlike(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, now := sanePeriods(t), edgeInstants(t, "now")
		q := p
		for q.Weeks > 0 {
			q.Weeks, q.Days = q.Weeks-1, q.Days+7
		}
		q.Hours, q.Days = q.Hours+24*q.Days, 0
		a, b := Rule{Type: "dropBeforeByPeriod", Period: &p}, Rule{Type: "dropBeforeByPeriod", Period: &q}
		before, errA := p.Before(now)
		other, errB := q.Before(now)
		if !a.Equal(b) || before != other || errA != nil || errB != nil {
			t.Fatalf("%s and %s: equal %v, %s and %s", p, q, a.Equal(b), before, other)
		}
	})
}

// TestUnknownRulesKeepTheirBytes: what this version cannot judge is written back as it was read.
func TestUnknownRulesKeepTheirBytes(t *testing.T) {
	const text = `[{ "type":"loadPartialByPeriod" , "period":"P1D","matcher":{"a":[1.0,2e3,"\u00e9"]}},null,{"type":"dropForever"}]`
	list := mustRules(t, text)
	got, err := list.MarshalJSON()
	if err != nil || string(got) != text {
		t.Errorf("printed %s, %v", got, err)
	}
	if list[0].Action() != ActionUnknown || list[0].Type != "loadPartialByPeriod" || list[1].Type != "" {
		t.Errorf("read as %+v", list)
	}
}

func TestRuleRefuses(t *testing.T) {
	cases := map[string]string{
		``: "not JSON", `{"type":"dropForever"} x`: "text behind the JSON value", `{}`: "no type", `[]`: "expected a JSON object",
		`{"type":1}`: "type is not a text", `{"type":"loadForever","tieredReplicants":{"hot":-1}}`: `tieredReplicants: tier "hot" has no number of copies`,
		`{"type":"loadForever","tieredReplicants":{"hot":null}}`:                     `tieredReplicants: tier "hot" has no number of copies`,
		`{"type":"dropByPeriod","period":"P1D","includeFuture":true,"period":"P2D"}`: "period is written twice",
		`{"type":"loadByInterval","interval":"2021/2020"}`:                           `interval: bad interval "2021/2020": it ends before it starts`,
		"{\"type\":\"\xff\"}": "not UTF-8",
		`{"type":"loadForever","x":` + strings.Repeat("[", 1000) + strings.Repeat("]", 1000) + `}`: tooLong,
		`{"type":"loadForever","x":` + strings.Repeat("1", 1001) + `}`:                             tooLong,
		`{"type":"loadForever","` + strings.Repeat("é", 50001) + `":1}`:                            tooLong,
	}
	for text, why := range cases {
		if _, err := ParseRule([]byte(text)); err == nil || err.Error() != "bad rule: "+why {
			t.Errorf("%s: %v, want %s", text, err, why)
		}
	}
	if _, err := ParseRuleList([]byte("null")); err == nil {
		t.Error("null is no list")
	}
	if l, err := ParseRuleList([]byte("[]")); err != nil || l == nil || len(l) != 0 {
		t.Errorf("[] reads as %v, %v", l, err)
	}
}

const tooLong = "nested too deep, or with a name or number too long for Druid's JSON reader"

// TestRuleCoercions: what Jackson makes of values of another JSON type.
func TestRuleCoercions(t *testing.T) {
	cases := []struct{ rule, want string }{
		{`{"type":"dropByPeriod","period":90061001}`, `{"period":"PT25H1M1.001S","includeFuture":true,"type":"dropByPeriod"}`},
		{`{"type":"dropByPeriod","period":-5,"includeFuture":"null"}`, `{"period":"PT-0.005S","includeFuture":true,"type":"dropByPeriod"}`},
		{`{"type":"dropByPeriod","period":" ","includeFuture":" "}`, `{"period":null,"includeFuture":true,"type":"dropByPeriod"}`},
		{`{"type":"dropByPeriod","period":" P1D","includeFuture":"FALSE"}`, `{"period":"P1D","includeFuture":false,"type":"dropByPeriod"}`},
		{`{"type":"dropByPeriod","period":"p1d","includeFuture":-0}`, `{"period":"P1D","includeFuture":false,"type":"dropByPeriod"}`},
		{`{"type":"dropByPeriod","period":"P1D","includeFuture":2}`, `{"period":"P1D","includeFuture":true,"type":"dropByPeriod"}`},
		{`{"type":"loadForever","tieredReplicants":{"a":1.9,"b":"2","c":1e2,"a":-0.5}}`,
			`{"tieredReplicants":{"a":0,"b":2,"c":100},"useDefaultTierForNull":true,"type":"loadForever"}`},
		{`{"tieredReplicants":null,"useDefaultTierForNull":false,"type":"loadForever"}`,
			`{"tieredReplicants":{},"useDefaultTierForNull":false,"type":"loadForever"}`},
		{`{"type":null,"type":"dropForever","period":true}`, `{"type":"dropForever"}`},
		{`{"type":"loadForever","tieredReplicants":{"\u0001\n\"\\<\u2028":1}}`,
			`{"tieredReplicants":{"\u0001\n\"\\<` + "\u2028" + `":1},"useDefaultTierForNull":true,"type":"loadForever"}`},
	}
	for _, c := range cases {
		r := mustRule(t, "%s", c.rule)
		if got, err := r.MarshalJSON(); err != nil || string(got) != c.want {
			t.Errorf("%s\n prints %s\n want   %s", c.rule, got, c.want)
		}
	}
	for _, value := range []string{`1.5`, `"30"`, `1e3`, `true`, `{}`, `9223372036854775807`} {
		if r, err := ParseRule([]byte(`{"type":"dropByPeriod","period":` + value + `}`)); err == nil {
			t.Errorf("period %s reads as %s", value, r.Summary())
		}
	}
	for _, value := range []string{`1.0`, `"yes"`, `"tRUE"`, `{}`, `[]`, `"1"`} {
		if r, err := ParseRule([]byte(`{"type":"dropByPeriod","includeFuture":` + value + `}`)); err == nil {
			t.Errorf("includeFuture %s reads as %v", value, r.IncludeFuture)
		}
	}
	for _, value := range []string{`true`, `"1.5"`, `""`, `2147483648`, `[1]`, `1e400`} {
		if r, err := ParseRule([]byte(`{"type":"loadForever","tieredReplicants":{"a":` + value + `}}`)); err == nil {
			t.Errorf("replicants %s read as %v", value, r.Replicants)
		}
	}
}

func TestSummary(t *testing.T) {
	cases := []struct{ rule, want, detailed string }{
		{`{"type":"loadByPeriod","period":"P30D"}`, "loadByPeriod P30D", "loadByPeriod P30D _default_tier=2"},
		{`{"type":"loadByPeriod","period":"P30D","includeFuture":false,"tieredReplicants":{}}`, "loadByPeriod P30D without future",
			"loadByPeriod P30D without future no replicants"},
		{`{"type":"dropBeforeByPeriod","period":"P2Y"}`, "dropBeforeByPeriod P2Y", "dropBeforeByPeriod P2Y"},
		{`{"type":"loadByInterval","interval":"2012/2013","tieredReplicants":{"hot":1,"b":0}}`, "loadByInterval 2012-01-01/2013-01-01",
			"loadByInterval 2012-01-01/2013-01-01 hot=1 b=0"},
		{`{"type":"dropByInterval","interval":"2012-01-01T01:00/2012-01-01T01:00:00.5"}`,
			"dropByInterval 2012-01-01T01:00Z/2012-01-01T01:00:00.500Z", "dropByInterval 2012-01-01T01:00Z/2012-01-01T01:00:00.500Z"},
		{`{"type":"dropForever"}`, "dropForever", "dropForever"},
		{`{"type":"dropByInterval"}`, "dropByInterval null", "dropByInterval null"},
		{`{"type":"loadPartialForever"}`, "loadPartialForever (unknown kind)", "loadPartialForever (unknown kind)"},
		{`null`, "null", "null"},
	}
	for _, c := range cases {
		r := mustRule(t, "%s", c.rule)
		if r.Summary() != c.want || r.DetailedSummary() != c.detailed {
			t.Errorf("%s: %q, %q", c.rule, r.Summary(), r.DetailedSummary())
		}
	}
}

// TestEverydayPeriodsAreReadable: what is taken for readable without a look can be read.
func TestEverydayPeriodsAreReadable(t *testing.T) {
	field := rapid.OneOf(rapid.SampledFrom([]int32{0, 0, 0, -9999, 9999, 1, -1, 999, 1000}), rapid.Int32Range(-9999, 9999))
	rapid.Check(t, func(t *rapid.T) {
		p := Period{field.Draw(t, "years"), field.Draw(t, "months"), field.Draw(t, "weeks"), field.Draw(t, "days"), field.Draw(t, "hours"),
			field.Draw(t, "minutes"), field.Draw(t, "seconds"), field.Draw(t, "millis")}
		if _, err := parsePeriod(p.String()); err != nil || !p.everyday() {
			t.Fatalf("%s: %v", p, err)
		}
	})
}
