package sandbox

import (
	"slices"
	"time"

	"coppice/internal/druid"
)

func millis(d time.Duration) druid.Instant { return druid.Instant(d.Milliseconds()) }

// advance does what is due at a moment: tasks, the poll, the duties. After a long pause the duties run several times,
// as they would have, until nothing changes any more; a cluster that was up all the time would be there by now.
func (s *Sandbox) advance(now druid.Instant) {
	s.progressTasks(now)
	if now >= s.nextPoll {
		s.poll(now)
		s.nextPoll = now + millis(s.options.PollPeriod)
	}
	period := millis(s.options.DutyPeriod)
	due := int64((now - druid.Instant(s.state.LastRunStart)) / period)
	for round := int64(0); round < min(due, catchUpRounds); round++ {
		changed := s.runDuties(now)
		changed = s.pollAfterRun(now, round+1 < due) || changed
		if !changed {
			return
		}
	}
}

// pollAfterRun polls between two runs that are caught up with, when there are more to come.
func (s *Sandbox) pollAfterRun(now druid.Instant, more bool) bool { return more && s.poll(now) }

// runDuties is one run of the Historical management group, in Druid's order.
func (s *Sandbox) runDuties(now druid.Instant) (changed bool) {
	if s.state.Config.PauseCoordination || s.view == nil {
		return false
	}
	s.dirty = true
	s.state.LastRunStart = int64(now)
	run, err := s.judge(now)
	if err != nil {
		// The exception ends the run before anything was marked, the clean-ups included, and the schedule goes on.
		return false
	}
	changed = s.markRows(run.drop, now) > 0
	zero := s.settleReplicas(run)
	if now-druid.Instant(s.state.LeaderSince) >= druid.Instant(s.state.Config.MillisToWaitBeforeDeleting) {
		changed = s.markRows(s.servedOvershadowed(zero), now) > 0 || changed
	}
	changed = s.markRows(s.eternityTombstones(), now) > 0 || changed
	changed = s.load(run) || changed
	s.state.LastRunEnd = int64(now)
	return changed
}

// ruleRun is what RunRules found out before it does anything.
type ruleRun struct {
	drop []*row
	// replicas is the number wanted of each judged segment that a rule loads.
	replicas map[string]int
}

// judge is RunRules: the first rule that applies to each used segment in view that is not overshadowed. Segments without
// any rule stay. An error is a rule that throws when it is evaluated.
func (s *Sandbox) judge(now druid.Instant) (ruleRun, error) {
	run := ruleRun{replicas: map[string]int{}}
	defaults := s.ruleList(defaultKey)
	for _, name := range s.view.names {
		chain := druid.Chain{Own: s.ruleList(name), Default: defaults}
		for _, segment := range s.view.segments[name] {
			if segment.overshadowed {
				continue
			}
			match := chain.Match(segment.row.interval, now)
			if match.Err != nil {
				return ruleRun{}, match.Err
			}
			run.add(segment.row, chain, match)
		}
	}
	return run, nil
}

func (run *ruleRun) add(r *row, chain druid.Chain, match druid.Match) {
	switch match.Action {
	case druid.ActionDrop:
		run.drop = append(run.drop, r)
	case druid.ActionLoad:
		sum := 0
		for _, tier := range chain.At(match.Index).Replicants {
			sum += int(tier.Count)
		}
		run.replicas[r.ID] = sum
	case druid.ActionBroadcast:
		run.replicas[r.ID] = 1
	}
}

// markRows marks by id, as the Coordinator asks the Overlord to: rows that somebody marked since the last poll get a
// new stamp, rows that are gone are ignored.
func (s *Sandbox) markRows(rows []*row, now druid.Instant) (marked int) {
	for _, r := range rows {
		if s.state.find(r.DataSource, r.ID) == r {
			r.mark(false, now)
			marked++
		}
	}
	return marked
}

// settleReplicas keeps the numbers for the API (0 for overshadowed ones) and returns the segments that want none.
func (s *Sandbox) settleReplicas(run ruleRun) (zero map[string]bool) {
	s.replicas, zero = run.replicas, map[string]bool{}
	for id, count := range run.replicas {
		if count == 0 {
			zero[id] = true
		}
	}
	for _, name := range s.view.names {
		for _, segment := range s.view.segments[name] {
			if segment.overshadowed {
				s.replicas[segment.row.ID] = 0
			}
		}
	}
	return zero
}

// load makes the Historicals serve what the run wants served. It comes last: what a run assigns is there in the next.
func (s *Sandbox) load(run ruleRun) (changed bool) {
	served := map[string]bool{}
	for _, name := range s.view.names {
		for _, segment := range s.view.segments[name] {
			id := segment.row.ID
			if run.replicas[id] > 0 || s.served[id] && segment.overshadowed {
				served[id] = true
				changed = changed || !s.served[id]
			}
		}
	}
	s.served = served
	return changed
}

// servedOvershadowed is MarkOvershadowedSegmentsAsUnused: overshadowed segments that are hidden also by what is served
// or wants no replicas, so that no query loses data.
func (s *Sandbox) servedOvershadowed(zero map[string]bool) (found []*row) {
	for _, name := range s.view.names {
		var hidden, there []*row
		for _, segment := range s.view.segments[name] {
			if segment.overshadowed {
				hidden = append(hidden, segment.row)
			}
			if s.served[segment.row.ID] || zero[segment.row.ID] {
				there = append(there, segment.row)
			}
		}
		if len(hidden) > 0 {
			found = append(found, hiddenBy(there, hidden)...)
		}
	}
	return found
}

// hiddenBy returns the candidates over whose whole interval the timeline of others shows higher versions.
func hiddenBy(others, candidates []*row) (hidden []*row) {
	rank := ranks(others, candidates)
	_, t, err := timeline(others, rank)
	if err != nil {
		return nil
	}
	visible := t.Visible()
	slices.SortFunc(visible, func(a, b druid.VisibleRange) int { return a.Interval.Compare(b.Interval) })
	for _, r := range candidates {
		if covered(r.interval, rank[r.Version], visible) {
			hidden = append(hidden, r)
		}
	}
	return hidden
}

// covered walks the visible ranges, which are sorted and do not overlap, from the start of an interval to its end.
func covered(interval druid.Interval, version uint32, visible []druid.VisibleRange) bool {
	at := interval.Start
	for _, v := range visible {
		if v.Interval.End <= at {
			continue
		}
		if v.Interval.Start > at || v.Version <= version {
			return false
		}
		if at = v.Interval.End; at >= interval.End {
			return true
		}
	}
	return false
}

// eternityTombstones is MarkEternityTombstonesAsUnused: tombstones without core partitions that reach to an end of
// time, are not overshadowed and overlap nothing that is.
func (s *Sandbox) eternityTombstones() (found []*row) {
	for _, name := range s.view.names {
		for _, segment := range s.view.segments[name] {
			if !segment.overshadowed && endless(segment.row) && !s.overlapsOvershadowed(name, segment.row.interval) {
				found = append(found, segment.row)
			}
		}
	}
	return found
}

func endless(r *row) bool {
	open := r.interval.Start == druid.MinInstant || r.interval.End == druid.MaxInstant
	return open && r.tombstone() && r.shard.CorePartitions == 0
}

func (s *Sandbox) overlapsOvershadowed(dataSource string, interval druid.Interval) bool {
	return slices.ContainsFunc(s.view.segments[dataSource], func(o *seen) bool {
		return o.overshadowed && o.row.interval.Overlaps(interval)
	})
}
