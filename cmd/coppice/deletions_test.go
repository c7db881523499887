package main

import (
	"testing"

	"coppice/config"
)

// TestBudgeted: a budget counts wherever it is declared, and only then is the journal read.
func TestBudgeted(t *testing.T) {
	with := config.Guard{Budget: &config.Budget{}}
	for name, cfg := range map[string]*config.Config{
		"a datasource": {Datasources: []*config.Datasource{{}, {Guard: with}}},
		"a family":     {Families: []*config.Datasource{{Guard: with}}},
		"the top":      {Guard: with},
	} {
		found, err := deletions(t.TempDir(), cfg, "")
		if err != nil || found == nil || found.Unknown == "" {
			t.Errorf("%s: %+v, %v", name, found, err)
		}
	}
	if found, err := deletions(t.TempDir(), &config.Config{Datasources: []*config.Datasource{{}}}, ""); found != nil || err != nil {
		t.Errorf("no budget: %+v, %v", found, err)
	}
}
