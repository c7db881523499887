package collect

import (
	"context"
	"fmt"
	"slices"

	"coppice/internal/druid"
	"coppice/internal/snapshot"
)

const (
	// maxProbes is how many of the newest segments are looked for in the Coordinator's snapshot.
	maxProbes = 4
	// maxListed bounds the list of ids that one such look costs.
	maxListed = 50_000
)

// frozen looks for the newest used segments that every poll should have seen by now. Two used segments of one version
// over different overlapping intervals, in any datasource, stop the Coordinator's view of all of them, and its API
// says nothing of it.
func (c *comparison) frozen(ctx context.Context) error {
	s := c.session
	if s.Cluster.Sources.Disagree != "" {
		return nil
	}
	for _, probe := range s.newest() {
		ids, err := s.request.Coordinator.SnapshotIDs(ctx, probe.DataSource)
		if err != nil {
			return err
		}
		if slices.Contains(ids, probe.String()) {
			continue
		}
		still, err := c.stillUsed(ctx, []string{probe.String()})
		if err != nil {
			return err
		}
		if len(still) > 0 {
			s.freeze(fmt.Sprintf("the Coordinator's view of segments does not have %s, which the store has had for minutes: it stands still", probe))
			return nil
		}
	}
	return nil
}

// newest finds the used segments that were created last, but long enough ago to have been polled; one a datasource.
func (s *Session) newest() []druid.SegmentID {
	type candidate struct {
		created druid.Instant
		id      druid.SegmentID
	}
	var candidates []candidate
	for _, d := range s.Cluster.Datasources {
		if len(d.Segments) > maxListed || d.Part != nil && d.Part.Used > maxListed || isHidden(d) {
			continue
		}
		d := s.compared(d)
		var best *snapshot.Segment
		for i := range d.Segments {
			row := &d.Segments[i]
			if row.Flags&(snapshot.Used|snapshot.Odd) == snapshot.Used && row.CreatedAt < s.Cluster.TakenAt-settled &&
				row.CreatedAt.Known() && (best == nil || row.CreatedAt > best.CreatedAt) {
				best = row
			}
		}
		if best != nil {
			candidates = append(candidates, candidate{best.CreatedAt, d.ID(best)})
		}
	}
	slices.SortStableFunc(candidates, func(a, b candidate) int {
		switch {
		case a.created > b.created:
			return -1
		case a.created < b.created:
			return 1
		}
		return 0
	})
	var ids []druid.SegmentID
	for _, c := range candidates[:min(len(candidates), maxProbes)] {
		ids = append(ids, c.id)
	}
	return ids
}
