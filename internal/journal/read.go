package journal

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"coppice/executor"
	"coppice/internal/druid"
	"coppice/internal/plan"
)

// State is what the journal tells of all applies so far, oldest first.
type State struct {
	Applies []*Past
	// Torn is how many bytes of a line a crash left behind; they were never acknowledged, so nothing followed from them.
	Torn int64
	// last is the newest sequence number, size the length without the torn line.
	last, size int64
}

// Past is one apply, with all runs that resumed it.
type Past struct {
	ID string
	// Plan is the digest of its plan; see Journal.Plan.
	Plan    string
	BeganAt druid.Instant
	// LastAt is the time of its newest record.
	LastAt druid.Instant
	// By is who began it; empty in journals of earlier versions.
	By By
	// Ended: its newest run came to its end; Complete: with nothing left that a resumed run could do.
	Ended, Complete bool
	// Resume is for the executor.
	Resume executor.Resume
	kills  []sentKill
	begun  begun
}

// Tasks are the ids of kill tasks that were announced or submitted and whose end is not on record.
func (p *Past) Tasks() []string {
	var tasks []string
	for _, id := range slices.Sorted(maps.Keys(p.Resume.Actions)) {
		progress := p.Resume.Actions[id]
		if progress.Task != "" && (progress.Outcome == "" || progress.Outcome == executor.Unknown) {
			tasks = append(tasks, progress.Task)
		}
	}
	return tasks
}

// Began reports whether any of its actions was begun.
func (p *Past) Began() bool {
	for _, progress := range p.Resume.Actions {
		if progress.Started {
			return true
		}
	}
	return false
}

// AtWork are the kill tasks whose end is not on record.
func (p *Past) AtWork() []Kill {
	tasks := p.Tasks()
	var list []Kill
	for _, k := range p.kills {
		if slices.Contains(tasks, k.Task) {
			list = append(list, k.Kill)
		}
	}
	return list
}

// PlanOf reads the copy of the plan that an apply of a state directory was begun with. The lock is not needed.
func PlanOf(folder string, past *Past) (*plan.Plan, error) {
	if !plainName(past.Plan) {
		return nil, fmt.Errorf("plan digest %q of apply %s is no digest", past.Plan, past.ID)
	}
	return ReadPlan(filepath.Join(folder, plansName, past.Plan+".json"))
}

// Unfinished is the newest apply when something of it is left to do, else nil. An older one that was left behind for a
// new plan is not taken up again.
func (s *State) Unfinished() *Past {
	if len(s.Applies) == 0 {
		return nil
	}
	if last := s.Applies[len(s.Applies)-1]; !last.Complete {
		return last
	}
	return nil
}

// Read reads the journal of a state directory without taking its lock. A directory without a journal has no applies.
func Read(folder string) (*State, error) {
	file, err := os.Open(filepath.Join(folder, journalName))
	if errors.Is(err, os.ErrNotExist) {
		return &State{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read journal: %w", err)
	}
	state, err := readState(file)
	if err = closeAfter(err, file); err != nil {
		return nil, fmt.Errorf("read journal %s: %w", file.Name(), err)
	}
	return state, nil
}

// readState folds the lines. The last line is torn when it has no newline, or holds the zeros of a block that a power
// cut kept from being written; any other damage is an error, since a record is missing that something followed from.
func readState(source io.Reader) (*State, error) {
	state := &State{}
	lines := bufio.NewReader(source)
	for {
		line, err := lines.ReadBytes('\n')
		if err == io.EOF {
			state.Torn += int64(len(line))
			return state, nil
		}
		if err != nil {
			return nil, err
		}
		if _, err := lines.Peek(1); err == io.EOF && bytes.IndexByte(line, 0) >= 0 {
			state.Torn += int64(len(line))
			return state, nil
		}
		if err := state.add(line[:len(line)-1]); err != nil {
			return nil, fmt.Errorf("record %d: %w", state.last+1, err)
		}
		state.size += int64(len(line))
	}
}

func (s *State) add(line []byte) error {
	e, err := decodeLine(line)
	if err != nil {
		return err
	}
	if e.Seq != s.last+1 {
		return fmt.Errorf("%w: it has number %d", errDamaged, e.Seq)
	}
	s.last = e.Seq
	past := s.find(e)
	past.LastAt = e.Time
	return past.add(e)
}

// find looks from the newest apply back, and adds an unknown one.
func (s *State) find(e entry) *Past {
	for i := len(s.Applies) - 1; i >= 0; i-- {
		if s.Applies[i].ID == e.Apply {
			return s.Applies[i]
		}
	}
	past := &Past{ID: e.Apply, Plan: e.Plan, BeganAt: e.Time}
	s.Applies = append(s.Applies, past)
	return past
}

// add takes one entry into account. Kinds of a newer version are passed over.
func (p *Past) add(e entry) error {
	p.Ended = e.Kind == string(executor.StepEnd)
	if e.Kind == kindBegin || e.Kind == kindResume || len(e.Payload) == 0 {
		p.Complete = false
		if e.Kind == kindBegin && len(e.Payload) > 0 {
			if err := json.Unmarshal(e.Payload, &p.begun); err != nil {
				return fmt.Errorf("%w: %w", errDamaged, err)
			}
			p.By = p.begun.By
		}
		return nil
	}
	var record executor.Record
	if err := json.Unmarshal(e.Payload, &record); err != nil {
		return fmt.Errorf("%w: %w", errDamaged, err)
	}
	record.At, record.Step, record.Action = e.Time, executor.Step(e.Kind), e.Action
	p.Complete = p.Ended && record.Complete
	p.Resume.Add(record)
	p.addKill(record)
	return nil
}
