package e2e

import (
	"os"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"

	"coppice/internal/plan"
)

// samePlans wants the same decisions from the store and the Coordinator, from a snapshot of them, from the store alone, and
// over HTTP alone. It returns the plan from both.
func samePlans(w *world, declarations string, arguments ...string) *plan.Plan {
	w.Helper()
	p := newProgram(w, both, declarations)
	made := p.anyPlan(arguments...)
	w.sameDecisions("a snapshot", made, p.ofSnapshot(arguments...))
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

// ofSnapshot is the plan of a snapshot, by a process that has no way to the cluster. The file holds no secret.
func (p *program) ofSnapshot(arguments ...string) *plan.Plan {
	p.Helper()
	file := p.file("seen.jsonl")
	p.exits(0, "snapshot", "--out", file)
	text, err := os.ReadFile(file)
	if err != nil || strings.Contains(string(text), password) {
		p.Fatalf("the snapshot holds the password, or cannot be read: %v", err)
	}
	alone := *p
	alone.environment = map[string]string{"PATH": p.environment["PATH"]}
	return alone.anyPlan(append(slices.Clone(arguments), "--snapshot", file)...)
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
