package planner

import (
	"fmt"

	"coppice/config"
	"coppice/internal/druid"
	"coppice/internal/plan"
	"coppice/internal/snapshot"
)

// testedDruid is the Druid that made up segments lie in: one that can be told exactly what to delete.
const testedDruid = "33.0.0"

// Test runs a policy test: it decides on segments as a plan would, apart from guards. Seen is the snapshot that the test
// names, read only; nil when it makes its segments up. These lie in a cluster that has the planned rules for ever.
func Test(cfg *config.Config, t *config.Test, seen *snapshot.Cluster) plan.TestOutcome {
	made := seen == nil
	if made {
		seen = madeUp(cfg, t)
	}
	in := Input{Config: cfg, Cluster: &config.Cluster{}, Snapshot: seen, Now: t.Now, everyClass: true}
	outcome := plan.TestOutcome{Name: t.Name, Range: t.Origin, Now: t.Now, Passed: true, Segments: []plan.TestedSegment{}}
	decided := map[string]*work{}
	for n := range t.Segments {
		s := &t.Segments[n]
		w := decided[s.Datasource]
		if w == nil {
			w = newWork(&in, in.subjectOf(s.Datasource))
			w.decide()
			w.errands()
			decided[s.Datasource] = w
		}
		for _, tested := range w.tested(s, t.Now, made) {
			outcome.Passed = outcome.Passed && tested.Passed
			outcome.Segments = append(outcome.Segments, tested)
		}
	}
	return outcome
}

// tested compares each segment that is chosen with what is expected; one that is not there has failed.
func (w *work) tested(s *config.TestSegment, now druid.Instant, made bool) []plan.TestedSegment {
	var list []plan.TestedSegment
	for i := range w.rows {
		if w.chooses(s, i, now, made) {
			list = append(list, w.judgeTest(s, i, made))
		}
	}
	if len(list) == 0 {
		list = append(list, w.emptyTest(s))
	}
	return list
}

// chooses: a made up segment is one row, a choice of a snapshot all rows in its interval.
func (w *work) chooses(s *config.TestSegment, i int, now druid.Instant, made bool) bool {
	row := &w.rows[i]
	if made {
		return row.Interval == s.Interval && row.Partition == partitionOf(s) && w.seen.Versions.At(row.Version) == versionOf(s, now)
	}
	return s.Interval.Contains(row.Interval) && (s.Version == nil || *s.Version == w.seen.Versions.At(row.Version)) &&
		(s.Partition == nil || int32(*s.Partition) == row.Partition)
}

func (w *work) emptyTest(s *config.TestSegment) plan.TestedSegment {
	t := plan.TestedSegment{Range: s.Origin, Datasource: s.Datasource, Interval: s.Interval, Expect: plan.Decision(s.Expect.Value)}
	if s.Rule != nil {
		number := int(s.Rule.Value)
		t.ExpectRule = &number
	}
	return t
}

func (w *work) judgeTest(s *config.TestSegment, i int, made bool) plan.TestedSegment {
	t, got := w.emptyTest(s), w.explain(i)
	t.Got, t.Interval = &got, got.Interval
	if rule := int(w.verdicts[i].rule); rule >= 0 {
		number := rule + 1
		t.Rule, t.RuleText = &number, w.ruleText(rule)
	}
	t.OfSnapshot = !made
	t.Passed = got.Decision == t.Expect && (t.ExpectRule == nil || t.Rule != nil && *t.Rule == *t.ExpectRule)
	return t
}

// madeUp is a cluster with the segments of a test.
func madeUp(cfg *config.Config, t *config.Test) *snapshot.Cluster {
	c := &snapshot.Cluster{Name: t.Name, DruidVersion: testedDruid, TakenAt: t.Now, DefaultRules: everInForce(druid.RuleList{{Type: "loadForever"}})}
	if cfg.DefaultRules != nil {
		c.DefaultRules = everInForce(cfg.DefaultRules.List)
	}
	byName, cores := map[string]*snapshot.Datasource{}, coresOf(t)
	for n := range t.Segments {
		s := &t.Segments[n]
		d := byName[s.Datasource]
		if d == nil {
			d = &snapshot.Datasource{Name: s.Datasource, UnusedKnown: true, BusyKnown: true}
			if policy := cfg.For(s.Datasource); policy != nil && policy.Rules != nil {
				d.Rules = everInForce(policy.Rules.List)
			}
			byName[s.Datasource], c.Datasources = d, append(c.Datasources, d)
		}
		makeUp(d, s, t.Now, cores[setOf(s, t.Now)], uint64(n+1))
	}
	c.Finish()
	return c
}

func everInForce(list druid.RuleList) snapshot.Rules {
	return snapshot.Rules{Set: true, List: list, Since: druid.MinInstant, HistoryComplete: true}
}

func makeUp(d *snapshot.Datasource, s *config.TestSegment, now druid.Instant, core int32, file uint64) {
	version := versionOf(s, now)
	row := snapshot.Segment{Interval: s.Interval, Partition: partitionOf(s), Flags: snapshot.Details, File: file,
		MarkedAt: druid.NoInstant, CreatedAt: druid.NoInstant, Version: d.Versions.Add(version), Shard: uint32(len(d.Shards))}
	if s.Used {
		row.Flags |= snapshot.Used
	}
	if s.MarkedAt != nil {
		row.MarkedAt = *s.MarkedAt
	}
	if created, err := druid.ParseInstant(version); err == nil {
		row.CreatedAt = created
	}
	d.Shards = append(d.Shards, druid.ShardSpec{Kind: druid.ShardNumbered, Partition: row.Partition, CorePartitions: core})
	d.Segments = append(d.Segments, row)
}

// versionOf is what is written, or the time at which such data is written at the earliest.
func versionOf(s *config.TestSegment, now druid.Instant) string {
	if s.Version != nil {
		return *s.Version
	}
	return min(s.Interval.End, now).String()
}

func partitionOf(s *config.TestSegment) int32 {
	if s.Partition == nil {
		return 0
	}
	return int32(*s.Partition)
}

// setOf names the segments that are complete or incomplete together.
func setOf(s *config.TestSegment, now druid.Instant) string {
	return fmt.Sprintf("%s %s %s", s.Datasource, s.Interval, versionOf(s, now))
}

// coresOf counts the core partitions of each set: those that follow one another from 0 on. Others were appended.
func coresOf(t *config.Test) map[string]int32 {
	there, cores := map[string]map[int32]bool{}, map[string]int32{}
	for n := range t.Segments {
		set := setOf(&t.Segments[n], t.Now)
		if there[set] == nil {
			there[set] = map[int32]bool{}
		}
		there[set][partitionOf(&t.Segments[n])] = true
	}
	for set, partitions := range there {
		for partitions[cores[set]] {
			cores[set]++
		}
	}
	return cores
}
