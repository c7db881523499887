package druid

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

const wholeSegment = ` { "dataSource" : "wiki", "interval":"2026-01-01T00:00:00.000Z/2026-01-02T00:00:00.000Z","version":"v\u0031",
	"loadSpec":{"type":"local","path":"/a}b\"]"},"dimensions":"a,b\\","metrics":"","shardSpec":{"type":"numbered","partitionNum":3,"partitions":4},
	"projections":[["x",{"y":"]"}],null],"\u0073ize":12, "size":7 ,"binaryVersion":9,"identifier":"x"} `

func TestParseDataSegment(t *testing.T) {
	s, err := ParseDataSegment([]byte(wholeSegment))
	if err != nil {
		t.Fatal(err)
	}
	if got := s.ID.String(); got != "wiki_2026-01-01T00:00:00.000Z_2026-01-02T00:00:00.000Z_v1_3" {
		t.Error(got)
	}
	if s.Bytes != 7 || string(s.LoadSpec) != `{"type":"local","path":"/a}b\"]"}` || s.Shard.CorePartitions != 4 {
		t.Errorf("%+v", s)
	}
}

func TestParseDataSegmentRefuses(t *testing.T) {
	for _, cut := range []string{
		`"dataSource" : "wiki",`, `"interval":"2026-01-01T00:00:00.000Z/2026-01-02T00:00:00.000Z",`, `"version":"v\u0031",`,
		`"loadSpec":{"type":"local","path":"/a}b\"]"},`, `} `,
	} {
		if s, err := ParseDataSegment([]byte(strings.Replace(wholeSegment, cut, "", 1))); err == nil {
			t.Errorf("without %s it reads as %+v", cut, s)
		}
	}
	for old, broken := range map[string]string{
		`"size":7`: `"size":-7`, `/2026-01-02T`: `_2026-01-02T`, `"wiki"`: `5`, `{"type":"local","path":"/a}b\"]"}`: `null`,
		`"partitionNum":3`: `"partitionNum":"x"`, `"binaryVersion":9`: `"binaryVersion":09`, `"metrics":""`: `"metrics":`,
	} {
		if s, err := ParseDataSegment([]byte(strings.Replace(wholeSegment, old, broken, 1))); err == nil {
			t.Errorf("with %s it reads as %+v", broken, s)
		}
	}
	for _, text := range []string{"", "{}", "[]", "null", "7", `"x"`, "{", wholeSegment + "x"} {
		if s, err := ParseDataSegment([]byte(text)); err == nil {
			t.Errorf("%q reads as %+v", text, s)
		}
	}
}

func TestParseDataSegmentDefaults(t *testing.T) {
	s, err := ParseDataSegment([]byte(`{"dataSource":"a","interval":"2026/2027","version":"","loadSpec":{}}`))
	if err != nil || s.Bytes != 0 || s.Shard.CorePartitions != 1 || s.ID.Version != "" {
		t.Errorf("%+v, %v", s, err)
	}
}

// TestEachFieldIsJSON: the scanner sees the keys and values that encoding/json sees.
func TestEachFieldIsJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.Custom(func(t *rapid.T) any {
			return rapid.OneOf(rapid.String().AsAny(), rapid.Int().AsAny(), rapid.Just[any](nil), rapid.Bool().AsAny(),
				rapid.SliceOf(rapid.String()).AsAny(), rapid.MapOf(rapid.String(), rapid.String()).AsAny(), rapid.Float64Range(-1e9, 1e9).AsAny()).Draw(t, "value")
		})
		object := rapid.MapOf(rapid.String(), value).Draw(t, "object")
		text, err := json.Marshal(object)
		if indent := rapid.Bool().Draw(t, "indent"); indent {
			text, err = json.MarshalIndent(object, " ", "\t")
		}
		if err != nil {
			t.Fatal(err)
		}
		var want map[string]json.RawMessage
		if err := json.Unmarshal(text, &want); err != nil {
			t.Fatal(err)
		}
		seen := 0
		err = eachField(text, func(key, value []byte) {
			seen++
			if string(want[string(key)]) != string(value) {
				t.Fatalf("%q has the value %s, want %s", key, value, want[string(key)])
			}
		})
		if err != nil || seen != len(want) {
			t.Fatalf("%d fields of %d, %v", seen, len(want), err)
		}
	})
}

func TestParseLock(t *testing.T) {
	const day = "2026-01-01T00:00:00.000Z/2026-01-02T00:00:00.000Z"
	for text, want := range map[string]string{
		`{"granularity":"timeChunk","type":"EXCLUSIVE","groupId":"g","dataSource":"wiki","interval":"` + day + `","revoked":false}`: "wiki " + day + " t true",
		`{"dataSource":"wiki","interval":"` + day + `","revoked":true}`:                                                             "wiki " + day + " t false",
		`{"dataSource":"wiki","interval":"no"}`:                                                                                     "wiki " + Eternity.String() + " t true",
		`{"dataSource":"wiki"}`:                                                                                                     "wiki " + Eternity.String() + " t true",
	} {
		claim, holds, err := ParseLock([]byte(text), "t")
		got := claim.DataSource + " " + claim.Interval.String() + " " + claim.By + map[bool]string{true: " true", false: " false"}[holds]
		if err != nil || got != want || claim.Kind != ClaimLock {
			t.Errorf("%s reads as %s, %v", text, got, err)
		}
	}
	if claim, _, err := ParseLock([]byte(`{"groupId":"g"}`), ""); err != nil || claim.By != "g" {
		t.Errorf("without a task: %+v, %v", claim, err)
	}
	if _, _, err := ParseLock([]byte(`{`), "t"); err == nil {
		t.Error("a broken lock is read")
	}
}

func TestTaskIntervals(t *testing.T) {
	const day = "2026-01-01T00:00:00.000Z/2026-01-02T00:00:00.000Z"
	for text, want := range map[string][]string{
		`{"type":"kill","interval":"2026-01-01/2026-01-02"}`:                                                {day},
		`{"type":"compact","ioConfig":{"inputSpec":{"type":"interval","interval":"2026-01-01/P1D"}}}`:       {day},
		`{"spec":{"dataSchema":{"granularitySpec":{"intervals":["2026-01-01/2026-01-02","x"]}}}}`:           {day},
		`{"spec":{"ioConfig":{"inputSource":{"interval":"2026-01-01/2026-01-02"}},"dataSchema":"strange"}}`: {day},
		`{"type":"index_kafka"}`: nil,
		`[`:                      nil,
		`{"interval":5}`:         nil,
	} {
		var got []string
		for _, interval := range TaskIntervals([]byte(text)) {
			got = append(got, interval.String())
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s names %v, want %v", text, got, want)
		}
	}
}
