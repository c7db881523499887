package collect

import (
	"cmp"
	"context"
	"errors"
)

// beside is a second view of the same moment, which is opened while the first one reads other things. Nil is none.
type beside struct {
	opened chan struct{}
	// view is nil where it could not be opened.
	view Index
}

// manyDataSources are worth a second connection.
const manyDataSources = 20

func (s *Session) many() int { return cmp.Or(s.request.Many, manyDataSources) }

// openBeside begins to open a second view where there is much to divide. Where there is none, on a replica for instance, all
// is read through the first.
func (s *Session) openBeside(ctx context.Context, index Index) *beside {
	if s.request.BeginAt == nil || len(s.builders) < s.many() {
		return nil
	}
	moment, err := index.Export(ctx)
	if err != nil {
		s.log.Debug("there is no second view", "reason", err)
		return nil
	}
	b := &beside{opened: make(chan struct{})}
	go func() {
		defer close(b.opened)
		var err error
		if b.view, err = s.steeredAt(ctx, moment); err != nil {
			s.log.Debug("there is no second view", "reason", err)
		}
	}()
	return b
}

func (s *Session) steeredAt(ctx context.Context, moment string) (Index, error) {
	view, err := s.request.BeginAt(ctx, moment)
	if err != nil {
		return nil, err
	}
	index, ok := view.(Index)
	if !ok {
		return nil, errors.Join(errors.New("it cannot be read in part"), view.Close())
	}
	if err := index.Steer(ctx, true); err != nil {
		return nil, errors.Join(err, view.Close())
	}
	return index, nil
}

// index waits for the view; it is nil when there is none.
func (b *beside) index() Index {
	if b == nil {
		return nil
	}
	<-b.opened
	return b.view
}

func (b *beside) close() error {
	if index := b.index(); index != nil {
		return index.Close()
	}
	return nil
}
