package planner

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"coppice/config"
	"coppice/internal/plan"
	"coppice/internal/snapshot"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// Property: a family that only d belongs to decides as a block of d's own does, everywhere a plan is made or checked.
func TestAFamilyDecidesAsABlockOfItsOwn(t *testing.T) {
	base := loadConfig(t, "")
	rapid.Check(t, func(t *rapid.T) {
		exact := drawWorld(t, base).input(nil)
		family := exact
		cfg, pattern := *exact.Config, *exact.Config.Datasources[0]
		pattern.Name, pattern.Except = rapid.SampledFrom([]string{"*", "d*", "*d"}).Draw(t, "pattern"), []string{"dx*"}
		cfg.Datasources, cfg.Families = nil, []*config.Datasource{&pattern}
		family.Config = &cfg
		one, other := Build(exact), Build(family)
		other.ConfigDigest = one.ConfigDigest
		same(t, "Build", one, other)
		same(t, "Explain", decisions(t, exact), decisions(t, family))
		same(t, "Lint", Lint(exact), Lint(family))
		same(t, "Needs", rowsOf(Needs(exact)), rowsOf(Needs(family)))
		same(t, "NeedsOf", rowsOf(NeedsOf(exact, "d")), rowsOf(NeedsOf(family, "d")))
		for _, a := range kills(one) {
			same(t, "Recheck", Recheck(exact, a), Recheck(family, a))
		}
	})
}

func same(t *rapid.T, what string, one, other any) {
	a, errA := json.MarshalIndent(one, "", " ")
	b, errB := json.MarshalIndent(other, "", " ")
	if errA != nil || errB != nil || string(a) != string(b) {
		t.Fatalf("%s (-own block +family)\n%s", what, cmp.Diff(string(a), string(b)))
	}
}

func rowsOf(needs []Need) [][]int32 {
	rows := [][]int32{}
	for _, n := range needs {
		rows = append(rows, n.Rows)
	}
	return rows
}

// several is a cluster of these datasources, each with one used segment, and one rule-less configuration.
func several(t *testing.T, text string, names ...string) Input {
	t.Helper()
	s := sceneText(t, "-- now --\n2026-11-20\n-- coppice.hcl --\n"+text+"-- segments --\n2026-11-01/2026-11-02 2026-11-03 used => keep\n")
	d := s.input.Snapshot.Datasources[0]
	s.input.Snapshot.Datasources = nil
	for _, name := range names {
		one := *d
		one.Name = name
		s.input.Snapshot.Datasources = append(s.input.Snapshot.Datasources, &one)
	}
	slices.SortFunc(s.input.Snapshot.Datasources, func(a, b *snapshot.Datasource) int { return strings.Compare(a.Name, b.Name) })
	return s.input
}

// Members are planned one by one; what is excepted, unmanaged or not chosen is not; what is contested is, as blocked.
func TestMembersOfFamilies(t *testing.T) {
	in := several(t, `
datasource "events_*" {
  except = ["events_tmp_*"]
  retention {
    keep = "P60D"
  }
}
datasource "*_daily" {
}
datasource "events_own" {
}
`, "events_a", "events_b", "events_tmp_1", "events_own", "events_x_daily", "clicks_daily", "orders")
	p := Build(in)
	var got []string
	for _, d := range p.Datasources {
		text := d.Name + " " + string(d.Rules.Change)
		if d.Managed {
			text += " managed"
		}
		if d.Blocked {
			text += " blocked"
		}
		got = append(got, text)
	}
	want := []string{"clicks_daily none managed", "events_a create managed", "events_b create managed", "events_own none managed",
		"events_x_daily none blocked"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("datasources (-want +got)\n%s", diff)
	}
	if p.Cluster.Managed != 4 || len(p.Actions) != 2 {
		t.Errorf("%d managed, actions %v", p.Cluster.Managed, actionsOf(p))
	}
	if f := findingOf(p, "unmanaged"); f.Summary != "2 datasources are not declared" || *f.Witness != "events_tmp_1" {
		t.Errorf("unmanaged: %+v", f)
	}
	if f := findingOf(p, "ambiguous-family"); f.AllowedBy != nil || *f.Datasource != "events_x_daily" ||
		!strings.Contains(f.Detail, `belongs to "events_*" (coppice.hcl:4) and to "*_daily" (coppice.hcl:10)`) {
		t.Errorf("ambiguous-family: %+v", f)
	}
	in.Select = func(name string) bool { return name == "events_b" }
	if p := Build(in); len(p.Datasources) != 1 || p.Datasources[0].Name != "events_b" {
		t.Errorf("chosen: %v", p.Datasources)
	}
}

func findingOf(p *plan.Plan, code string) plan.Finding {
	for _, f := range p.Findings {
		if f.Code == code {
			return f
		}
	}
	return plan.Finding{}
}

// A change of the default rules concerns a contested datasource, and stands or falls with it.
func TestTheDefaultIsBlockedByAContestedDatasource(t *testing.T) {
	const families = "datasource \"*a\" {\n}\ndatasource \"a*\" {\n}\n"
	in := several(t, families+"default_rules {\n  load {\n    period = \"P1Y\"\n  }\n  load {\n    forever = true\n  }\n}\n", "a", "b")
	p := Build(in)
	if got := actionsOf(p); len(got) != 1 || got[0] != "set_rules _default 0 blocked" {
		t.Errorf("actions %v", got)
	}
}

// A name that only looks like that of a family's member may be a datasource that is still to come.
func TestNamesLikeThoseOfMembers(t *testing.T) {
	const own = "datasource \"tenant_3\" {\n  retention {\n    keep = \"P1Y\"\n  }\n}\n"
	cases := []struct{ name, text, want string }{
		{"of a family", own + "datasource \"tenant_*\" {\n}\n", "warning datasource-unknown"},
		{"of nobody", own, "error datasource-unknown"},
		{"of two families", own + "datasource \"tenant_*\" {\n}\ndatasource \"t*\" {\n}\n", "error datasource-unknown"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := findingsOf(Build(several(t, c.text, "tenant_1"))); !slices.Contains(got, c.want) {
				t.Errorf("findings %v, want %s", got, c.want)
			}
		})
	}
}

// Rules of a family are looked at once by themselves, and with each member in view.
func TestLintOfFamilies(t *testing.T) {
	const text = "datasource \"e*\" {\n  rules {\n    drop {\n      forever = true\n    }\n    load {\n      period = \"P1D\"\n    }\n  }\n}\n"
	of := func(in Input) (names []string) {
		for _, f := range Lint(in) {
			if f.Code == "rule-unreachable" {
				names = append(names, *f.Datasource)
			}
		}
		return names
	}
	in := several(t, text, "e1", "e2", "d")
	if got := of(in); !slices.Equal(got, []string{"e1", "e2"}) {
		t.Errorf("with members in view: %v", got)
	}
	if got := of(several(t, text, "d")); !slices.Equal(got, []string{"e*"}) {
		t.Errorf("without members: %v", got)
	}
	in.Snapshot = nil
	if got := of(in); !slices.Equal(got, []string{"e*"}) {
		t.Errorf("without a cluster: %v", got)
	}
}

// Rules that were left behind without any data make no member; a block of their own still does.
func TestRulesWithoutDataAreNoMember(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"family":       {"datasource \"e*\" {\n  retention {\n    keep = \"P1Y\"\n  }\n}\n", ""},
		"two families": {"datasource \"e*\" {\n}\ndatasource \"*1\" {\n}\n", ""},
		"own block":    {"datasource \"e1\" {\n  retention {\n    keep = \"P1Y\"\n  }\n}\n", "set_rules e1 0"},
		"default": {"datasource \"e*\" {\n  retention {\n    keep = \"P1Y\"\n  }\n}\ndefault_rules {\n  load {\n    period = \"P90Y\"\n  }\n}\n",
			"set_rules _default 0"},
	} {
		in := several(t, c.text, "d")
		left := &snapshot.Datasource{Name: "e1", UnusedKnown: true, BusyKnown: true}
		left.Rules = snapshot.Rules{Set: true, List: mustRules(t, `[{"type":"loadForever"}]`)}
		in.Snapshot.Datasources = append(in.Snapshot.Datasources, left)
		p := Build(in)
		if got := strings.Join(actionsOf(p), ", "); got != c.want {
			t.Errorf("%s: actions %s, want %s", name, got, c.want)
		}
		if f := findingOf(p, "ambiguous-family"); f.Code != "" {
			t.Errorf("%s: %+v", name, f)
		}
		if name == "default" && (len(p.Datasources) != 2 || p.Datasources[1].Managed) {
			t.Errorf("%s: %+v", name, p.Datasources)
		}
	}
}

// A view that may lack datasources does not say that a family has none.
func TestEmptyFamiliesInAnIncompleteView(t *testing.T) {
	in := several(t, "datasource \"e*\" {\n}\n", "d")
	if got := findingsOf(Build(in)); !slices.Contains(got, "note datasource-unknown") {
		t.Errorf("findings %v", got)
	}
	in.Snapshot.Gaps = []snapshot.Gap{{What: "datasources", Why: "refused"}}
	if got := findingsOf(Build(in)); slices.Contains(got, "note datasource-unknown") {
		t.Errorf("with a gap: findings %v", got)
	}
}
