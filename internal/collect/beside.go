package collect

import (
	"cmp"
	"context"
	"errors"

	"coppice/internal/druid"
)

// beside is a second view of the same moment, which is opened, and reads what does not depend on rules, while the first one
// reads those. Nil is none.
type beside struct {
	done chan struct{}
	// view is nil where it could not be opened or read; then all is read through the first one.
	view   Index
	names  []string
	claims []druid.Claim
	// claimsErr says that claims are not complete.
	claimsErr error
}

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
	b := &beside{done: make(chan struct{})}
	go func() {
		defer close(b.done)
		if err := b.open(ctx, s.request.BeginAt, moment); err != nil {
			s.log.Debug("there is no second view", "reason", err)
		}
	}()
	return b
}

func (b *beside) open(ctx context.Context, begin func(context.Context, string) (View, error), moment string) error {
	view, err := begin(ctx, moment)
	if err != nil {
		return err
	}
	index, ok := view.(Index)
	if !ok {
		return errors.Join(errors.New("it cannot be read in part"), view.Close())
	}
	if b.names, err = index.Datasources(ctx); err == nil {
		err = index.Steer(ctx, true)
	}
	if err != nil {
		return errors.Join(err, view.Close())
	}
	b.claims, b.claimsErr = index.Claims(ctx)
	b.view = index
	return nil
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
	if index := b.index(); index != nil {
		return index.Close()
	}
	return nil
}
