package executor

import (
	"context"
	"errors"
	"time"

	"coppice/internal/druid"
	"coppice/internal/plan"
)

// Options is everything that Run is handed besides the plan and the cluster.
type Options struct {
	// Recorder, Recheck, Marking, Wait and Now are required; Recheck only when the plan has a kill that is not blocked,
	// Marking only when it has a mark.
	Recorder Recorder
	Recheck  Recheck
	Marking  Marking
	// Wait returns after d, or earlier with an error when ctx is done.
	Wait func(ctx context.Context, d time.Duration) error
	Now  func() druid.Instant
	// Events may be nil. It is called from the goroutine of Run alone.
	Events func(Event)
	// Interrupted is closed at the first interrupt; nil means never. The second one cancels Run's context.
	Interrupted <-chan struct{}
	// Author and Comment go with every rule change; without Comment it is the plan's digest.
	Author, Comment string
	// Resume is what an earlier run of this plan did.
	Resume Resume
	Limits Limits
}

// Limits bounds waiting and parallel work. Zero fields become those of DefaultLimits.
type Limits struct {
	// Marks is how long the Coordinator may take to mark what the plan predicts, and marks to be seen.
	Marks time.Duration
	// Shadowed is how long to wait for the overshadow clean-up before rules that narrow are posted.
	Shadowed time.Duration
	// RulePoll is how long it may take until every part of Druid has polled new rules and used segments.
	RulePoll time.Duration
	// TaskWait is how long a kill task may wait for a lock or a worker before it is shut down.
	TaskWait time.Duration
	// Room is how long a kill task is not sent because the Overlord has no room for it, while none of ours is under way.
	Room time.Duration
	// TaskRun is how long a running kill task is watched before it is left to itself.
	TaskRun time.Duration
	// Recheck is how often the datasource of a waiting task is planned again.
	Recheck time.Duration
	// PollMin and PollMax bound the growing pauses between two questions.
	PollMin, PollMax time.Duration
	// Slots is the number of kill tasks in the cluster, those of others included; 0 when it is not known: then one task of
	// ours goes at a time, whatever others do. Concurrency is that of one datasource (1 when absent).
	// Tasks of one datasource whose intervals overlap never run side by side.
	Slots       int
	Concurrency map[string]int
}

// DefaultLimits are the limits that users read about.
var DefaultLimits = Limits{
	Marks: 10 * time.Minute, Shadowed: 20 * time.Minute, RulePoll: time.Minute,
	TaskWait: 15 * time.Minute, Room: 15 * time.Minute, TaskRun: 6 * time.Hour, Recheck: time.Minute,
	PollMin: time.Second, PollMax: 15 * time.Second, Slots: 1,
}

// filled puts the defaults in.
func (l Limits) filled() Limits {
	for _, field := range []struct{ at, standard *time.Duration }{
		{&l.Marks, &DefaultLimits.Marks}, {&l.Shadowed, &DefaultLimits.Shadowed}, {&l.RulePoll, &DefaultLimits.RulePoll},
		{&l.TaskWait, &DefaultLimits.TaskWait}, {&l.Room, &DefaultLimits.Room}, {&l.TaskRun, &DefaultLimits.TaskRun}, {&l.Recheck, &DefaultLimits.Recheck},
		{&l.PollMin, &DefaultLimits.PollMin}, {&l.PollMax, &DefaultLimits.PollMax},
	} {
		if *field.at <= 0 {
			*field.at = *field.standard
		}
	}
	l.PollMax = max(l.PollMax, l.PollMin)
	l.Slots = max(l.Slots, 1)
	return l
}

// concurrency is the number of tasks that one datasource may have in flight.
func (l Limits) concurrency(dataSource string) int { return max(l.Concurrency[dataSource], 1) }

// check says what is missing for the actions of these kinds.
func (o Options) check(kinds map[plan.Kind]bool) error {
	if o.Recorder == nil || o.Wait == nil || o.Now == nil {
		return errors.New("apply needs a recorder, a clock and a way to wait")
	}
	if kinds[plan.KillTask] && o.Recheck == nil {
		return errors.New("apply needs a recheck for a plan that deletes")
	}
	if (kinds[plan.MarkUsed] || kinds[plan.MarkUnused]) && o.Marking == nil {
		return errors.New("apply needs a look at locks for a plan that marks")
	}
	return nil
}
