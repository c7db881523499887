package collect

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"

	"coppice/internal/druid"
	"coppice/internal/snapshot"
)

// shardTable interns shard specs of one datasource.
type shardTable struct {
	list []druid.ShardSpec
	at   map[druid.ShardSpec]uint32
}

func newShardTable(list []druid.ShardSpec) *shardTable {
	t := &shardTable{list: list, at: make(map[druid.ShardSpec]uint32, len(list))}
	for i, spec := range list {
		t.at[spec] = uint32(i)
	}
	return t
}

// fill puts a payload's details into a row.
func (t *shardTable) fill(row *snapshot.Segment, data *druid.DataSegment) {
	index, ok := t.at[data.Shard]
	if !ok {
		if t.at == nil {
			t.at = map[druid.ShardSpec]uint32{}
		}
		index = uint32(len(t.list))
		t.list, t.at[data.Shard] = append(t.list, data.Shard), index
	}
	row.Shard, row.Bytes, row.File = index, data.Bytes, fingerprint(data.LoadSpec)
	row.Flags |= snapshot.Details
}

// fingerprint is equal for loadSpecs that are equal as JSON objects, whatever the order of their keys: that is how
// Druid tells whether two segments share their files. A tombstone has none.
func fingerprint(loadSpec []byte) uint64 {
	canonical, ok := canonicalFlat(make([]byte, 0, 256), loadSpec)
	if !ok {
		canonical = canonicalAny(loadSpec)
	}
	if bytes.Contains(canonical, []byte(`"type":"tombstone"`)) && isTombstone(bytes.Clone(canonical)) {
		return snapshot.NoFile
	}
	sum := sha256.Sum256(canonical)
	return max(binary.BigEndian.Uint64(sum[:]), snapshot.NoFile+1)
}

func isTombstone(loadSpec []byte) bool {
	var fields struct{ Type string }
	return json.Unmarshal(loadSpec, &fields) == nil && fields.Type == "tombstone"
}

// canonicalAny writes any JSON object with its keys sorted.
func canonicalAny(object []byte) []byte {
	decoder := json.NewDecoder(bytes.NewReader(object))
	decoder.UseNumber()
	var fields map[string]any
	if err := decoder.Decode(&fields); err != nil {
		return object
	}
	sorted, err := json.Marshal(fields)
	if err != nil {
		return object
	}
	return sorted
}
