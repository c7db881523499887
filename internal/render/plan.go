package render

import (
	"io"
	"strconv"

	"coppice/internal/diag"
	"coppice/internal/plan"
)

// Plan writes the screen of a plan: what it is for, the totals, then what it does in the order of harm (what cannot be
// undone first), what it leaves alone, its complaints, and the totals again.
//
// A blocked datasource is shown where it would act, marked as BLOCKED, and is in no total. The error is the writer's.
func Plan(w io.Writer, p *plan.Plan, o Options) error {
	s := newScreen(w, o)
	s.headline(p)
	if len(p.Actions) == 0 {
		s.noChanges(p)
		return s.flush()
	}
	s.totals(p)
	for _, one := range parts {
		s.part(p, one)
	}
	s.ruleChanges(p)
	s.notTouched(p)
	s.findings(p.Findings)
	s.lastLine(p)
	return s.flush()
}

// headline says what the plan is for and what was read.
func (s *screen) headline(p *plan.Plan) {
	head := "coppice plan · " + clean(p.Cluster.Name)
	if p.Cluster.DruidVersion != "" {
		head += " · Druid " + clean(p.Cluster.DruidVersion)
	}
	s.line(0, span{head + " · " + instantSeconds(p.Now), inkBold})
	read := "read " + segments(p.Cluster.Segments) + ", " + counted(int64(p.Cluster.Datasources), "datasource") +
		" (" + count(int64(p.Cluster.Managed)) + " managed)"
	if p.Cluster.Sources != "" {
		read += "; " + p.Cluster.Sources
	}
	s.sentence(0, read, "")
	if p.Due {
		s.sentence(0, "only what is due now: what stays (pending, held, shadowed), warnings and notes are left out", "")
	}
	if p.Request != nil {
		s.sentence(0, "asked: "+Asked(p.Request), "")
	}
}

// place is how a range is written at the edge of a line: "policies.hcl:14"; empty without a range.
func place(r *diag.Range) string {
	if r == nil || !r.Known() {
		return ""
	}
	return clean(r.File) + ":" + strconv.Itoa(r.Line)
}

// blockedBy are the codes that block a datasource; the whole plan's codes count for each.
func blockedBy(p *plan.Plan, name string) []string {
	var codes []string
	for _, b := range p.Summary.Blocked {
		if b.Datasource == nil || *b.Datasource == name {
			codes = append(codes, b.Code)
		}
	}
	return codes
}
