package collect

import (
	"context"
	"fmt"
	"slices"

	"coppice/internal/druid"
	"coppice/internal/parallel"
	"coppice/internal/snapshot"
)

// Want names rows whose payload details the planner needs, by their index in Segments.
type Want struct {
	Datasource *snapshot.Datasource
	Indexes    []int32
}

// batch is how many ids are asked for at once: many enough to be cheap, few enough to be held.
var batch = 10_000

// Fill reads the payload details of rows that do not have them. A row whose payload cannot be read, or belongs to
// another segment than its columns say, is flagged odd and named in a gap. Over HTTP all details are there already.
// The order of rows does not change; the error means that details are incomplete.
func (s *Session) Fill(ctx context.Context, wants []Want) error {
	if s.view == nil {
		return nil
	}
	defer s.forgetPlaces()
	f := newFiller(wants)
	if len(f.wanted.rows) == 0 {
		return nil
	}
	for _, used := range []bool{true, false} {
		if err := s.fillState(ctx, f, used); err != nil {
			return fmt.Errorf("read payloads: %w", err)
		}
	}
	f.finish()
	return nil
}

// forgetPlaces leaves nothing in rows without details that only this view understands.
func (s *Session) forgetPlaces() {
	for _, d := range s.Cluster.Datasources {
		for i := range d.Segments {
			if row := &d.Segments[i]; !row.Has(snapshot.Details) {
				row.File = 0
			}
		}
	}
}

// fillState reads the payloads of used or of unused rows: those of one state are often wanted together.
func (s *Session) fillState(ctx context.Context, f *filler, used bool) error {
	rows, total := f.ofState(used), s.rowsOfState(used)
	s.log.Debug("reading payloads", "used", used, "rows", len(rows), "of", total)
	switch {
	case len(rows) == 0:
		return nil
	case !s.partly() && s.view.PassPays(ctx, len(rows), total):
		return s.view.AllPayloads(ctx, used, f.take)
	}
	return f.batches(ctx, s.view, rows)
}

func (s *Session) rowsOfState(used bool) int {
	total := 0
	for _, d := range s.Cluster.Datasources {
		for i := range d.Segments {
			if d.Segments[i].Has(snapshot.Used) == used {
				total++
			}
		}
	}
	return total
}

// filler knows what is wanted of each datasource.
type filler struct {
	shares []filling
	wanted wantedRows
	reader druid.SegmentReader
}

// filling is one datasource's share.
type filling struct {
	datasource *snapshot.Datasource
	shards     *shardTable
}

func newFiller(wants []Want) *filler {
	f := &filler{}
	most := 0
	for _, want := range wants {
		most += len(want.Indexes)
	}
	f.wanted.makeRoom(most)
	numbers := make(map[*snapshot.Datasource]int32, len(wants))
	for _, want := range wants {
		d := want.Datasource
		share, ok := numbers[d]
		if !ok {
			share = f.wanted.datasource(d)
			numbers[d], f.shares = share, append(f.shares, filling{d, newShardTable(d.Shards)})
		}
		for _, index := range want.Indexes {
			if !d.Segments[index].Has(snapshot.Details) {
				f.wanted.add(share, index)
			}
		}
	}
	return f
}

// ofState are the wanted rows that are used, or those that are not.
func (f *filler) ofState(used bool) []wantedRow {
	var rows []wantedRow
	for _, at := range f.wanted.rows {
		if f.shares[at.share].datasource.Segments[at.index].Has(snapshot.Used) == used {
			rows = append(rows, at)
		}
	}
	return rows
}

// batches asks for rows at their places where these are known, and for what is left by ids. Places may bring others too: those of a
// partitioned table name a row in each partition.
func (f *filler) batches(ctx context.Context, view View, rows []wantedRow) error {
	for part := range slices.Chunk(rows, batch) {
		var places []uint64
		for _, at := range part {
			if row := f.row(at); row.File > 0 && !row.Has(snapshot.Details) {
				places = append(places, row.File)
			}
		}
		if len(places) > 0 {
			if err := view.PayloadsAt(ctx, places, f.take); err != nil {
				return err
			}
		}
		if err := f.byID(ctx, view, part); err != nil {
			return err
		}
	}
	return nil
}

// byID asks for rows that have no details by ids, sorted: neighbours in the index are cheap.
func (f *filler) byID(ctx context.Context, view View, rows []wantedRow) error {
	var ids []string
	for _, at := range rows {
		if row := f.row(at); !row.Has(snapshot.Details) {
			ids = append(ids, f.shares[at.share].datasource.ID(row).String())
		}
	}
	if len(ids) == 0 {
		return nil
	}
	slices.Sort(ids)
	return view.Payloads(ctx, ids, f.take)
}

func (f *filler) row(at wantedRow) *snapshot.Segment {
	return &f.shares[at.share].datasource.Segments[at.index]
}

// take puts one payload where it belongs. A payload that says it is another segment than its row's id goes nowhere, so
// its row stays without details and becomes odd.
func (f *filler) take(id, payload []byte) error {
	at, ok := f.wanted.find(id)
	if !ok {
		return nil
	}
	share := &f.shares[at.share]
	row := &share.datasource.Segments[at.index]
	f.reader.Expected = share.datasource.ID(row)
	data, err := f.reader.Read(payload)
	if err == nil && data.ID == f.reader.Expected {
		share.shards.fill(row, &data)
	}
	return nil
}

// finish makes what was not found odd, and brings the interned lists into order.
func (f *filler) finish() {
	for _, at := range f.wanted.rows {
		d := f.shares[at.share].datasource
		if row := &d.Segments[at.index]; !row.Has(snapshot.Details) {
			row.Flags |= snapshot.Odd
			d.Gaps = append(d.Gaps, snapshot.Gap{What: gapRow, Why: d.ID(row).String() + ": its payload cannot be read or does not fit its columns",
				Interval: row.Interval})
		}
	}
	parallel.Each(len(f.shares), workers, func(n int) {
		share := f.shares[n]
		share.datasource.Shards = share.shards.list
		share.datasource.Finish()
	})
}

// LoadSpecs returns the loadSpec, as Druid wrote it, of those of the segments that are there now: for the manifest of
// what is about to be deleted, all of one datasource.
func (s *Session) LoadSpecs(ctx context.Context, dataSource string, ids []string) (map[string]string, error) {
	specs := make(map[string]string, len(ids))
	var err error
	if s.view != nil {
		err = s.storedSpecs(ctx, ids, specs)
	} else {
		err = s.servedSpecs(ctx, dataSource, ids, specs)
	}
	if err != nil {
		return nil, fmt.Errorf("read loadSpecs of %s: %w", dataSource, err)
	}
	return specs, nil
}

func (s *Session) storedSpecs(ctx context.Context, ids []string, specs map[string]string) error {
	sorted := slices.Sorted(slices.Values(ids))
	for part := range slices.Chunk(sorted, batch) {
		err := s.view.Payloads(ctx, part, func(id, payload []byte) error {
			if data, err := druid.ParseDataSegment(payload); err == nil {
				specs[string(id)] = string(data.LoadSpec)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// servedSpecs lists the unused segments again: keeping every loadSpec from the first time would cost more than the
// rows themselves.
func (s *Session) servedSpecs(ctx context.Context, dataSource string, ids []string, specs map[string]string) error {
	wanted := make(map[string]bool, len(ids))
	for _, id := range ids {
		wanted[id] = true
	}
	keep := func(r *druid.SegmentRecord) error {
		if id := r.ID.String(); wanted[id] && r.Data != nil {
			specs[id] = string(r.Data.LoadSpec)
		}
		return nil
	}
	return s.request.Coordinator.Unused(ctx, dataSource, s.request.Now(), keep, func(druid.OddRecord) error { return nil })
}
