package collect

import (
	"cmp"
	"context"
	"errors"
	"sync/atomic"
	"time"

	"coppice/internal/druid"
)

// beside is a second view of the same moment, which is opened, and reads rules and claims, while the first one names
// datasources. Nil is none.
type beside struct {
	// stored gives the rules, unless they could not be read.
	stored chan map[string][]druid.RuleRecord
	done   chan struct{}
	// end gives the view up, if it is still being opened.
	end context.CancelFunc
	// view is nil where it could not be opened or read; then all is read through the first one.
	view   Index
	claims []druid.Claim
	// claimsErr says that claims are not complete.
	claimsErr error
}

// longestOpening is how long the first view waits for the second one: behind a pool that has one connection to the server left, it would
// wait for itself.
const longestOpening = 5 * time.Second

// manyDataSources are worth dividing between two views.
const manyDataSources = 20

func (s *Session) many() int { return cmp.Or(s.request.Many, manyDataSources) }

// openBeside begins to open a second view. There is none on a replica, for instance, or for one datasource.
func (s *Session) openBeside(ctx context.Context, index Index) *beside {
	if s.request.BeginAt == nil || s.only != "" {
		return nil
	}
	moment, err := index.Export(ctx)
	if err != nil {
		s.log.Debug("there is no second view", "reason", err)
		return nil
	}
	within, end := context.WithCancel(ctx)
	b := &beside{stored: make(chan map[string][]druid.RuleRecord, 1), done: make(chan struct{}), end: end}
	go func() {
		defer close(b.done)
		defer close(b.stored)
		if err := b.open(within, s, moment); err != nil {
			s.log.Debug("there is no second view", "reason", err)
		}
	}()
	return b
}

func (b *beside) open(ctx context.Context, s *Session, moment string) error {
	view, err := b.begin(ctx, s, moment)
	if err != nil {
		return err
	}
	index, ok := view.(Index)
	if !ok {
		return errors.Join(errors.New("it cannot be read in part"), view.Close())
	}
	stored, err := s.rulesIn(ctx, view)
	if err == nil {
		b.stored <- stored
		err = index.Steer(ctx, true)
	}
	if err != nil {
		return errors.Join(err, view.Close())
	}
	b.claims, b.claimsErr = index.Claims(ctx)
	b.view = index
	return nil
}

// begin opens the view, in good time or not at all.
func (b *beside) begin(ctx context.Context, s *Session, moment string) (View, error) {
	var settled atomic.Bool
	waiting, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		if s.request.Sleep(waiting, longestOpening) == nil && settled.CompareAndSwap(false, true) {
			b.end()
		}
	}()
	view, err := s.request.BeginAt(ctx, moment)
	if err == nil && !settled.CompareAndSwap(false, true) {
		return nil, errors.Join(errors.New("it took too long to open"), view.Close())
	}
	return view, err
}

// rules waits for the rules; ok is false when they are to be read through the first view.
func (b *beside) rules() (stored map[string][]druid.RuleRecord, ok bool) {
	if b == nil {
		return nil, false
	}
	stored, ok = <-b.stored
	return stored, ok
}

// index waits for the view; it is nil when there is none.
func (b *beside) index() Index {
	if b == nil {
		return nil
	}
	<-b.done
	return b.view
}

func (b *beside) close() error {
	if b != nil {
		defer b.end()
	}
	if index := b.index(); index != nil {
		return index.Close()
	}
	return nil
}
