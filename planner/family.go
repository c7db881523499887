package planner

import (
	"fmt"

	"coppice/config"
	"coppice/internal/diag"
	"coppice/internal/snapshot"
)

// contested complains about a datasource that several families claim: whatever was guessed could delete data, so
// nothing of it is changed.
func (w *work) contested() {
	if !hasData(w.seen) {
		return
	}
	for _, p := range w.in.Config.Ambiguous([]string{w.seen.Name}) {
		w.complain(complaint{severity: diag.Error, code: p.Code, summary: p.Summary, detail: p.Detail, hint: p.Hint, origin: known(p.Range)})
	}
}

// withoutMembers are the chosen families that no datasource in view belongs to.
func (in *Input) withoutMembers() []*config.Datasource {
	inhabited := map[*config.Datasource]bool{}
	for _, seen := range in.Snapshot.Datasources {
		for _, family := range in.Config.Claiming(seen.Name) {
			inhabited[family] = inhabited[family] || hasData(seen)
		}
	}
	var empty []*config.Datasource
	for _, family := range in.Config.Families {
		if in.selected(family.Name) && !inhabited[family] {
			empty = append(empty, family)
		}
	}
	return empty
}

// member reports whether a family has the policy of a datasource. Rules that were left behind without any data are not
// one: nobody named it.
func (in *Input) member(seen *snapshot.Datasource) bool {
	return hasData(seen) && in.Config.For(seen.Name) != nil
}

// hasData reports whether rows were seen, or could not be read.
func hasData(seen *snapshot.Datasource) bool { return seen.HasRows() || len(seen.Gaps) > 0 }

// emptyFamilies notes which families have no members. A view that may lack some says nothing.
func (in *Input) emptyFamilies() []complaint {
	if in.Request != nil || !in.seesEverything() {
		return nil
	}
	var list []complaint
	for _, family := range in.withoutMembers() {
		list = append(list, complaint{severity: diag.Note, code: "datasource-unknown", origin: known(family.Origin),
			summary: fmt.Sprintf("No datasource belongs to the family %q", family.Name),
			detail:  "Its policy waits for the first one whose name fits."})
	}
	return list
}
