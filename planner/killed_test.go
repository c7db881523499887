package planner

import (
	"fmt"
	"strings"
	"testing"

	"coppice/internal/druid"
)

func sceneKilled(t *testing.T, text string) *Killed {
	t.Helper()
	if text == "" {
		return nil
	}
	found := &Killed{}
	for line := range lines(text) {
		if line == "unknown" {
			found.Unknown = append(found.Unknown, "a manifest is lost")
			continue
		}
		by := "one"
		if before, apply, found := strings.Cut(line, " by "); found {
			line, by = before, apply
		}
		fields := append(strings.Fields(line), "0")
		k := KilledSegment{ID: druid.SegmentID{DataSource: "d", Interval: mustInterval(t, fields[0]), Version: fields[1]}, Bytes: 100,
			Place: "/deep/" + fields[0], Apply: by, At: at(t, "2026-11-15")}
		if _, err := fmt.Sscan(fields[2], &k.ID.Partition); err != nil {
			t.Fatal(err)
		}
		found.List = append(found.List, k)
	}
	return found
}
