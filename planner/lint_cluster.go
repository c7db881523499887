package planner

import (
	"fmt"
	"slices"

	"coppice/internal/diag"
)

// unknownTiers complains about rules that want copies in a tier without servers: Druid loads nothing there, and says so
// only in its metrics. Without any live server, or when the tiers were not read, nobody can tell.
func (w *work) unknownTiers() {
	live := w.in.Snapshot.Tiers
	if !w.in.Snapshot.TiersKnown || len(live) == 0 {
		return
	}
	for i, rule := range w.planned.Own {
		for _, wanted := range rule.Replicants {
			if wanted.Count == 0 || slices.Contains(live, wanted.Tier) {
				continue
			}
			there := func(int) bool { return true }
			w.complain(complaint{severity: w.severity(w.stands(i, there)), code: "tier-unknown", origin: w.ruleRange(i),
				summary: fmt.Sprintf("%s wants copies in tier %q, which has no server", capitalized(w.ruleText(i)), wanted.Tier),
				detail:  fmt.Sprintf("The tiers with live servers are %s. Copies for another are never loaded.", quoted(live)),
				hint:    "Correct the name, start servers of that tier, or consent with:" + w.allowBlock("tier-unknown"),
				witness: wanted.Tier})
		}
	}
}

func quoted(names []string) string {
	var list []string
	for _, n := range names {
		list = append(list, fmt.Sprintf("%q", n))
	}
	return joined(list)
}

// defaultAffects says which datasources a change of the default rules touches: those whose own rules leave anything to
// them.
func (in *Input) defaultAffects() []complaint {
	if !in.defaultChanges() {
		return nil
	}
	var names, bare []string
	for _, s := range in.subjects() {
		w := newWork(in, s)
		if len(w.planned.Own) == 0 {
			bare = append(bare, s.seen.Name)
		} else if r := in.reach(w.planned.Own); r.closed || !r.open && r.fallsThrough() == nil {
			continue
		}
		names = append(names, s.seen.Name)
	}
	if len(names) == 0 {
		return nil
	}
	detail := "Their own rules leave something to the default: " + some(names) + "."
	if len(bare) > 0 {
		detail += fmt.Sprintf(" Without rules of their own: %s.", some(bare))
	}
	return []complaint{{severity: diag.Warning, code: "default-affects", detail: detail, witness: names[0],
		summary: fmt.Sprintf("The change of the default rules touches datasources: %d", len(names)), origin: known(in.Config.DefaultRules.Origin)}}
}

// some names the first few.
func some(names []string) string {
	const shown = 20
	if len(names) <= shown {
		return joined(names)
	}
	return joined(append(slices.Clone(names[:shown]), fmt.Sprintf("%d more", len(names)-shown)))
}
