package snapfile

import (
	"slices"

	"coppice/internal/druid"
	"coppice/internal/snapshot"

	"pgregory.net/rapid"
)

// drawCluster makes a finished snapshot of anything that can be seen, likely or not.
func drawCluster(t *rapid.T) *snapshot.Cluster {
	c := &snapshot.Cluster{TakenAt: drawInstant(t), Name: drawText(t), Identity: drawText(t), DruidVersion: "33.0.0",
		DefaultRules: drawRules(t), TiersKnown: rapid.Bool().Draw(t, "tiers known"), Gaps: drawGaps(t)}
	c.Sources = snapshot.Sources{Store: rapid.Bool().Draw(t, "store"), Coordinator: rapid.Bool().Draw(t, "coordinator"), Disagree: drawText(t)}
	if c.TiersKnown {
		c.Tiers = []string{"_default_tier", "hot"}
	}
	if rapid.Bool().Draw(t, "duties") {
		c.Duties = &snapshot.Duties{LastRunStart: drawMaybe(t), LastRunEnd: drawMaybe(t), Stopped: rapid.Bool().Draw(t, "stopped"), Detail: drawText(t)}
	}
	if rapid.Bool().Draw(t, "auto kill") {
		c.AutoKill = &snapshot.AutoKill{Coordinator: snapshot.Killer{On: true, Buffer: druid.Period{Days: 30}, Retain: "P90D", Only: []string{"a"}},
			Overlord: snapshot.Killer{Unknown: drawText(t)}}
	}
	for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "a b", `q"uo\te`, "größe", "x\ny", "{}<&>", "z_2026-01-01"}), 0, 4, rapid.ID).Draw(t, "names") {
		c.Datasources = append(c.Datasources, drawDatasource(t, name))
	}
	c.Finish()
	return c
}

func drawDatasource(t *rapid.T, name string) *snapshot.Datasource {
	d := &snapshot.Datasource{Name: name, Rules: drawRules(t), UnusedKnown: rapid.Bool().Draw(t, "unused known"),
		BusyKnown: rapid.Bool().Draw(t, "busy known"), Gaps: drawGaps(t)}
	if rapid.Bool().Draw(t, "busy") {
		d.Busy = []snapshot.Busy{{Interval: drawInterval(t), Kind: "lock", By: "task_" + drawText(t)}}
	}
	seen := map[string]bool{}
	for range rapid.IntRange(0, 12).Draw(t, "segments") {
		one := &snapshot.Datasource{Name: name}
		s := drawSegment(t, one)
		if id := one.ID(&s).String(); !seen[id] { // Finish makes one of two, and does not tell what it left out
			seen[id] = true
			take(d, one, s)
		}
	}
	d.Finish()
	return d
}

// take puts a row into a datasource, with the texts that it refers to.
func take(d, from *snapshot.Datasource, s snapshot.Segment) {
	s.Version = d.Versions.Add(from.Versions.At(s.Version))
	if s.Root > 0 {
		d.Roots = append(d.Roots, from.Roots[s.Root-1])
		s.Root = uint32(len(d.Roots))
	}
	if s.Has(snapshot.Details) {
		d.Shards = append(d.Shards, from.Shards[s.Shard])
		s.Shard = uint32(len(d.Shards) - 1)
	}
	d.Segments = append(d.Segments, s)
}

// drawSegment puts only what the row refers to into the interned lists.
func drawSegment(t *rapid.T, d *snapshot.Datasource) snapshot.Segment {
	s := snapshot.Segment{Interval: drawInterval(t), MarkedAt: drawMaybe(t), CreatedAt: drawMaybe(t), Bytes: snapshot.UnknownBytes,
		Partition: rapid.Int32Range(0, 2).Draw(t, "partition"), Flags: rapid.SampledFrom([]snapshot.Flags{0, snapshot.Used, snapshot.Odd}).Draw(t, "flags")}
	s.Version = d.Versions.Add(rapid.SampledFrom([]string{"2026-01-01T00:00:00.000Z", "2026-01-02T00:00:00.000Z", "v1", "v\"2", "\U0001F600", "\ue000"}).Draw(t, "version"))
	if rapid.IntRange(0, 3).Draw(t, "root") == 0 {
		d.Roots = append(d.Roots, "root"+drawText(t))
		s.Root = uint32(len(d.Roots))
	}
	if rapid.IntRange(0, 3).Draw(t, "details") == 0 {
		return s
	}
	s.Flags |= snapshot.Details
	s.Bytes = rapid.Int64Range(-5, 1<<62).Draw(t, "bytes")
	s.File = rapid.Uint64().Draw(t, "file")
	d.Shards = append(d.Shards, druid.ShardSpec{Kind: druid.ShardKind(rapid.IntRange(0, 8).Draw(t, "kind")), HasCore: rapid.Bool().Draw(t, "has core"),
		Partition: s.Partition, CorePartitions: rapid.Int32Range(0, 3).Draw(t, "core"), Minor: int16(rapid.IntRange(0, 2).Draw(t, "minor")),
		Start: rapid.SampledFrom([]string{"", `["a}"]`, "[null]"}).Draw(t, "start")})
	s.Shard = uint32(len(d.Shards) - 1)
	return s
}

func drawInstant(t *rapid.T) druid.Instant {
	return rapid.SampledFrom([]druid.Instant{0, 1767225600000, 1767312000000, 1767225600001, druid.MinInstant, druid.MaxInstant, -62167219200001}).Draw(t, "instant")
}

func drawMaybe(t *rapid.T) druid.Instant {
	if rapid.Bool().Draw(t, "known") {
		return drawInstant(t)
	}
	return druid.NoInstant
}

func drawInterval(t *rapid.T) druid.Interval {
	ends := []druid.Instant{drawInstant(t), drawInstant(t)}
	slices.Sort(ends)
	return druid.Interval{Start: ends[0], End: ends[1]}
}

func drawText(t *rapid.T) string {
	return rapid.SampledFrom([]string{"", "plain", `"`, "ü", "\t", "\\"}).Draw(t, "text")
}

func drawGaps(t *rapid.T) []snapshot.Gap {
	if rapid.Bool().Draw(t, "no gap") {
		return nil
	}
	return []snapshot.Gap{{What: "segment row", Why: drawText(t), Interval: drawInterval(t)}, {What: "tiers", Why: drawText(t)}}
}

func drawRules(t *rapid.T) snapshot.Rules {
	if rapid.IntRange(0, 2).Draw(t, "none") == 0 {
		return snapshot.Rules{HistoryComplete: rapid.Bool().Draw(t, "complete")}
	}
	r := snapshot.Rules{Set: true, List: drawList(t), Since: drawMaybe(t), LastAuthor: drawText(t), LastComment: drawText(t), HistoryComplete: rapid.Bool().Draw(t, "complete")}
	for range rapid.IntRange(0, 2).Draw(t, "history") {
		r.History = append(r.History, snapshot.RuleVersion{Since: drawInstant(t), List: drawList(t)})
	}
	return r
}

func drawList(t *rapid.T) druid.RuleList {
	text := rapid.SampledFrom([]string{`[]`, `[null]`, `[{"type":"loadForever"}]`, `[{"type":"loadByPeriod","period":"P1M","tieredReplicants":{"hot":2}},{"type":"dropForever"}]`,
		`[{"type":"loadPartialByPeriod","column":"<secret>","period":"P1D"},{"type":"dropByInterval","interval":"2026-01-01/P1D"}]`}).Draw(t, "rules")
	list, err := druid.ParseRuleList([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return list
}
