package journal

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"coppice/internal/druid"
	"coppice/internal/plan"
)

// Names inside the state directory.
const (
	lockName     = "lock"
	journalName  = "journal.jsonl"
	plansName    = "plans"
	manifestName = "manifests"
	baselineName = "baselines"
)

// Journal is the state directory, held by this process alone until Close.
type Journal struct {
	folder string
	disk   disk
	held   io.Closer
	file   appender
	state  *State
	// broken is the first error of writing. After it nothing is written, since half a line may be there.
	broken error
}

// Open makes the state directory when there is none, takes its lock (else *LockedError), reads the journal and cuts a
// torn last line off.
func Open(folder string, now druid.Instant) (*Journal, error) {
	return open(folder, now, realDisk{})
}

func open(folder string, now druid.Instant, d disk) (*Journal, error) {
	if err := d.makeFolder(folder); err != nil {
		return nil, fmt.Errorf("make state directory: %w", err)
	}
	held, err := lock(filepath.Join(folder, lockName), now)
	if err != nil {
		return nil, fmt.Errorf("lock state directory: %w", err)
	}
	j := &Journal{folder: folder, disk: d, held: held}
	if j.state, err = Read(folder); err != nil {
		return nil, closeAfter(err, held)
	}
	if j.file, err = d.appendTo(filepath.Join(folder, journalName), j.state.size); err != nil {
		return nil, closeAfter(fmt.Errorf("open journal: %w", err), held)
	}
	return j, nil
}

// closeAfter closes on the way out of a function and keeps both errors; without any it is nil.
func closeAfter(err error, c io.Closer) error { return errors.Join(err, c.Close()) }

// State is what was found when the directory was opened. It belongs to the journal.
func (j *Journal) State() *State { return j.state }

// Close lets others in.
func (j *Journal) Close() error { return errors.Join(j.file.Close(), j.held.Close()) }

// Plan reads the copy of a plan that an apply was begun with, by its digest.
func (j *Journal) Plan(digest string) (*plan.Plan, error) {
	path, err := j.planPath(digest)
	if err != nil {
		return nil, err
	}
	return ReadPlan(path)
}

func (j *Journal) planPath(digest string) (string, error) {
	if !plainName(digest) {
		return "", fmt.Errorf("plan digest %q is no digest", digest)
	}
	return filepath.Join(j.folder, plansName, digest+".json"), nil
}

// plainName: the name stays inside the folder it is put into.
func plainName(name string) bool {
	return name != "" && !strings.HasPrefix(name, ".") && !strings.ContainsAny(name, `/\`+"\x00")
}

// Begin starts a new apply of an encoded plan: its copy and the first record are on disk when Begin returns.
func (j *Journal) Begin(document []byte, now druid.Instant) (*Apply, error) {
	return j.BeginBy(document, now, By{})
}

// By is on whose behalf an apply was begun.
type By struct {
	// Author is who Druid's audit history names; Commit is the configuration's, empty when not known.
	Author string `json:"author,omitempty"`
	Commit string `json:"commit,omitempty"`
}

// begun is what the first record of an apply says besides its plan.
type begun struct {
	By
	// Cluster is what the plan is for, Holds those that the next plan has to know of. Without a cluster, in journals of
	// earlier versions, nothing is known of holds.
	Cluster string      `json:"cluster,omitempty"`
	Holds   []plan.Hold `json:"holds,omitempty"`
}

// BeginBy is Begin, with whose apply it is on record.
func (j *Journal) BeginBy(document []byte, now druid.Instant, by By) (*Apply, error) {
	p, err := plan.Decode(document)
	if err != nil {
		return nil, fmt.Errorf("begin apply: %w", err)
	}
	path, err := j.planPath(p.Digest)
	if err != nil {
		return nil, fmt.Errorf("begin apply: %w", err)
	}
	if err := j.disk.makeFolder(filepath.Dir(path)); err != nil {
		return nil, fmt.Errorf("begin apply: %w", err)
	}
	if err := j.disk.replaceFile(path, document); err != nil {
		return nil, fmt.Errorf("begin apply: keep a copy of the plan: %w", err)
	}
	a := &Apply{journal: j, id: j.nextID(now), plan: p.Digest}
	payload, err := json.Marshal(begun{by, p.Cluster.Name, p.Remembered()})
	if err != nil {
		return nil, fmt.Errorf("begin apply: %w", err)
	}
	if err := j.write(entry{Time: now, Apply: a.id, Plan: a.plan, Kind: kindBegin, Payload: payload}); err != nil {
		return nil, fmt.Errorf("begin apply: %w", err)
	}
	return a, nil
}

// nextID is the time, for people, and the number of its first record, which no other apply of this journal has.
func (j *Journal) nextID(now druid.Instant) string {
	return fmt.Sprintf("%s-%d", strings.NewReplacer("-", "", ":", "", ".", "").Replace(now.String()), j.state.last+1)
}

// Resume goes on with an apply that State.Unfinished returned; what it did so far is in its Resume.
func (j *Journal) Resume(past *Past, now druid.Instant) (*Apply, error) {
	a := &Apply{journal: j, id: past.ID, plan: past.Plan}
	if err := j.write(entry{Time: now, Apply: a.id, Plan: a.plan, Kind: kindResume}); err != nil {
		return nil, fmt.Errorf("resume apply: %w", err)
	}
	return a, nil
}

// write appends one line and returns when it is on disk.
func (j *Journal) write(e entry) error {
	if j.broken != nil {
		return fmt.Errorf("the journal could not be written before: %w", j.broken)
	}
	e.Seq = j.state.last + 1
	line, err := e.encode()
	if err != nil {
		return err
	}
	n, err := j.file.Write(line)
	if err == nil && n < len(line) {
		err = io.ErrShortWrite
	}
	if err == nil {
		err = j.file.Sync()
	}
	if err != nil {
		j.broken = err
		return err
	}
	j.state.last++
	return nil
}
