package planner

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"coppice/config"
	"coppice/internal/diag"
	"coppice/internal/plan"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "rewrite what lint scenes expect")

// A lint scene is a scene with two more sections, each the whole text of what lint says:
//
//	-- offline --   about the configuration alone
//	-- lint --      with the cluster in view
func TestLintScenes(t *testing.T) {
	names, err := filepath.Glob("testdata/scenes/lint_*.txtar")
	if err != nil || len(names) < 10 {
		t.Fatalf("%d scenes: %v", len(names), err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			live := readScene(t, a).input
			offline := live
			offline.Snapshot = nil
			got := map[string]string{"offline": worded(Lint(offline)), "lint": worded(Lint(live))}
			for i := range a.Files {
				f := &a.Files[i]
				if text, ok := got[f.Name]; ok && *update {
					f.Data = []byte(text)
				} else if ok {
					if diff := cmp.Diff(string(f.Data), text); diff != "" {
						t.Errorf("%s (-want +got)\n%s", f.Name, diff)
					}
					delete(got, f.Name)
				}
			}
			if *update {
				if err := os.WriteFile(name, txtar.Format(a), 0o600); err != nil {
					t.Fatal(err)
				}
			} else if len(got) > 0 {
				t.Errorf("sections are missing: %v", got)
			}
		})
	}
}

func worded(findings []plan.Finding) string {
	var b strings.Builder
	for _, f := range findings {
		fmt.Fprintf(&b, "%s %s", f.Severity, f.Code)
		if f.Datasource != nil {
			fmt.Fprintf(&b, " of %s", *f.Datasource)
		}
		if f.Range != nil {
			fmt.Fprintf(&b, " line %d", f.Range.Line-3) // the scene's cluster block stands in front
		}
		if f.AllowedBy != nil {
			fmt.Fprintf(&b, " allowed by line %d", f.AllowedBy.Line-3)
		}
		fmt.Fprintf(&b, "\n  %s.\n  %s\n", f.Summary, f.Detail)
		if f.Witness != nil {
			fmt.Fprintf(&b, "  seen: %s\n", *f.Witness)
		}
		if f.Hint != "" {
			fmt.Fprintf(&b, "  hint: %s\n", f.Hint)
		}
	}
	return b.String()
}

// declared wraps rules in a datasource block.
func declared(rules string) string { return "datasource \"d\" {\n" + rules + "\n}\n" }

// Ordinary policies deserve no word, with and without segments in view.
func TestOrdinaryPoliciesDeserveNoWord(t *testing.T) {
	hot := `load {
      period = "P7D"
      tiered_replicants = { hot = 2, _default_tier = 1 }
    }`
	cases := []struct{ name, config string }{
		{"retention", `retention { keep = "P45D" }`},
		{"retention with replicants", "retention {\nkeep = \"P45D\"\nreplicants = { _default_tier = 1 }\n}\nkill {\nsuperseded_after = \"P1D\"\nexpired_after = \"P30D\"\n}"},
		{"retention in months", `retention { keep = "P1M" }`},
		{"retention for ever", `retention { keep = "forever" }`},
		{"stages", "retention {\nkeep = \"P1Y\"\nstage {\nnewest = \"P7D\"\nreplicants = { hot = 1 }\n}\nstage {\nnewest = \"P1M\"\nreplicants = { hot = 1 }\n}\n}"},
		{"intervals of a retention", "retention {\nkeep = \"P1Y\"\nkeep_intervals = [\"2012/2013\"]\ndrop_intervals = [\"2026-01-01/2026-02-01\"]\n}"},
		{"load, drop", "rules {\nload {\nperiod = \"P30D\"\n}\ndrop {\nforever = true\n}\n}"},
		{"hot, cold, drop", "rules {\n" + hot + "\nload {\nperiod = \"P1Y\"\n}\ndrop {\nforever = true\n}\n}"},
		{"drop the old, load", "rules {\ndrop {\nbefore_period = \"P2Y\"\n}\nload {\nforever = true\n}\n}"},
		{"load by interval, load, drop", "rules {\nload {\ninterval = \"2012/2013\"\n}\nload {\nperiod = \"P2Y\"\n}\ndrop {\nforever = true\n}\n}"},
		{"hot, cold for ever", "rules {\n" + hot + "\nload {\nforever = true\n}\n}"},
		{"only the default", "rules {\n}"},
		{"only kills", "kill {\nsuperseded_after = \"P1D\"\n}"},
		{"no window at all", "guard {\nmax_unused_percent = 10\n}"},
	}
	segments := `2026-11-01/2026-11-02 2026-11-04 used => keep
2026-11-19/2026-11-20 2026-11-20 used => keep
2026-11-20/2026-11-21 2026-11-20 used => keep
2026-10-06T08/2026-10-06T09 2026-10-07 used => keep
2026-10-20/2026-10-21 2026-10-21 used => keep`
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := readScene(t, &txtar.Archive{Files: []txtar.File{{Name: "now", Data: []byte("2026-11-20T09:30:00Z")},
				{Name: "coppice.hcl", Data: []byte(declared(c.config))}, {Name: "segments", Data: []byte(segments)},
				{Name: "tiers", Data: []byte("hot\n_default_tier")}}})
			offline := s.input
			offline.Snapshot = nil
			if got := worded(Lint(offline)); got != "" {
				t.Errorf("offline:\n%s", got)
			}
			if got := worded(Lint(s.input)); got != "" {
				t.Errorf("live:\n%s", got)
			}
			for _, f := range Build(s.input).Findings {
				if f.Severity == diag.Error && !strings.HasPrefix(f.Code, "guard-") {
					t.Errorf("plan: %s", worded([]plan.Finding{f}))
				}
			}
		})
	}
}

// An error in the default rules stops the whole plan, since they concern every datasource; consent lets it pass.
func TestAnErrorInTheDefaultRulesStopsThePlan(t *testing.T) {
	for name, blocked := range map[string]bool{"lint_default_rules": true, "lint_default_rules_allowed": false} {
		a, err := txtar.ParseFile("testdata/scenes/" + name + ".txtar")
		if err != nil {
			t.Fatal(err)
		}
		p := Build(readScene(t, a).input)
		for _, action := range p.Actions {
			if action.Blocked != blocked {
				t.Errorf("%s: %s %s blocked: %v", name, action.Kind, action.Datasource, action.Blocked)
			}
		}
		if len(p.Actions) != 2 || len(p.Summary.Blocked) > 0 != blocked {
			t.Errorf("%s: %d actions, blocked %v", name, len(p.Actions), p.Summary.Blocked)
		}
	}
}

// Every code that the configuration may allow, or that lint speaks of, is in the documentation.
func TestFindingsAreDocumented(t *testing.T) {
	text, err := os.ReadFile("../docs/findings.md")
	if err != nil {
		t.Fatal(err)
	}
	codes := []string{"rule-unreachable", "tier-unknown", "tombstone-unsafe", "rule-fall-through", "drop-period-recent", "period-overlap",
		"never-expires", "drops-on-arrival", "straddle", "default-affects"}
	for _, code := range codes {
		if !strings.Contains(string(text), "| `"+code+"` |") {
			t.Errorf("docs/findings.md has no line about %s", code)
		}
	}
	for _, code := range codes[:3] {
		if !strings.Contains(strings.Join(config.AllowableCodes(), " "), code) {
			t.Errorf("%s is an error that nobody can allow", code)
		}
	}
}
