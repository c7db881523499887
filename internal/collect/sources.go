package collect

import (
	"context"
	"time"

	"coppice/internal/druid"

	"github.com/hashicorp/go-hclog"
)

// View is one moment of a metadata store. It is used by one goroutine.
type View interface {
	Identity() string
	Replica() bool
	// Segments streams the rows of the datasources named, or of all when there are none; unused rows of those in payloads come
	// with their Data.
	Segments(ctx context.Context, datasources, payloads []string, row func(*druid.SegmentRecord) error, odd func(druid.OddRecord) error) error
	// Payloads and AllPayloads stream payloads of rows: of those named, and of all that are used, or of all others; PassPays
	// says which is cheaper for so many of so many.
	Payloads(ctx context.Context, ids []string, visit func(id, payload []byte) error) error
	// PayloadsAt is Payloads of the rows at these places.
	PayloadsAt(ctx context.Context, places []uint64, visit func(id, payload []byte) error) error
	AllPayloads(ctx context.Context, used bool, visit func(id, payload []byte) error) error
	PassPays(ctx context.Context, wanted, total int) bool
	// Rules are all versions of all keys, with who wrote them as far as known.
	Rules(ctx context.Context) ([]druid.RuleRecord, error)
	Claims(ctx context.Context) ([]druid.Claim, error)
	// Config is a row of the config table; ok is false when there is none, and Druid's defaults apply.
	Config(ctx context.Context, name string) (payload []byte, ok bool, err error)
	UsedAmong(ctx context.Context, ids []string) ([]string, error)
	DatasourcesAmong(ctx context.Context, names []string) ([]string, error)
	Close() error
}

// Coordinator is Druid's API, Overlord included. It is used by several goroutines at once.
type Coordinator interface {
	Address() string
	Version(ctx context.Context) (string, error)
	// Used streams the used segments of the Coordinator's snapshot, of the datasources named or of all.
	Used(ctx context.Context, datasources []string, row func(*druid.SegmentRecord) error, odd func(druid.OddRecord) error) error
	// Unused streams the unused ones of one datasource; times of marking not older than asked are not known.
	Unused(ctx context.Context, datasource string, asked druid.Instant, row func(*druid.SegmentRecord) error, odd func(druid.OddRecord) error) error
	// UsedNow streams those of one datasource that overlap the interval, as the store behind Druid has them now.
	UsedNow(ctx context.Context, dataSource string, interval druid.Interval, row func(*druid.SegmentRecord) error, odd func(druid.OddRecord) error) error
	// UsedSegments are as the store behind Druid has them now; SnapshotIDs as the Coordinator's snapshot has them.
	UsedSegments(ctx context.Context, dataSource string, interval druid.Interval) ([]druid.SegmentID, error)
	SnapshotIDs(ctx context.Context, dataSource string) ([]string, error)
	Datasources(ctx context.Context) ([]string, error)
	AllRules(ctx context.Context) ([]druid.RuleRecord, error)
	RuleHistory(ctx context.Context, key string) ([]druid.RuleRecord, error)
	Claims(ctx context.Context, datasources []string) ([]druid.Claim, error)
	Tiers(ctx context.Context) ([]string, error)
	Duties(ctx context.Context) (groups []druid.DutyGroup, known bool, err error)
	Paused(ctx context.Context) (bool, error)
	// CoordinatorProperties and OverlordProperties are the static settings of the two leaders, as far as they are set;
	// DynamicConfig is the Coordinator's dynamic configuration.
	CoordinatorProperties(ctx context.Context) (map[string]string, error)
	OverlordProperties(ctx context.Context) (map[string]string, error)
	DynamicConfig(ctx context.Context) ([]byte, error)
}

// Request says what to read, and from where: Begin, Coordinator or both.
type Request struct {
	// Name is the cluster's name in the configuration.
	Name string
	// Begin starts a view of the metadata store; nil without one.
	Begin func(ctx context.Context) (View, error)
	// BeginAt starts another view of the moment that one of Begin exported; nil where that cannot be done.
	BeginAt func(ctx context.Context, moment string) (View, error)
	// Coordinator is nil without one. A typed nil is not nil.
	Coordinator Coordinator
	// Datasources are those whose unused segments, locks and rule history are asked for over HTTP, where each costs a
	// request; nil means all. A store is always read whole.
	Datasources []string
	// Also chooses more of them by name, among those that the cluster has; nil chooses none. It counts only beside
	// Datasources that are not nil.
	Also func(datasource string) bool
	// Payloads chooses the datasources all of whose unused rows are needed with their payloads, which may then be read together with the
	// rows; nil chooses none.
	Payloads func(datasource string) bool
	// Now is the clock and Sleep waits; both are needed.
	Now   func() druid.Instant
	Sleep func(ctx context.Context, d time.Duration) error
	// Few is how many rows of a part are worth reading by themselves however few there are in all; 0 is fewRows.
	Few int64
	// Many is from how many datasources on a part is read through two views, where BeginAt gives a second one; 0 is
	// manyDataSources.
	Many int
	// OnWhole is told why all rows of the store are read although a part was asked for, before they are; nil when nobody
	// wants to know.
	OnWhole func(why string)
	// Logger may be nil.
	Logger hclog.Logger
}

// defaultKey is Druid's key of the default rules.
const defaultKey = "_default"
