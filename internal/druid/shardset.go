package druid

import (
	"cmp"
	"slices"
)

// GroupComplete reports whether the partitions of one (interval, version) make a set that Druid shows
// (PartitionHolder.isComplete): walked by partition number, the first is a start, and neighbours abut until one is an
// end. Partitions behind that end need no order. Sets with shard specs of an unknown kind or with minor versions are
// reported as not complete, so that they are never taken to hide anything.
func GroupComplete(shards []ShardSpec) bool {
	byNumber := make([]*ShardSpec, len(shards))
	for i := range shards {
		byNumber[i] = &shards[i]
	}
	slices.SortStableFunc(byNumber, func(a, b *ShardSpec) int { return cmp.Compare(a.Partition, b.Partition) })
	return completeSet(byNumber)
}

// completeSet takes the partitions in the order of their numbers.
func completeSet(shards []*ShardSpec) bool {
	if len(shards) == 0 || !shards[0].judged() || !shards[0].isStart() {
		return false
	}
	for i, s := range shards {
		if i+1 == len(shards) || s.isEnd() {
			return s.isEnd()
		}
		if next := shards[i+1]; !next.judged() || !s.abuts(next) {
			return false
		}
	}
	return false
}

// judged reports whether this version knows what the kind means for a set.
func (s *ShardSpec) judged() bool { return s.Kind != ShardUnknown && s.Kind != ShardOverwrite }

// chunk is the class of PartitionChunk that Druid makes of a shard spec (ShardSpec.createChunk).
type chunk uint8

const (
	chunkAlone    chunk = iota // SingleElementPartitionChunk, TombstonePartitionedChunk
	chunkNumbered              // NumberedPartitionChunk
	chunkString                // StringPartitionChunk
	chunkLinear                // LinearPartitionChunk
)

func (s *ShardSpec) chunk() chunk {
	switch s.Kind {
	case ShardNumbered, ShardHashed:
		return chunkNumbered
	case ShardSingle, ShardRange:
		if s.HasCore {
			return chunkNumbered
		}
		return chunkString
	case ShardLinear:
		return chunkLinear
	default:
		return chunkAlone
	}
}

func (s *ShardSpec) isStart() bool {
	switch s.chunk() {
	case chunkNumbered:
		return s.CorePartitions <= 0 || s.Partition == 0
	case chunkString:
		return s.Start == ""
	default:
		return true
	}
}

func (s *ShardSpec) isEnd() bool {
	switch s.chunk() {
	case chunkNumbered:
		return s.CorePartitions <= 0 || s.Partition == s.CorePartitions-1
	case chunkString:
		return s.End == ""
	default:
		return true
	}
}

// abuts reports whether next may follow s in a set; next has a higher number.
func (s *ShardSpec) abuts(next *ShardSpec) bool {
	switch s.chunk() {
	case chunkNumbered:
		return next.chunk() == chunkNumbered && (next.appended() || next.Partition == s.Partition+1)
	case chunkString:
		return next.chunk() == chunkString && !next.isStart() && next.Start == s.End
	default:
		return s.chunk() == chunkLinear
	}
}

// appended reports whether the partition lies beyond the core set.
func (s *ShardSpec) appended() bool { return s.Partition >= s.CorePartitions }
