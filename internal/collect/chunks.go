package collect

import (
	"slices"

	"coppice/internal/snapshot"
)

// gathered is a row whose version is still its key (versionKeys).
type gathered struct {
	snapshot.Segment
	version int64
}

// rowChunks holds rows in the order in which they came. It grows by chunks that are never copied: a list that doubles
// would for a moment take three times what it holds.
type rowChunks struct {
	full  [][]gathered
	last  []gathered
	count int
}

// The first chunk is small, since most datasources are; each is twice as large as the one before, up to the largest.
const (
	firstChunk   = 16
	largestChunk = 4096
)

func (c *rowChunks) add(row gathered) {
	if len(c.last) == cap(c.last) {
		if c.last != nil {
			c.full = append(c.full, c.last)
		}
		c.last = make([]gathered, 0, min(max(firstChunk, 2*cap(c.last)), largestChunk))
	}
	c.last = append(c.last, row)
	c.count++
}

// cut keeps the first rows only.
func (c *rowChunks) cut(count int) {
	for c.count-len(c.last) >= count && len(c.full) > 0 {
		c.count -= len(c.last)
		c.last, c.full = c.full[len(c.full)-1], c.full[:len(c.full)-1]
	}
	c.last = c.last[:len(c.last)-(c.count-count)]
	c.count = count
}

// keep leaves out the rows that are not picked; the order stays.
func (c *rowChunks) keep(picked func(*snapshot.Segment) bool) {
	var left rowChunks
	for _, chunk := range c.chunks() {
		for i := range chunk {
			if picked(&chunk[i].Segment) {
				left.add(chunk[i])
			}
		}
	}
	*c = left
}

// chunks are all rows.
func (c *rowChunks) chunks() [][]gathered { return append(c.full, c.last) }

// joined returns the rows in one list of just their size, with their versions numbered, and the distinct versions. They
// are sorted as Java sorts them but for those kept as texts, which snapshot's Finish puts in their place.
func (c *rowChunks) joined(keys *versionKeys) (rows []snapshot.Segment, versions []string) {
	distinct := make([]int64, 0, c.count)
	for _, chunk := range c.chunks() {
		for i := range chunk {
			distinct = append(distinct, chunk[i].version)
		}
	}
	slices.Sort(distinct)
	distinct = slices.Compact(distinct)
	rows = make([]snapshot.Segment, 0, c.count)
	for _, chunk := range c.chunks() {
		for i := range chunk {
			row := chunk[i].Segment
			at, _ := slices.BinarySearch(distinct, chunk[i].version)
			row.Version = uint32(at)
			rows = append(rows, row)
		}
	}
	return rows, keys.texts(distinct)
}
