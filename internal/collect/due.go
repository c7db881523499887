package collect

import (
	"cmp"
	"context"
	"errors"
	"sync/atomic"

	"coppice/internal/druid"
	"coppice/internal/parallel"
	"coppice/internal/snapshot"
)

// Index is a view that can read a part of the segments through Druid's own index, and tells about the rest.
type Index interface {
	View
	// Indexed reports whether the index is there; Steer keeps the server to it, or lets it go.
	Indexed(ctx context.Context) (bool, error)
	Steer(ctx context.Context, toIndex bool) error
	// Estimate is about how many rows there are; 0 when nobody knows.
	Estimate(ctx context.Context) int64
	Datasources(ctx context.Context) ([]string, error)
	// Regions streams the rows of regions, n being the index of the region; those that Census calls odd are left out.
	// more says that most rows were found at once, and not all may have been told.
	Regions(ctx context.Context, regions []druid.Region, most int64, row func(n int, r *druid.SegmentRecord) error, odd func(druid.OddRecord) error) (more bool, err error)
	// Export names the moment of the view for Request.BeginAt; the error says that it cannot be shared.
	Export(ctx context.Context) (moment string, err error)
	// Census counts used rows and finds those that overlap, and those of odd times, which Exactly reads.
	Census(ctx context.Context, datasources []string, visit func(druid.Census) error) error
	// OddUnused finds the unused rows of odd times.
	OddUnused(ctx context.Context, datasources []string, visit func(datasource, start, end string)) error
	Exactly(ctx context.Context, datasource string, written [][2]string, row func(*druid.SegmentRecord) error, odd func(druid.OddRecord) error) error
	// Latest streams up to each used rows of each datasource, those that end last.
	Latest(ctx context.Context, datasources []string, each int, row func(*druid.SegmentRecord) error) error
}

// Concerning says which rows are needed, of a cluster whose datasources have their rules and no rows yet.
type Concerning func(*snapshot.Cluster) snapshot.Concern

// Due reads a snapshot of the cluster of which only the rows of a concern are needed. Where these cannot be told apart or
// read by themselves, it reads all of them: see Session.Whole.
func Due(ctx context.Context, request Request, concerning Concerning) (*Session, error) {
	return collect(ctx, request, "", concerning)
}

// DueOne reads the same of one datasource, anew.
func DueOne(ctx context.Context, request Request, datasource string, concerning Concerning) (*Session, error) {
	request.Datasources = []string{datasource}
	return collect(ctx, request, datasource, concerning)
}

// errWhole says that everything is to be read after all.
var errWhole = errors.New("everything is read")

// everything notes why all rows of the store are read, tells whoever asked, and returns errWhole.
func (s *Session) everything(why string) error {
	s.Whole = why
	if s.request.OnWhole != nil {
		s.request.OnWhole(why)
	}
	return errWhole
}

// mayReadPart settles whether a part can be read, and names the datasources then.
func (s *Session) mayReadPart(ctx context.Context) (index Index, err error) {
	if s.concerning == nil {
		return nil, nil
	}
	if s.view == nil {
		s.Whole = "there is no metadata store to read a part of"
		return nil, nil
	}
	index, ok := s.view.(Index)
	if ok {
		ok, err = index.Indexed(ctx)
	}
	if err != nil {
		return nil, err
	}
	if !ok {
		_ = s.everything("the metadata store lacks Druid's index on dataSource, used, end and start")
		return nil, nil
	}
	return index, nil
}

// nameDatasources makes a builder for each datasource that has rows.
func (s *Session) nameDatasources(ctx context.Context, index Index) (err error) {
	var names []string
	if s.only != "" {
		names, err = index.DatasourcesAmong(ctx, []string{s.only})
	} else {
		names, err = index.Datasources(ctx)
	}
	for _, name := range names {
		b := s.builder(name)
		b.unusedKnown, b.part = true, true
	}
	if err == nil {
		s.noteRest()
	}
	return err
}

// readIndexed reads rules and the part of the rows that is needed, or all of them after all.
func (s *Session) readIndexed(ctx context.Context, index Index) error {
	s.beside = s.openBeside(ctx, index)
	err := s.nameDatasources(ctx, index)
	if err == nil {
		err = s.readBelow(ctx)
	}
	if err == nil {
		err = s.readPart(ctx, index, s.beside.index())
	}
	if ended := s.beside.close(); err == nil {
		err = ended
	}
	if errors.Is(err, errWhole) {
		return s.readWhole(ctx)
	}
	return err
}

// readPart reads the rows of the concern, once rules are known. errWhole means that all rows are to be read instead.
func (s *Session) readPart(ctx context.Context, index, other Index) error {
	concern := s.concerning(s.Cluster)
	if concern.Everything != "" {
		return s.everything(concern.Everything)
	}
	if err := index.Steer(ctx, true); err != nil {
		return err
	}
	err := s.readConcern(ctx, index, other, concern)
	if err != nil && !errors.Is(err, errWhole) {
		return err // the view is not used any more
	}
	return errors.Join(err, index.Steer(ctx, false))
}

// readConcern reads what is concerned through one view, or portion by portion through two.
func (s *Session) readConcern(ctx context.Context, index, other Index, concern snapshot.Concern) error {
	bound := &bound{most: max(cmp.Or(s.request.Few, fewRows), index.Estimate(ctx)/3)}
	views, parts := []Index{index}, []*part{newPart(bound, concern)}
	if other != nil && len(concern.Counted) >= s.many() {
		views, parts = append(views, other), portions(bound, concern)
	}
	if err := readParts(ctx, views, parts); errors.Is(err, errTooMany) {
		return s.everything(tooMany)
	} else if err != nil {
		return err
	}
	for _, p := range parts {
		p.place(s.Cluster)
	}
	return s.readSamples(ctx, index)
}

// readParts reads the parts, each through the view that is free next. Any other error counts before errTooMany.
func readParts(ctx context.Context, views []Index, parts []*part) error {
	errs := make([]error, len(views))
	var next atomic.Int64
	parallel.Each(len(views), len(views), func(v int) {
		for n := next.Add(1); n <= int64(len(parts)); n = next.Add(1) {
			parts[n-1].index = views[v]
			if errs[v] = parts[n-1].read(ctx); errs[v] != nil {
				next.Store(int64(len(parts))) // no other one begins
			}
		}
	})
	for _, err := range errs {
		if err != nil && !errors.Is(err, errTooMany) {
			return err
		}
	}
	return errors.Join(errs...)
}

// place puts what was read into the cluster's datasources.
func (p *part) place(cluster *snapshot.Cluster) {
	for _, t := range p.taken {
		d := cluster.Find(t.name)
		if d == nil {
			continue // it has no rows
		}
		d.Segments, d.Versions, d.Roots, d.Shards = t.segments, t.versions, t.roots, t.shards
		d.Gaps = append(d.Gaps, t.gaps...)
		d.Part = &snapshot.Part{Used: t.used}
	}
}

// sampled is how many of the latest used rows of a datasource stand for those that were not read, where store and
// Coordinator are compared; one datasource alone is looked at more closely.
const (
	sampled    = 3
	sampledOne = 200
)

// readSamples reads rows for the comparison with the Coordinator.
func (s *Session) readSamples(ctx context.Context, index Index) error {
	if !s.Cluster.Sources.Coordinator {
		return nil
	}
	var names []string
	for _, d := range s.Cluster.Datasources {
		if d.Part != nil {
			names = append(names, d.Name)
		}
	}
	each := sampled
	if s.only != "" {
		each = sampledOne
	}
	samples := map[string]*builder{}
	err := index.Latest(ctx, names, each, func(r *druid.SegmentRecord) error {
		b := samples[r.ID.DataSource]
		if b == nil {
			b = &builder{name: r.ID.DataSource}
			samples[b.name] = b
		}
		b.add(r)
		return nil
	})
	s.samples = map[string]*snapshot.Datasource{}
	for name, b := range samples {
		s.samples[name] = b.build()
	}
	return err
}

// compared is what the comparison with the Coordinator looks at: a datasource, or the latest rows of one of which only a
// part was read.
func (s *Session) compared(d *snapshot.Datasource) *snapshot.Datasource {
	if sample := s.samples[d.Name]; d.Part != nil && sample != nil {
		return sample
	}
	return d
}

// partly: only a part of the rows was read, which is always few beside all payloads.
func (s *Session) partly() bool { return s.concerning != nil && s.Whole == "" }
