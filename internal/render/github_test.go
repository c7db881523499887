package render

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"coppice/internal/diag"
	"coppice/internal/plan"
)

func TestGitHub(t *testing.T) {
	name, witness := "a,b", "100%"
	found := []plan.Finding{
		{Severity: diag.Error, Code: "rule-unreachable", Datasource: &name, Summary: "Rule 2 is never reached", Detail: "one\ntwo", Hint: "50% ::error::x\r\n", Witness: &witness,
			Range: &diag.Range{File: "a,b:c%.hcl", Line: 3, Column: 5, EndLine: 3, EndColumn: 9}},
		{Severity: diag.Warning, Code: "gap", Summary: "Not read"},
		{Severity: diag.Note, Code: "straddle", Summary: "x", Range: &diag.Range{File: "a.hcl", Line: 3, Column: 5, EndLine: 4, EndColumn: 2}},
		{Severity: diag.Error, Code: "resurfacing", Summary: "y", Hint: "allow it", Range: &diag.Range{File: "a.hcl", Line: 1, Column: 1},
			AllowedBy: &diag.Range{File: "allow.hcl", Line: 7}},
	}
	for _, member := range []string{"e1", "e2", "e3"} {
		found = append(found, plan.Finding{Severity: diag.Warning, Code: "never-expires", Datasource: &member, Summary: "Nothing ends", Range: &diag.Range{File: "f.hcl", Line: 2, Column: 1}})
	}
	var b strings.Builder
	if err := GitHub(&b, Complaints(found), "./retention"); err != nil {
		t.Fatal(err)
	}
	const want = `::error file=retention/a%2Cb%3Ac%25.hcl,line=3,col=5,endLine=3,endColumn=8,title=rule-unreachable::a,b: Rule 2 is never reached.%0Aone%0Atwo%0Aseen: 100%25%0A50%25 ::error::x%0D%0A
::warning title=gap::Not read.
::notice file=retention/a.hcl,line=3,col=5,endLine=4,title=straddle::x.
::notice file=retention/a.hcl,line=1,col=1,title=resurfacing::y.%0AAllowed by allow.hcl:7.
::warning file=retention/f.hcl,line=2,col=1,title=never-expires::e1: Nothing ends.%0AThe same of 2 more datasources: e2, e3.
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("commands (-want +got)\n%s", diff)
	}
}
