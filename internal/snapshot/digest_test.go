package snapshot

import (
	"testing"

	"coppice/internal/druid"
)

// TestDigestStays: a digest that stands in a saved plan is the same in every version of this program.
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
	const want = "70df75a1b8647d638d65d0aa8240876303f8272a12b74cec9cee2f906b0d8670"
	if got := c.Digest(); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
