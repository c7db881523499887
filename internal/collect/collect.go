package collect

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"

	"coppice/internal/druid"
	"coppice/internal/parallel"
	"coppice/internal/snapshot"

	"github.com/hashicorp/go-hclog"
)

// Session is a snapshot and the open view that it came from. It is for one goroutine; Close ends it.
type Session struct {
	Cluster *snapshot.Cluster

	request Request
	log     hclog.Logger
	// view is nil when segments came over HTTP; only limits the reading to one datasource.
	view View
	only string

	builders map[string]*builder
	// bare are names without a row although all of theirs were listed; allListed: so are all that have none.
	bare      map[string]bool
	allListed bool
	// rules by key, newest first, from the store; nil without one.
	stored map[string][]druid.RuleRecord
	// later are the same, read again after the Coordinator was asked; nil when that was not needed.
	later map[string][]druid.RuleRecord
	// beside is a second view while a part is read, nil otherwise.
	beside *beside
	// Whole is why all rows were read although a part was asked for; empty when the part was read.
	Whole string
	// concerning is nil when all rows are to be read. samples stand for rows that were not.
	concerning Concerning
	samples    map[string]*snapshot.Datasource
	// asked are the datasources whose unused segments were listed over HTTP.
	asked []string
}

// workers bound what runs at once: requests to one Coordinator, or cores.
const workers = 4

// Collect reads a snapshot of the cluster. The error says that there is none: no segments, or no rules. The session is
// to be closed.
func Collect(ctx context.Context, request Request) (*Session, error) {
	return collect(ctx, request, "", nil)
}

// One reads the same of one datasource, anew. Rules of all keys and cluster-wide facts are read as usual.
func One(ctx context.Context, request Request, datasource string) (*Session, error) {
	request.Datasources, request.Also = []string{datasource}, nil
	return collect(ctx, request, datasource, nil)
}

// Claimed reads who works on one datasource now, and nothing else: no rows and no rules.
func Claimed(ctx context.Context, request Request, datasource string) (*snapshot.Cluster, error) {
	request.Datasources, request.Also = []string{datasource}, nil
	s, err := newSession(request)
	if err != nil {
		return nil, err
	}
	if err := s.begin(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("read the cluster: %w", err), s.Close())
	}
	s.Cluster.Datasources = []*snapshot.Datasource{{Name: datasource}}
	s.readClaims(ctx)
	s.tellGaps()
	s.Cluster.Finish()
	return s.Cluster, errors.Join(ctx.Err(), s.Close())
}

func newSession(request Request) (*Session, error) {
	if request.Begin == nil && request.Coordinator == nil {
		return nil, errors.New("read the cluster: neither a metadata store nor a Coordinator is given")
	}
	s := &Session{request: request, log: request.Logger, builders: map[string]*builder{},
		Cluster: &snapshot.Cluster{TakenAt: request.Now(), Name: request.Name}}
	if s.log == nil {
		s.log = hclog.NewNullLogger()
	}
	return s, nil
}

func collect(ctx context.Context, request Request, only string, concerning Concerning) (*Session, error) {
	s, err := newSession(request)
	if err != nil {
		return nil, err
	}
	s.only, s.concerning = only, concerning
	if err := s.read(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("read the cluster: %w", err), s.Close())
	}
	return s, nil
}

// read asks for everything, in the order that makes each part safe to believe beside the one before it.
func (s *Session) read(ctx context.Context) error {
	if err := s.begin(ctx); err != nil {
		return err
	}
	if s.request.Coordinator != nil {
		if err := s.readState(ctx); err != nil {
			return err
		}
	}
	if err := s.readRows(ctx); err != nil {
		return err
	}
	s.readClaims(ctx)
	if s.view != nil && s.Cluster.Sources.Coordinator {
		s.crossCheck(ctx)
	}
	s.tellGaps()
	s.Cluster.Finish()
	return ctx.Err()
}

// readRows reads segments and rules.
func (s *Session) readRows(ctx context.Context) error {
	index, err := s.mayReadPart(ctx)
	if err != nil {
		return err
	}
	if index != nil {
		return s.readIndexed(ctx, index)
	}
	if err := s.readSegments(ctx); err != nil {
		return err
	}
	return s.readBelow(ctx)
}

// readBelow reads the rules, and packs what was read before.
func (s *Session) readBelow(ctx context.Context) error {
	if err := s.readRules(ctx); err != nil {
		return err
	}
	s.build()
	return nil
}

// readWhole reads all rows after all, below the rules that were read. Datasources that appear only now are not of the
// same view, and there are none.
func (s *Session) readWhole(ctx context.Context) error {
	known := s.Cluster.Datasources
	s.builders = map[string]*builder{}
	if err := s.readSegments(ctx); err != nil {
		return err
	}
	s.build()
	for _, d := range known {
		d.Part = nil
		if read := s.Cluster.Find(d.Name); read == nil {
			s.Cluster.Datasources = append(s.Cluster.Datasources, d)
		} else {
			read.Rules = d.Rules
			read.Gaps = append(read.Gaps, d.Gaps...)
		}
		slices.SortFunc(s.Cluster.Datasources, func(a, b *snapshot.Datasource) int { return strings.Compare(a.Name, b.Name) })
	}
	return nil
}

// begin opens the view of the store and names the cluster.
func (s *Session) begin(ctx context.Context) error {
	var names []string
	if s.request.Begin != nil {
		view, err := s.request.Begin(ctx)
		if err != nil {
			return err
		}
		s.view = view
		s.Cluster.Sources.Store, s.Cluster.Sources.Replica = true, view.Replica()
		names = append(names, view.Identity())
	}
	if s.request.Coordinator != nil {
		s.Cluster.Sources.Coordinator = true
		names = append(names, "coordinator "+s.request.Coordinator.Address())
	}
	s.Cluster.Identity = strings.Join(names, ", ")
	return nil
}

// Close ends the view. A second call does nothing.
func (s *Session) Close() error {
	if s.view == nil {
		return nil
	}
	return s.view.Close()
}

// gap notes what is missing of the whole cluster.
func (s *Session) gap(what, why string) {
	s.Cluster.Gaps = append(s.Cluster.Gaps, snapshot.Gap{What: what, Why: why})
}

// tellGaps logs what is missing of the cluster, once it is known that the rest is there: an error says enough by itself.
func (s *Session) tellGaps() {
	for _, gap := range s.Cluster.Gaps {
		s.log.Warn("not everything could be read", "what", gap.What, "why", gap.Why)
	}
}

// gapOf notes what is missing of one datasource.
func (s *Session) gapOf(name, what, why string) {
	b := s.builder(name)
	b.gaps = append(b.gaps, snapshot.Gap{What: what, Why: why})
}

// build turns the builders into datasources, and lets go of them.
func (s *Session) build() {
	names := make([]string, 0, len(s.builders))
	for name := range s.builders {
		names = append(names, name)
	}
	slices.Sort(names)
	s.Cluster.Datasources = make([]*snapshot.Datasource, len(names))
	for from := 0; from < len(names); {
		to := s.portion(names, from)
		parallel.Each(to-from, workers, func(i int) { s.Cluster.Datasources[from+i] = s.builders[names[from+i]].build() })
		if to < len(names) {
			debug.FreeOSMemory()
		}
		from = to
	}
	s.builders = nil
}

// manyRows is how many rows are packed before memory is given back. Rows are gathered in small pieces and packed into large
// ones, which do not fit where the small ones were.
var manyRows = 250_000

// portion is the end of the datasources from that one on that are packed at a time.
func (s *Session) portion(names []string, from int) (to int) {
	rows := 0
	for to = from; to < len(names) && rows < manyRows; to++ {
		rows += s.builders[names[to]].rows.rows.count
	}
	return to
}
