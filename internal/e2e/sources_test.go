package e2e

import (
	"github.com/google/go-cmp/cmp"

	"coppice/internal/plan"
)

// comparesSources plans for one moment from the store and the Coordinator, from the store alone, and over HTTP alone.
func (s *story) comparesSources(p *program) {
	s.Helper()
	samePlans(s.world, s.declarations(), "--now", instant(0))
}

// samePlans wants the same decisions from every source, and returns the plan from both.
func samePlans(w *world, declarations string, arguments ...string) *plan.Plan {
	w.Helper()
	made := newProgram(w, both, declarations).anyPlan(arguments...)
	want := decisions(made)
	for name, from := range map[string]sources{"store alone": storeOnly, "HTTP alone": httpOnly} {
		got := decisions(newProgram(w, from, declarations).anyPlan(arguments...))
		if diff := cmp.Diff(want, got); diff != "" {
			w.Errorf("%s (-both +%s):\n%s", name, name, diff)
		}
	}
	return made
}

// anyPlan makes a plan whatever it says.
func (p *program) anyPlan(arguments ...string) *plan.Plan {
	p.Helper()
	run := p.start(append([]string{"plan", "--json"}, arguments...)...)
	if code := run.code(); code != 0 && code != 3 {
		p.Fatalf("plan ended with %d\n%s", code, &run.stderr)
	}
	made, err := plan.Decode([]byte(run.stdout.String()))
	if err != nil {
		p.Fatalf("read the plan: %v", err)
	}
	return made
}

// decided is what a plan decides: everything but what names the source, and the sizes of what stays, which are not read
// from the store.
type decided struct {
	Default     plan.RuleChange
	Datasources []plan.Datasource
	Actions     []plan.Action
	Findings    []plan.Finding
}

func decisions(p *plan.Plan) decided {
	d := decided{Default: p.DefaultRules}
	for _, seen := range p.Datasources {
		one := *seen
		one.Used.Bytes, one.Keep.Bytes = 0, 0
		d.Datasources = append(d.Datasources, one)
	}
	for _, action := range p.Actions {
		d.Actions = append(d.Actions, *action)
	}
	for _, finding := range p.Findings {
		// What concerns the cluster as a whole tells of the source.
		if finding.Datasource != nil {
			d.Findings = append(d.Findings, finding)
		}
	}
	return d
}
