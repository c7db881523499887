package config

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"coppice/internal/diag"
)

func TestFor(t *testing.T) {
	config := mustLoad(t, map[string]string{"a.hcl": `
datasource "events_*" {
  except  = ["events_tmp_*", "events_b"]
  restore = false
}
datasource "events_web" {
}
datasource "events_tmp_mine" {
}
datasource "*_daily" {
}
datasource "üb*" {
}
`}, options)
	cases := []struct{ name, family string }{ // "exact" for a block of its own, "" for not managed
		{"events_web", "exact"}, {"events_tmp_mine", "exact"}, {"events_a", "events_*"}, {"events_", "events_*"},
		{"events_b", ""}, {"events_bb", "events_*"}, {"events_tmp_1", ""}, {"events_tmp_daily", "*_daily"},
		{"clicks_daily", "*_daily"}, {"events_x_daily", ""}, // two families claim it
		{"events", ""}, {"event_a", ""}, {"Events_a", ""}, {"", ""}, {"_default", ""}, {"übung", "üb*"}, {"\xc3", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := config.For(c.name)
			switch {
			case c.family == "":
				if got != nil {
					t.Errorf("For(%q) = the policy of %s, want none", c.name, got.Name)
				}
			case c.family == "exact":
				if got == nil || got != config.Find(c.name) {
					t.Errorf("For(%q) = %v, want the block itself", c.name, got)
				}
			default:
				want := *config.Families[slices.IndexFunc(config.Families, func(d *Datasource) bool { return d.Name == c.family })]
				want.Name, want.Except = c.name, nil
				if got == nil || fmt.Sprint(*got) != fmt.Sprint(want) {
					t.Errorf("For(%q) = %v, want a copy of %s", c.name, got, c.family)
				}
			}
		})
	}
	if config.For("events_a"); config.Families[1].Name != "events_*" || len(config.Families[1].Except) != 2 {
		t.Errorf("the family changed: %+v", config.Families[1])
	}
}

// A family that matches everything leaves Druid's key of the default rules alone.
func TestForKnowsThatDefaultIsNoDatasource(t *testing.T) {
	config := mustLoad(t, map[string]string{"a.hcl": "datasource \"*\" {\n}\ndatasource \"_*\" {\n}\n"}, options)
	if got := config.For("_default"); got != nil {
		t.Errorf("For(_default) = %v, want nil", got)
	}
	if list := config.Ambiguous([]string{"_default"}); len(list) > 0 {
		t.Errorf("Ambiguous(_default):\n%s", rendered(list))
	}
}

// families are settled families of these patterns, some of them with an exception.
func families(patterns, except []string) *Config {
	config := &Config{}
	for n, pattern := range slices.Compact(slices.Sorted(slices.Values(patterns))) {
		family := &Datasource{Name: pattern, Origin: diag.Range{File: "a.hcl", Line: n + 1, Column: 1}}
		if n < len(except) {
			family.Except = except[n : n+1]
		}
		config.Families = append(config.Families, family)
	}
	return config
}

// Property: the search by prefixes finds what trying all patterns finds.
func TestClaimingIsTryingAllPatterns(t *testing.T) {
	text := rapid.StringMatching(`[ab*\xff]{0,3}`)
	rapid.Check(t, func(t *rapid.T) {
		patterns := rapid.SliceOfN(rapid.StringMatching(`[abü]{0,3}\*[abü*]{0,3}`), 0, 12).Draw(t, "patterns")
		config := families(patterns, rapid.SliceOfN(rapid.StringMatching(`[ab]{0,2}\*?[ab]{0,2}`), 0, 4).Draw(t, "except"))
		name := rapid.StringMatching(`[abü]{0,5}`).Draw(t, "name") + text.Draw(t, "end")
		var want []string
		for _, family := range config.Families {
			excepted := slices.ContainsFunc(family.Except, func(e string) bool { return wild(e).MatchString(name) })
			if wild(family.Name).MatchString(name) && !excepted {
				want = append(want, family.Name)
			}
		}
		var got []string
		for _, family := range config.Claiming(name) {
			got = append(got, family.Name)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("claiming(%q) of %q (-want +got):\n%s", name, patterns, diff)
		}
		if managed := config.For(name) != nil; managed != (len(want) == 1) {
			t.Fatalf("For(%q) is %v with the families %q", name, managed, want)
		}
		if ambiguous := len(config.Ambiguous([]string{name})) > 0; ambiguous != (len(want) > 1) {
			t.Fatalf("Ambiguous(%q) is %v with the families %q", name, ambiguous, want)
		}
	})
}

func TestAmbiguous(t *testing.T) {
	config := mustLoad(t, map[string]string{
		"a.hcl": "datasource \"events_*\" {\n}\ndatasource \"events_a_daily\" {\n}\n",
		"b.hcl": "datasource \"*_daily\" {\n  except = [\"events_c_daily\"]\n}\n\ndatasource \"*b*\" {\n}\n",
	}, options)
	const want = `error[ambiguous-family]: Two families claim one datasource
  at b.hcl:1:1-1:21
  "events_b_daily" (and 1 more) belongs to "events_*" (a.hcl:1) and to "*_daily" (b.hcl:1). No pattern is better than another one; a guess could delete data.
  > Except it from one of the two, or give it a block of its own: datasource "events_b_daily" { … }.

error[ambiguous-family]: Two families claim one datasource
  at b.hcl:5:1-5:17
  "events_b" (and 1 more) belongs to "events_*" (a.hcl:1) and to "*b*" (b.hcl:5). No pattern is better than another one; a guess could delete data.
  > Except it from one of the two, or give it a block of its own: datasource "events_b" { … }.

error[ambiguous-family]: Two families claim one datasource
  at b.hcl:5:1-5:17
  "events_b_daily" belongs to "*_daily" (b.hcl:1) and to "*b*" (b.hcl:5). No pattern is better than another one; a guess could delete data.
  > Except it from one of the two, or give it a block of its own: datasource "events_b_daily" { … }.

`
	names := []string{"events_b", "events_d_daily", "events_a_daily", "events_c_daily", "clicks", "events_b_daily", "x_daily"}
	if diff := cmp.Diff(want, rendered(config.Ambiguous(names))); diff != "" {
		t.Errorf("Ambiguous(%q) (-want +got):\n%s", names, diff)
	}
	if list := config.Ambiguous(nil); list != nil {
		t.Errorf("Ambiguous of no names:\n%s", rendered(list))
	}
}

func TestAmbiguousDoesNotDependOnTheOrderOfNames(t *testing.T) {
	config := families([]string{"a*", "*b", "*a*", "b*", "*ab*"}, nil)
	names := []string{"a", "b", "ab", "ba", "aab", "bb"}
	first := rendered(config.Ambiguous(names))
	if !strings.Contains(first, "(and 1 more)") {
		t.Fatalf("messages:\n%s", first)
	}
	rapid.Check(t, func(t *rapid.T) {
		shuffled := rapid.Permutation(append(names, names...)).Draw(t, "names")
		if again := rendered(config.Ambiguous(shuffled)); again != first {
			t.Fatalf("another order of names changes the messages:\n%s", cmp.Diff(first, again))
		}
	})
}

// BenchmarkFor asks for 12,000 names of which one in sixty is exact and the others belong to 200 families, half of them
// known by their end. One operation is one name.
func BenchmarkFor(b *testing.B) {
	config := &Config{}
	for n := range 200 {
		config.Datasources = append(config.Datasources, &Datasource{Name: fmt.Sprintf("team%03d_clicks_0", n)})
	}
	for n := range 100 {
		config.Families = append(config.Families,
			&Datasource{Name: fmt.Sprintf("team%03d_*", n), Except: []string{"*_tmp", "*_test_*"}},
			&Datasource{Name: fmt.Sprintf("*_of_team%03d", n)})
	}
	slices.SortFunc(config.Families, func(a, b *Datasource) int { return strings.Compare(a.Name, b.Name) })
	var names []string
	for n := range 12_000 {
		name := fmt.Sprintf("team%03d_clicks_%d", n%200, n/200)
		if n%200 >= 100 {
			name = fmt.Sprintf("clicks_%d_of_team%03d", n/200, n%100)
		}
		names = append(names, name)
	}
	b.Run("For", func(b *testing.B) {
		b.ReportAllocs()
		managed := 0
		for n := 0; b.Loop(); n++ {
			if config.For(names[n%len(names)]) != nil {
				managed++
			}
		}
		if managed == 0 {
			b.Fatal("no name is managed")
		}
	})
	b.Run("Ambiguous12000", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if list := config.Ambiguous(names); len(list) > 0 {
				b.Fatal(rendered(list))
			}
		}
	})
}
