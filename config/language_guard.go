package config

import (
	"math"

	"coppice/internal/druid"
)

func guardBlock() *Block {
	segments := Attribute{Kind: KindWhole, Default: int64(100_000), Min: 0, Max: math.MaxInt64, Example: "100000"}
	bytes := Attribute{Kind: KindSize, Example: `"10TiB"`}
	named := func(a Attribute, name, meaning string) Attribute {
		a.Name, a.Meaning = name, meaning
		return a
	}
	return &Block{
		Name: "guard", Meaning: "limits of what one plan may change",
		Attributes: []Attribute{
			{Name: "max_unused_percent", Kind: KindPercent, Default: 30.0, Example: "30", Meaning: "of used segments, from 10 segments up"},
			{Name: "newest_victim_age", Kind: KindLengthOrWord, Word: "none", Default: &druid.Period{Days: 1}, Example: `"P1D"`,
				Meaning: "how long ago the data of what dies must have ended"},
			named(segments, "max_kill_segments", "deleted in one run"),
			named(segments, "max_restore_segments", "restored in one run"),
			named(bytes, "max_unused_bytes", "marked unused in one run"),
			named(bytes, "max_kill_bytes", "deleted in one run"),
			named(bytes, "max_restore_bytes", "restored in one run"),
			{Name: "max_future", Kind: KindLength, Example: `"P2D"`,
				Meaning: "how far ahead data may lie before a finding says so"},
		},
		Blocks: []*Block{{
			Name: "budget", Meaning: "limits of what all runs within a window may delete, counted in the journal",
			Attributes: []Attribute{
				{Name: "window", Kind: KindLength, Required: true, Inherited: true, Positive: true, Example: `"P7D"`,
					Meaning: "how far back runs are counted"},
				{Name: "max_segments", Kind: KindWhole, Min: 0, Max: math.MaxInt64, Example: "500000", Meaning: "deleted within the window"},
				named(bytes, "max_bytes", "deleted within the window"),
			},
		}},
	}
}
