package config

func variableBlock() *Block {
	return &Block{
		Name: "variable", Labels: []string{"name"}, Many: true,
		Meaning: "a value from outside, used as var.NAME",
		Attributes: []Attribute{
			{Name: "type", Kind: KindType, Example: "string",
				Meaning: "string, number, bool, list(…), set(…), map(…), object({…}), tuple([…]) or any; absent = any"},
			{Name: "default", Kind: KindAny, Example: `"P30D"`,
				Meaning: "value when none is given; absent = one must be given; null = what uses it is absent"},
			{Name: "description", Kind: KindText, Example: `"how long raw events stay"`, Meaning: "what it is for; shown when it is missing"},
			{Name: "sensitive", Kind: KindBool, Default: false, Example: "true",
				Meaning: "never printed, saved or logged; taken only where env() is"},
		},
		Refused: []Refusal{{Name: "nullable", Why: "Every variable may be null: what uses it is absent then.",
			Hint: "Refuse null in a validation block: condition = var.NAME != null"}},
		Blocks: []*Block{{
			Name: "validation", Many: true, Meaning: "what a value must be like",
			Attributes: []Attribute{
				{Name: "condition", Kind: KindCondition, Required: true, Example: `can(regex("^P", var.keep))`,
					Meaning: "true for good values; refers to the variable, and maybe to others"},
				{Name: "error_message", Kind: KindMessage, Required: true, Example: `"keep is a period such as P30D."`,
					Meaning: "what is said of other values"},
			},
		}},
	}
}

func localsBlock() *Block {
	return &Block{
		Name: "locals", Many: true, Meaning: "names for values of this directory, used as local.NAME, in any order",
		Open: &Attribute{Name: "NAME", Kind: KindAny, Example: `"P${var.days}D"`, Meaning: "any number of them; may refer to variables and to other locals"},
	}
}
