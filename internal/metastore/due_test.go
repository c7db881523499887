package metastore

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"coppice/internal/druid"
)

// The tests of this file compare what the index gives with what the same rows give one by one, on a real PostgreSQL, for
// rows of odd years, eternity, damaged texts and NULLs, under a collation that does not sort as bytes do.

// moments are start and end texts in a strange mixture.
var moments = []string{"2026-01-01T00:00:00.000Z", "2026-01-02T00:00:00.000Z", "2026-01-02T12:00:00.000Z", "2026-01-03T00:00:00.000Z",
	"2026-02-01T00:00:00.000Z", "0000-01-01T00:00:00.000Z", "0007-06-01T00:00:00.000Z", "9999-12-31T00:00:00.000Z", "12026-01-01T00:00:00.000Z",
	"-2026-01-01T00:00:00.000Z", "-3000-01-01T00:00:00.000Z", "-0001-01-01T00:00:00.000Z", "2026-01-01T00:00:00Z", "2026-01-01", "nonsense", low, high}

var collations = [][]string{
	{"ENCODING 'UTF8'", "LC_COLLATE 'C'", "LC_CTYPE 'C'", "TEMPLATE template0"},
	{"ENCODING 'UTF8'", "LC_COLLATE 'C'", "LC_CTYPE 'C'", "LOCALE_PROVIDER icu", "ICU_LOCALE 'en-US'", "TEMPLATE template0"},
	// As the C library's en_US: what is no letter and no digit counts last.
	{"ENCODING 'UTF8'", "LC_COLLATE 'C'", "LC_CTYPE 'C'", "LOCALE_PROVIDER icu", "ICU_LOCALE 'en-US-u-ka-shifted'", "TEMPLATE template0"},
}

// strangeRows fills a database with rows of all pairs of moments, used and unused, of two datasources.
func strangeRows(t *testing.T, options []string) *Store {
	at := dsn(t, options...)
	var lines []line
	marks := []string{"-", ver1, "2026-03-01T00:00:00.000Z", "-0005-01-01T00:00:00.000Z", "-3000-01-01T00:00:00.000Z", "12026-01-01T00:00:00.000Z"}
	for i, start := range moments {
		for j, end := range moments {
			n := i*len(moments) + j
			lines = append(lines, line{dataSource: []string{"wiki", "wiki-2", "Wiki_3"}[n%3], start: start, end: end, unused: n%2 == 1,
				marked: marks[n%len(marks)], version: fmt.Sprintf("v%d", n%5)})
		}
	}
	fill(t, at, lines...)
	return open(t, at)
}

type found struct {
	rows map[string]druid.SegmentRecord
	odd  map[string]bool
}

func newFound() *found { return &found{map[string]druid.SegmentRecord{}, map[string]bool{}} }

func (f *found) row(r *druid.SegmentRecord) error {
	f.rows[r.ID.String()] = *r
	return nil
}

func (f *found) oddRow(o druid.OddRecord) error {
	f.odd[o.ID] = true
	return nil
}

// eachCollation runs a test on the same rows under each collation.
func eachCollation(t *testing.T, test func(t *testing.T, v *View, all *found)) {
	for i, options := range collations {
		t.Run([]string{"C", "en_US", "en_US shifted"}[i], func(t *testing.T) {
			view, err := strangeRows(t, options).Begin(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			defer view.Close()
			all := newFound()
			if err := view.Segments(context.Background(), nil, all.row, all.oddRow); err != nil {
				t.Fatal(err)
			}
			if indexed, err := view.Indexed(context.Background()); err != nil || !indexed {
				t.Fatalf("Indexed() = %v, %v", indexed, err)
			}
			if err := view.Steer(context.Background(), true); err != nil {
				t.Fatal(err)
			}
			test(t, view, all)
		})
	}
}

// TestRegionsAreExact: of the rows that sort as moments do, a region gives exactly those that lie in it.
func TestRegionsAreExact(t *testing.T) {
	eachCollation(t, func(t *testing.T, v *View, all *found) {
		marking := instant(t, ver1)
		rapid.Check(t, func(t *rapid.T) {
			moment := func(name string) druid.Instant {
				text := rapid.SampledFrom(moments).Draw(t, name)
				at, err := druid.ParseInstant(text)
				if err != nil {
					return druid.MinInstant
				}
				return at + druid.Instant(rapid.IntRange(-1, 1).Draw(t, "beside"))
			}
			var regions []druid.Region
			for range rapid.IntRange(1, 3).Draw(t, "regions") {
				r := druid.Region{DataSource: rapid.SampledFrom([]string{"wiki", "wiki-2", "Wiki_3", "none"}).Draw(t, "of"), Used: rapid.Bool().Draw(t, "used"),
					StartFrom: moment("start from"), StartBelow: moment("start below"), EndAfter: moment("end after"), EndUntil: moment("end until"),
					MarkedUntil: druid.NoInstant}
				switch rapid.IntRange(0, 4).Draw(t, "kind") {
				case 0:
					r = druid.EveryRow(r.DataSource, r.Used)
				case 1:
					r = druid.Overlapping(r.DataSource, r.Used, druid.Interval{Start: r.StartFrom, End: r.EndUntil})
				case 2:
					r = druid.EveryRow(r.DataSource, r.Used)
					r.MarkedUntil = marking + druid.Instant(rapid.IntRange(-1, 1).Draw(t, "marked"))
				}
				regions = append(regions, r)
			}
			got := make([][]string, len(regions))
			err := v.Regions(context.Background(), regions, func(n int, r *druid.SegmentRecord) error {
				got[n] = append(got[n], r.ID.String())
				return nil
			}, func(druid.OddRecord) error { return nil })
			if err != nil {
				t.Fatal(err)
			}
			for n := range regions {
				var want []string
				for id, r := range all.rows {
					if fourDigits(r.ID.Interval) && regions[n].Has(&r) {
						want = append(want, id)
					}
				}
				slices.Sort(want)
				slices.Sort(got[n])
				if !slices.Equal(got[n], want) {
					t.Fatalf("region %+v\n got %v\nwant %v", regions[n], got[n], want)
				}
			}
		})
	})
}

// TestCensusFindsWhatRegionsLeaveOut: used rows are counted, and every row that does not sort as its moments do is found.
func TestCensusFindsWhatRegionsLeaveOut(t *testing.T) {
	eachCollation(t, func(t *testing.T, v *View, all *found) {
		ctx := context.Background()
		names, err := v.Datasources(ctx)
		slices.Sort(names)
		if err != nil || !slices.Equal(names, []string{"Wiki_3", "wiki", "wiki-2"}) {
			t.Fatalf("Datasources() = %v, %v", names, err)
		}
		reached, used := newFound(), map[string]int64{}
		err = v.Census(ctx, append(names, "none"), func(c druid.Census) error {
			used[c.DataSource] = c.Used
			for i := 1; i < len(c.Intervals); i++ {
				if a, b := c.Intervals[i-1], c.Intervals[i]; a.End > b.End || a.End == b.End && a.Start >= b.Start {
					t.Errorf("%s: %s stands before %s", c.DataSource, a, b)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]int64{"none": 0, "wiki": 0, "wiki-2": 0, "Wiki_3": 0}
		for _, r := range all.rows {
			if r.Used && fourDigits(r.ID.Interval) {
				want[r.ID.DataSource]++
			}
		}
		if fmt.Sprint(used) != fmt.Sprint(want) {
			t.Errorf("Census() counts %v, want %v", used, want)
		}
		var odd []druid.Census
		if err := v.Census(ctx, names, func(c druid.Census) error { odd = append(odd, c); return nil }); err != nil {
			t.Fatal(err)
		}
		for _, c := range odd {
			if err := v.Exactly(ctx, c.DataSource, c.Odd, reached.row, reached.oddRow); err != nil {
				t.Fatal(err)
			}
		}
		for id, r := range all.rows {
			if _, ok := reached.rows[id]; !ok && !fourDigits(r.ID.Interval) {
				t.Errorf("%s is not found", id)
			}
		}
		for id := range all.odd {
			if !reached.odd[id] {
				t.Errorf("the odd row %s is not found", id)
			}
		}
	})
}

// TestRegionsGoThroughTheIndex: whatever the server's planner believes of arrays and tables, it walks Druid's index.
func TestRegionsGoThroughTheIndex(t *testing.T) {
	eachCollation(t, func(t *testing.T, v *View, _ *found) {
		regions := []druid.Region{druid.EveryRow("wiki", true), druid.EveryRow("wiki-2", false)}
		part := regionPart{regions: regions}
		plan, err := readTexts(context.Background(), v.tx, "EXPLAIN "+v.store.tables.sqlRegions(false), part.arguments()...)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Join(plan, "\n")
		if strings.Contains(text, "Seq Scan") || !strings.Contains(text, "idx_druid_segments_datasource_used_end_start") || !strings.Contains(text, "Index Cond") {
			t.Errorf("the plan is\n%s", text)
		}
		if err := v.Steer(context.Background(), false); err != nil {
			t.Fatal(err)
		}
		plan, err = readTexts(context.Background(), v.tx, "EXPLAIN "+v.store.tables.sqlSegments())
		if err != nil || !strings.Contains(strings.Join(plan, "\n"), "Seq Scan") {
			t.Errorf("let go, all rows are read by\n%s\n%v", strings.Join(plan, "\n"), err)
		}
	})
}
