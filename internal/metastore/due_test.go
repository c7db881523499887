package metastore

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/url"
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
	fill(t, at, append(lines, regularRows()...)...)
	return open(t, at)
}

// regularRows have the times of four-digit years only: those of plain lie apart, two of shared overlap, and the payloads
// of damaged are those of others.
func regularRows() []line {
	row := func(name, start, end, version string, partition int) line {
		l := line{dataSource: name, start: start, end: end, version: version}
		if partition > 0 {
			l.id = fmt.Sprintf("%s_%s_%s_%s_%d", name, start, end, version, partition)
		}
		l.payload = strings.Replace(l.filled().payload, `"partitionNum":0`, fmt.Sprintf(`"partitionNum":%d`, partition), 1)
		return l
	}
	var lines []line
	for _, name := range []string{"plain", "shared"} {
		lines = append(lines, row(name, day1, day2, ver1, 0), row(name, day1, day2, ver1, 1), row(name, day1, day2, "v2", 0),
			row(name, day2, day3, ver1, 0), row(name, "2026-02-01T00:00:00.000Z", "2026-02-02T00:00:00.000Z", ver1, 0),
			row(name, "2026-02-02T00:00:00.000Z", "2026-02-02T12:00:00.000Z", ver1, 0))
	}
	lines = append(lines, row("plain", "2026-03-01T00:00:00.000Z", "2026-03-02T00:00:00.000Z", ver1, 0),
		row("shared", "2026-01-31T00:00:00.000Z", "2026-02-02T06:00:00.000Z", "v3", 0))
	unused, broken, other := row("plain", day1, day2, "v0", 0), row("damaged", day1, day2, ver1, 0), row("damaged", day2, day3, ver1, 0)
	unused.unused, broken.payload, other.payload = true, "{", lines[0].payload
	return append(lines, unused, broken, other)
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
			if err := view.Segments(context.Background(), nil, nil, all.row, all.oddRow); err != nil {
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
			more, err := v.Regions(context.Background(), regions, 1000, func(n int, r *druid.SegmentRecord) error {
				got[n] = append(got[n], r.ID.String())
				return nil
			}, func(druid.OddRecord) error { return nil })
			if err != nil || more {
				t.Fatal(err, more)
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
		if err != nil || !slices.Equal(names, []string{"Wiki_3", "damaged", "plain", "shared", "wiki", "wiki-2"}) {
			t.Fatalf("Datasources() = %v, %v", names, err)
		}
		reached, used, contested := newFound(), map[string]int64{}, map[string][]druid.Interval{}
		err = v.Census(ctx, append(names, "none"), func(c druid.Census) error {
			used[c.DataSource], contested[c.DataSource] = c.Used, c.Contested
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]int64{"none": 0, "wiki": 0, "wiki-2": 0, "Wiki_3": 0, "plain": 0, "shared": 0, "damaged": 0}
		for _, r := range all.rows {
			if r.Used && fourDigits(r.ID.Interval) {
				want[r.ID.DataSource]++
			}
		}
		if fmt.Sprint(used) != fmt.Sprint(want) {
			t.Errorf("Census() counts %v, want %v", used, want)
		}
		for name, found := range contested {
			if want := overlapping(all, name); !slices.Equal(found, want) {
				t.Errorf("%s is contested at %v, want %v", name, found, want)
			}
		}
		odd := map[string][][2]string{}
		take := func(c druid.Census) error { odd[c.DataSource] = c.Odd; return nil }
		if err := v.Census(ctx, names, take); err != nil {
			t.Fatal(err)
		}
		if err := v.OddUnused(ctx, names, func(name, start, end string) { odd[name] = append(odd[name], [2]string{start, end}) }); err != nil {
			t.Fatal(err)
		}
		for name, written := range odd {
			if err := v.Exactly(ctx, name, written, reached.row, reached.oddRow); err != nil {
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

// overlapping is where used rows of a datasource overlap those of another interval, of the rows that sort as moments do.
func overlapping(all *found, name string) []druid.Interval {
	distinct := map[druid.Interval]bool{}
	for _, r := range all.rows {
		if r.Used && r.ID.DataSource == name && fourDigits(r.ID.Interval) {
			distinct[r.ID.Interval] = true
		}
	}
	return druid.Contested(slices.SortedFunc(maps.Keys(distinct), func(a, b druid.Interval) int { return cmp.Compare(a.End, b.End) }))
}

// TestCensusOfAnySize: taken by their texts or group by group, the used rows of regular and of odd times come to the same.
func TestCensusOfAnySize(t *testing.T) {
	eachCollation(t, func(t *testing.T, v *View, all *found) {
		for _, most := range []int64{0, 1, 6, 7, mostTexts} {
			told := map[string]druid.Census{}
			err := v.census(context.Background(), []string{"plain", "shared", "wiki", "none"}, most, func(c druid.Census) error {
				told[c.DataSource] = c
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			for name, used := range map[string]int64{"plain": 7, "shared": 7, "none": 0} {
				if c := told[name]; c.Used != used || len(c.Odd) > 0 || !slices.Equal(c.Contested, overlapping(all, name)) {
					t.Errorf("of %d at once: %+v, want %d contested at %v", most, c, used, overlapping(all, name))
				}
			}
			if len(told["shared"].Contested) != 1 || len(told["wiki"].Odd) == 0 {
				t.Errorf("of %d at once: %+v", most, told)
			}
		}
	})
}

// TestBeginAt: a second connection shows the same moment, whatever happens meanwhile.
func TestBeginAt(t *testing.T) {
	eachCollation(t, func(t *testing.T, v *View, all *found) {
		ctx := context.Background()
		moment, err := v.Export(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := v.store.db.Exec("INSERT INTO druid_segments SELECT id || '_7', dataSource, created_date, start, \"end\", partitioned, version, used, payload FROM druid_segments WHERE dataSource = 'plain' LIMIT 1"); err != nil {
			t.Fatal(err)
		}
		other, err := v.store.BeginAt(ctx, moment)
		if err != nil {
			t.Fatal(err)
		}
		defer other.Close()
		same := newFound()
		if err := other.Segments(ctx, nil, nil, same.row, same.oddRow); err != nil || len(same.rows) != len(all.rows) || len(same.odd) != len(all.odd) {
			t.Errorf("%d rows and %d odd ones instead of %d and %d, %v", len(same.rows), len(same.odd), len(all.rows), len(all.odd), err)
		}
		if _, err := other.tx.ExecContext(ctx, "DELETE FROM druid_segments"); err == nil {
			t.Error("it can write")
		}
		if _, err := v.store.BeginAt(ctx, "00000000-00000000-1"); err == nil {
			t.Error("there is a view of a moment that nobody exported")
		}
	})
}

// TestNoSecondConnection: where the user may not export a snapshot, or nobody can connect twice, the view can be used on.
func TestNoSecondConnection(t *testing.T) {
	at := dsn(t)
	fill(t, at, regularRows()...)
	run(t, at, "DROP ROLE IF EXISTS counter", "CREATE ROLE counter LOGIN CONNECTION LIMIT 1 PASSWORD "+quote(readerPassword),
		"GRANT SELECT ON ALL TABLES IN SCHEMA public TO counter")
	t.Cleanup(func() { run(t, at, "DROP OWNED BY counter", "DROP ROLE counter") })
	as := with(t, at, func(u *url.URL) { u.User = url.UserPassword("counter", readerPassword) })
	check := func(t *testing.T, exports bool) {
		store := open(t, as)
		defer store.Close()
		v, err := store.Begin(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		defer v.Close()
		moment, err := v.Export(context.Background())
		if (err == nil) != exports {
			t.Errorf("it exports a snapshot: %v", err)
		}
		if _, err := store.BeginAt(context.Background(), moment); err == nil {
			t.Error("there is a second view")
		}
		var used int64
		if err := v.Census(context.Background(), []string{"plain"}, func(c druid.Census) error { used += c.Used; return nil }); err != nil || used != 7 {
			t.Errorf("%d used, %v", used, err)
		}
	}
	t.Run("one connection", func(t *testing.T) { check(t, true) })
	run(t, at, "REVOKE EXECUTE ON FUNCTION pg_export_snapshot() FROM PUBLIC")
	t.Run("no right", func(t *testing.T) { check(t, false) })
}

// TestRegionsBringPayloads: what was asked for comes with the row, if it is what the row says it is.
func TestRegionsBringPayloads(t *testing.T) {
	eachCollation(t, func(t *testing.T, v *View, all *found) {
		regions := []druid.Region{druid.EveryRow("plain", true), druid.EveryRow("shared", true), druid.EveryRow("damaged", true), druid.EveryRow("plain", false)}
		for n := range 3 {
			regions[n].Payloads = true
		}
		with, without := 0, 0
		more, err := v.Regions(context.Background(), regions, 1000, func(n int, r *druid.SegmentRecord) error {
			switch {
			case r.Data == nil:
				without++
			case r.Data.ID != r.ID || r.Data.Bytes != 11 || r.Data.Shard.Partition != r.ID.Partition:
				t.Errorf("%v has %+v", r.ID, r.Data)
			default:
				with++
			}
			if r.Data == nil && n < 2 || r.Data != nil && n >= 2 {
				t.Errorf("%v of region %d has the payload %v", r.ID, n, r.Data)
			}
			return nil
		}, func(druid.OddRecord) error { return nil })
		if err != nil || more || with != 14 || without != 3 {
			t.Errorf("%d rows have payloads, %d have not, %v", with, without, err)
		}
	})
}

// TestRegionsStop: a statement that finds as many rows as are worth reading says that there may be more.
func TestRegionsStop(t *testing.T) {
	eachCollation(t, func(t *testing.T, v *View, all *found) {
		for most, want := range map[int64]int{3: 3, 7: 7, 8: 7} {
			told := 0
			more, err := v.Regions(context.Background(), []druid.Region{druid.EveryRow("plain", true)}, most,
				func(int, *druid.SegmentRecord) error { told++; return nil }, func(druid.OddRecord) error { return nil })
			if err != nil || told != want || more != (most <= 7) {
				t.Errorf("of up to %d: %d rows, more: %v, %v", most, told, more, err)
			}
		}
	})
}

// TestRegionsGoThroughTheIndex: whatever the server's planner believes of arrays and tables, it walks Druid's index.
func TestRegionsGoThroughTheIndex(t *testing.T) {
	eachCollation(t, func(t *testing.T, v *View, _ *found) {
		regions := []druid.Region{druid.EveryRow("wiki", true), druid.EveryRow("wiki-2", false)}
		part := regionPart{regions: regions}
		plan, err := readTexts(context.Background(), v.tx, "EXPLAIN "+v.store.tables.sqlRegions(regionKind{}), append(part.arguments(), 1000)...)
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
		plan, err = readTexts(context.Background(), v.tx, "EXPLAIN SELECT "+v.store.tables.narrowColumns()+" FROM "+v.store.tables.name("segments"))
		if err != nil || !strings.Contains(strings.Join(plan, "\n"), "Seq Scan") {
			t.Errorf("let go, all rows are read by\n%s\n%v", strings.Join(plan, "\n"), err)
		}
	})
}
