package sandbox

import (
	"errors"
	"slices"
	"sort"

	"coppice/internal/druid"
)

// view is the Coordinator's snapshot of the used segments at its last poll that worked.
type view struct {
	at       druid.Instant
	names    []string
	segments map[string][]*seen
}

// seen is a used segment in a view.
type seen struct {
	row          *row
	overshadowed bool
}

// poll reads the used segments. Two of one version whose different intervals overlap make the timeline of their
// datasource throw, and then the whole view stays as it was, that of the other datasources too.
func (s *Sandbox) poll(now druid.Instant) (changed bool) {
	fresh := &view{at: now, segments: map[string][]*seen{}}
	used := map[string][]*row{}
	for _, r := range s.state.Segments {
		if r.Used && r.shard.Kind != druid.ShardUnknown { // Druid cannot read a payload of an unknown shard spec
			used[r.DataSource] = append(used[r.DataSource], r)
		}
	}
	for name, rows := range used {
		hidden, err := overshadowed(rows)
		if err != nil {
			return false
		}
		slices.SortFunc(rows, byID)
		for _, r := range rows {
			fresh.segments[name] = append(fresh.segments[name], &seen{r, hidden[r]})
		}
		fresh.names = append(fresh.names, name)
	}
	sort.Strings(fresh.names)
	changed = !s.view.equal(fresh)
	s.view = fresh
	return changed
}

func byID(a, b *row) int { return druid.CompareVersions(a.ID, b.ID) } // Java's order of strings

func (v *view) equal(o *view) bool {
	if v == nil || !slices.Equal(v.names, o.names) {
		return false
	}
	for _, name := range v.names {
		same := func(a, b *seen) bool { return *a == *b }
		if !slices.EqualFunc(v.segments[name], o.segments[name], same) {
			return false
		}
	}
	return true
}

// ranks numbers the versions of rows in Druid's order.
func ranks(rows ...[]*row) map[string]uint32 {
	found := map[string]uint32{}
	var versions []string
	for _, list := range rows {
		for _, r := range list {
			if _, known := found[r.Version]; !known {
				found[r.Version] = 0
				versions = append(versions, r.Version)
			}
		}
	}
	slices.SortFunc(versions, druid.CompareVersions)
	for i, version := range versions {
		found[version] = uint32(i)
	}
	return found
}

// timeline lays out what it can judge; the rest (minor versions) is left out and so neither hides nor is hidden.
func timeline(rows []*row, rank map[string]uint32) (laid []*row, t *druid.Timeline, err error) {
	chunks := make([]druid.Chunk, 0, len(rows))
	for _, r := range rows {
		if r.shard.Kind == druid.ShardOverwrite || r.shard.Kind == druid.ShardUnknown {
			continue
		}
		laid = append(laid, r)
		chunks = append(chunks, druid.Chunk{Interval: r.interval, Version: rank[r.Version], Shard: r.shard})
	}
	t, err = druid.BuildTimeline(chunks)
	return laid, t, err
}

// overshadowed says which rows of one datasource the others hide. The error is that of a version over different
// overlapping intervals.
func overshadowed(rows []*row) (map[*row]bool, error) {
	laid, t, err := timeline(rows, ranks(rows))
	if err != nil {
		return nil, err
	}
	hidden := map[*row]bool{}
	for i, r := range laid {
		if t.Overshadowed(i) {
			hidden[r] = true
		}
	}
	return hidden, nil
}

// clash words the trouble as Druid's exception does, where it is the clash of a version.
func clash(err error) string {
	var c *druid.ClashError
	if errors.As(err, &c) {
		return "org.apache.druid.java.util.common.UOE: Cannot add overlapping segments [" + c.A.String() + " and " +
			c.B.String() + "] with the same version"
	}
	return err.Error()
}
