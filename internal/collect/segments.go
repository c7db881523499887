package collect

import (
	"context"
	"slices"

	"coppice/internal/druid"
	"coppice/internal/parallel"
)

// readSegments takes the store's rows where there is a store, and the API's lists otherwise.
func (s *Session) readSegments(ctx context.Context) error {
	var only []string
	if s.only != "" {
		only = []string{s.only}
	}
	if s.view == nil {
		return s.listSegments(ctx, only)
	}
	payloads, err := s.withPayloads(ctx)
	if err != nil {
		return err
	}
	if err := s.view.Segments(ctx, only, payloads, s.add, s.odd); err != nil {
		return err
	}
	for _, b := range s.builders {
		b.unusedKnown = true
	}
	s.noteRest()
	return nil
}

// withPayloads names the datasources whose unused rows are read together with their payloads, where the names can be had cheaply.
func (s *Session) withPayloads(ctx context.Context) ([]string, error) {
	if s.request.Payloads == nil {
		return nil, nil
	}
	if s.only != "" {
		return s.payloadsOf([]string{s.only}), nil
	}
	index, ok := s.view.(Index)
	if ok {
		var err error
		if ok, err = index.Indexed(ctx); err != nil {
			return nil, err
		}
	}
	if !ok {
		return nil, nil
	}
	names, err := index.Datasources(ctx)
	return s.payloadsOf(names), err
}

func (s *Session) payloadsOf(names []string) []string {
	return slices.DeleteFunc(names, func(name string) bool { return !s.request.Payloads(name) })
}

func (s *Session) add(r *druid.SegmentRecord) error {
	s.builder(r.ID.DataSource).add(r)
	return nil
}

func (s *Session) odd(o druid.OddRecord) error {
	if o.DataSource == "" {
		s.gap(gapRow, o.ID+": "+o.Reason)
		return nil
	}
	s.builder(o.DataSource).odd(o)
	return nil
}

// listSegments reads the used list first and the unused ones after it: a segment that is marked in between is in both
// and kept, where in the other order it would be in neither.
func (s *Session) listSegments(ctx context.Context, only []string) error {
	if err := s.listUsed(ctx, only); err != nil {
		return err
	}
	if err := s.chooseAsked(ctx); err != nil {
		return err
	}
	// The builders are made before, so that each goroutine touches its own only.
	builders, errs := make([]*builder, len(s.asked)), make([]error, len(s.asked))
	for i, name := range s.asked {
		builders[i] = s.builder(name)
	}
	parallel.Each(len(s.asked), workers, func(i int) { errs[i] = s.readUnused(ctx, builders[i]) })
	for i, b := range builders {
		if errs[i] != nil {
			s.gapOf(b.name, gapUnused, errs[i].Error())
		}
		if b.rows.rows.count == 0 && len(b.gaps) == 0 {
			delete(s.builders, b.name) // asked for, but nothing is there; it may have rules
			s.noteBare(b)
		}
	}
	return ctx.Err()
}

// noteRest remembers that the store has no row of any datasource besides those with one, as far as it was asked.
func (s *Session) noteRest() { s.allListed, s.bare = s.only == "", map[string]bool{s.only: true} }

// noteBare remembers that nothing of a datasource is there, where that is known.
func (s *Session) noteBare(b *builder) {
	if s.bare == nil {
		s.bare = map[string]bool{}
	}
	s.bare[b.name] = b.unusedKnown
}

// listUsed takes the Coordinator's list, which may be a poll old, or much older while its view stands still. Of one
// datasource, which is read before something is deleted, it asks for what is used now.
func (s *Session) listUsed(ctx context.Context, only []string) error {
	if len(only) == 0 {
		return s.request.Coordinator.Used(ctx, only, s.add, s.odd)
	}
	return s.request.Coordinator.UsedNow(ctx, only[0], druid.Eternity, s.add, s.odd)
}

// chooseAsked settles whose unused segments are listed.
func (s *Session) chooseAsked(ctx context.Context) error {
	s.asked = slices.Clone(s.request.Datasources)
	if s.asked == nil || s.request.Also != nil {
		names, err := s.request.Coordinator.Datasources(ctx)
		if err != nil {
			s.gap(gapNames, err.Error())
		}
		for name := range s.builders {
			names = append(names, name)
		}
		s.asked = append(s.asked, s.request.chosen(names)...)
	}
	slices.Sort(s.asked)
	s.asked = slices.Compact(s.asked)
	return ctx.Err()
}

// chosen are those of the cluster's datasources that are asked for beside the named ones.
func (r *Request) chosen(names []string) []string {
	if r.Datasources == nil {
		return names
	}
	return slices.DeleteFunc(names, func(name string) bool { return r.Also == nil || !r.Also(name) })
}

// readUnused adds a datasource's unused rows. A list that could not be read to its end is not used at all.
func (s *Session) readUnused(ctx context.Context, b *builder) error {
	before := b.rows.rows.count
	err := s.request.Coordinator.Unused(ctx, b.name, s.request.Now(), func(r *druid.SegmentRecord) error {
		b.add(r)
		return nil
	}, func(o druid.OddRecord) error {
		b.odd(o)
		return nil
	})
	if b.unusedKnown = err == nil; err != nil {
		b.rows.cut(before)
	}
	return err
}
