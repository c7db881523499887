package druid

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// ShardSpec says which part of its (interval, version) a segment is. It is comparable, so that equal ones can be
// interned.
type ShardSpec struct {
	Kind ShardKind
	// HasCore says that CorePartitions is known. Very old single and range specs have no core count: Start and End
	// chain them instead.
	HasCore bool
	// Minor and AtomicSize belong to ShardOverwrite.
	Minor, AtomicSize int16
	// Partition is the partition number; CorePartitions the number of partitions that make the set complete.
	Partition, CorePartitions int32
	// RootStart and RootEnd are the partitions that a ShardOverwrite replaces; the end is not among them.
	RootStart, RootEnd int32
	// Start and End are the borders of a spec without a core count, as JSON; empty is open.
	Start, End string
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

var shardNames = [...]string{"unknown", "numbered", "hashed", "single", "range", "linear", "none", "tombstone",
	"numbered_overwrite"}

// String is Druid's type name.
func (k ShardKind) String() string { return shardNames[min(int(k), len(shardNames)-1)] }

// ParseShardSpec reads the shardSpec of a segment's payload. Absent (empty) or null is numbered, 0 of 1, as DataSegment
// has it. A type that this version does not know is ShardUnknown and no error: what it touches is kept.
func ParseShardSpec(data []byte) (ShardSpec, error) {
	if len(data) == 0 || string(data) == "null" {
		return ShardSpec{Kind: ShardNumbered, HasCore: true, CorePartitions: 1}, nil
	}
	var fields shardFields
	if err := json.Unmarshal(data, &fields); err != nil {
		return ShardSpec{}, fmt.Errorf("bad shard spec: %w", err)
	}
	name, ok := plainString(fields["type"])
	if !ok {
		return ShardSpec{}, errors.New("bad shard spec: no type")
	}
	s, err := fields.spec(name)
	if err != nil {
		return ShardSpec{}, fmt.Errorf("bad shard spec: %s: %w", name, err)
	}
	return s, nil
}

// shardFields are the raw values by name.
type shardFields map[string]json.RawMessage

func (f shardFields) spec(name string) (ShardSpec, error) {
	switch name {
	case "numbered":
		return f.numbered(ShardNumbered, "partitions")
	case "hashed":
		return f.numbered(ShardHashed, "partitions")
	case "single":
		return f.ranged(ShardSingle)
	case "range":
		return f.ranged(ShardRange)
	case "linear":
		return f.numbered(ShardLinear, "")
	case "none":
		return ShardSpec{Kind: ShardNone, HasCore: true, CorePartitions: 1}, nil
	case "tombstone":
		return ShardSpec{Kind: ShardTombstone, HasCore: true}, nil
	case "numbered_overwrite":
		return f.overwrite()
	}
	return ShardSpec{Kind: ShardUnknown}, nil
}

// ParseShardKind reads Druid's type name; ok is false for one that this version does not know.
func ParseShardKind(name string) (kind ShardKind, ok bool) {
	at := slices.Index(shardNames[:], name)
	return ShardKind(max(at, 0)), at >= 0
}
