package config

import "coppice/internal/druid"

func holdBlock() *Block {
	return &Block{
		Name: "hold", Labels: []string{"name"}, Many: true,
		Meaning: "data that nothing may delete; outlives the blocks it protects from",
		Attributes: []Attribute{
			{Name: "datasources", Kind: KindPatterns, Required: true, Example: `["payments", "events_*"]`,
				Meaning: "names, in which * stands for any characters"},
			{Name: "interval", Kind: KindInterval, Example: `"2025-01-01/2025-07-01"`,
				Meaning: "what overlaps it is held; absent = all time"},
			{Name: "until", Kind: KindDate, Example: `"2027-01-01"`, Meaning: "the hold ends here; absent = for ever"},
			{Name: "reason", Kind: KindText, Required: true, Example: `"discovery order"`, Meaning: "why the data is held"},
		},
	}
}

func removalBlock() *Block {
	return &Block{
		Name: "removal", Labels: []string{"name"}, Many: true,
		Meaning: "a declared deletion; exactly one of before, versions, segment_ids and tombstones says what it claims",
		Attributes: []Attribute{
			{Name: "datasource", Kind: KindText, Required: true, Example: `"clicks"`, Meaning: "exact name"},
			{Name: "interval", Kind: KindInterval, Example: `"2024-05-06/2024-05-07"`,
				Meaning: "what lies in it; required unless segment_ids"},
			{Name: "before", Kind: KindInstant, Example: `"2024-05-08T00:00:00Z"`,
				Meaning: "versions that are instants before it, created before it"},
			{Name: "versions", Kind: KindTexts, Example: `["2024-05-06T10:00:00.000Z"]`,
				Meaning: "these versions, with partitions that are appended to them later"},
			{Name: "segment_ids", Kind: KindTexts,
				Example: `["clicks_2024-05-06T00:00:00.000Z_2024-05-07T00:00:00.000Z_2024-05-06T10:00:00.000Z"]`,
				Meaning: "these segments, as Druid prints their ids"},
			{Name: "tombstones", Kind: KindBool, Example: "true", Meaning: "tombstones only"},
			{Name: "kill_after", Kind: KindLengthOrWord, Word: "never", Default: (*druid.Period)(nil), Example: `"P7D"`,
				Meaning: "also delete for good, this long after the marking"},
			{Name: "reason", Kind: KindText, Required: true, Example: `"double ingestion"`, Meaning: "why the data goes"},
		},
	}
}
