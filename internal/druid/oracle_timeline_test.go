package druid

import (
	"encoding/json"
	"errors"
	"slices"
)

// odd are the marks of lines that are not compared: Druid's own answer is partly chance.
type odd struct {
	Clash, Unstable bool
}

func (o odd) skipped() bool { return o.Clash || o.Unstable }

func judgeTimeline(rawIn, rawOut json.RawMessage) (verdict, string) {
	in := decode[struct{ Segments []oracleSegment }](rawIn)
	out := decode[struct {
		odd
		OK           bool
		Overshadowed []bool
		Visible      []oracleVisible
	}](rawOut)
	chunks, versions, err := chunksOf(in.Segments)
	if err != nil {
		return compare(!out.OK, err)
	}
	t, err := BuildTimeline(chunks)
	if verdict, got, decided := judgeBuilt(err, out.odd); decided {
		return verdict, got
	}
	if !out.OK {
		return compare(false, "built")
	}
	for i := range chunks {
		if t.Overshadowed(i) != out.Overshadowed[i] {
			return compare(false, "segment", i, "overshadowed", t.Overshadowed(i))
		}
	}
	got := visibleOf(t, chunks, versions)
	same := slices.EqualFunc(got, out.Visible, oracleVisible.equal)
	return compare(same, got)
}

// judgeBuilt decides by the error alone: a clash must be found exactly where Druid's segments have one, minor versions
// are refused.
func judgeBuilt(err error, o odd) (v verdict, got string, decided bool) {
	var clash *ClashError
	var shard *ShardError
	switch {
	case errors.As(err, &shard):
		return refused, "", shard.Kind == ShardOverwrite
	case errors.As(err, &clash) != o.Clash:
		v, got = compare(false, "clash", err)
		return v, got, true
	case o.skipped():
		return notCompared, "", true
	case err != nil:
		v, got = compare(false, err)
		return v, got, true
	}
	return agrees, "", false
}

// oracleVisible is one range as the vectors give it.
type oracleVisible struct {
	Start, End         int64
	Version            string
	Partitions         []int32
	TrueStart, TrueEnd *int64
}

func (v oracleVisible) whole() Interval {
	if v.TrueStart == nil {
		return span(v.Start, v.End)
	}
	return span(*v.TrueStart, *v.TrueEnd)
}

func (v oracleVisible) equal(o oracleVisible) bool {
	return v.Start == o.Start && v.End == o.End && v.Version == o.Version && slices.Equal(v.Partitions, o.Partitions) &&
		v.whole() == o.whole()
}

func visibleOf(t *Timeline, chunks []Chunk, versions []string) []oracleVisible {
	var out []oracleVisible
	for _, r := range t.Visible() {
		trueStart, trueEnd := int64(r.True.Start), int64(r.True.End)
		v := oracleVisible{Start: int64(r.Interval.Start), End: int64(r.Interval.End), Version: versions[r.Version],
			TrueStart: &trueStart, TrueEnd: &trueEnd}
		for _, i := range r.Chunks {
			v.Partitions = append(v.Partitions, chunks[i].Shard.Partition)
		}
		out = append(out, v)
	}
	return out
}

// oracleOutcome is what one rule run does to one segment.
type oracleOutcome struct {
	Judged            int
	Do                string
	EternityTombstone bool
}

func judgeChain(rawIn, rawOut json.RawMessage) (verdict, string) {
	in := decode[struct {
		DataSourceRules, DefaultRules json.RawMessage
		Now                           int64
		Segments                      []oracleSegment
	}](rawIn)
	out := decode[struct {
		odd
		OK                  bool
		Stage               string
		RunError            json.RawMessage
		BroadcastDataSource *bool
		Segments            []oracleOutcome
	}](rawOut)
	own, ownErr := ParseRuleList(in.DataSourceRules)
	fallback, defaultErr := ParseRuleList(in.DefaultRules)
	if err := errors.Join(ownErr, defaultErr); err != nil || out.Stage == "rules" {
		return compare((err != nil) == (out.Stage == "rules"), err)
	}
	run, err := runRules(Chain{own, fallback}, in.Segments, Instant(in.Now))
	if verdict, got, decided := judgeBuilt(err, out.odd); decided {
		return verdict, got
	}
	if !out.OK || run.dies != (out.RunError != nil) {
		return compare(false, "dies", run.dies)
	}
	if out.BroadcastDataSource != nil && *out.BroadcastDataSource != run.broadcast {
		return compare(false, "broadcast", run.broadcast)
	}
	return compare(slices.Equal(run.outcomes, out.Segments), run.outcomes)
}

// ruleRun is one run of the Coordinator's rules over one datasource.
type ruleRun struct {
	outcomes        []oracleOutcome
	dies, broadcast bool
}

// runRules does what RunRules does, with this package's parts.
func runRules(chain Chain, segments []oracleSegment, now Instant) (*ruleRun, error) {
	var used []oracleSegment
	for _, s := range segments {
		if s.Used {
			used = append(used, s)
		}
	}
	chunks, _, err := chunksOf(used)
	if err != nil {
		return nil, err
	}
	t, err := BuildTimeline(chunks)
	if err != nil {
		return nil, err
	}
	run := &ruleRun{broadcast: len(used) > 0 && chain.Broadcasts()}
	next := 0
	for _, s := range segments {
		match := chain.Match(span(s.Start, s.End), now)
		o := oracleOutcome{Judged: match.Index, Do: "unused"}
		if match.Err != nil {
			o.Judged = -2
		}
		if s.Used {
			o.EternityTombstone = t.EternityTombstone(next)
			o.Do = doOf(match, t.Overshadowed(next))
			next++
		}
		run.dies = run.dies || o.Do == "dies"
		run.outcomes = append(run.outcomes, o)
	}
	run.spread()
	return run, nil
}

func doOf(match Match, overshadowed bool) string {
	switch {
	case overshadowed:
		return "skip"
	case match.Err != nil:
		return "dies"
	case match.Index < 0:
		return "nomatch"
	case match.Action == ActionDrop:
		return "drop"
	}
	return "keep"
}

// spread: a run that dies does nothing at all.
func (r *ruleRun) spread() {
	for i := range r.outcomes {
		if o := &r.outcomes[i]; r.dies && o.Do != "unused" && o.Do != "skip" {
			o.Do = "dies"
		}
	}
}
