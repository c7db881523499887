package druid

import (
	"fmt"
	"testing"
)

// benchChain is a list of the usual kinds; the last rule decides.
var benchChain = Chain{
	Own: RuleList{
		{Type: "loadByInterval", Interval: &Interval{0, 1000}},
		{Type: "loadByPeriod", Period: &Period{Days: 7}, IncludeFuture: true},
		{Type: "loadByPeriod", Period: &Period{Months: 3}, IncludeFuture: true},
		{Type: "dropBeforeByPeriod", Period: &Period{Years: 2}},
	},
	Default: RuleList{{Type: "loadForever"}},
}

const benchNow = Instant(1774915200000)

func BenchmarkChainMatch(b *testing.B) {
	b.ReportAllocs()
	segment := Interval{benchNow - 400*86400000, benchNow - 399*86400000}
	for b.Loop() {
		if benchChain.Match(segment, benchNow).Index != 4 {
			b.Fatal("not the last rule")
		}
	}
}

func BenchmarkRuleApplies(b *testing.B) {
	segment := Interval{benchNow - 400*86400000, benchNow - 399*86400000}
	for _, r := range benchChain.Own {
		b.Run(r.Type+r.period().String(), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := r.Applies(segment, benchNow); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkParseInstant(b *testing.B) {
	for _, text := range []string{"2026-03-31T12:34:56.789Z", "2026-03-31", "-146136543-09-08T08:23:32.096Z"} {
		b.Run(text, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := ParseInstant(text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkSegmentID(b *testing.B) {
	text := "wikipedia_2026-03-31T00:00:00.000Z_2026-04-01T00:00:00.000Z_2026-04-02T01:02:03.456Z_7"
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseSegmentID("wikipedia", text); err != nil {
			b.Fatal(err)
		}
	}
}

// benchChunks lays hours of two partitions over years, every day once more as a newer whole day, and a month-wide
// overwrite now and then; n segments of one datasource, in the order of a snapshot.
func benchChunks(n int) []Chunk {
	var chunks []Chunk
	for hour := int64(0); len(chunks) < n; hour++ {
		start := Instant(hour * hourMillis)
		day := hour / 24
		for p := range int32(2) {
			chunks = append(chunks, Chunk{Interval{start, start + Instant(hourMillis)}, uint32(3*day + hour%2),
				ShardSpec{Kind: ShardNumbered, HasCore: true, Partition: p, CorePartitions: 2}})
		}
		if hour%24 == 0 && day%3 != 0 {
			chunks = append(chunks, Chunk{Interval{start, start + Instant(dayMillis)}, uint32(3*day + 2),
				ShardSpec{Kind: ShardTombstone, HasCore: true}})
		}
	}
	return chunks[:n]
}

func BenchmarkTimeline(b *testing.B) {
	for _, n := range []int{1_000, 100_000, 1_000_000} {
		chunks := benchChunks(n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				if _, err := BuildTimeline(chunks); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/segment")
		})
	}
}

func BenchmarkCoverage(b *testing.B) {
	chunks := benchChunks(100_000)
	var bounds []Instant
	for _, c := range chunks {
		bounds = append(bounds, c.Interval.Start, c.Interval.End)
	}
	for b.Loop() {
		coverage := NewCoverage(bounds)
		for _, c := range chunks {
			if !coverage.Covers(c.Interval) {
				coverage.Add(c.Interval)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(chunks)), "ns/segment")
}
