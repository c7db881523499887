package sandbox

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"coppice/internal/druid"
)

// Options are the settings of a sandbox. The zero value is a Druid 33.0.0 with one tier, on the machine's clock.
type Options struct {
	// Clock gives the present moment; nil means the machine's clock. Nothing else in the package looks at a clock.
	Clock func() druid.Instant
	// PollPeriod is the time between two polls of the segments table, DutyPeriod between two rule runs. Zero means one
	// and two seconds. Both happen on the first request after they are due.
	PollPeriod, DutyPeriod time.Duration
	// TaskTime is how long a kill task stays RUNNING before it has deleted. Zero: until the next request.
	TaskTime time.Duration
	// Capacity is the number of task slots; zero means 3.
	Capacity int
	// Version is what /status answers; empty means 33.0.0.
	Version string
	// Tiers are the tiers with a live Historical; nil means only _default_tier.
	Tiers []string
	// Properties are added to what /status/properties answers, such as druid.coordinator.kill.on.
	Properties map[string]string
}

// Sandbox is one running cluster. Its methods may be called from several goroutines.
type Sandbox struct {
	options Options
	dir     string
	lock    *os.File

	mu     sync.Mutex
	state  *state
	dirty  bool
	closed bool
	faults []*Fault
	// What a Coordinator has in memory only.
	view     *view
	replicas map[string]int
	served   map[string]bool
	nextPoll druid.Instant
}

// ErrInUse is returned (wrapped) by Open when another process, or another Sandbox of this one, has the directory.
var ErrInUse = errors.New("the sandbox is in use by another process")

// ErrClosed is returned by the methods of a closed sandbox.
var ErrClosed = errors.New("the sandbox is closed")

// Open opens the sandbox of a directory, creating both when absent. A new one is empty: no segments, and the default
// rule that a first start of Druid writes. Close it, or the directory stays locked until the process ends.
func Open(dir string, options Options) (*Sandbox, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("open sandbox: %w", err)
	}
	if err := os.MkdirAll(filepath.Join(dir, deepStorage), 0o755); err != nil {
		return nil, fmt.Errorf("open sandbox: %w", err)
	}
	lock, err := lockDirectory(dir)
	if err != nil {
		return nil, fmt.Errorf("open sandbox %s: %w", dir, err)
	}
	s := &Sandbox{options: options.withDefaults(), dir: dir, lock: lock}
	s.nextPoll = druid.MinInstant
	if s.state, err = loadState(dir, s.options.Clock()); err != nil {
		return nil, errors.Join(fmt.Errorf("open sandbox %s: %w", dir, err), lock.Close())
	}
	return s, nil
}

func (o Options) withDefaults() Options {
	if o.Clock == nil {
		o.Clock = func() druid.Instant { return druid.InstantOf(time.Now()) }
	}
	if o.PollPeriod <= 0 {
		o.PollPeriod = time.Second
	}
	if o.DutyPeriod <= 0 {
		o.DutyPeriod = 2 * time.Second
	}
	if o.Capacity <= 0 {
		o.Capacity = 3
	}
	if o.Version == "" {
		o.Version = "33.0.0"
	}
	if o.Tiers == nil {
		o.Tiers = []string{defaultTier}
	}
	return o
}

// Close writes the state and lets the directory go. A second Close does nothing.
func (s *Sandbox) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	err := s.save()
	return errors.Join(err, unlock(s.lock))
}

// Empty reports whether the sandbox has never held a segment, a rule of its own or a task.
func (s *Sandbox) Empty() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.state
	return len(st.Segments) == 0 && len(st.Tasks) == 0 && len(st.Audit) == 0
}

// Tick polls segments, runs the duties once and moves tasks on, due or not.
func (s *Sandbox) Tick() error {
	return s.change(func(now druid.Instant) error {
		s.progressTasks(now)
		s.poll(now)
		s.runDuties(now)
		s.progressTasks(now)
		return nil
	})
}

// change runs f under the lock with the present moment, and saves.
func (s *Sandbox) change(f func(now druid.Instant) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrClosed
	}
	if err := f(s.options.Clock()); err != nil {
		return err
	}
	s.dirty = true
	return s.save()
}

// Handler answers Druid's paths.
func (s *Sandbox) Handler() http.Handler { return http.HandlerFunc(s.serve) }
