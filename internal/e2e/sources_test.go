package e2e

import (
	"github.com/google/go-cmp/cmp"

	"coppice/internal/plan"
)

// samePlans wants the same decisions from the store and the Coordinator, from the store alone, and over HTTP alone. It
// returns the plan from both.
func samePlans(w *world, declarations string, arguments ...string) *plan.Plan {
	w.Helper()
	made := newProgram(w, both, declarations).anyPlan(arguments...)
	for name, from := range map[string]sources{"the store alone": storeOnly, "HTTP alone": httpOnly} {
		w.sameDecisions(name, made, newProgram(w, from, declarations).anyPlan(arguments...))
	}
	return made
}

func (w *world) sameDecisions(name string, made, alone *plan.Plan) {
	w.Helper()
	want, got := decisions(made), decisions(alone)
	if len(want) != len(got) || len(want) == 0 {
		w.Fatalf("from %s: %d datasources, from both %d", name, len(got), len(want))
	}
	for i := range want {
		if diff := cmp.Diff(want[i], got[i]); diff != "" {
			w.Errorf("%s from %s (-both +alone):\n%.4000s", want[i].Datasource.Name, name, diff)
		}
	}
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

// decided is what a plan decides about a datasource: everything but the sizes of what stays, which are not read from the
// store. Findings and gaps of the cluster as a whole tell of the source, and are left out.
type decided struct {
	Datasource plan.Datasource
	Actions    []plan.Action
	Findings   []plan.Finding
}

func decisions(p *plan.Plan) []decided {
	var list []decided
	for _, seen := range p.Datasources {
		d := decided{Datasource: *seen}
		d.Datasource.Used.Bytes, d.Datasource.Keep.Bytes = 0, 0
		for _, action := range p.Actions {
			if action.Datasource == seen.Name {
				d.Actions = append(d.Actions, *action)
			}
		}
		for _, finding := range p.Findings {
			if finding.Datasource != nil && *finding.Datasource == seen.Name {
				d.Findings = append(d.Findings, finding)
			}
		}
		list = append(list, d)
	}
	return list
}
