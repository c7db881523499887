package e2e

import (
	"strings"
	"testing"
)

// TestHistory: who changed rules elsewhere is read from the store, with or without a Coordinator. Where Druid has trimmed
// its audit log the lists themselves still tell when, and what coppice did is not taken for somebody else's.
func TestHistory(t *testing.T) {
	t.Parallel()
	w := realWorld(t, older)
	ds := w.name()
	w.seed(ds, segment{interval: dayOf(5), version: version1, used: true})
	declared := `datasource "` + ds + `" {
  retention {
    keep       = "P30D"
    replicants = {}
  }
}
`
	p := newProgram(w, both, declared)
	p.exits(0, "apply", "--auto-approve")
	w.setRules(ds, `[{"type":"loadForever","tieredReplicants":{}}]`)

	told := func(want string) {
		t.Helper()
		got := p.exits(0, "history").stdout.String()
		if strings.Count(got, `rules of "`+ds+`" changed outside coppice`+want) != 1 || strings.Count(got, `rules of "`+ds) != 1 {
			t.Errorf("history: want one change with %q in:\n%s", want, got)
		}
	}
	told("; the audit log does not tell by whom") // a POST without a name
	w.exec(`UPDATE druid_audit SET author = 'anna', comment = 'why not' WHERE audit_key = $1 AND author = ''`, ds)
	told(` by "anna": "why not"`)
	if o := find(t, p.plan(2), ds).Rules.Outside; o == nil {
		t.Error("the plan does not say that the rules were changed elsewhere")
	}
	p.configure(storeOnly, declared)
	told(` by "anna": "why not"`)
	w.exec(`DELETE FROM druid_audit WHERE audit_key = $1`, ds)
	told("; the audit log does not tell by whom")
}
