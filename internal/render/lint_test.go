package render

import (
	"io"
	"testing"

	"coppice/internal/diag"
	"coppice/internal/druid"
	"coppice/internal/plan"
)

func TestLint(t *testing.T) {
	now := druid.Instant(1_795_165_200_000) // 2026-11-20T09:00:00Z
	clicks, seen := "clicks", "clicks_2026-11-01T00:00:00.000Z_2026-11-02T00:00:00.000Z_2026-11-03"
	at := func(line, column, end int) *diag.Range {
		return &diag.Range{File: "clicks.hcl", Line: line, Column: column, EndLine: line, EndColumn: end}
	}
	files := map[string][]byte{"clicks.hcl": []byte("datasource \"clicks\" {\n  rules {\n    drop {\n")}
	unreachable := plan.Finding{Severity: diag.Error, Code: "rule-unreachable", Datasource: &clicks, Summary: "Rule 2 dropByPeriod P1M is never reached",
		Detail:  "Whatever it applies to, now or at any later moment, is taken first by rule 1 loadByPeriod P1M. What it would drop is kept by rule 1 loadByPeriod P1M.",
		Witness: &seen, Range: at(3, 5, 9), Hint: "Remove it, or put it in front of what hides it."}
	allowed := unreachable
	allowed.Summary, allowed.AllowedBy = "Rule 3 loadForever is never reached", at(20, 1, 5)
	affects := plan.Finding{Severity: diag.Warning, Code: "default-affects", Summary: "The change of the default rules touches datasources: 1",
		Detail: "Their own rules leave something to the default: clicks."}
	cases := []struct {
		name string
		l    Linted
	}{
		{"lint-live", Linted{Cluster: "prod", Now: now, Findings: []plan.Finding{unreachable, allowed, affects}, Files: files}},
		{"lint-offline", Linted{Now: now, Findings: []plan.Finding{affects}}},
		{"lint-allowed", Linted{Now: now, Findings: []plan.Finding{allowed}}},
		{"lint-clean", Linted{Now: now}},
	}
	for _, c := range cases {
		screens(t, c.name, func(w io.Writer, o Options) error { return Lint(w, c.l, o) })
	}
}
