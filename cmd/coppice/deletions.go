package main

import (
	"fmt"
	"slices"

	"coppice/config"
	"coppice/internal/druid"
	"coppice/internal/journal"
	"coppice/planner"
)

// deletions are what the journal knows of earlier applies, but those of one plan (by its digest), for budgets; nil when the
// configuration has none. A state directory without a single apply may be the wrong one, or a fresh machine's, so it is not taken for "nothing was
// deleted".
func deletions(folder string, cfg *config.Config, but string) (*planner.Deletions, error) {
	if !budgeted(cfg) {
		return nil, nil
	}
	state, err := journal.Read(folder)
	if err != nil {
		return nil, err
	}
	if len(state.Applies) == 0 {
		return &planner.Deletions{Unknown: fmt.Sprintf("the state directory %s has no journal of any apply", folder)}, nil
	}
	found := &planner.Deletions{}
	for _, k := range state.KillsBut(but) {
		found.List = append(found.List, planner.Deletion{At: k.At, Datasource: k.Datasource, Amount: k.Deleted})
	}
	return found, nil
}

// withinBudget refuses a saved plan that would exceed a budget by now, since other plans were applied after it was made.
func (a *approval) withinBudget(folder string, cfg *config.Config, now druid.Instant) error {
	past, err := deletions(folder, cfg, a.plan.Digest)
	if err != nil || past == nil {
		return err
	}
	if over := planner.OverBudget(cfg, a.plan, past, now); over != nil {
		return failf(exitStale, "%s of %s, since the plan was made: %s Make a new plan; %s", over.Code, *over.Datasource, over.Detail, notSent)
	}
	return nil
}

func budgeted(cfg *config.Config) bool {
	has := func(d *config.Datasource) bool { return d.Guard.Budget != nil }
	return cfg.Guard.Budget != nil || slices.ContainsFunc(cfg.Datasources, has) || slices.ContainsFunc(cfg.Families, has)
}
