package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"coppice/internal/druid"
)

const (
	stateFile     = "state.json"
	stateFormat   = 1
	deepStorage   = "deep-storage"
	defaultKey    = "_default"
	defaultTier   = "_default_tier"
	defaultRules  = `[{"tieredReplicants":{"_default_tier":2},"useDefaultTierForNull":true,"type":"loadForever"}]`
	rulesAudit    = "rules"
	configAudit   = "coordinator.config"
	catchUpRounds = 8
)

// state is what Druid's metadata store and the Overlord's task storage hold.
type state struct {
	Format int `json:"format"`
	// LeaderSince is when the Coordinator became leader. It survives a restart: a sandbox behaves as a cluster that was
	// up all the time and is caught up with when somebody looks.
	LeaderSince int64 `json:"leader_since"`
	// LastRunStart and LastRunEnd are of the rule run; End stands still when a run dies of a bad rule.
	LastRunStart int64 `json:"last_run_start"`
	LastRunEnd   int64 `json:"last_run_end"`
	// Serial makes generated ids differ.
	Serial int `json:"serial"`

	Rules    map[string]json.RawMessage `json:"rules"`
	Config   dynamicConfig              `json:"config"`
	Audit    []auditEntry               `json:"audit"`
	Segments []*row                     `json:"segments"`
	Tasks    []*task                    `json:"tasks"`
	Locks    []*Lock                    `json:"locks"`

	// index finds rows by datasource and id; made on loading.
	index map[string]map[string]*row
}

func newState(now druid.Instant) *state {
	return &state{
		Format:      stateFormat,
		LeaderSince: int64(now), LastRunStart: int64(now), LastRunEnd: int64(now),
		Rules:  map[string]json.RawMessage{defaultKey: json.RawMessage(defaultRules)},
		Config: firstConfig(),
		index:  map[string]map[string]*row{},
	}
}

func loadState(dir string, now druid.Instant) (*state, error) {
	data, err := os.ReadFile(filepath.Join(dir, stateFile))
	if errors.Is(err, fs.ErrNotExist) {
		return newState(now), nil
	}
	if err != nil {
		return nil, err
	}
	st := newState(now)
	if err := json.Unmarshal(data, st); err != nil {
		return nil, fmt.Errorf("read %s: %w", stateFile, err)
	}
	if st.Format != stateFormat {
		return nil, fmt.Errorf("read %s: format %d, but this version reads format %d", stateFile, st.Format, stateFormat)
	}
	for _, r := range st.Segments {
		if err := r.settle(); err != nil {
			return nil, fmt.Errorf("read %s: segment %s: %w", stateFile, r.ID, err)
		}
		st.register(r)
	}
	return st, nil
}

// save writes the state if it changed since the last time.
func (s *Sandbox) save() error {
	if !s.dirty {
		return nil
	}
	data, err := json.Marshal(s.state)
	if err == nil {
		err = replaceFile(filepath.Join(s.dir, stateFile), data)
	}
	if err != nil {
		return fmt.Errorf("save sandbox: %w", err)
	}
	s.dirty = false
	return nil
}

func (st *state) register(r *row) {
	if st.index[r.DataSource] == nil {
		st.index[r.DataSource] = map[string]*row{}
	}
	st.index[r.DataSource][r.ID] = r
}

func (st *state) find(dataSource, id string) *row { return st.index[dataSource][id] }

// rows returns the rows of one datasource in the order of insertion, as PostgreSQL mostly does without ORDER BY.
func (st *state) rows(dataSource string) []*row {
	var found []*row
	for _, r := range st.Segments {
		if r.DataSource == dataSource {
			found = append(found, r)
		}
	}
	return found
}

// remove deletes rows from the table.
func (st *state) remove(gone map[*row]bool) {
	var kept []*row
	for _, r := range st.Segments {
		if gone[r] {
			delete(st.index[r.DataSource], r.ID)
			continue
		}
		kept = append(kept, r)
	}
	st.Segments = kept
}

// nextSerial returns a number that no earlier call returned.
func (st *state) nextSerial() int {
	st.Serial++
	return st.Serial
}
