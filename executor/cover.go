package executor

import (
	"cmp"
	"slices"
	"sort"

	"coppice/internal/druid"
)

// cover answers whether newer segments overlap an older one: that is why a segment can cease to be used without any
// rule (an ingestion or a compaction replaced it).
type cover struct {
	// chunks are sorted by start; reach[i] is the greatest end of chunks[:i+1].
	chunks []chunk
	reach  []druid.Instant
}

func newCover(fresh inventory) cover {
	c := cover{chunks: fresh.chunks()}
	slices.SortStableFunc(c.chunks, func(a, b chunk) int { return cmp.Compare(a.interval.Start, b.interval.Start) })
	end := druid.MinInstant
	for _, at := range c.chunks {
		end = max(end, at.interval.End)
		c.reach = append(c.reach, end)
	}
	return c
}

// above reports whether a segment of a higher version overlaps the chunk.
func (c cover) above(old chunk) bool {
	first := sort.Search(len(c.chunks), func(i int) bool { return c.chunks[i].interval.Start >= old.interval.End })
	for i := first - 1; i >= 0 && c.reach[i] > old.interval.Start; i-- {
		if c.chunks[i].interval.Overlaps(old.interval) && druid.CompareVersions(c.chunks[i].version, old.version) > 0 {
			return true
		}
	}
	return false
}
