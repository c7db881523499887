package druid

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Chunk is one segment as the timeline sees it.
type Chunk struct {
	Interval Interval
	// Version is a rank: greater is later, in the order of CompareVersions.
	Version uint32
	Shard   ShardSpec
}

// Timeline says which of a datasource's segments answer queries and which are overshadowed, as Druid's
// SegmentTimeline does. It is not changed once built.
//
// The model: segments of one (interval, version) are a group; only complete groups take part; on every piece of time the
// highest version wins; a segment is overshadowed when every piece of its interval shows a strictly higher version.
//
//	version 3        [==]           complete:   wins on its piece
//	version 2     [========..]      incomplete: hides nothing, never shown
//	version 1   [================]  complete:   shown left and right of version 3
//	version 0        [==]           overshadowed, by version 3 or by version 1 alike
type Timeline struct {
	groups []group
	// order lists the chunks by group and, within it, by partition number; groupOf is the other way round.
	order   []int
	groupOf []int32
	bounds  []Instant
	// winner is the group shown on each piece between two bounds; noGroup where there is none.
	winner []int32
	// shadowed is the span from the first start to the last end of overshadowed segments.
	shadowed Interval
	chunks   []Chunk
}

// group is the set of chunks order[first:last], which share interval and version.
type group struct {
	interval               Interval
	version                uint32
	first, last            int32
	complete, overshadowed bool
}

const noGroup = -1

// ClashError says that one version has two different intervals that overlap. Druid cannot build a timeline of such a
// datasource (or only by chance), so nothing of it can be predicted.
type ClashError struct {
	Version uint32
	A, B    Interval
}

// Error implements error.
func (e *ClashError) Error() string {
	return fmt.Sprintf("one version has overlapping intervals %s and %s", e.A, e.B)
}

// ShardError says that some shard specs are of a kind whose overshadowing this version does not know: minor versions
// (numbered_overwrite) or an unknown type. What they touch is to be kept.
type ShardError struct {
	// Chunks are their indexes, ascending; never empty.
	Chunks []int
	Kind   ShardKind // of the first
}

// Error implements error.
func (e *ShardError) Error() string {
	return fmt.Sprintf("%d segments have shard specs that cannot be judged (%s)", len(e.Chunks), e.Kind)
}

// BuildTimeline lays out the used segments of one datasource, in any order, in O(n log n). It returns a *ClashError or a
// *ShardError when Druid's answer cannot be told. Segments of zero length, which Druid never writes, are neither shown
// nor overshadowed. The slice is kept and must not be changed.
func BuildTimeline(chunks []Chunk) (*Timeline, error) {
	if err := judgeable(chunks); err != nil {
		return nil, err
	}
	t := &Timeline{chunks: chunks, shadowed: Interval{Start: math.MaxInt64, End: math.MinInt64}}
	t.sort()
	t.group()
	byVersion := t.byVersion()
	if err := t.clash(byVersion); err != nil {
		return nil, err
	}
	t.paint(byVersion)
	return t, nil
}

func judgeable(chunks []Chunk) error {
	var bad ShardError
	for i := range chunks {
		if !chunks[i].Shard.judged() {
			bad.Chunks = append(bad.Chunks, i)
		}
	}
	if len(bad.Chunks) == 0 {
		return nil
	}
	bad.Kind = chunks[bad.Chunks[0]].Shard.Kind
	return &bad
}

func (t *Timeline) sort() {
	t.order = make([]int, len(t.chunks))
	for i := range t.order {
		t.order[i] = i
	}
	inOrder := func(a, b int) int {
		return cmp.Or(compareChunks(&t.chunks[a], &t.chunks[b]), a-b)
	}
	// A snapshot hands its segments over in order already.
	if !slices.IsSortedFunc(t.order, inOrder) {
		slices.SortFunc(t.order, inOrder)
	}
}

func compareChunks(a, b *Chunk) int {
	if c := a.Interval.Compare(b.Interval); c != 0 {
		return c
	}
	return cmp.Or(cmp.Compare(a.Version, b.Version), cmp.Compare(a.Shard.Partition, b.Shard.Partition))
}

func (t *Timeline) group() {
	t.groupOf = make([]int32, len(t.chunks))
	var shards []*ShardSpec
	for first := 0; first < len(t.order); {
		g := group{interval: t.chunks[t.order[first]].Interval, version: t.chunks[t.order[first]].Version, first: int32(first)}
		shards = shards[:0]
		last := first
		for ; last < len(t.order) && g.has(&t.chunks[t.order[last]]); last++ {
			t.groupOf[t.order[last]] = int32(len(t.groups))
			shards = append(shards, &t.chunks[t.order[last]].Shard)
		}
		g.last, g.complete = int32(last), completeSet(shards)
		t.groups = append(t.groups, g)
		first = last
	}
}

func (g *group) has(c *Chunk) bool { return g.interval == c.Interval && g.version == c.Version }

// byVersion lists the groups of positive length, the highest version first, each version by start.
func (t *Timeline) byVersion() []int32 {
	list := make([]int32, 0, len(t.groups))
	for i := range t.groups {
		if !t.groups[i].interval.Empty() {
			list = append(list, int32(i))
		}
	}
	slices.SortFunc(list, func(a, b int32) int {
		return cmp.Or(cmp.Compare(t.groups[b].version, t.groups[a].version), cmp.Compare(a, b))
	})
	return list
}

// clash looks for groups of one version that overlap; complete or not makes no difference to Druid.
func (t *Timeline) clash(byVersion []int32) error {
	for i := 1; i < len(byVersion); i++ {
		a, b := &t.groups[byVersion[i-1]], &t.groups[byVersion[i]]
		if a.version == b.version && a.interval.Overlaps(b.interval) {
			return &ClashError{Version: a.version, A: a.interval, B: b.interval}
		}
	}
	return nil
}
