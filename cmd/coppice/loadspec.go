package main

import (
	"context"
	"sync"

	"coppice/internal/collect"
	"coppice/internal/druid"
)

// loadSpecs notes where the files of segments are while a datasource is read anyhow: the manifest of a deletion says
// so, and the snapshot does not keep it.
type loadSpecs struct {
	within druid.Interval
	mu     sync.Mutex
	byID   map[string]string
}

// listen makes a request that lets the notes be taken.
func (l *loadSpecs) listen(r collect.Request) collect.Request {
	if begin := r.Begin; begin != nil {
		r.Begin = func(ctx context.Context) (collect.View, error) {
			view, err := begin(ctx)
			if err != nil {
				return nil, err
			}
			noted := notedView{view, l}
			if index, ok := view.(collect.Index); ok {
				return notedIndex{index, noted}, nil
			}
			return noted, nil
		}
	}
	if r.Coordinator != nil {
		r.Coordinator = notedCoordinator{r.Coordinator, l}
	}
	return r
}

func (l *loadSpecs) note(data *druid.DataSegment) {
	if data == nil || !l.within.Contains(data.ID.Interval) {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.byID == nil {
		l.byID = map[string]string{}
	}
	l.byID[data.ID.String()] = string(data.LoadSpec)
}

// of is a victim's load spec; without a file it is a tombstone, whether it was seen or not.
func (l *loadSpecs) of(id string, file bool) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if spec := l.byID[id]; spec != "" || file {
		return spec
	}
	return `{"type":"tombstone"}`
}

// notedView passes payloads on, and has them noted.
type notedView struct {
	collect.View
	specs *loadSpecs
}

func (v notedView) Payloads(ctx context.Context, ids []string, visit func(id, payload []byte) error) error {
	return v.View.Payloads(ctx, ids, v.noting(visit))
}

func (v notedView) AllPayloads(ctx context.Context, used bool, visit func(id, payload []byte) error) error {
	return v.View.AllPayloads(ctx, used, v.noting(visit))
}

func (v notedView) PayloadsAt(ctx context.Context, places []uint64, visit func(id, payload []byte) error) error {
	return v.View.PayloadsAt(ctx, places, v.noting(visit))
}

// notedIndex is a notedView that can be read in part.
type notedIndex struct {
	collect.Index
	noted notedView
}

func (v notedIndex) Payloads(ctx context.Context, ids []string, visit func(id, payload []byte) error) error {
	return v.noted.Payloads(ctx, ids, visit)
}

func (v notedIndex) PayloadsAt(ctx context.Context, places []uint64, visit func(id, payload []byte) error) error {
	return v.noted.PayloadsAt(ctx, places, visit)
}

func (v notedIndex) AllPayloads(ctx context.Context, used bool, visit func(id, payload []byte) error) error {
	return v.noted.AllPayloads(ctx, used, visit)
}

// noting leaves payloads that cannot be read to whoever asked for them.
func (v notedView) noting(visit func(id, payload []byte) error) func(id, payload []byte) error {
	return func(id, payload []byte) error {
		if data, err := druid.ParseDataSegment(payload); err == nil && data.ID.String() == string(id) {
			v.specs.note(&data)
		}
		return visit(id, payload)
	}
}

// notedCoordinator passes unused segments on, and has them noted.
type notedCoordinator struct {
	collect.Coordinator
	specs *loadSpecs
}

func (c notedCoordinator) Unused(ctx context.Context, datasource string, asked druid.Instant, row func(*druid.SegmentRecord) error,
	odd func(druid.OddRecord) error) error {
	return c.Coordinator.Unused(ctx, datasource, asked, func(r *druid.SegmentRecord) error {
		c.specs.note(r.Data)
		return row(r)
	}, odd)
}
