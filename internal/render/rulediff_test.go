package render

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDiffRules(t *testing.T) {
	const (
		a = `{"type":"loadByPeriod","period":"P30D"}`
		b = `{"type":"loadByPeriod","period":"P60D"}`
		c = `{"type":"dropForever"}`
		d = `{"type":"loadForever"}`
	)
	cases := []struct {
		name          string
		before, after []string
		want          []string
	}{
		{"equal", []string{a, c}, []string{a, c}, []string{" 1>1", " 2>2"}},
		{"one becomes another", []string{a, c}, []string{b, c}, []string{"~1>1", " 2>2"}},
		{"another type", []string{a, c}, []string{a, d}, []string{" 1>1", "-2>0", "+0>2"}},
		{"inserted in front", []string{a, c}, []string{d, a, c}, []string{"+0>1", " 1>2", " 2>3"}},
		{"removed", []string{a, b, c}, []string{c}, []string{"-1>0", "-2>0", " 3>1"}},
		{"swapped", []string{a, c}, []string{c, a}, []string{"-1>0", " 2>1", "+0>2"}},
		{"from nothing", nil, []string{a}, []string{"+0>1"}},
		{"to nothing", []string{a}, nil, []string{"-1>0"}},
		{"both empty", nil, nil, nil},
	}
	for _, each := range cases {
		t.Run(each.name, func(t *testing.T) {
			list := func(texts []string) string { return "[" + strings.Join(texts, ",") + "]" }
			var got []string
			for _, l := range diffRules(rules(t, list(each.before)), rules(t, list(each.after))) {
				got = append(got, fmt.Sprintf("%c%d>%d", l.sign, l.oldNum, l.newNum))
			}
			if diff := cmp.Diff(each.want, got); diff != "" {
				t.Errorf("diffRules (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFoldSame(t *testing.T) {
	list := rules(t, "["+strings.Repeat(`{"type":"loadForever"},`, 7)+`{"type":"dropForever"}]`)
	var got []string
	for _, l := range foldSame(diffRules(list[:7], list)) {
		got = append(got, fmt.Sprintf("%c%d-%d", l.sign, l.newNum, l.last))
	}
	if diff := cmp.Diff([]string{" 1-7", "+8-0"}, got); diff != "" {
		t.Errorf("foldSame (-want +got):\n%s", diff)
	}
}

func TestBecomes(t *testing.T) {
	cases := []struct{ name, before, after, want string }{
		{"period", `{"type":"loadByPeriod","period":"P30D"}`, `{"type":"loadByPeriod","period":"P60D"}`, "loadByPeriod P30D → P60D"},
		{"replicants", `{"type":"loadForever","tieredReplicants":{"hot":2}}`, `{"type":"loadForever","tieredReplicants":{"hot":1}}`,
			"loadForever hot=2 → hot=1"},
		{"both", `{"type":"loadByPeriod","period":"P30D","tieredReplicants":{"hot":2}}`,
			`{"type":"loadByPeriod","period":"P60D","tieredReplicants":{}}`, "loadByPeriod P30D hot=2 → P60D no replicants"},
		{"neither is shown", `{"type":"loadForever","tieredReplicants":{"hot":1},"useDefaultTierForNull":false}`,
			`{"type":"loadForever","tieredReplicants":{"hot":1}}`,
			"loadForever hot=1, in a detail that is not shown here (--json shows it)"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			list := rules(t, "["+c.before+","+c.after+"]")
			if got := becomes(&list[0], &list[1]); got != c.want {
				t.Errorf("becomes(%s, %s) = %q, want %q", c.before, c.after, got, c.want)
			}
		})
	}
}
