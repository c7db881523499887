package druid

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// anyShard draws specs that mix freely, which is more than Druid ever writes.
func anyShard(t *rapid.T) ShardSpec {
	s := ShardSpec{Kind: rapid.SampledFrom([]ShardKind{ShardNumbered, ShardNumbered, ShardNumbered, ShardHashed, ShardSingle,
		ShardRange, ShardLinear, ShardNone, ShardTombstone}).Draw(t, "kind")}
	if s.Kind != ShardNone && s.Kind != ShardTombstone {
		s.Partition = rapid.Int32Range(0, 3).Draw(t, "partition")
		s.HasCore = s.Kind == ShardNumbered || s.Kind == ShardHashed || rapid.Bool().Draw(t, "core known")
	}
	if s.HasCore {
		s.CorePartitions = rapid.Int32Range(0, 3).Draw(t, "core")
	} else if s.Kind == ShardSingle || s.Kind == ShardRange {
		border := rapid.SampledFrom([]string{"", `["b"]`, `["d"]`})
		s.Start, s.End = border.Draw(t, "start"), border.Draw(t, "end")
	}
	return s
}

// anyChunks draws segments on a small grid, one partition number at most once in a group, without clashes.
func anyChunks(t *rapid.T) []Chunk {
	var chunks []Chunk
	for range rapid.IntRange(0, 12).Draw(t, "segments") {
		start := Instant(rapid.IntRange(0, 6).Draw(t, "start"))
		c := Chunk{Interval{start, start + Instant(rapid.IntRange(1, 4).Draw(t, "length"))}, rapid.Uint32Range(0, 4).Draw(t, "version"), anyShard(t)}
		fits := !slices.ContainsFunc(chunks, func(o Chunk) bool {
			return o.Version == c.Version && o.Interval.Overlaps(c.Interval) &&
				(o.Interval != c.Interval || o.Shard.Partition == c.Shard.Partition)
		})
		if fits {
			chunks = append(chunks, c)
		}
	}
	return chunks
}

// shownAt is the highest version of a complete group at a moment, by looking at all chunks; -1 when there is none.
func shownAt(chunks []Chunk, at Instant) int {
	shown := -1
	for _, c := range chunks {
		var shards []ShardSpec
		for _, o := range chunks {
			if o.Interval == c.Interval && o.Version == c.Version {
				shards = append(shards, o.Shard)
			}
		}
		if c.Interval.Start <= at && at < c.Interval.End && GroupComplete(shards) {
			shown = max(shown, int(c.Version))
		}
	}
	return shown
}

// TestTimelineEqualsBruteForce looks at every moment of every segment.
func TestTimelineEqualsBruteForce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		chunks := anyChunks(t)
		timeline, err := BuildTimeline(chunks)
		if err != nil {
			t.Fatal(err)
		}
		for i, c := range chunks {
			want := true
			for at := c.Interval.Start; at < c.Interval.End; at++ {
				want = want && shownAt(chunks, at) > int(c.Version)
			}
			if timeline.Overshadowed(i) != want {
				t.Fatalf("segment %d of %+v: overshadowed %v", i, chunks, timeline.Overshadowed(i))
			}
		}
		visible := timeline.Visible()
		for at := Instant(-1); at < 12; at++ {
			if got := visibleAt(visible, at); got != shownAt(chunks, at) {
				t.Fatalf("at %d of %+v: version %d is visible", at, chunks, got)
			}
		}
	})
}

func visibleAt(visible []VisibleRange, at Instant) int {
	for _, v := range visible {
		if v.Interval.Start <= at && at < v.Interval.End && v.True.Contains(v.Interval) {
			return int(v.Version)
		}
	}
	return -1
}

// TestOrderOfSegmentsDoesNotMatter shuffles the input.
func TestOrderOfSegmentsDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		chunks := anyChunks(t)
		order := rapid.Permutation(indexes(len(chunks))).Draw(t, "order")
		shuffled := make([]Chunk, len(chunks))
		for to, from := range order {
			shuffled[to] = chunks[from]
		}
		a, errA := BuildTimeline(chunks)
		b, errB := BuildTimeline(shuffled)
		if errA != nil || errB != nil {
			t.Fatal(errA, errB)
		}
		for to, from := range order {
			if a.Overshadowed(from) != b.Overshadowed(to) || a.Complete(from) != b.Complete(to) {
				t.Fatalf("segment %+v differs", chunks[from])
			}
		}
		visible := b.Visible()
		for i := range visible {
			visible[i].Chunks = originals(visible[i].Chunks, order)
		}
		if !cmp.Equal(a.Visible(), visible) {
			t.Fatal(cmp.Diff(a.Visible(), visible))
		}
	})
}

func indexes(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

func originals(chunks, order []int) []int {
	out := make([]int, len(chunks))
	for i, c := range chunks {
		out[i] = order[c]
	}
	return out
}

func numbered(partition, core int32) ShardSpec {
	return ShardSpec{Kind: ShardNumbered, HasCore: true, Partition: partition, CorePartitions: core}
}

var tombstone = ShardSpec{Kind: ShardTombstone, HasCore: true}

// TestTimelineCases are the situations that matter most, on a line of ten moments.
func TestTimelineCases(t *testing.T) {
	cases := []struct {
		name         string
		chunks       []Chunk
		overshadowed []bool
	}{
		{"newer complete set hides", []Chunk{{Interval{0, 10}, 1, numbered(0, 1)}, {Interval{0, 10}, 2, numbered(0, 1)}}, []bool{true, false}},
		{"incomplete newer set hides nothing", []Chunk{{Interval{0, 10}, 1, numbered(0, 1)}, {Interval{0, 10}, 2, numbered(0, 2)}}, []bool{false, false}},
		{"newer fine sets hide a coarse one only together", []Chunk{{Interval{0, 10}, 1, numbered(0, 1)}, {Interval{0, 5}, 2, numbered(0, 1)},
			{Interval{5, 10}, 3, numbered(0, 1)}}, []bool{true, false, false}},
		{"a gap of one millisecond keeps it", []Chunk{{Interval{0, 10}, 1, numbered(0, 1)}, {Interval{0, 5}, 2, numbered(0, 1)},
			{Interval{6, 10}, 3, numbered(0, 1)}}, []bool{false, false, false}},
		{"a tombstone hides", []Chunk{{Interval{0, 10}, 1, numbered(0, 1)}, {Interval{0, 10}, 2, tombstone}}, []bool{true, false}},
		{"appended partitions share the fate of their set", []Chunk{{Interval{0, 10}, 1, numbered(0, 1)}, {Interval{0, 10}, 1, numbered(5, 1)},
			{Interval{0, 10}, 2, numbered(0, 1)}}, []bool{true, true, false}},
		{"appended partitions alone hide", []Chunk{{Interval{0, 10}, 1, numbered(0, 1)}, {Interval{0, 10}, 2, numbered(3, 0)}}, []bool{true, false}},
		{"incomplete old set is hidden too", []Chunk{{Interval{0, 10}, 1, numbered(1, 2)}, {Interval{0, 10}, 2, numbered(0, 1)}}, []bool{true, false}},
		{"eternity under a day stays", []Chunk{{Eternity, 1, numbered(0, 1)}, {Interval{0, 10}, 2, numbered(0, 1)}}, []bool{false, false}},
		{"a zero-length segment takes no part", []Chunk{{Interval{5, 5}, 1, numbered(0, 1)}, {Interval{0, 10}, 2, numbered(0, 1)}}, []bool{false, false}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			timeline, err := BuildTimeline(c.chunks)
			if err != nil {
				t.Fatal(err)
			}
			for i := range c.chunks {
				if timeline.Overshadowed(i) != c.overshadowed[i] {
					t.Errorf("segment %d overshadowed: %v", i, timeline.Overshadowed(i))
				}
			}
		})
	}
}

func TestTimelineRefuses(t *testing.T) {
	_, err := BuildTimeline([]Chunk{{Interval{0, 10}, 1, numbered(0, 2)}, {Interval{9, 12}, 1, numbered(0, 2)}})
	var clash *ClashError
	if want := (ClashError{1, Interval{0, 10}, Interval{9, 12}}); !errors.As(err, &clash) || *clash != want {
		t.Errorf("overlap in one version: %v, want %v", err, &want)
	}
	if _, err := BuildTimeline([]Chunk{{Interval{0, 10}, 1, numbered(0, 1)}, {Interval{10, 12}, 1, numbered(0, 1)}}); err != nil {
		t.Errorf("neighbours of one version: %v", err)
	}
	_, err = BuildTimeline([]Chunk{{Interval{0, 10}, 1, numbered(0, 1)}, {Interval{0, 10}, 2, ShardSpec{Kind: ShardOverwrite}}, {}})
	var shard *ShardError
	if !errors.As(err, &shard) || !slices.Equal(shard.Chunks, []int{1, 2}) || shard.Kind != ShardOverwrite {
		t.Errorf("minor versions: %v", err)
	}
	if timeline, err := BuildTimeline(nil); err != nil || timeline.Visible() != nil {
		t.Errorf("no segments: %v", err)
	}
}

func TestEternityTombstone(t *testing.T) {
	open := Interval{MinInstant, 10}
	cases := []struct {
		name   string
		chunks []Chunk
		want   bool
	}{
		{"open to the past", []Chunk{{open, 1, tombstone}}, true},
		{"open to the future", []Chunk{{Interval{10, MaxInstant}, 1, tombstone}}, true},
		{"closed", []Chunk{{Interval{0, 10}, 1, tombstone}}, false},
		{"not a tombstone", []Chunk{{open, 1, numbered(0, 0)}}, false},
		{"an older one with a core partition", []Chunk{{open, 1, ShardSpec{Kind: ShardTombstone, HasCore: true, CorePartitions: 1}}}, false},
		{"overshadowed itself", []Chunk{{open, 1, tombstone}, {Eternity, 2, numbered(0, 1)}}, false},
		{"hides something", []Chunk{{open, 2, tombstone}, {Interval{0, 10}, 1, numbered(0, 1)}}, false},
		{"something is overshadowed behind it", []Chunk{{open, 2, tombstone}, {Interval{10, 20}, 1, numbered(0, 1)}, {Interval{10, 20}, 3, numbered(0, 1)}}, true},
	}
	for _, c := range cases {
		timeline, err := BuildTimeline(c.chunks)
		if err != nil {
			t.Fatal(err)
		}
		if got := timeline.EternityTombstone(0); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// TestCoverageEqualsBruteForce adds and asks in any order, with ends that are and are not boundaries.
func TestCoverageEqualsBruteForce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		interval := rapid.Custom(func(t *rapid.T) Interval {
			start := rapid.Int64Range(0, 20).Draw(t, "start")
			return Interval{Instant(start), Instant(start + rapid.Int64Range(0, 8).Draw(t, "length"))}
		})
		intervals := rapid.SliceOfN(interval, 0, 20).Draw(t, "intervals")
		var bounds []Instant
		for _, i := range intervals {
			bounds = append(bounds, i.Start, i.End)
		}
		coverage, covered := NewCoverage(bounds), map[Instant]bool{}
		for n, i := range intervals {
			want := !i.Empty()
			for at := i.Start; at < i.End; at++ {
				want = want && covered[at]
			}
			if coverage.Covers(i) != want {
				t.Fatalf("Covers(%d..%d) = %v after %v", i.Start, i.End, !want, intervals[:n])
			}
			if n%2 == 0 {
				coverage.Add(i)
				for at := i.Start; at < i.End; at++ {
					covered[at] = true
				}
			}
		}
	})
}

// TestCoverageOutsideItsBoundaries never says too much.
func TestCoverageOutsideItsBoundaries(t *testing.T) {
	coverage := NewCoverage([]Instant{20, 0, 10, 10})
	coverage.Add(Interval{5, 15}) // no whole piece
	if coverage.Covers(Interval{5, 15}) || coverage.Covers(Interval{0, 10}) {
		t.Error("half pieces were added")
	}
	coverage.Add(Interval{-5, 25})
	for i, want := range map[Interval]bool{{0, 20}: true, {3, 17}: true, {-5, 10}: false, {10, 25}: false, {7, 7}: false, {30, 40}: false} {
		if got := coverage.Covers(i); got != want {
			t.Errorf("Covers(%d..%d) = %v, want %v", i.Start, i.End, got, want)
		}
	}
	if NewCoverage(nil).Covers(Interval{0, 1}) {
		t.Error("nothing covers something")
	}
}
