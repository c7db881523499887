package config

import "slices"

func defaultRulesBlock() *Block {
	b := rulesBlock()
	b.Name, b.Meaning = "default_rules", "Druid's cluster default (_default); at least one rule"
	return b
}

// rulesBlock describes an ordered list of rules: the blocks in it may be mixed, and their order is their meaning.
func rulesBlock() *Block {
	return &Block{
		Name: "rules", Meaning: "Druid's rules, exactly, in order",
		Blocks: []*Block{loadBlock(), dropBlock(), broadcastBlock(), rawBlock()},
	}
}

// conditions are the attributes that say which segments a rule is about; exactly one is written, include_future
// aside.
func conditions() []Attribute {
	return []Attribute{
		{Name: "period", Kind: KindRulePeriod, Example: `"P30D"`, Meaning: "data of the last so long"},
		{Name: "interval", Kind: KindInterval, Example: `"2026-01-01/2026-02-01"`, Meaning: "data that overlaps (drop: lies in) it"},
		{Name: "forever", Kind: KindBool, Example: "true", Meaning: "all data"},
		{Name: "include_future", Kind: KindBool, Example: "true", Meaning: "with period: data after now too; true when absent"},
	}
}

func loadBlock() *Block {
	return &Block{
		Name: "load", Many: true, Meaning: "loadByPeriod, loadByInterval, loadForever",
		Attributes: append(conditions(),
			Attribute{Name: "tiered_replicants", Kind: KindReplicants, Example: "{ _default_tier = 2 }",
				Meaning: "copies by tier; absent = Druid's default, {} = deep storage only"},
			Attribute{Name: "use_default_tier_for_null", Kind: KindBool, Example: "true",
				Meaning: "what absent tiered_replicants mean: true = the default tier, false = deep storage only"}),
		Refused: []Refusal{beforePeriodOnlyDrops, {
			Name: "replicants", Why: "A load rule calls it tiered_replicants; replicants belongs to retention.",
			Hint: "tiered_replicants = { _default_tier = 2 }",
		}},
	}
}

func dropBlock() *Block {
	return &Block{
		Name: "drop", Many: true, Meaning: "dropByPeriod, dropBeforeByPeriod, dropByInterval, dropForever",
		Attributes: slices.Insert(conditions(), 1,
			Attribute{Name: "before_period", Kind: KindRulePeriod, Example: `"P2Y"`, Meaning: "data that ended this long ago"}),
		Refused: noReplicants("drop"),
	}
}

func broadcastBlock() *Block {
	return &Block{
		Name: "broadcast", Many: true, Meaning: "broadcastByPeriod, broadcastByInterval, broadcastForever",
		Attributes: conditions(),
		Refused:    append(noReplicants("broadcast"), beforePeriodOnlyDrops),
	}
}

func rawBlock() *Block {
	return &Block{
		Name: "rule", Many: true, Meaning: "one rule as Druid writes it, of any kind",
		Attributes: []Attribute{{
			Name: "json", Kind: KindRuleJSON, Required: true, Example: `jsonencode({ type = "loadForever" })`,
			Meaning: "one rule as Druid writes it",
		}},
	}
}

var beforePeriodOnlyDrops = Refusal{
	Name: "before_period",
	Why:  "Only drop has before_period (dropBeforeByPeriod); Druid has no load or broadcast rule of that kind.",
	Hint: "period = \"P30D\"",
}

func noReplicants(block string) []Refusal {
	var refusals []Refusal
	for _, name := range []string{"tiered_replicants", "replicants", "use_default_tier_for_null"} {
		refusals = append(refusals, Refusal{
			Name: name, Why: "Druid's " + block + " rules have no replicants: it would be thrown away without a word.",
			Hint: "load {\n  period            = \"P30D\"\n  tiered_replicants = { _default_tier = 2 }\n}",
		})
	}
	return refusals
}
