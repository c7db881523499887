package snapshot

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"coppice/internal/druid"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// wiki builds one datasource from rows written as text, so that every test names what it is about.
func wiki(rows ...Segment) *Cluster {
	return &Cluster{Identity: "here", Datasources: []*Datasource{{
		Name: "wiki", Versions: VersionsOf("v2", "v1", "v2"), Roots: []string{"b", "a"},
		Shards:   []druid.ShardSpec{{Kind: druid.ShardNumbered, HasCore: true, CorePartitions: 2}, {Kind: druid.ShardNone}},
		Segments: rows, UnusedKnown: true,
	}}}
}

func row(day int64, version uint32, partition int32) Segment {
	return Segment{Interval: druid.Interval{Start: druid.Instant(day), End: druid.Instant(day + 1)}, Version: version,
		Partition: partition, MarkedAt: druid.Instant(100 + day), CreatedAt: druid.NoInstant, Bytes: UnknownBytes}
}

func TestFinish(t *testing.T) {
	c := wiki(row(2, 0, 0), row(1, 1, 1), row(1, 2, 0), row(1, 1, 0))
	c.Datasources[0].Segments[0].Root = 1
	c.Datasources[0].Segments[0].Flags = Details | Used
	c.Datasources[0].Gaps = []Gap{{What: "b"}, {What: "a"}, {What: "b"}}
	c.Finish()
	d := c.Datasources[0]
	if diff := cmp.Diff([]string{"v1", "v2"}, d.Versions.All()); diff != "" {
		t.Error(diff)
	}
	var got []string
	for i := range d.Segments {
		got = append(got, d.ID(&d.Segments[i]).String())
	}
	want := []string{
		"wiki_1970-01-01T00:00:00.001Z_1970-01-01T00:00:00.002Z_v1",
		"wiki_1970-01-01T00:00:00.001Z_1970-01-01T00:00:00.002Z_v1_1",
		"wiki_1970-01-01T00:00:00.001Z_1970-01-01T00:00:00.002Z_v2",
		"wiki_1970-01-01T00:00:00.002Z_1970-01-01T00:00:00.003Z_v2",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	last := &d.Segments[3]
	if d.Roots[last.Root-1] != "b" || d.Shards[last.Shard].Kind != druid.ShardNumbered {
		t.Errorf("root %q and shard %v moved", d.Roots[last.Root-1], d.Shards[last.Shard])
	}
	if len(d.Gaps) != 2 || d.Gaps[0].What != "a" {
		t.Errorf("gaps %v", d.Gaps)
	}
}

func TestFinishFoldsDoubles(t *testing.T) {
	used, unused := row(1, 0, 0), row(1, 2, 0)
	used.Flags, unused.Flags = Used, Details
	c := wiki(unused, used)
	c.Finish()
	d := c.Datasources[0]
	if len(d.Segments) != 1 || !d.Segments[0].Has(Used|Odd) || d.Segments[0].MarkedAt != druid.NoInstant {
		t.Errorf("got %+v, want one used and odd row without a time of marking", d.Segments)
	}
	if len(d.Gaps) != 1 || !strings.Contains(d.Gaps[0].Why, "more than once") || d.Gaps[0].Interval != used.Interval {
		t.Errorf("got the gaps %v", d.Gaps)
	}
}

// TestOrderMeansNothing: whatever order rows, versions and gaps arrive in, snapshot and digest are the same.
func TestOrderMeansNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Segment {
			s := row(rapid.Int64Range(0, 3).Draw(t, "day"), rapid.Uint32Range(0, 2).Draw(t, "version"), rapid.Int32Range(0, 2).Draw(t, "partition"))
			s.Flags = rapid.SampledFrom([]Flags{0, Used, Used | Details, Details}).Draw(t, "flags")
			s.Shard = rapid.Uint32Range(0, 1).Draw(t, "shard")
			s.Root = rapid.Uint32Range(0, 2).Draw(t, "root")
			s.Bytes = rapid.Int64Range(-1, 3).Draw(t, "bytes")
			return s
		}), 0, 12).Draw(t, "rows")
		one, other := wiki(slices.Clone(rows)...), wiki(slices.Clone(rows)...)
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		random.Shuffle(len(rows), func(i, j int) {
			s := other.Datasources[0].Segments
			s[i], s[j] = s[j], s[i]
		})
		one.Finish()
		other.Finish()
		if diff := cmp.Diff(one, other); diff != "" {
			t.Fatalf("snapshots differ:\n%s", diff)
		}
		if one.Digest() != other.Digest() {
			t.Fatal("digests differ")
		}
	})
}

func TestDigestSeesWhatMatters(t *testing.T) {
	base := func() *Cluster { return wiki(row(1, 0, 0)) }
	digest := func(change func(c *Cluster, d *Datasource)) string {
		c := base()
		change(c, c.Datasources[0])
		c.Finish()
		return c.Digest()
	}
	same := digest(func(*Cluster, *Datasource) {})
	for name, change := range map[string]func(c *Cluster, d *Datasource){
		"used":         func(_ *Cluster, d *Datasource) { d.Segments[0].Flags = Used },
		"time marked":  func(_ *Cluster, d *Datasource) { d.Segments[0].MarkedAt++ },
		"version":      func(_ *Cluster, d *Datasource) { d.Segments[0].Version = 1 },
		"root":         func(_ *Cluster, d *Datasource) { d.Segments[0].Root = 1 },
		"lock":         func(_ *Cluster, d *Datasource) { d.Busy = []Busy{{Kind: "lock"}} },
		"busy unknown": func(_ *Cluster, d *Datasource) { d.BusyKnown = true },
		"gap":          func(_ *Cluster, d *Datasource) { d.Gaps = []Gap{{What: "rules"}} },
		"rules set":    func(_ *Cluster, d *Datasource) { d.Rules.Set = true },
		"rules":        func(_ *Cluster, d *Datasource) { d.Rules.List = druid.RuleList{{Type: "dropForever"}} },
		"history":      func(c *Cluster, _ *Datasource) { c.DefaultRules.History = []RuleVersion{{Since: 1}} },
		"identity":     func(c *Cluster, _ *Datasource) { c.Identity = "there" },
		"disagree":     func(c *Cluster, _ *Datasource) { c.Sources.Disagree = "yes" },
		"duties":       func(c *Cluster, _ *Datasource) { c.Duties = &Duties{Stopped: true} },
		"details":      func(_ *Cluster, d *Datasource) { d.Segments[0].Flags = Details },
	} {
		if digest(change) == same {
			t.Errorf("%s: the digest does not see it", name)
		}
	}
	for name, change := range map[string]func(c *Cluster, d *Datasource){
		"taken at": func(c *Cluster, _ *Datasource) { c.TakenAt = 5 },
		"words of gaps": func(c *Cluster, _ *Datasource) {
			c.Datasources[0].Rules.LastAuthor, c.Datasources[0].Rules.LastComment = "anna", "because"
		},
		"unread shard": func(_ *Cluster, d *Datasource) { d.Segments[0].Shard = 1 },
	} {
		if digest(change) != same {
			t.Errorf("%s: the digest changes", name)
		}
	}
}

// TestNoVersion: a row whose version is empty is odd, and says so once.
func TestNoVersion(t *testing.T) {
	c := wiki(row(1, 0, 0), row(2, 1, 0))
	d := c.Datasources[0]
	d.Versions = VersionsOf("v1", "")
	c.Finish()
	c.Finish()
	if d.Segments[0].Has(Odd) || !d.Segments[1].Has(Odd) || len(d.Gaps) != 1 || d.Gaps[0].Interval != d.Segments[1].Interval {
		t.Errorf("%+v, gaps %+v", d.Segments, d.Gaps)
	}
}

// TestVersionsInOrder: moments are sorted as numbers where all versions are moments, and that is how Java sorts them.
func TestVersionsInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) string {
			if rapid.IntRange(0, 20).Draw(t, "other") == 0 {
				return rapid.SampledFrom([]string{"v1", "", "2026-01-01", "-0001-01-01T00:00:00.000Z", "10000-01-01T00:00:00.000Z"}).Draw(t, "text")
			}
			return druid.Instant(rapid.Int64Range(-62167219200000, 253402300799999).Draw(t, "moment") / 1e13 * 1e13).String()
		}), 0, 9).Draw(t, "versions")
		list := VersionsOf(values...)
		moved := list.sort()
		sorted := list.All()
		want := slices.Clone(values)
		slices.SortFunc(want, druid.CompareVersions)
		if want = slices.Compact(want); !slices.Equal(sorted, want) {
			t.Fatalf("got %q, want %q", sorted, want)
		}
		for i, value := range values {
			if moved != nil && sorted[moved[i]] != value {
				t.Fatalf("%q went to %q", value, sorted[moved[i]])
			}
			if at, found := list.Find(value); !found || sorted[at] != value {
				t.Fatalf("%q is found at %d: %v", value, at, found)
			}
		}
		for _, other := range []string{"", "v", "2026-01-01T00:00:00.000Z", "0000-01-01T00:00:00.001Z"} {
			below, there := 0, slices.Contains(sorted, other)
			for _, value := range sorted {
				if druid.CompareVersions(value, other) < 0 {
					below++
				}
			}
			if at, found := list.Find(other); at != below || found != there {
				t.Fatalf("%q is found at %d: %v, want %d: %v", other, at, found, below, there)
			}
		}
	})
}
