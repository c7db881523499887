package main

import (
	"context"
	"fmt"

	"coppice/internal/plan"
)

// slots is the number of kill tasks that this apply may have in flight: the share of the cluster's task slots that
// kill_tasks { max_slots_percent } gives to the kills of all datasources. The capacity is asked only for a plan that
// deletes; 0 when it cannot be read, then tasks go one at a time.
func (l *session) slots(ctx context.Context, approved *plan.Plan) int {
	if !deletes(approved) {
		return 1
	}
	capacity, err := l.link.api.TaskSlots(ctx)
	if err != nil {
		l.process.say(fmt.Sprintf("coppice: kill tasks go one at a time: %v", err))
		return 0
	}
	return share(capacity, l.cluster.MaxSlotsPercent.Value)
}

// share rounds down, and is one at least.
func share(capacity, percent int) int { return max(1, int(int64(capacity)*int64(percent)/100)) }

func deletes(p *plan.Plan) bool {
	for _, action := range p.Actions {
		if action.Kind == plan.KillTask && !action.Blocked {
			return true
		}
	}
	return false
}
