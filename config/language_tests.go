package config

import "math"

// TestLanguage is the language of policy tests (*.test.hcl) as data, as Language is that of a configuration.
func TestLanguage() *Block {
	return &Block{
		Blocks: []*Block{testBlock()},
		Refused: []Refusal{
			{Name: "variable", Why: "Variables are declared in the configuration's own files; tests use them.", Hint: "Move it there."},
			{Name: "locals", Why: "Locals belong in the configuration's own files; tests use them.", Hint: "Move it there."},
		},
	}
}

func testBlock() *Block {
	return &Block{
		Name: "test", Labels: []string{"name"}, Many: true,
		Meaning: "what must become of some segments at one moment; stands in files named *.test.hcl",
		Attributes: []Attribute{
			{Name: "now", Kind: KindInstant, Required: true, Example: `"2026-03-31T00:00:00Z"`, Meaning: "the moment that is planned for"},
			{Name: "snapshot", Kind: KindText, Example: `"prod.jsonl.zst"`,
				Meaning: "file with the segments and the rules in force; absent = the segments below, and the rules as declared have long been in force"},
		},
		Blocks: []*Block{{
			Name: "segment", Many: true, Meaning: "a segment, or several of a snapshot, and what is expected; segments of one datasource share a timeline",
			Attributes: []Attribute{
				{Name: "datasource", Kind: KindText, Required: true, Example: `"clicks"`, Meaning: "exact name"},
				{Name: "interval", Kind: KindInterval, Required: true, Example: `"2026-02-27/2026-02-28"`,
					Meaning: "of the segment; with a snapshot: of all segments that lie in it"},
				{Name: "expect", Kind: KindText, Required: true, Example: `"drop"`,
					Meaning: "keep, drop, shadowed, remove, restore, kill, pending or hold"},
				{Name: "rule", Kind: KindWhole, Min: 1, Max: math.MaxInt16, Example: "2",
					Meaning: "the rule that must decide, counted from 1 through the datasource's own list and the default one behind it"},
				{Name: "version", Kind: KindText, Example: `"2026-02-28T01:00:00.000Z"`,
					Meaning: "absent = the end of the interval, or now when that is later; with a snapshot any"},
				{Name: "partition", Kind: KindWhole, Min: 0, Max: math.MaxInt16, Example: "0", Meaning: "absent = 0; with a snapshot any"},
				{Name: "used", Kind: KindBool, Example: "false", Meaning: "absent = true; not with a snapshot, which knows"},
				{Name: "marked_at", Kind: KindInstant, Example: `"2026-03-01T00:00:00Z"`,
					Meaning: "when an unused segment was marked; absent = not known, so that it is held; not with a snapshot"},
			},
		}},
	}
}
