package render

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"coppice/internal/diag"
	"coppice/internal/plan"
)

// alikePlan is the story with datasources of a family beside it: old copies, last copies, and blocked ones.
func alikePlan(t *testing.T) *plan.Plan {
	p := storyPlan(t)
	for i := range 5 {
		copies := wikipedia(t)
		copies.Name, copies.Kill = "copies_"+string(rune('p'+i)), group(copies.Kill.Runs[:2*i+2]...)
		last := eventsWeb(t)
		last.Name, last.Hold = fmt.Sprintf("last_%d", i), plan.Held{}
		blocked := eventsWeb(t)
		blocked.Name, blocked.Blocked, blocked.Hold = fmt.Sprintf("stuck_%d", i), true, plan.Held{}
		p.Datasources = append(p.Datasources, copies, last, blocked, ownBlock(t, i))
		p.Summary.Blocked = append(p.Summary.Blocked, plan.Blocked{Datasource: ref(blocked.Name), Code: "guard-newest-victim-age"})
		p.Findings = append(p.Findings, plan.Finding{Severity: diag.Error, Code: "guard-newest-victim-age", Datasource: ref(blocked.Name),
			Summary: "What dies is too young", Range: line("stuck.hcl", 1), Hint: "Set guard { newest_victim_age } lower, or consent with:\n" +
				"allow \"guard-newest-victim-age\" {\n  datasources = [\"" + blocked.Name + "\"]\n  until       = \"2026-12-31\"\n  reason      = \"why this is right\"\n}"})
	}
	storySummary(p)
	for i := range 5 {
		p.Summary.Blocked = append(p.Summary.Blocked, plan.Blocked{Datasource: ref(fmt.Sprintf("stuck_%d", i)), Code: "guard-newest-victim-age"})
	}
	return p
}

// ownBlock is a datasource with a block of its own, as import writes them.
func ownBlock(t *testing.T, i int) *plan.Datasource {
	dropped := days(at(t, "2026-08-01T00:00:00Z"), 10+i, "2026-09-01T00:00:00.000Z", gib, func(r *plan.Run) {
		r.Reason = plan.Reason{Code: "rule", Text: "rule 2 dropForever", Range: line("imported.hcl", 10*i+3)}
	})
	return &plan.Datasource{Name: "own_" + string(rune('p'+i)), Managed: true, Drop: plan.Drop{Group: group(dropped...)}, Used: &plan.Amount{Segments: 100},
		Rules: plan.RuleChange{Change: plan.ChangeUpdate, Range: line("imported.hcl", 10*i+2),
			Before:  rules(t, `[{"type":"loadByPeriod","period":"P90D"},{"type":"dropForever"}]`),
			After:   rules(t, `[{"type":"loadByPeriod","period":"P60D"},{"type":"dropForever"}]`),
			Sources: []*diag.Range{line("imported.hcl", 10*i+3), line("imported.hcl", 10*i+3)}}}
}

// Blocks of their own that say the same are one entry, which says how many lines ask for it.
func TestAlikeByOtherLines(t *testing.T) {
	text := string(shot(t, func(w io.Writer, o Options) error { return Plan(w, alikePlan(t), o) }, Options{Width: 120}))
	for _, words := range []string{"- 5 datasources alike  2026-08-01/2026-08-15   60 segments  60.0 GiB  10% to 14% of used", "imported.hcl:3 and 4 other lines",
		"each 10 to 14 segments, the most in own_t: own_p, own_q, own_r, own_s, own_t", "and 4 more datasources alike, by lines of their own: own_q, own_r, own_s, own_t"} {
		if strings.Count(text, words) != 1 {
			t.Errorf("%q is not there once:\n%s", words, text)
		}
	}
}

func TestAlikeDatasources(t *testing.T) {
	p := alikePlan(t)
	screens(t, "plan-alike", func(w io.Writer, o Options) error { return Plan(w, p, o) })
	golden(t, "markdown-alike", []byte(marked(t, p, CommentBytes)))
}

// What dies is named, last copies above old ones, and what is blocked below both.
func TestDangerOnTop(t *testing.T) {
	text := string(shot(t, func(w io.Writer, o Options) error { return Plan(w, alikePlan(t), o) }, Options{Width: 120}))
	_, text, _ = strings.Cut(text, "\nDELETE FOR GOOD\n")
	text, _, _ = strings.Cut(text, "\nMARK UNUSED\n")
	last := -1
	for _, words := range []string{"last_0 to last_4", "- wikipedia", "each 2 to 10 segments, the most in copies_t: copies_p, copies_q, copies_r, copies_s, copies_t", "stuck_0 to stuck_4"} {
		here := strings.Index(text, words)
		if here < last || here < 0 {
			t.Errorf("%q is at %d, after %d:\n%s", words, here, last, text)
		}
		last = here
	}
}

// Numbers of an entry are those of its datasources.
func TestAlikeAddsUp(t *testing.T) {
	p := alikePlan(t)
	var shown, real plan.Amount
	for _, e := range entries(p, parts[0], false) {
		shown.Add(e.total.Amount)
	}
	for _, d := range p.Datasources {
		real.Add(d.Kill.Amount)
	}
	if shown != real {
		t.Errorf("the entries have %+v, the datasources %+v", shown, real)
	}
	all := 0
	for _, e := range entries(p, parts[0], true) {
		all += len(e.all)
		if len(e.all) != 1 {
			t.Errorf("verbose folds %d datasources", len(e.all))
		}
	}
	if all != 17 {
		t.Errorf("%d datasources are shown", all)
	}
}

// A folded error has one allow block, which names every datasource.
func TestConsentOfFolded(t *testing.T) {
	p := alikePlan(t)
	found := p.Findings[len(p.Findings)-1]
	for n := range 500 {
		one := found
		name := fmt.Sprintf("many%03d", n)
		one.Datasource, one.Hint = &name, strings.Replace(found.Hint, `"stuck_4"`, fmt.Sprintf(`"many%03d"`, n), 1)
		p.Findings = append(p.Findings, one)
	}
	text := string(shot(t, func(w io.Writer, o Options) error { return Plan(w, p, o) }, Options{Width: 80}))
	_, block, _ := strings.Cut(text, "\n  allow \"guard-newest-victim-age\" {")
	block, _, _ = strings.Cut(block, "\n  }")
	if n := strings.Count(block, `,`); n != 505 || !strings.Contains(block, `"stuck_4",`) || !strings.Contains(block, `"many499",`) {
		t.Errorf("the block names %d datasources, want 505:%s", n, block)
	}
	if strings.Count(text, `allow "guard-newest-victim-age"`) != 1 || strings.Count(text, "or consent with the block below.") != 1 {
		t.Errorf("want one block, and that it is below:\n%s", text)
	}
	verbose := string(shot(t, func(w io.Writer, o Options) error { return Plan(w, p, o) }, Options{Width: 80, Verbose: true}))
	if n := strings.Count(verbose, `allow "guard-newest-victim-age"`); n != 505 {
		t.Errorf("with --verbose %d blocks, want one each", n)
	}
}
