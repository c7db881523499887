package config

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"coppice/internal/druid"
)

func TestComparePeriods(t *testing.T) {
	cases := []struct {
		a, b string
		want periodOrder
	}{
		{"P1D", "P2D", shorter}, {"P2D", "P1D", longer}, {"P1W", "P7D", same}, {"PT24H", "P1D", same},
		{"P1D", "PT24H1S", shorter}, {"P1M", "P2M", shorter}, {"P12M", "P1Y", same}, {"P11M", "P1Y", shorter},
		{"P30D", "P1M", unordered}, {"P31D", "P1M", unordered}, {"P28D", "P1M", unordered},
		{"P27D", "P1M", shorter}, {"P32D", "P1M", longer}, {"P27DT23H59M59.999S", "P1M", shorter},
		{"P365D", "P1Y", unordered}, {"P364D", "P1Y", shorter}, {"P366D", "P1Y", unordered}, {"P367D", "P1Y", longer},
		{"P58D", "P2M", shorter}, {"P59D", "P2M", unordered}, {"P62D", "P2M", unordered}, {"P63D", "P2M", longer},
		{"P1M", "P1M1D", shorter}, {"P1M1D", "P2M", shorter}, {"P1M27D", "P2M", shorter}, {"P1M30D", "P2M", unordered},
		{"P4Y", "P1461D", unordered}, // 2096-02-29 to 2104: 1460 days
		{"P400Y", "P146097D", same}, {"P400Y", "P146098D", shorter},
	}
	for _, c := range cases {
		t.Run(c.a+" and "+c.b, func(t *testing.T) {
			a, b := parsed(t, c.a), parsed(t, c.b)
			if got := comparePeriods(a, b); got != c.want {
				t.Errorf("comparePeriods(%s, %s) = %d, want %d", a, b, got, c.want)
			}
			reverse := map[periodOrder]periodOrder{shorter: longer, longer: shorter, same: same, unordered: unordered}[c.want]
			if got := comparePeriods(b, a); got != reverse {
				t.Errorf("comparePeriods(%s, %s) = %d, want %d", b, a, got, reverse)
			}
		})
	}
}

func parsed(t interface{ Fatalf(string, ...any) }, text string) druid.Period {
	p, err := druid.ParsePeriod(text)
	if err != nil {
		t.Fatalf("ParsePeriod(%q): %v", text, err)
	}
	return p
}

// Property: what comparePeriods says holds at any moment.
func TestComparePeriodsHoldsAtEveryMoment(t *testing.T) {
	field := rapid.Int32Range(0, 40)
	period := rapid.Custom(func(t *rapid.T) druid.Period {
		return druid.Period{
			Years: rapid.Int32Range(0, 3).Draw(t, "years"), Months: rapid.Int32Range(0, 13).Draw(t, "months"),
			Days: field.Draw(t, "days"), Hours: field.Draw(t, "hours"),
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := period.Draw(t, "a"), period.Draw(t, "b")
		order := comparePeriods(a, b)
		if exact := compareEverywhere(a, b); order != exact {
			t.Fatalf("%s and %s: order %d, want %d", a, b, order, exact)
		}
		if order == unordered {
			return
		}
		from := time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()
		at := druid.Instant(rapid.Int64Range(from, from+700*365*86_400_000).Draw(t, "now"))
		if got := compareAt(a, b, at); got != order {
			t.Fatalf("%s and %s at %s: order %d, want %d", a, b, at, got, order)
		}
	})
}

func TestRetentionCompiles(t *testing.T) {
	cases := []struct {
		name, body string
		// want are Druid's rules, each with the line that asks for it.
		want []string
	}{
		{"keep alone", `keep = "P30D"`, []string{
			`3 {"period":"P30D","includeFuture":true,"tieredReplicants":{"_default_tier":2},"useDefaultTierForNull":true,"type":"loadByPeriod"}`,
			`3 {"type":"dropForever"}`,
		}},
		{"forever", `keep = "forever"`, []string{
			`3 {"tieredReplicants":{"_default_tier":2},"useDefaultTierForNull":true,"type":"loadForever"}`,
		}},
		{"deep storage only", "keep = \"P30D\"\nreplicants = {}\ninclude_future = false", []string{
			`3 {"period":"P30D","includeFuture":false,"tieredReplicants":{},"useDefaultTierForNull":true,"type":"loadByPeriod"}`,
			`3 {"type":"dropForever"}`,
		}},
		{
			"stages from narrow to wide",
			"keep = \"P1Y\"\nreplicants = { cold = 1 }\nstage {\nnewest = \"P1M\"\nreplicants = { b = 1 }\n}\nstage {\nnewest = \"P1D\"\nreplicants = { a = 1 }\n}\nstage {\nnewest = \"P2M\"\nreplicants = {}\n}",
			[]string{
				`9 {"period":"P1D","includeFuture":true,"tieredReplicants":{"a":1},"useDefaultTierForNull":true,"type":"loadByPeriod"}`,
				`5 {"period":"P1M","includeFuture":true,"tieredReplicants":{"b":1},"useDefaultTierForNull":true,"type":"loadByPeriod"}`,
				`13 {"period":"P2M","includeFuture":true,"tieredReplicants":{},"useDefaultTierForNull":true,"type":"loadByPeriod"}`,
				`3 {"period":"P1Y","includeFuture":true,"tieredReplicants":{"cold":1},"useDefaultTierForNull":true,"type":"loadByPeriod"}`,
				`3 {"type":"dropForever"}`,
			},
		},
		{
			"intervals in front",
			"keep = \"forever\"\nreplicants = { a = 1 }\ndrop_intervals = [\n\"2012/2013\",\n]\nkeep_intervals = [\n\"2010/2011\",\n\"2011/2012\",\n]",
			[]string{
				`9 {"interval":"2010-01-01T00:00:00.000Z/2011-01-01T00:00:00.000Z","tieredReplicants":{"a":1},"useDefaultTierForNull":true,"type":"loadByInterval"}`,
				`10 {"interval":"2011-01-01T00:00:00.000Z/2012-01-01T00:00:00.000Z","tieredReplicants":{"a":1},"useDefaultTierForNull":true,"type":"loadByInterval"}`,
				`6 {"interval":"2012-01-01T00:00:00.000Z/2013-01-01T00:00:00.000Z","type":"dropByInterval"}`,
				`3 {"tieredReplicants":{"a":1},"useDefaultTierForNull":true,"type":"loadForever"}`,
			},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			text := "datasource \"x\" {\nretention {\n" + c.body + "\n}\n}\n"
			rules := mustLoad(t, map[string]string{"a.hcl": text}, options).Datasources[0].Rules
			var got []string
			for i, rule := range rules.List {
				got = append(got, fmt.Sprintf("%d %s", rules.Sources[i].Line, canonical(rule)))
			}
			if diff := cmp.Diff(c.want, got); diff != "" || !rules.FromRetention {
				t.Errorf("rules (-want +got):\n%s", diff)
			}
		})
	}
}

// Property: the order of stages says nothing.
func TestOrderOfStagesDoesNotMatter(t *testing.T) {
	lengths := []string{"PT1H", "P1D", "P2D", "P27D", "P1M", "P2M", "P11M"}
	list := func(order []string) string {
		var b strings.Builder
		b.WriteString("datasource \"x\" {\n  retention {\n    keep = \"P1Y\"\n")
		for _, length := range order {
			fmt.Fprintf(&b, "    stage {\n      newest     = %q\n      replicants = { t%s = 1 }\n    }\n", length, length)
		}
		b.WriteString("  }\n}\n")
		return b.String()
	}
	want := mustLoad(t, map[string]string{"a.hcl": list(lengths)}, options)
	rapid.Check(t, func(t *rapid.T) {
		got := mustLoad(t, map[string]string{"a.hcl": list(rapid.Permutation(lengths).Draw(t, "stages"))}, options)
		if !got.Datasources[0].Rules.List.Equal(want.Datasources[0].Rules.List) {
			t.Fatalf("rules %s, want %s", canonical(got.Datasources[0].Rules.List), canonical(want.Datasources[0].Rules.List))
		}
	})
}
