package druid

import (
	"slices"
)

// paint goes from the highest version down. What is painted when a group's turn comes is of higher versions: if that is
// all of its interval, the group is overshadowed. A complete group then paints what is still free.
func (t *Timeline) paint(byVersion []int32) {
	t.cut()
	covered := new(Coverage).Cleared(t.bounds)
	t.winner = make([]int32, max(len(t.bounds)-1, 0))
	for p := range t.winner {
		t.winner[p] = noGroup
	}
	for _, i := range byVersion {
		g := &t.groups[i]
		from, to := t.pieces(g.interval)
		if covered.covers(from, to) {
			g.overshadowed = true
			t.shadowed.Start = min(t.shadowed.Start, g.interval.Start)
			t.shadowed.End = max(t.shadowed.End, g.interval.End)
		} else if g.complete {
			covered.add(from, to, func(p int32) { t.winner[p] = i })
		}
	}
}

// cut collects the ends of all groups, in order. Groups come by start, so only the ends need sorting.
func (t *Timeline) cut() {
	ends := make([]Instant, 0, len(t.groups))
	for i := range t.groups {
		ends = append(ends, t.groups[i].interval.End)
	}
	slices.Sort(ends)
	t.bounds = make([]Instant, 0, len(t.groups)+1)
	add := func(x Instant) {
		if n := len(t.bounds); n == 0 || t.bounds[n-1] != x {
			t.bounds = append(t.bounds, x)
		}
	}
	at := 0
	for i := range t.groups {
		for ; at < len(ends) && ends[at] < t.groups[i].interval.Start; at++ {
			add(ends[at])
		}
		add(t.groups[i].interval.Start)
	}
	for ; at < len(ends); at++ {
		add(ends[at])
	}
}

// pieces are the numbers of the first piece of an interval and of the first behind it. The end is searched from the
// start in doubling steps, since most intervals have few pieces.
func (t *Timeline) pieces(i Interval) (from, to int32) {
	first, _ := slices.BinarySearch(t.bounds, i.Start)
	step := 1
	for first+step < len(t.bounds) && t.bounds[first+step] < i.End {
		step *= 2
	}
	last, _ := slices.BinarySearch(t.bounds[first:min(first+step+1, len(t.bounds))], i.End)
	return int32(first), int32(first + last)
}

// Overshadowed reports whether chunk i, as given, is overshadowed: rules skip it, and the Coordinator's clean-up takes
// it (VersionedIntervalTimeline.isOvershadowed).
func (t *Timeline) Overshadowed(i int) bool { return t.groups[t.groupOf[i]].overshadowed }

// Complete reports whether chunk i belongs to a complete set of partitions.
func (t *Timeline) Complete(i int) bool { return t.groups[t.groupOf[i]].complete }

// EternityTombstone reports whether the Coordinator marks chunk i unused at once, whatever the rules say
// (MarkEternityTombstonesAsUnused): a tombstone that is not overshadowed, reaches to an end of time, and overlaps no
// overshadowed segment.
func (t *Timeline) EternityTombstone(i int) bool {
	c := &t.chunks[i]
	// One that is overshadowed itself lies within that span.
	return c.endless() && !c.Interval.Overlaps(t.shadowed)
}

// endless: a tombstone without core partitions whose interval starts or ends with eternity.
func (c *Chunk) endless() bool {
	return c.Shard.Kind == ShardTombstone && c.Shard.CorePartitions == 0 &&
		(c.Interval.Start == MinInstant || c.Interval.End == MaxInstant)
}

// VisibleRange is a stretch of time that one group answers.
type VisibleRange struct {
	// Interval is the stretch, True the whole interval of the group.
	Interval Interval
	Version  uint32
	True     Interval
	// Chunks are indexes of the group's segments, by partition number. They belong to the timeline.
	Chunks []int
}

// Visible lists what queries over all time see, by start (SegmentTimeline.lookup over eternity).
func (t *Timeline) Visible() []VisibleRange {
	var out []VisibleRange
	for p := 0; p < len(t.winner); {
		first, w := p, t.winner[p]
		for p++; p < len(t.winner) && t.winner[p] == w; p++ {
		}
		if w == noGroup {
			continue
		}
		g := &t.groups[w]
		out = append(out, VisibleRange{Interval: Interval{t.bounds[first], t.bounds[p]}, Version: g.version, True: g.interval,
			Chunks: t.order[g.first:g.last:g.last]})
	}
	return out
}
