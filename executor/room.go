package executor

import (
	"fmt"
	"time"

	"coppice/internal/druid"
	"coppice/internal/plan"
)

// maxQueued is how many kill tasks may wait at the Overlord, for a lock or a worker, while another one is sent: more of
// them would only lengthen its queue.
const maxQueued = 3

// room is what the Overlord last said of its kill tasks. It decides when a task is sent, never whether it may be.
type room struct {
	// counted: the share of task slots is known, so that the tasks of others count against it.
	counted bool
	// lookedAt is when it was last asked; unknown: it did not say.
	lookedAt druid.Instant
	unknown  bool
	// others are kill tasks that this run did not send, whatever they wait for, as Druid's own killer counts
	// (KillUnusedSegments.getAvailableKillTaskSlots); pending are those of them that wait for a worker, another names one.
	others, pending int
	another         string
	// begun are our own that run.
	begun map[string]bool
	// full: there was none when it was last asked for; since when nothing of ours was under way, NoInstant when something is.
	full  bool
	since druid.Instant
	// told: that nothing is known was said once.
	told bool
}

// hasRoom reports whether another kill task may be sent now. While there is none it says so. Where nothing of ours is
// under way that lasts no longer than Limits.Room; then all that are left are given up.
func (r *run) hasRoom() bool {
	r.lookAtTasks()
	why := r.noRoom()
	r.room.full = why != ""
	if !r.room.full || len(r.flights) > 0 {
		r.room.since = druid.NoInstant
		return !r.room.full
	}
	if !r.room.since.Known() {
		r.room.since = r.o.Now()
	}
	waited := r.since(r.room.since)
	r.emit(Waiting{For: "room at the Overlord: " + why, Waited: waited, Limit: r.limits.Room})
	if waited >= r.limits.Room {
		r.giveUp(fmt.Sprintf("there was no room at the Overlord for %s: %s", waited.Round(time.Second), why))
	}
	return false
}

// noRoom says why no task may be sent now; empty when one may.
func (r *run) noRoom() string {
	if r.room.unknown {
		return ""
	}
	if r.room.counted && len(r.flights)+r.room.others >= r.limits.Slots {
		return fmt.Sprintf("it has %s, and kill_tasks { max_slots_percent } grants %d in all", r.room.strangers(), r.limits.Slots)
	}
	if n := r.queued() + r.room.pending; n >= maxQueued {
		return fmt.Sprintf("kill tasks wait there already (%d)", n)
	}
	return ""
}

// strangers names the tasks of others.
func (o *room) strangers() string {
	if o.others == 1 {
		return "a kill task of somebody else, " + o.another
	}
	return fmt.Sprintf("%d kill tasks of others, such as %s", o.others, o.another)
}

// queued counts our own tasks that have not begun, as far as is known.
func (r *run) queued() int {
	n := 0
	for _, f := range r.flights {
		if f.state != druid.TaskRunning && !r.room.begun[f.task] {
			n++
		}
	}
	return n
}

// lookAtTasks asks for the kill tasks of the cluster, at most once in PollMin; after a failure, once in Recheck.
func (r *run) lookAtTasks() {
	again := r.limits.PollMin
	if r.room.unknown {
		again = r.limits.Recheck
	}
	if r.room.lookedAt.Known() && r.since(r.room.lookedAt) < again {
		return
	}
	tasks, err := r.cluster.KillTasks(r.ctx)
	r.room.lookedAt, r.room.unknown = r.o.Now(), err != nil
	if err == nil {
		r.room.count(tasks, r.flights)
	} else if !r.room.told && r.ctx.Err() == nil {
		r.room.told = true
		r.emit(QueueUnknown{err.Error()})
	}
}

// count sorts what the Overlord has.
func (o *room) count(tasks []druid.TaskStatus, flights []*flight) {
	own := map[string]bool{}
	for _, f := range flights {
		own[f.task] = true
	}
	o.others, o.pending, o.another, o.begun = 0, 0, "", map[string]bool{}
	for _, t := range tasks {
		switch {
		case own[t.ID]:
			o.begun[t.ID] = t.State == druid.TaskRunning
			continue
		case o.others == 0:
			o.another = t.ID
		}
		o.others++
		if t.State == druid.TaskPending {
			o.pending++
		}
	}
}

// giveUp ends all kills that have not begun.
func (r *run) giveUp(why string) {
	r.room.full = false
	var left []*plan.Action
	for _, name := range r.queue.names {
		left = append(left, r.queue.of[name]...)
	}
	r.queue.names, r.queue.of = nil, map[string][]*plan.Action{}
	for _, a := range left {
		r.end(a, Deferred, why)
	}
}
