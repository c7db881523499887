package config

import (
	"math"

	"coppice/internal/druid"
)

// Language is the whole language as data: the block that stands for a directory. The decoder takes exactly what is
// in here, and the reference in the docs can be printed from it. Every call builds a new tree.
func Language() *Block {
	return &Block{
		Blocks: []*Block{
			clusterBlock(), datasourceBlock(), policyBlock(), guardBlock(), defaultRulesBlock(),
			holdBlock(), removalBlock(), allowBlock(), variableBlock(), localsBlock(),
		},
		Refused: []Refusal{
			{Name: "test", Why: "test blocks belong in files named *.test.hcl.", Hint: "Move it there."},
			{
				Name: "rules", Why: "Rules stand inside a datasource, or in default_rules for the whole cluster.",
				Hint: "datasource \"wikipedia\" {\n  rules {\n  }\n}",
			},
		},
	}
}

// later is the refusal of what another version may have.
func later(name string) Refusal {
	return Refusal{Name: name, Why: name + " is not part of this version."}
}

func clusterBlock() *Block {
	return &Block{
		Name: "cluster", Labels: []string{"name"}, Many: true,
		Meaning: "where a cluster is and how to get in",
		Attributes: []Attribute{
			{Name: "coordinator", Kind: KindURL, Example: `"https://router.example:8888"`,
				Meaning: "Coordinator or Router; absent = metadata only: plans, no apply"},
			{Name: "overlord", Kind: KindURL, Example: `"https://overlord.example:8090"`,
				Meaning: "found through the coordinator when absent"},
		},
		Blocks: []*Block{metadataBlock(), authBlock(), tlsBlock(), killTasksBlock(), sandboxBlock()},
	}
}

func metadataBlock() *Block {
	return &Block{
		Name: "metadata", Meaning: "read segments from the PostgreSQL metadata store",
		Attributes: []Attribute{
			{Name: "dsn", Kind: KindSensitive, Required: true, Example: `env("COPPICE_METADATA_DSN")`,
				Meaning: "lib/pq URL or key=value"},
			{Name: "tables", Kind: KindText, Default: "druid", Example: `"druid"`, Meaning: "base name of the tables"},
			{Name: "statement_timeout", Kind: KindLength, Default: druid.Period{Minutes: 15}, Positive: true, Fixed: true,
				Example: `"PT15M"`, Meaning: "limit of one statement, on the server's side"},
		},
	}
}

func authBlock() *Block {
	return &Block{
		Name: "auth", Meaning: "username and password, or token",
		Attributes: []Attribute{
			{Name: "username", Kind: KindSensitive, Example: `"coppice"`, Meaning: "of basic authentication"},
			{Name: "password", Kind: KindSensitive, Example: `env("DRUID_PASSWORD")`, Meaning: "of basic authentication"},
			{Name: "token", Kind: KindSensitive, Example: `env("DRUID_TOKEN")`, Meaning: "bearer token"},
		},
	}
}

func tlsBlock() *Block {
	return &Block{
		Name: "tls", Meaning: "files with PEM contents",
		Attributes: []Attribute{
			{Name: "ca_file", Kind: KindText, Example: `"ca.pem"`, Meaning: "authorities to trust instead of the system's"},
			{Name: "cert_file", Kind: KindText, Example: `"client.pem"`, Meaning: "client certificate"},
			{Name: "key_file", Kind: KindText, Example: `"client-key.pem"`, Meaning: "key of the client certificate"},
			{Name: "server_name", Kind: KindText, Example: `"druid.example"`, Meaning: "name that the server's certificate must have"},
		},
	}
}

func killTasksBlock() *Block {
	return &Block{
		Name: "kill_tasks", Meaning: "limits for the whole cluster",
		Attributes: []Attribute{
			{Name: "max_slots_percent", Kind: KindWhole, Default: int64(10), Min: 1, Max: 100, Example: "10",
				Meaning: "share of task slots for kills of all datasources, kill tasks of others included; at least one slot"},
		},
	}
}

func sandboxBlock() *Block {
	return &Block{
		Name: "sandbox", Meaning: "the embedded sandbox instead of coordinator and metadata",
		Attributes: []Attribute{
			{Name: "directory", Kind: KindText, Required: true, Example: `"sandbox"`, Meaning: "created and seeded when absent"},
			{Name: "seed", Kind: KindText, Example: `"seed.jsonl"`, Meaning: "what to seed an absent directory with"},
		},
	}
}

func datasourceBlock() *Block {
	b := policyBlock()
	b.Name, b.Labels, b.Refused = "datasource", []string{"name or pattern"}, nil
	b.Meaning = "the policy of one datasource, by its exact name, or of a family, by a name in which * stands for any characters"
	b.Attributes = append([]Attribute{
		{Name: "policy", Kind: KindText, Example: `"web"`, Meaning: "name of a policy block"},
		{Name: "except", Kind: KindPatterns, Example: `["events_tmp_*"]`,
			Meaning: "with a pattern: names that do not belong to the family"},
	}, b.Attributes...)
	return b
}

func policyBlock() *Block {
	return &Block{
		Name: "policy", Labels: []string{"name"}, Many: true,
		Meaning: "a named body that datasources share",
		Attributes: []Attribute{
			{Name: "restore", Kind: KindBool, Default: true, Example: "true", Meaning: "bring back what a widened window covers"},
		},
		Blocks: []*Block{retentionBlock(), rulesBlock(), killBlock(), guardBlock()},
		Refused: []Refusal{
			later("row_ttl"),
			{Name: "policy", Why: "A policy cannot build on another one."},
			{Name: "except", Why: "except belongs to the datasource block of a family, whose name is a pattern."},
		},
	}
}

func retentionBlock() *Block {
	return &Block{
		Name: "retention", Meaning: "how long data stays used, compiled to rules",
		Attributes: []Attribute{
			{Name: "keep", Kind: KindLengthOrWord, Word: "forever", Required: true, Positive: true, Example: `"P1Y"`,
				Meaning: "how long data stays used"},
			{Name: "replicants", Kind: KindReplicants, Example: "{ _default_tier = 2 }",
				Meaning: "for the whole keep; absent = Druid's default, {} = deep storage only"},
			{Name: "include_future", Kind: KindBool, Default: true, Example: "true", Meaning: "of all compiled period rules"},
			{Name: "keep_intervals", Kind: KindIntervals, Example: `["2012-01-01/2013-01-01"]`, Meaning: "load rules in front"},
			{Name: "drop_intervals", Kind: KindIntervals, Example: `["2012-01-01/2013-01-01"]`,
				Meaning: "drop rules in front, behind those of keep_intervals"},
		},
		Blocks: []*Block{{
			Name: "stage", Many: true, Meaning: "newer data with replicants of its own",
			Attributes: []Attribute{
				{Name: "newest", Kind: KindLength, Required: true, Positive: true, Example: `"P7D"`, Meaning: "how far back the stage reaches"},
				{Name: "replicants", Kind: KindReplicants, Required: true, Example: "{ hot = 2, _default_tier = 1 }",
					Meaning: "exactly these"},
			},
		}},
		Refused: []Refusal{{
			Name: "tiered_replicants", Why: "retention calls it replicants; tiered_replicants belongs to load rules.",
			Hint: "replicants = { _default_tier = 2 }",
		}},
	}
}

func killBlock() *Block {
	return &Block{
		Name: "kill", Meaning: "what may be deleted for good",
		Attributes: []Attribute{
			{Name: "superseded_after", Kind: KindLengthOrWord, Word: "never", Default: (*druid.Period)(nil), Example: `"P1D"`,
				Meaning: "grace of superseded segments since their marking"},
			{Name: "expired_after", Kind: KindLengthOrWord, Word: "never", Default: (*druid.Period)(nil), Example: `"P30D"`,
				Meaning: "grace of expired segments since their marking"},
			{Name: "older_than", Kind: KindLength, Example: `"P120D"`,
				Meaning: "besides: the interval ended this long ago; expired segments only"},
		},
		Blocks: []*Block{{
			Name: "task", Meaning: "shape of the kill tasks",
			Attributes: []Attribute{
				{Name: "max_segments", Kind: KindWhole, Default: int64(1000), Min: 1, Max: math.MaxInt32, Example: "1000",
					Meaning: "limit of one task, also its batch size"},
				{Name: "max_interval", Kind: KindLength, Default: druid.Period{Days: 31}, Positive: true, Example: `"P31D"`,
					Meaning: "span of one task"},
				{Name: "concurrency", Kind: KindWhole, Default: int64(1), Min: 1, Max: 1000, Example: "1",
					Meaning: "tasks in flight for the datasource"},
				{Name: "context", Kind: KindObject, Example: `{ tags = "retention" }`, Meaning: "passed to the task; what decides how it locks (`priority`, `taskLockType`, `useConcurrentLocks`, `forceTimeChunkLock`) is refused"},
			},
		}},
	}
}

func allowBlock() *Block {
	return &Block{
		Name: "allow", Labels: []string{"finding code"}, Many: true,
		Meaning: "consent to one blocking finding",
		Attributes: []Attribute{
			{Name: "datasources", Kind: KindPatterns, Required: true, DefaultRules: true, Example: `["clicks"]`,
				Meaning: "names, in which * stands for any characters"},
			{Name: "interval", Kind: KindInterval, Example: `"2026-01-01/2026-02-01"`, Meaning: "narrows the consent"},
			{Name: "max_segments", Kind: KindWhole, Min: 1, Max: math.MaxInt64, Example: "1000", Meaning: "narrows the consent"},
			{Name: "until", Kind: KindDate, Required: true, Example: `"2026-12-31"`, Meaning: "the consent ends here"},
			{Name: "reason", Kind: KindText, Required: true, Example: `"old rows are equal"`, Meaning: "why the finding is accepted"},
		},
	}
}
