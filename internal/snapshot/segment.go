package snapshot

import (
	"slices"

	"coppice/internal/druid"
)

// Segment is one row of Druid's segments table, used or unused, packed. Its id follows from datasource, interval,
// version and partition (druid.SegmentID); a row whose stored id is another one is not put here but becomes a Gap.
type Segment struct {
	Interval druid.Interval
	// MarkedAt is used_status_last_updated; NoInstant when NULL, absent (Druid before 28) or not to be trusted.
	MarkedAt druid.Instant
	// CreatedAt is created_date; NoInstant when not known.
	CreatedAt druid.Instant
	// Bytes is the size in deep storage as the payload gives it; UnknownBytes until details were read.
	Bytes int64
	// File is a fingerprint of the loadSpec: equal loadSpecs have equal fingerprints, and a collision can only make
	// two segments look as if they shared a file, which keeps both. Meaningful when Has(Details); NoFile for tombstones. Before that, whoever
	// reads the rows may keep here where the payload lies.
	File uint64
	// Version is an index into Datasource.Versions, which is sorted: comparing indexes compares versions.
	Version uint32
	// Root is 1 + an index into Datasource.Roots of upgraded_from_segment_id; 0 when the column is NULL or absent.
	Root uint32
	// Shard is an index into Datasource.Shards; meaningful when Has(Details).
	Shard uint32
	// Partition is the partition number, from the payload's shardSpec or, without one, from the id.
	Partition int32
	Flags     Flags
}

// UnknownBytes marks a size that was not read.
const UnknownBytes = -1

// NoFile is the File of a row that has no file of its own: a tombstone.
const NoFile uint64 = 0

// Flags are the yes-or-no facts of a row.
type Flags uint8

const (
	// Used is the used column.
	Used Flags = 1 << iota
	// Details says that the payload was read: Bytes, File and Shard can be believed.
	Details
	// Odd says that the row contradicts itself (for instance an unreadable payload or the same id seen used and
	// unused). The planner keeps it and everything it overlaps.
	Odd
)

// Has reports whether all given flags are set.
func (s *Segment) Has(f Flags) bool { return s.Flags&f == f }

// ID builds the segment's id.
func (d *Datasource) ID(s *Segment) druid.SegmentID {
	return druid.SegmentID{DataSource: d.Name, Interval: s.Interval, Version: d.Versions.At(s.Version), Partition: s.Partition}
}

// IndexOf finds the row of an id of this datasource, in a finished datasource.
func (d *Datasource) IndexOf(id druid.SegmentID) (index int, ok bool) {
	version, ok := d.Versions.Find(id.Version)
	if !ok {
		return 0, false
	}
	want := Segment{Interval: id.Interval, Version: uint32(version), Partition: id.Partition}
	return slices.BinarySearchFunc(d.Segments, want, func(a, b Segment) int { return a.Compare(&b) })
}
