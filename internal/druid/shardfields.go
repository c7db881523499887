package druid

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
)

// numbered reads a spec with a partition number and, unless it has none, a core count. Both are 0 when absent, as a
// Java int is.
func (f shardFields) numbered(kind ShardKind, core string) (s ShardSpec, err error) {
	s = ShardSpec{Kind: kind, HasCore: core != ""}
	if s.Partition, err = f.count("partitionNum"); err == nil && s.HasCore {
		s.CorePartitions, err = f.count(core)
	}
	return s, err
}

// ranged reads a single or range spec. Its borders are kept only when there is no core count, since with one they
// decide nothing. Druid prints a core count that it does not know as -1 (UNKNOWN_NUM_CORE_PARTITIONS), over its API and
// in what it writes again.
func (f shardFields) ranged(kind ShardKind) (ShardSpec, error) {
	const core = "numCorePartitions"
	if !absent(f[core]) && string(f[core]) != "-1" {
		return f.numbered(kind, core)
	}
	s, err := f.numbered(kind, "")
	if err == nil {
		s.Start, err = f.border("start")
	}
	if err == nil {
		s.End, err = f.border("end")
	}
	return s, err
}

// border reads one end of a range: a text, a list of texts or nulls, or null for an open end.
func (f shardFields) border(name string) (string, error) {
	raw := f[name]
	if absent(raw) {
		return "", nil
	}
	var tuple []*string
	if raw[0] == '"' {
		raw = append(append([]byte{'['}, raw...), ']')
	}
	if err := json.Unmarshal(raw, &tuple); err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	text, err := json.Marshal(tuple)
	return string(text), err
}

func (f shardFields) overwrite() (s ShardSpec, err error) {
	s.Kind = ShardOverwrite
	var minor, size int32
	for _, field := range []struct {
		name string
		into *int32
	}{{"partitionId", &s.Partition}, {"startRootPartitionId", &s.RootStart}, {"endRootPartitionId", &s.RootEnd},
		{"minorVersion", &minor}, {"atomicUpdateGroupSize", &size}} {
		if *field.into, err = f.count(field.name); err != nil {
			return s, err
		}
	}
	s.Minor, s.AtomicSize = int16(minor), int16(size)
	if int32(s.Minor) != minor || int32(s.AtomicSize) != size {
		return s, errors.New("minorVersion or atomicUpdateGroupSize is too large")
	}
	return s, nil
}

// count reads an int of 0 or more.
func (f shardFields) count(name string) (int32, error) {
	raw := f[name]
	if absent(raw) {
		return 0, nil
	}
	n, err := strconv.ParseInt(string(raw), 10, 32)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("%s is %s, expected a number from 0 on", name, raw)
	}
	return int32(n), nil
}

func absent(raw []byte) bool { return len(raw) == 0 || string(raw) == "null" }
