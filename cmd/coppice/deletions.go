package main

import (
	"fmt"
	"slices"

	"coppice/config"
	"coppice/internal/journal"
	"coppice/planner"
)

// deletions are what the journal knows of earlier applies, for budgets; nil when the configuration has none. A state
// directory without a single apply may be the wrong one, or a fresh machine's, so it is not taken for "nothing was
// deleted".
func deletions(folder string, cfg *config.Config) (*planner.Deletions, error) {
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
	for _, k := range state.Kills() {
		found.List = append(found.List, planner.Deletion{At: k.At, Datasource: k.Datasource, Amount: k.Deleted})
	}
	return found, nil
}

func budgeted(cfg *config.Config) bool {
	has := func(d *config.Datasource) bool { return d.Guard.Budget != nil }
	return cfg.Guard.Budget != nil || slices.ContainsFunc(cfg.Datasources, has) || slices.ContainsFunc(cfg.Families, has)
}
