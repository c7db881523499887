package collect

import (
	"context"
	"errors"
	"fmt"
	"time"

	"coppice/internal/druid"
	"coppice/internal/snapshot"
)

// readState reads what only the API knows of the cluster as a whole. Nothing of it is needed to see segments, so each
// failure is a gap, unless nothing answers at all and there is no store to read from.
func (s *Session) readState(ctx context.Context) error {
	version, err := s.request.Coordinator.Version(ctx)
	var silent interface{ Unreachable() bool }
	if errors.As(err, &silent) && s.view == nil {
		return err // there is nothing else to read from
	}
	if err != nil {
		s.gap(gapVersion, err.Error())
	}
	s.Cluster.DruidVersion = version
	if s.Cluster.Tiers, err = s.request.Coordinator.Tiers(ctx); err != nil {
		s.gap(gapTiers, err.Error())
	}
	s.Cluster.TiersKnown = err == nil
	s.readDuties(ctx)
	s.readAutoKill(ctx)
	return nil
}

// ruleDuties is the group of duties that runs the rules.
const ruleDuties = "HistoricalManagementDuties"

func (s *Session) readDuties(ctx context.Context) {
	duties := &snapshot.Duties{LastRunStart: druid.NoInstant, LastRunEnd: druid.NoInstant}
	s.Cluster.Duties = duties
	paused, err := s.request.Coordinator.Paused(ctx)
	if err != nil {
		s.gap(gapDuties, err.Error())
	}
	if paused {
		duties.Stopped, duties.Detail = true, "coordination is paused in the Coordinator's dynamic configuration"
	}
	group, err := s.ruleGroup(ctx)
	if err != nil {
		s.gap(gapDuties, err.Error())
		return
	}
	duties.LastRunStart, duties.LastRunEnd = group.LastRunStart, group.LastRunEnd
	if !duties.Stopped {
		s.watchDuties(ctx, duties, group)
	}
}

var errNoDuties = fmt.Errorf("this Druid does not show its duties (Druid %d and later do)", druid.ShowsDuties.Since)

func (s *Session) ruleGroup(ctx context.Context) (druid.DutyGroup, error) {
	groups, known, err := s.request.Coordinator.Duties(ctx)
	if err != nil {
		return druid.DutyGroup{}, err
	}
	if !known {
		return druid.DutyGroup{}, errNoDuties
	}
	for _, group := range groups {
		if group.Name == ruleDuties {
			return group, nil
		}
	}
	return druid.DutyGroup{}, fmt.Errorf("the Coordinator shows no duties called %s; it may have become leader just now", ruleDuties)
}

const (
	// look is the pause between two looks at a run that has begun and not ended.
	look = 2 * time.Second
	// maxWatch bounds how long a run is watched whatever the period is.
	maxWatch = 90 * time.Second
)

// watchDuties looks again while a run seems to be under way: when a new one begins and the end stands still, runs die
// in the middle (a rule that throws does that), and rules are not applied to any datasource.
func (s *Session) watchDuties(ctx context.Context, duties *snapshot.Duties, first druid.DutyGroup) {
	if !first.LastRunStart.Known() || first.LastRunEnd.Known() && first.LastRunEnd >= first.LastRunStart {
		return
	}
	wait := min(2*time.Duration(first.PeriodMillis)*time.Millisecond+look, maxWatch)
	for waited := time.Duration(0); waited < wait; waited += look {
		if err := s.request.Sleep(ctx, look); err != nil {
			return
		}
		now, err := s.ruleGroup(ctx)
		if err != nil {
			s.gap(gapDuties, err.Error())
			return
		}
		duties.LastRunStart, duties.LastRunEnd = now.LastRunStart, now.LastRunEnd
		switch {
		case now.LastRunEnd != first.LastRunEnd:
			return
		case now.LastRunStart != first.LastRunStart:
			duties.Stopped = true
			duties.Detail = fmt.Sprintf("a run of rules began at %s, but none has ended since %s: runs fail in the middle",
				now.LastRunStart, now.LastRunEnd)
			return
		}
	}
	duties.Detail = fmt.Sprintf("the run of rules that began at %s had not ended when it was last looked at", duties.LastRunStart)
}
