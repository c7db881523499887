package journal

import (
	"fmt"

	"coppice/executor"
	"coppice/internal/druid"
	"coppice/internal/plan"
)

// Unrestored are the segments that applies of a state directory were to mark used and did not, as far as is known, with
// the moment that the newest such plan was made for. The lock is not needed. An apply that could go on with them may be
// given up for a new plan; without this memory nobody would bring them back once the rules that keep them are posted.
func Unrestored(folder string) (map[druid.SegmentID]druid.Instant, error) {
	state, err := Read(folder)
	if err != nil {
		return nil, err
	}
	found := map[druid.SegmentID]druid.Instant{}
	for _, past := range state.Applies {
		if past.Complete {
			continue
		}
		p, err := PlanOf(folder, past)
		if err != nil {
			return nil, fmt.Errorf("look for restores that were not finished: %w", err)
		}
		for _, a := range p.Actions {
			if a.Kind == plan.MarkUsed && !a.Blocked && !past.did(a) {
				note(found, a, p.Now)
			}
		}
	}
	return found, nil
}

// did reports whether a good end of the action is on record.
func (p *Past) did(a *plan.Action) bool {
	outcome := p.Resume.Actions[a.ID].Outcome
	return outcome == executor.Done || outcome == executor.DoneBefore
}

func note(found map[druid.SegmentID]druid.Instant, a *plan.Action, planned druid.Instant) {
	for _, run := range a.Runs {
		for id := range run.IDs(a.Datasource) {
			found[id] = planned // applies are read oldest first
		}
	}
}
