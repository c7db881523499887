package snapshot

import (
	"testing"

	"coppice/internal/druid"
)

// TestDigestStays: a digest that stands in a saved plan is the same whatever else changes: another one has another number in front.
func TestDigestStays(t *testing.T) {
	c := wiki(row(1, 0, 0), row(2, 1, 1), row(3, 0, 2), row(3, 0, 3))
	d := c.Datasources[0]
	d.Shards = append(d.Shards, druid.ShardSpec{Kind: druid.ShardOverwrite, HasCore: true, Minor: -1, AtomicSize: 2, Partition: 3,
		CorePartitions: 4, RootStart: 5, RootEnd: 6, Start: `["a"]`, End: `["b"]`})
	for i := range d.Segments[1:] {
		s := &d.Segments[1+i]
		s.Flags, s.Bytes, s.File, s.Shard = Details|Used, 7, 8, uint32(i)
	}
	c.Finish()
	const want = "4d3536d7b908798113b924ddc1da618636a30be9ae1216b03ba6f8fb21720509"
	if got := c.Digest(); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
