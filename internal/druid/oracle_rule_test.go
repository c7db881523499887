package druid

import (
	"encoding/json"
	"slices"
	"strings"
)

func judgeRule(rawIn, rawOut json.RawMessage) (verdict, string) {
	in := decode[struct {
		Rule            json.RawMessage
		Start, End, Now int64
	}](rawIn)
	out := decode[struct {
		Parsed     bool
		Applies    *bool
		ByInterval *string
	}](rawOut)
	r, err := ParseRule(in.Rule)
	if err != nil || !out.Parsed {
		return compare((err == nil) == out.Parsed, err)
	}
	applies, err := r.Applies(span(in.Start, in.End), Instant(in.Now))
	if err != nil || out.Applies == nil {
		return compare((err == nil) == (out.Applies != nil), applies, err)
	}
	return compare(applies == *out.Applies && out.ByInterval == nil, applies)
}

func judgeRuleJSON(rawIn, rawOut json.RawMessage) (verdict, string) {
	in := decode[struct{ Raw string }](rawIn)
	out := decode[struct {
		OK, Null  bool
		Canonical string
	}](rawOut)
	printed, null, err := printRules([]byte(in.Raw))
	if err != nil && out.OK && refusedJSON(err) {
		return refused, ""
	}
	if err != nil || !out.OK {
		return compare((err == nil) == out.OK, printed, err)
	}
	return compare(null == out.Null && (null || printed == out.Canonical), printed)
}

// printRules reads a rule, or a list of them, and prints it. A kind that Druid rejects is unknown here: that counts as
// an error.
func printRules(raw []byte) (printed string, null bool, err error) {
	var list RuleList
	single := !strings.HasPrefix(strings.TrimLeft(string(raw), " \t\r\n"), "[")
	if single {
		var r Rule
		r, err = ParseRule(raw)
		list = RuleList{r}
	} else {
		list, err = ParseRuleList(raw)
	}
	if err != nil {
		return "", false, err
	}
	for i := range list {
		if list[i].Action() == ActionUnknown && !list[i].null() {
			return "", false, ErrUnknownRule
		}
	}
	text, err := list.MarshalJSON()
	if single {
		return strings.TrimSuffix(strings.TrimPrefix(string(text), "["), "]"), list[0].null(), err
	}
	return string(text), false, err
}

// oracleSegment is a segment as the vectors give it.
type oracleSegment struct {
	Start, End int64
	Version    string
	ShardSpec  json.RawMessage
	Used       bool
}

// chunksOf ranks the versions and reads the shard specs.
func chunksOf(segments []oracleSegment) ([]Chunk, []string, error) {
	var versions []string
	for _, s := range segments {
		versions = append(versions, s.Version)
	}
	slices.SortFunc(versions, CompareVersions)
	versions = slices.Compact(versions)
	var chunks []Chunk
	for _, s := range segments {
		shard, err := ParseShardSpec(s.ShardSpec)
		if err != nil {
			return nil, nil, err
		}
		rank, _ := slices.BinarySearchFunc(versions, s.Version, CompareVersions)
		chunks = append(chunks, Chunk{span(s.Start, s.End), uint32(rank), shard})
	}
	return chunks, versions, nil
}
