package executor

import (
	"fmt"

	"coppice/internal/druid"
	"coppice/internal/plan"
)

// Baseline is what was used in a datasource right before its rules were changed. It is on disk before the change, so
// that a resumed run can still tell what the Coordinator marked though the plan keeps it.
type Baseline struct {
	At         druid.Instant `json:"at"`
	Datasource string        `json:"datasource"`
	// Used is sorted; with the datasource each names its segments exactly.
	Used []Held `json:"used"`
}

// Held are segments of one interval and version.
type Held struct {
	Interval   druid.Interval  `json:"interval"`
	Version    string          `json:"version"`
	Partitions plan.Partitions `json:"partitions"`
}

// remember keeps what is used now, on disk too, so that after the change it can be told what the Coordinator marked.
// What an earlier run of this apply kept counts more: its change may have had an effect since.
func (r *run) remember(a *plan.Action) bool {
	for _, d := range r.affected(a) {
		if _, known, err := r.baseline(d.Name); known {
			continue
		} else if err != nil {
			r.endFailed(a, Failed, err.Error())
			return false
		}
		ids, err := r.cluster.UsedSegments(r.ctx, d.Name, druid.Eternity)
		if err != nil {
			r.endFailed(a, Failed, fmt.Sprintf("read used segments of %s: %v", d.Name, err))
			return false
		}
		if !r.keepBaseline(d.Name, newInventory(ids)) {
			return false
		}
	}
	return true
}

// keepBaseline writes it down; without that the rules must not be changed.
func (r *run) keepBaseline(dataSource string, used inventory) bool {
	if r.broken != nil {
		return false
	}
	b := Baseline{At: r.o.Now(), Datasource: dataSource, Used: []Held{}}
	for _, at := range used.chunks() {
		b.Used = append(b.Used, Held{at.interval, at.version, used[at]})
	}
	if err := r.o.Recorder.Baseline(b); err != nil {
		r.broken = fmt.Errorf("write journal: %w", err)
		return false
	}
	r.before[dataSource] = used
	return true
}

// baseline is what was used before the rules were changed, by this run or the one that it resumes; false when neither
// has looked.
func (r *run) baseline(dataSource string) (inventory, bool, error) {
	if before, known := r.before[dataSource]; known {
		return before, true, nil
	}
	earlier, err := r.o.Recorder.Earlier(dataSource)
	if err != nil {
		return nil, false, fmt.Errorf("read what was used before the rules were changed: %w", err)
	}
	if earlier == nil {
		return nil, false, nil
	}
	before := inventory{}
	for _, held := range earlier.Used {
		at := chunk{held.Interval, held.Version}
		before[at] = append(before[at], held.Partitions...)
	}
	r.before[dataSource] = before.tidy()
	return r.before[dataSource], true, nil
}
