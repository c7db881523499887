package collect

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"coppice/internal/druid"
	"coppice/internal/snapshot"
)

const (
	now = druid.Instant(1780000000000) // 2026-05-28T20:26:40.000Z
	day = 24 * 3600 * 1000
)

var errBroken = errors.New("it is broken")

// cluster is a small cluster that both fakes show.
type cluster struct {
	rows     []druid.SegmentRecord
	odd      []druid.OddRecord
	rules    []druid.RuleRecord
	payloads map[string]string
}

// record makes one row. It was created and marked days ago.
func record(t testing.TB, name, interval, version string, partition int32, used bool) druid.SegmentRecord {
	t.Helper()
	i, err := druid.ParseInterval(interval)
	if err != nil {
		t.Fatal(err)
	}
	id := druid.SegmentID{DataSource: name, Interval: i, Version: version, Partition: partition}
	return druid.SegmentRecord{ID: id, Used: used, MarkedAt: now - 3*day, CreatedAt: now - 3*day}
}

func (c *cluster) payload(id druid.SegmentID) string {
	if text, ok := c.payloads[id.String()]; ok {
		return text
	}
	return fmt.Sprintf(`{"dataSource":%q,"interval":%q,"version":%q,"loadSpec":{"type":"local","path":"/%d"},`+
		`"shardSpec":{"type":"numbered","partitionNum":%d,"partitions":2},"size":%d}`,
		id.DataSource, id.Interval.String(), id.Version, id.Partition, id.Partition, 100+id.Partition)
}

func list(t testing.TB, text string) druid.RuleList {
	t.Helper()
	rules, err := druid.ParseRuleList([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return rules
}

const (
	loadForever = `[{"type":"loadForever"}]`
	dropForever = `[{"type":"dropForever"}]`
)

// small is what most tests start from: two datasources, a default rule and two versions of wiki's rules.
func small(t testing.TB) *cluster {
	return &cluster{
		rows: []druid.SegmentRecord{
			record(t, "wiki", "2026-01-01/2026-01-02", "2026-02-01T00:00:00.000Z", 0, true),
			record(t, "wiki", "2026-01-01/2026-01-02", "2026-02-01T00:00:00.000Z", 1, true),
			record(t, "wiki", "2026-01-01/2026-01-02", "2026-01-02T00:00:00.000Z", 0, false),
			record(t, "wiki", "2026-01-02/2026-01-03", "v1", 0, false),
			record(t, "ads", "2026-01-01/2026-01-02", "2026-01-02T00:00:00.000Z", 0, true),
		},
		rules: []druid.RuleRecord{
			{Key: "_default", Since: 0, List: list(t, loadForever)},
			{Key: "wiki", Since: now - 10*day, List: list(t, dropForever)},
			{Key: "wiki", Since: now - 20*day, List: list(t, loadForever)},
			{Key: "ghost", Since: now - 10*day, List: list(t, `[]`)},
		},
	}
}

// fakeView is a metadata store.
type fakeView struct {
	*cluster
	// broken names methods that fail.
	broken           map[string]bool
	claims           []druid.Claim
	replica, passing bool
	dynamic          string
	closed           int
	// placed counts the places that were asked for; loose: there are other used rows, too.
	placed int
	loose  bool
	asked  []string
}

func (v *fakeView) Identity() string { return "store" }
func (v *fakeView) Replica() bool    { return v.replica }
func (v *fakeView) Close() error     { v.closed++; return nil }

func (v *fakeView) fails(method string) error {
	v.asked = append(v.asked, method)
	if v.broken[method] {
		return errBroken
	}
	return nil
}

func (v *fakeView) Segments(_ context.Context, only, payloads []string, row func(*druid.SegmentRecord) error, odd func(druid.OddRecord) error) error {
	for i, r := range v.rows {
		if r.Used && len(payloads) > 0 {
			r.Place = uint64(i + 1)
		}
		if len(only) == 0 || slices.Contains(only, r.ID.DataSource) {
			if data, err := druid.ParseDataSegment([]byte(v.payload(r.ID))); err == nil && data.ID == r.ID && !r.Used && slices.Contains(payloads, r.ID.DataSource) {
				r.Data = &data
			}
			if err := row(&r); err != nil {
				return err
			}
		}
	}
	for _, o := range v.odd {
		if err := odd(o); err != nil {
			return err
		}
	}
	return v.fails("Segments")
}

func (v *fakeView) Payloads(_ context.Context, ids []string, visit func(id, payload []byte) error) error {
	for _, r := range v.rows {
		if id := r.ID.String(); slices.Contains(ids, id) {
			if err := visit([]byte(id), []byte(v.payload(r.ID))); err != nil {
				return err
			}
		}
	}
	return v.fails(fmt.Sprintf("Payloads %d", len(ids)))
}

// PayloadsAt knows the rows by their numbers, from 1.
func (v *fakeView) PayloadsAt(ctx context.Context, places []uint64, visit func(id, payload []byte) error) error {
	v.placed += len(places)
	var ids []string
	for _, place := range places {
		for i, r := range v.rows {
			if at := uint64(i + 1); at == place || v.loose && r.Used && at != place {
				ids = append(ids, r.ID.String())
			}
		}
		_ = v.rows[place-1] // there is nothing elsewhere
	}
	return v.Payloads(ctx, ids, visit)
}

func (v *fakeView) AllPayloads(_ context.Context, used bool, visit func(id, payload []byte) error) error {
	for _, r := range v.rows {
		if r.Used != used {
			continue
		}
		if err := visit([]byte(r.ID.String()), []byte(v.payload(r.ID))); err != nil {
			return err
		}
	}
	return v.fails(fmt.Sprintf("AllPayloads %v", used))
}

func (v *fakeView) PassPays(context.Context, int, int) bool { return v.passing }
func (v *fakeView) Rules(context.Context) ([]druid.RuleRecord, error) {
	return slices.Clone(v.rules), v.fails("Rules")
}
func (v *fakeView) Claims(context.Context) ([]druid.Claim, error) { return v.claims, v.fails("Claims") }

func (v *fakeView) Config(context.Context, string) ([]byte, bool, error) {
	return []byte(v.dynamic), v.dynamic != "", v.fails("Config")
}

func (v *fakeView) UsedAmong(_ context.Context, ids []string) (found []string, err error) {
	for _, r := range v.rows {
		if id := r.ID.String(); r.Used && slices.Contains(ids, id) {
			found = append(found, id)
		}
	}
	return found, v.fails("UsedAmong")
}

func (v *fakeView) DatasourcesAmong(_ context.Context, names []string) (found []string, err error) {
	for _, name := range names {
		if slices.ContainsFunc(v.rows, func(r druid.SegmentRecord) bool { return r.ID.DataSource == name }) {
			found = append(found, name)
		}
	}
	return found, v.fails("DatasourcesAmong")
}

// fakeCoordinator is Druid's API. snapshot, when set, is what its snapshot has instead of rows.
type fakeCoordinator struct {
	*cluster
	broken   map[string]bool
	claims   []druid.Claim
	duties   []druid.DutyGroup
	looks    int
	noDuties bool
	paused   bool
	stale    []string
	// properties of the two leaders, and the dynamic configuration.
	properties, overlord map[string]string
	dynamic              string
	// history by key; nil means that it is as the rules are.
	history map[string][]druid.RuleRecord
	mu      sync.Mutex
	asked   []string
}

func (c *fakeCoordinator) fails(method string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked = append(c.asked, method)
	if c.broken[method] {
		return errBroken
	}
	return nil
}

func (c *fakeCoordinator) Address() string { return "http://coordinator:8081" }
func (c *fakeCoordinator) Version(context.Context) (string, error) {
	return "33.0.0", c.fails("Version")
}

func (c *fakeCoordinator) served(r druid.SegmentRecord) druid.SegmentRecord {
	data, err := druid.ParseDataSegment([]byte(c.payload(r.ID)))
	if err == nil {
		r.Data = &data
	}
	return r
}

func (c *fakeCoordinator) Used(_ context.Context, only []string, row func(*druid.SegmentRecord) error, _ func(druid.OddRecord) error) error {
	for _, r := range c.rows {
		if r.Used && (len(only) == 0 || slices.Contains(only, r.ID.DataSource)) {
			r.MarkedAt, r.CreatedAt = druid.NoInstant, druid.NoInstant
			r = c.served(r)
			if err := row(&r); err != nil {
				return err
			}
		}
	}
	return c.fails("Used")
}

func (c *fakeCoordinator) Unused(_ context.Context, name string, _ druid.Instant, row func(*druid.SegmentRecord) error, _ func(druid.OddRecord) error) error {
	for _, r := range c.rows {
		if !r.Used && r.ID.DataSource == name {
			r = c.served(r)
			if err := row(&r); err != nil {
				return err
			}
		}
	}
	return c.fails("Unused " + name)
}

func (c *fakeCoordinator) UsedNow(ctx context.Context, name string, interval druid.Interval, row func(*druid.SegmentRecord) error, odd func(druid.OddRecord) error) error {
	return c.Used(ctx, []string{name}, func(r *druid.SegmentRecord) error {
		if !r.ID.Interval.Overlaps(interval) {
			return nil
		}
		return row(r)
	}, odd)
}

func (c *fakeCoordinator) UsedSegments(_ context.Context, name string, interval druid.Interval) (ids []druid.SegmentID, err error) {
	for _, r := range c.rows {
		if r.Used && r.ID.DataSource == name && r.ID.Interval.Overlaps(interval) {
			ids = append(ids, r.ID)
		}
	}
	return ids, c.fails("UsedSegments")
}

func (c *fakeCoordinator) SnapshotIDs(_ context.Context, name string) (ids []string, err error) {
	for _, r := range c.rows {
		if id := r.ID.String(); r.Used && r.ID.DataSource == name && !slices.Contains(c.stale, id) {
			ids = append(ids, id)
		}
	}
	return ids, c.fails("SnapshotIDs")
}

func (c *fakeCoordinator) Datasources(context.Context) (names []string, err error) {
	for _, r := range c.rows {
		names = append(names, r.ID.DataSource)
	}
	slices.Sort(names)
	return slices.Compact(names), c.fails("Datasources")
}

func (c *fakeCoordinator) AllRules(context.Context) (records []druid.RuleRecord, err error) {
	newest := map[string]druid.RuleRecord{}
	for _, r := range c.rules {
		if old, ok := newest[r.Key]; !ok || r.Since > old.Since {
			newest[r.Key] = r
		}
	}
	for _, r := range newest {
		r.Since = druid.NoInstant
		records = append(records, r)
	}
	return records, c.fails("AllRules")
}

func (c *fakeCoordinator) RuleHistory(_ context.Context, key string) ([]druid.RuleRecord, error) {
	err := c.fails("RuleHistory " + key)
	if c.history != nil {
		return c.history[key], err
	}
	var records []druid.RuleRecord
	for _, r := range c.rules {
		if r.Key == key {
			records = append(records, r)
		}
	}
	return records, err
}

func (c *fakeCoordinator) Claims(_ context.Context, names []string) ([]druid.Claim, error) {
	return c.claims, c.fails("Claims " + strings.Join(names, ","))
}
func (c *fakeCoordinator) Tiers(context.Context) ([]string, error) {
	return []string{"hot", "cold", "hot"}, c.fails("Tiers")
}
func (c *fakeCoordinator) Paused(context.Context) (bool, error) { return c.paused, c.fails("Paused") }

func (c *fakeCoordinator) CoordinatorProperties(context.Context) (map[string]string, error) {
	return c.properties, c.fails("CoordinatorProperties")
}
func (c *fakeCoordinator) OverlordProperties(context.Context) (map[string]string, error) {
	return c.overlord, c.fails("OverlordProperties")
}
func (c *fakeCoordinator) DynamicConfig(context.Context) ([]byte, error) {
	return []byte(c.dynamic), c.fails("DynamicConfig")
}

func (c *fakeCoordinator) Duties(context.Context) ([]druid.DutyGroup, bool, error) {
	err := c.fails("Duties")
	if c.noDuties || err != nil {
		return nil, false, err
	}
	if len(c.duties) == 0 {
		return []druid.DutyGroup{{Name: ruleDuties, PeriodMillis: 60000, LastRunStart: now - 1000, LastRunEnd: now - 900}}, true, nil
	}
	group := c.duties[min(c.looks, len(c.duties)-1)]
	c.looks++
	return []druid.DutyGroup{{Name: "Other"}, group}, true, nil
}

// request joins fakes; a nil one is left out.
func request(view *fakeView, coordinator *fakeCoordinator) Request {
	r := Request{Name: "prod", Now: func() druid.Instant { return now }, Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }}
	if view != nil {
		r.Begin = func(context.Context) (View, error) { return view, view.fails("Begin") }
	}
	if coordinator != nil {
		r.Coordinator = coordinator
	}
	return r
}

func mustCollect(t testing.TB, r Request) *Session {
	t.Helper()
	s, err := Collect(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// ids lists a datasource's rows with their state.
func ids(d *snapshot.Datasource) (all []string) {
	for i := range d.Segments {
		row := &d.Segments[i]
		text := d.ID(row).String()
		if row.Has(snapshot.Used) {
			text += " used"
		}
		if row.Has(snapshot.Odd) {
			text += " odd"
		}
		all = append(all, text)
	}
	return all
}

// gaps lists what is missing, cluster-wide first.
func gaps(c *snapshot.Cluster) (all []string) {
	for _, gap := range c.Gaps {
		all = append(all, gap.What+": "+gap.Why)
	}
	for _, d := range c.Datasources {
		for _, gap := range d.Gaps {
			all = append(all, d.Name+" "+gap.What+": "+gap.Why)
		}
	}
	return all
}
