package druid

// ShardSpec says which part of its (interval, version) a segment is.
type ShardSpec struct {
	Kind ShardKind
	// Partition is the partition number; CorePartitions the number of partitions that make the set complete.
	Partition, CorePartitions int32
}

// ShardKind is the type of a shard spec.
type ShardKind uint8

const (
	ShardUnknown ShardKind = iota
	ShardNumbered
	ShardHashed
	ShardSingle
	ShardRange
	ShardLinear
	ShardNone
	ShardTombstone
	ShardOverwrite // numbered_overwrite: minor versions, of segment locking
)
