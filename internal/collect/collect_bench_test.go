package collect

import (
	"context"
	"fmt"
	"testing"

	"coppice/internal/druid"
)

// manyRowsView streams rows as a store would: fresh texts for every row, neighbours far apart.
type manyRowsView struct {
	fakeView
	datasources, perDatasource int
}

func (m *manyRowsView) Segments(_ context.Context, _, _ []string, row func(*druid.SegmentRecord) error, _ func(druid.OddRecord) error) error {
	record := druid.SegmentRecord{Used: true, MarkedAt: now - day, CreatedAt: now - day}
	for i := range m.perDatasource {
		start := druid.Instant(int64(i/2) * day)
		for d := range m.datasources {
			record.ID = druid.SegmentID{DataSource: fmt.Sprintf("datasource_%04d", d), Interval: druid.Interval{Start: start, End: start + day},
				Version: (start + 2*day + druid.Instant(d)).String(), Partition: int32(i % 2)}
			if err := row(&record); err != nil {
				return err
			}
		}
	}
	return nil
}

// BenchmarkCollect packs rows; B/row counts everything that is allocated on the way, the rows' own texts (about 120
// bytes) included.
func BenchmarkCollect(b *testing.B) {
	view := &manyRowsView{fakeView{cluster: &cluster{}}, 100, 1000}
	r := request(nil, nil)
	r.Begin = func(context.Context) (View, error) { return view, nil }
	rows := view.datasources * view.perDatasource
	b.ReportAllocs()
	for b.Loop() {
		s, err := Collect(context.Background(), r)
		if err != nil || len(s.Cluster.Datasources) != view.datasources {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*rows), "ns/row")
}

// TestPackedInPortions: how many rows are packed at a time does not show.
func TestPackedInPortions(t *testing.T) {
	view := &manyRowsView{fakeView{cluster: &cluster{}}, 30, 20}
	r := request(nil, nil)
	r.Begin = func(context.Context) (View, error) { return view, nil }
	want := mustCollect(t, r).Cluster.Digest()
	defer func(n int) { manyRows = n }(manyRows)
	for _, manyRows = range []int{1, 20, 21, 599, 600} {
		if got := mustCollect(t, r).Cluster; len(got.Datasources) != 30 || got.Digest() != want {
			t.Errorf("%d rows at a time: %d datasources, digest %s, want %s", manyRows, len(got.Datasources), got.Digest(), want)
		}
	}
}

// BenchmarkDigest is over a finished snapshot.
func BenchmarkDigest(b *testing.B) {
	view := &manyRowsView{fakeView{cluster: &cluster{}}, 100, 1000}
	r := request(nil, nil)
	r.Begin = func(context.Context) (View, error) { return view, nil }
	s := mustCollect(b, r)
	b.ReportAllocs()
	for b.Loop() {
		s.Cluster.Digest()
	}
}
