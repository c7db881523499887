package collect

import (
	"context"
	"fmt"
	"slices"

	"coppice/internal/druid"
	"coppice/internal/snapshot"
)

// crossCheck compares store and Coordinator: whether they are one cluster, and whether what the Coordinator shows
// stands still. The rules were compared when they were read. A difference counts only when a fresh look at the store
// confirms it, since a live cluster moves between two reads.
func (s *Session) crossCheck(ctx context.Context) {
	if s.request.Begin == nil || len(s.Cluster.Datasources) == 0 && s.only != "" {
		return
	}
	check := &comparison{session: s}
	for _, step := range []func(context.Context) error{check.names, check.samples, check.frozen} {
		if err := step(ctx); err != nil {
			s.gap(gapCompare, err.Error())
			break
		}
	}
	check.close()
}

// comparison holds the fresh view, which is opened only when something differs.
type comparison struct {
	session *Session
	fresh   View
}

func (c *comparison) now(ctx context.Context) (View, error) {
	if c.fresh == nil {
		view, err := c.session.request.Begin(ctx)
		if err != nil {
			return nil, err
		}
		c.fresh = view
	}
	return c.fresh, nil
}

func (c *comparison) close() {
	if c.fresh != nil {
		if err := c.fresh.Close(); err != nil {
			c.session.log.Debug("the second view did not end well", "reason", err)
		}
	}
}

// names compares the datasources that have rows. One that only the Coordinator has belongs to another store; one that
// only the store has may be hidden from this user, which is a gap of that datasource.
func (c *comparison) names(ctx context.Context) error {
	s := c.session
	if s.only != "" {
		return nil
	}
	served, err := s.request.Coordinator.Datasources(ctx)
	if err != nil {
		return err
	}
	slices.Sort(served)
	var only []string
	for _, name := range served {
		if d := s.Cluster.Find(name); d == nil || !hasRows(d) {
			only = append(only, name)
		}
	}
	// A datasource that appeared since the view began is there by now.
	there, err := c.haveRows(ctx, only)
	if err != nil {
		return err
	}
	for _, name := range only {
		if !slices.Contains(there, name) {
			s.disagree("the Coordinator knows segments of " + name + ", of which the store has none")
		}
	}
	return c.hidden(ctx, served)
}

func hasRows(d *snapshot.Datasource) bool {
	return d.HasRows() || slices.ContainsFunc(d.Gaps, func(g snapshot.Gap) bool { return g.What == gapRow })
}

func (c *comparison) hidden(ctx context.Context, served []string) error {
	var hidden []string
	for _, d := range c.session.Cluster.Datasources {
		if _, ok := slices.BinarySearch(served, d.Name); !ok && hasRows(d) {
			hidden = append(hidden, d.Name)
		}
	}
	still, err := c.haveRows(ctx, hidden)
	for _, name := range still {
		if d := c.session.Cluster.Find(name); d != nil {
			d.Gaps = append(d.Gaps, snapshot.Gap{What: gapNames,
				Why: "the Coordinator does not show this datasource; the user may lack the right READ on it"})
		}
	}
	if len(served) == 0 && len(still) > 0 {
		c.session.disagree("the Coordinator shows none of the store's datasources")
	}
	return err
}

// haveRows returns those of the names that have rows in the store now.
func (c *comparison) haveRows(ctx context.Context, names []string) ([]string, error) {
	if len(names) == 0 {
		return nil, nil
	}
	view, err := c.now(ctx)
	if err != nil {
		return nil, err
	}
	return view.DatasourcesAmong(ctx, names)
}

// maxSamples is how many used segments the Coordinator is asked about: one each of so many datasources.
const maxSamples = 12

// samples asks the Coordinator's own store for used segments that were seen. None known means another cluster; some
// of them not known means that its view lags.
func (c *comparison) samples(ctx context.Context) error {
	s := c.session
	var missing []string
	known := 0
	for _, sample := range s.sample() {
		segments, err := s.request.Coordinator.UsedSegments(ctx, sample.DataSource, sample.Interval)
		if err != nil {
			return err
		}
		if slices.Contains(segments, sample) {
			known++
		} else {
			missing = append(missing, sample.String())
		}
	}
	missing, err := c.stillUsed(ctx, missing)
	if err != nil || len(missing) == 0 {
		return err
	}
	if known == 0 {
		s.disagree("the Coordinator does not know " + missing[0] + ", which the store has as used")
		return nil
	}
	s.freeze(fmt.Sprintf("the Coordinator does not know %s, which the store has as used", missing[0]))
	return nil
}

func (c *comparison) stillUsed(ctx context.Context, ids []string) ([]string, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	view, err := c.now(ctx)
	if err != nil {
		return nil, err
	}
	used, err := view.UsedAmong(ctx, ids)
	slices.Sort(used)
	return used, err
}

// sample picks the first used segment of datasources that lie evenly apart.
func (s *Session) sample() []druid.SegmentID {
	var picked []druid.SegmentID
	step := max(1, len(s.Cluster.Datasources)/maxSamples)
	for i := 0; i < len(s.Cluster.Datasources) && len(picked) < maxSamples; i += step {
		d := s.compared(s.Cluster.Datasources[i])
		if at := slices.IndexFunc(d.Segments, isSample); at >= 0 && !isHidden(s.Cluster.Datasources[i]) {
			picked = append(picked, d.ID(&d.Segments[at]))
		}
	}
	return picked
}

// isSample wants a used row of at most some months: the Coordinator answers with all that overlaps it.
func isSample(row snapshot.Segment) bool {
	const longest = 100 * 24 * 3600 * 1000
	return row.Flags&(snapshot.Used|snapshot.Odd) == snapshot.Used && row.Interval.End-row.Interval.Start <= longest
}

func isHidden(d *snapshot.Datasource) bool {
	return slices.ContainsFunc(d.Gaps, func(g snapshot.Gap) bool { return g.What == gapNames })
}

func (s *Session) freeze(why string) {
	duties := s.Cluster.Duties
	if duties == nil {
		duties = &snapshot.Duties{LastRunStart: druid.NoInstant, LastRunEnd: druid.NoInstant}
		s.Cluster.Duties = duties
	}
	duties.Frozen = true
	if duties.Detail == "" {
		duties.Detail = why
	}
}
