package sandbox

import (
	"encoding/json"
	"net/http"
	"slices"
	"sort"

	"coppice/internal/druid"
)

// Lock is a time-chunk lock of a task.
type Lock struct {
	// TaskID is the task that holds it, and its group.
	TaskID     string
	DataSource string
	Interval   druid.Interval
	// Type is EXCLUSIVE, SHARED, REPLACE or APPEND.
	Type string
	// Version is an instant as text; segments with a later version cannot be written or killed under the lock.
	Version  string
	Priority int
	// Revoked locks stay listed nowhere, and their task cannot finish.
	Revoked bool
}

// storedLock is the JSON of a lock, in the API and in the state.
type storedLock struct {
	Granularity string `json:"granularity"`
	Type        string `json:"type"`
	GroupID     string `json:"groupId"`
	DataSource  string `json:"dataSource"`
	Interval    string `json:"interval"`
	Version     string `json:"version"`
	Priority    int    `json:"priority"`
	Revoked     bool   `json:"revoked"`
}

// MarshalJSON implements json.Marshaler.
func (l *Lock) MarshalJSON() ([]byte, error) {
	return json.Marshal(storedLock{"timeChunk", l.Type, l.TaskID, l.DataSource, l.Interval.String(), l.Version, l.Priority, l.Revoked})
}

// UnmarshalJSON implements json.Unmarshaler.
func (l *Lock) UnmarshalJSON(data []byte) error {
	var stored storedLock
	if err := json.Unmarshal(data, &stored); err != nil {
		return err
	}
	interval, err := druid.ParseInterval(stored.Interval)
	*l = Lock{stored.GroupID, stored.DataSource, interval, stored.Type, stored.Version, stored.Priority, stored.Revoked}
	return err
}

// compatible says whether two locks over common time can be held by different tasks.
func (l *Lock) compatible(held *Lock) bool {
	if held.Revoked || held.TaskID == l.TaskID || held.DataSource != l.DataSource || !held.Interval.Overlaps(l.Interval) {
		return true
	}
	switch {
	case l.Type == "SHARED" && held.Type == "SHARED", l.Type == "APPEND" && held.Type == "APPEND":
		return true
	case l.Type == "REPLACE" && held.Type == "APPEND":
		return l.Interval.Contains(held.Interval)
	case l.Type == "APPEND" && held.Type == "REPLACE":
		return held.Interval.Contains(l.Interval)
	}
	return false
}

// acquire takes a lock unless others are in the way. It revokes those of strictly lower priority, as Druid does, so a
// kill task with a raised priority stops an ingestion.
func (s *Sandbox) acquire(wanted *Lock) bool {
	var inTheWay []*Lock
	for _, held := range s.state.Locks {
		if wanted.compatible(held) {
			continue
		}
		if held.Priority >= wanted.Priority {
			return false
		}
		inTheWay = append(inTheWay, held)
	}
	for _, held := range inTheWay {
		held.Revoked = true
	}
	s.state.Locks = append(s.state.Locks, wanted)
	s.dirty = true
	return true
}

// release drops the locks of a task.
func (s *Sandbox) release(taskID string) {
	s.state.Locks = slices.DeleteFunc(s.state.Locks, func(l *Lock) bool { return l.TaskID == taskID })
	s.dirty = true
}

// Lock starts a task of another kind that holds a lock until EndTask(lock.TaskID, ...). Empty fields get the values of
// an ingestion: type EXCLUSIVE, version now, priority 50, a made-up id. It returns the task's id.
func (s *Sandbox) Lock(lock Lock) (taskID string, err error) {
	err = s.change(func(now druid.Instant) error {
		if lock.Type == "" {
			lock.Type = "EXCLUSIVE"
		}
		if lock.Version == "" {
			lock.Version = now.String()
		}
		if lock.Priority == 0 {
			lock.Priority = 50
		}
		if lock.TaskID == "" {
			lock.TaskID = s.taskName("index_parallel", lock.DataSource, now)
		}
		if err := s.startTask(lock.TaskID, "index_parallel", lock.DataSource, now); err != nil {
			return err
		}
		s.state.Locks = append(s.state.Locks, &lock)
		return nil
	})
	return lock.TaskID, err
}

// lockFilter is one element of the body of the two lock calls.
type lockFilter struct {
	DataSource string                     `json:"datasource"`
	Priority   *int                       `json:"priority"`
	Intervals  []string                   `json:"intervals"`
	Context    map[string]json.RawMessage `json:"context"`
}

// hides is for callers that would append: they are not in the way of other appending tasks.
func (f lockFilter) hides(l *Lock) bool {
	appending := string(f.Context["useConcurrentLocks"]) == "true" || string(f.Context["taskLockType"]) == `"APPEND"`
	return l.Type == "APPEND" && appending
}

// lockFilters reads the body; failed is the answer when there is none.
func (c *call) lockFilters() (filters []lockFilter, failed *answer) {
	if failed := c.decode(&filters); failed != nil {
		return nil, failed
	}
	if len(filters) == 0 {
		a := text(http.StatusBadRequest, "No filter provided")
		return nil, &a
	}
	return filters, nil
}

// held are the locks that a filter asks for: not revoked, of at least its priority.
func (c *call) held(f lockFilter) (locks []*Lock) {
	for _, l := range c.state.Locks {
		if !l.Revoked && l.DataSource == f.DataSource && (f.Priority == nil || l.Priority >= *f.Priority) && !f.hides(l) {
			locks = append(locks, l)
		}
	}
	return locks
}

// lockedIntervals ignores the filter's intervals, as Druid 33 does.
func (c *call) lockedIntervals() answer {
	filters, failed := c.lockFilters()
	if failed != nil {
		return *failed
	}
	found := map[string][]string{}
	for _, f := range filters {
		for _, l := range c.held(f) {
			found[f.DataSource] = append(found[f.DataSource], l.Interval.String())
		}
		sort.Strings(found[f.DataSource])
		if found[f.DataSource] = slices.Compact(found[f.DataSource]); found[f.DataSource] == nil {
			delete(found, f.DataSource)
		}
	}
	return ok(found)
}

// activeLocks honours the filter's intervals: abutting is not overlapping.
func (c *call) activeLocks() answer {
	filters, failed := c.lockFilters()
	if failed != nil {
		return *failed
	}
	found := map[string][]*Lock{}
	for _, f := range filters {
		for _, l := range c.held(f) {
			if f.reaches(l) {
				found[f.DataSource] = append(found[f.DataSource], l)
			}
		}
	}
	return ok(map[string]map[string][]*Lock{"datasourceToLocks": found})
}

func (f lockFilter) reaches(l *Lock) bool {
	if len(f.Intervals) == 0 {
		return true
	}
	return slices.ContainsFunc(f.Intervals, func(text string) bool {
		i, err := druid.ParseInterval(text)
		return err == nil && i.Overlaps(l.Interval)
	})
}
