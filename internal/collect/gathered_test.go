package collect

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"coppice/internal/druid"
	"coppice/internal/snapshot"
)

// TestGatheredRows: whatever is added and cut off, what is joined is what a plain list holds.
func TestGatheredRows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var c gatheredRows
		var keys versionKeys
		var want []string
		next := int64(0)
		for range rapid.IntRange(1, 4).Draw(t, "rounds") {
			for range rapid.IntRange(0, largestChunk+largestChunk/4).Draw(t, "rows") {
				version := rapid.SampledFrom([]string{"v1", "2026-01-01T00:00:00.000Z", "2025-01-01T00:00:00.000Z"}).Example(int(next))
				row := snapshot.Segment{MarkedAt: druid.Instant(next), Bytes: snapshot.UnknownBytes}
				if next%3 == 1 {
					row.Flags, row.Bytes, row.File, row.Shard = snapshot.Details, next, uint64(next), uint32(next)
				}
				c.add(&row, keys.key(version))
				want, next = append(want, version), next+1
			}
			count := rapid.IntRange(0, c.rows.count).Draw(t, "cut")
			c.cut(count)
			want, next = want[:count], int64(count)
		}
		rows, versions := c.joined(&keys)
		if len(rows) != len(want) || cap(rows) != len(want) {
			t.Fatalf("%d rows in a list for %d, want %d", len(rows), cap(rows), len(want))
		}
		for i := range rows {
			if rows[i].Has(snapshot.Details) != (i%3 == 1) || rows[i].Has(snapshot.Details) && (rows[i].Bytes != int64(i) || rows[i].Shard != uint32(i)) {
				t.Fatalf("row %d: %+v", i, rows[i])
			}
			if rows[i].MarkedAt != druid.Instant(i) || versions.At(rows[i].Version) != want[i] {
				t.Fatalf("row %d is %d, version %s, want %s", i, rows[i].MarkedAt, versions.At(rows[i].Version), want[i])
			}
		}
		if !slices.IsSorted(versions.All()) && !slices.Contains(versions.All(), "v1") {
			t.Errorf("%v", versions.All())
		}
	})
}
