package collect

import (
	"slices"

	"coppice/internal/druid"
	"coppice/internal/snapshot"
)

// gathered is a row while rows are read: its version is still a key (versionKeys), and what only its payload tells lies
// apart.
type gathered struct {
	interval        druid.Interval
	marked, created druid.Instant
	version         int64
	root            uint32
	partition       int32
	flags           snapshot.Flags
}

// placed is a flag of gathered rows only: the payload was not read, and where it lies is known.
const placed snapshot.Flags = 1 << 7

// payload is what only the payload of a row tells.
type payload struct {
	bytes int64
	file  uint64
	shard uint32
}

// gatheredRows holds rows in the order in which they came, and in the same order the payloads of those that have Details, and the
// places of those that are placed.
type gatheredRows struct {
	rows     chunks[gathered]
	payloads chunks[payload]
	places   chunks[uint64]
}

// add takes a row; instead of its Version there is the version's key.
func (g *gatheredRows) add(row *snapshot.Segment, version int64) {
	flags := row.Flags
	switch {
	case row.Has(snapshot.Details):
		g.payloads.add(payload{row.Bytes, row.File, row.Shard})
	case row.File > 0:
		g.places.add(row.File)
		flags |= placed
	}
	g.rows.add(gathered{row.Interval, row.MarkedAt, row.CreatedAt, version, row.Root, row.Partition, flags})
}

// each gives all rows without their Version, with its key. A row is valid during the call only.
func (g *gatheredRows) each(visit func(row *snapshot.Segment, version int64)) {
	payloads, places := g.payloads.cursor(), g.places.cursor()
	rows := g.rows.cursor()
	var row snapshot.Segment // one for all: it is made where visitors may keep it
	for r := rows.next(); r != nil; r = rows.next() {
		row = snapshot.Segment{Interval: r.interval, MarkedAt: r.marked, CreatedAt: r.created, Bytes: snapshot.UnknownBytes,
			Root: r.root, Partition: r.partition, Flags: r.flags &^ placed}
		if r.flags&placed != 0 {
			row.File = *places.next()
		}
		if row.Has(snapshot.Details) {
			p := payloads.next()
			row.Bytes, row.File, row.Shard = p.bytes, p.file, p.shard
		}
		visit(&row, r.version)
	}
}

// cut keeps the first rows only.
func (g *gatheredRows) cut(count int) {
	kept, details, placed := 0, 0, 0
	g.each(func(row *snapshot.Segment, _ int64) {
		switch kept++; {
		case kept > count:
		case row.Has(snapshot.Details):
			details++
		case row.File > 0:
			placed++
		}
	})
	g.rows.cut(count)
	g.payloads.cut(details)
	g.places.cut(placed)
}

// keep leaves out the rows that are not picked; the order stays.
func (g *gatheredRows) keep(picked func(*snapshot.Segment) bool) {
	var left gatheredRows
	g.each(func(row *snapshot.Segment, version int64) {
		if picked(row) {
			left.add(row, version)
		}
	})
	*g = left
}

// joined returns the rows in one list of just their size, with their versions numbered, and the distinct versions. They
// are sorted as Java sorts them but for those kept as texts, which snapshot's Finish puts in their place.
func (g *gatheredRows) joined(keys *versionKeys) (rows []snapshot.Segment, versions snapshot.Versions) {
	distinct := g.versions()
	rows = make([]snapshot.Segment, 0, g.rows.count)
	last, at := int64(0), -1 // most rows come beside others of their version
	g.each(func(row *snapshot.Segment, version int64) {
		if at < 0 || version != last {
			last = version
			at, _ = slices.BinarySearch(distinct, version)
		}
		row.Version = uint32(at)
		rows = append(rows, *row)
	})
	return rows, snapshot.PackedVersions(distinct, keys.others)
}

// versions are the distinct keys, ascending.
func (g *gatheredRows) versions() []int64 {
	list := make([]int64, 0, g.rows.count)
	rows := g.rows.cursor()
	for r := rows.next(); r != nil; r = rows.next() {
		if n := len(list); n == 0 || list[n-1] != r.version {
			list = append(list, r.version)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}
