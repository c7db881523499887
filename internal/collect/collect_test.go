package collect

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"coppice/internal/druid"
	"coppice/internal/snapshot"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/go-hclog"
	"pgregory.net/rapid"
)

func TestSourcesGiveTheSame(t *testing.T) {
	c := small(t)
	store := mustCollect(t, request(&fakeView{cluster: c}, nil)).Cluster
	served := mustCollect(t, request(nil, &fakeCoordinator{cluster: c})).Cluster
	both := mustCollect(t, request(&fakeView{cluster: c}, &fakeCoordinator{cluster: c})).Cluster
	want := []string{
		"wiki_2026-01-01T00:00:00.000Z_2026-01-02T00:00:00.000Z_2026-01-02T00:00:00.000Z",
		"wiki_2026-01-01T00:00:00.000Z_2026-01-02T00:00:00.000Z_2026-02-01T00:00:00.000Z used",
		"wiki_2026-01-01T00:00:00.000Z_2026-01-02T00:00:00.000Z_2026-02-01T00:00:00.000Z_1 used",
		"wiki_2026-01-02T00:00:00.000Z_2026-01-03T00:00:00.000Z_v1",
	}
	for name, got := range map[string]*snapshot.Cluster{"store": store, "coordinator": served, "both": both} {
		d := got.Find("wiki")
		if diff := cmp.Diff(want, ids(d)); diff != "" {
			t.Errorf("%s: rows (-want +got):\n%s", name, diff)
		}
		rules := d.Rules
		if !rules.Set || rules.List[0].Type != "dropForever" || rules.Since != now-10*day || len(rules.History) != 1 ||
			rules.History[0].Since != now-20*day || rules.HistoryComplete != (name != "coordinator") {
			t.Errorf("%s: rules %+v", name, rules)
		}
		if !d.UnusedKnown || !d.BusyKnown || len(got.Datasources) != 3 || got.Find("ghost") == nil || got.TakenAt != now {
			t.Errorf("%s: unused known %v, busy known %v, %d datasources", name, d.UnusedKnown, d.BusyKnown, len(got.Datasources))
		}
		if got.DefaultRules.List[0].Type != "loadForever" || got.Sources.Disagree != "" || len(gaps(got)) != 0 {
			t.Errorf("%s: default rules %v, disagree %q, gaps %v", name, got.DefaultRules, got.Sources.Disagree, gaps(got))
		}
	}
	if store.Identity != "store" || served.Identity != "coordinator http://coordinator:8081" || both.Identity != "store, coordinator http://coordinator:8081" {
		t.Errorf("identities %q, %q, %q", store.Identity, served.Identity, both.Identity)
	}
	if diff := cmp.Diff([]string{"cold", "hot"}, both.Tiers); diff != "" || !both.TiersKnown || store.TiersKnown || store.Duties != nil {
		t.Errorf("tiers %v %v %v", both.Tiers, both.TiersKnown, store.TiersKnown)
	}
}

func TestStoreAloneSaysWhatIsMissing(t *testing.T) {
	view := &fakeView{cluster: small(t), replica: true}
	s := mustCollect(t, request(view, nil))
	if !s.Cluster.Sources.Replica || !s.Cluster.Sources.Store || s.Cluster.Sources.Coordinator {
		t.Errorf("sources %+v", s.Cluster.Sources)
	}
	if err := s.Close(); err != nil || view.closed != 1 {
		t.Errorf("closed %d times, %v", view.closed, err)
	}
}

// TestOrderMeansNothing: rows in any order give the same snapshot and digest.
func TestOrderMeansNothing(t *testing.T) {
	base := small(t)
	for i := range 30 {
		version := []string{"2026-02-01T00:00:00.000Z", "v9", "v10", "1969-12-31T23:59:59.999Z", "2026-02-01T00:00:00Z", "\U0001F600", "\uFFFF"}[i%7]
		base.rows = append(base.rows, record(t, []string{"wiki", "ads"}[i%2], "2026-03-01/2026-03-02", version, int32(i), i%3 == 0))
		base.rows[len(base.rows)-1].Root = []string{"", "b", "a"}[i%3]
	}
	want := mustCollect(t, request(&fakeView{cluster: base}, nil)).Cluster
	wantServed := mustCollect(t, request(nil, &fakeCoordinator{cluster: base})).Cluster
	rapid.Check(t, func(rt *rapid.T) {
		shuffled := *base
		shuffled.rows, shuffled.rules = slices.Clone(base.rows), slices.Clone(base.rules)
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1))
		random.Shuffle(len(shuffled.rows), func(i, j int) { shuffled.rows[i], shuffled.rows[j] = shuffled.rows[j], shuffled.rows[i] })
		random.Shuffle(len(shuffled.rules), func(i, j int) { shuffled.rules[i], shuffled.rules[j] = shuffled.rules[j], shuffled.rules[i] })
		got := mustCollect(t, request(&fakeView{cluster: &shuffled}, nil)).Cluster
		if diff := cmp.Diff(want, got); diff != "" || want.Digest() != got.Digest() {
			rt.Fatalf("store: digest %s and %s, %s", want.Digest(), got.Digest(), diff)
		}
		served := mustCollect(t, request(nil, &fakeCoordinator{cluster: &shuffled})).Cluster
		if diff := cmp.Diff(wantServed, served); diff != "" || wantServed.Digest() != served.Digest() {
			rt.Fatalf("coordinator: %s", diff)
		}
	})
}

func TestVersionsSortAsJavaDoes(t *testing.T) {
	c := small(t)
	c.rows = nil
	versions := []string{"", "0000-01-01T00:00:00.000Z", "10", "2026-02-01T00:00:00.000Z", "2026-02-01T00:00:00Z", "9999-12-31T23:59:59.999Z", "v1", "\U0001F600", "\uFFFF"}
	for i := range versions {
		c.rows = append(c.rows, record(t, "wiki", "2026-01-01/2026-01-02", versions[len(versions)-1-i], 0, true))
	}
	d := mustCollect(t, request(&fakeView{cluster: c}, nil)).Cluster.Find("wiki")
	if diff := cmp.Diff(versions, d.Versions.All()); diff != "" {
		t.Errorf("versions (-want +got):\n%s", diff)
	}
	for i := range d.Segments {
		if got := d.Versions.At(d.Segments[i].Version); got != versions[i] {
			t.Errorf("row %d has the version %q, want %q", i, got, versions[i])
		}
	}
}

func TestFailures(t *testing.T) {
	cases := []struct {
		name  string
		store bool
		fail  string
		// err: there is no snapshot. Otherwise the gap named is there.
		err   bool
		gap   string
		check func(c *snapshot.Cluster) bool
	}{
		{"store does not begin", true, "Begin", true, "", nil},
		{"store's segments", true, "Segments", true, "", nil},
		{"store's rules", true, "Rules", true, "", nil},
		{"store's locks", true, "Claims", false, "locks: it is broken", func(c *snapshot.Cluster) bool { return !c.Find("wiki").BusyKnown }},
		{"used list", false, "Used", true, "", nil},
		{"rules", false, "AllRules", true, "", nil},
		{"unused list", false, "Unused wiki", false, "wiki unused segments: it is broken", func(c *snapshot.Cluster) bool {
			return !c.Find("wiki").UnusedKnown && c.Find("ads").UnusedKnown && len(c.Find("wiki").Segments) == 2
		}},
		{"names", false, "Datasources", false, "datasources: it is broken", nil},
		{"locks", false, "Claims ads,ghost,wiki", false, "locks: it is broken", func(c *snapshot.Cluster) bool { return !c.Find("wiki").BusyKnown }},
		{"tiers", false, "Tiers", false, "tiers: it is broken", func(c *snapshot.Cluster) bool { return !c.TiersKnown }},
		{"version", false, "Version", false, "version: it is broken", nil},
		{"duties", false, "Duties", false, "duties: it is broken", nil},
		{"dynamic configuration", false, "Paused", false, "duties: it is broken", nil},
		{"history", false, "RuleHistory wiki", false, "wiki rule history: it is broken", func(c *snapshot.Cluster) bool {
			return c.Find("wiki").Rules.Set && !c.Find("wiki").Rules.Since.Known()
		}},
		{"history of the default", false, "RuleHistory _default", false, "rule history: it is broken", nil},
	}
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			broken := map[string]bool{test.fail: true}
			r := request(nil, &fakeCoordinator{cluster: small(t), broken: broken})
			if test.store {
				r = request(&fakeView{cluster: small(t), broken: broken}, nil)
			}
			s, err := Collect(context.Background(), r)
			if test.err {
				if !errors.Is(err, errBroken) {
					t.Errorf("got %v, want the failure", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if test.gap != "" && !slices.Contains(gaps(s.Cluster), test.gap) {
				t.Errorf("gaps %q, want %q among them", gaps(s.Cluster), test.gap)
			}
			if test.check != nil && !test.check(s.Cluster) {
				t.Errorf("the snapshot does not say so: %+v", s.Cluster.Find("wiki"))
			}
		})
	}
}

func TestNeitherSource(t *testing.T) {
	if _, err := Collect(context.Background(), request(nil, nil)); err == nil {
		t.Error("no source is accepted")
	}
}

func TestCanceled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	view := &fakeView{cluster: small(t)}
	if _, err := Collect(ctx, request(view, nil)); !errors.Is(err, context.Canceled) || view.closed != 1 {
		t.Errorf("got %v, closed %d times", err, view.closed)
	}
}

func TestOddRows(t *testing.T) {
	c := small(t)
	interval := c.rows[0].ID.Interval
	c.odd = []druid.OddRecord{
		{DataSource: "wiki", ID: "wiki_x", Reason: "its start is wrong"},
		{DataSource: "new", ID: "new_x", Reason: "its id does not fit", Interval: interval},
		{ID: "nobody", Reason: "it names no datasource"},
	}
	got := mustCollect(t, request(&fakeView{cluster: c}, nil)).Cluster
	want := []string{"segment row: nobody: it names no datasource", "new segment row: new_x: its id does not fit", "wiki segment row: wiki_x: its start is wrong"}
	if diff := cmp.Diff(want, gaps(got)); diff != "" {
		t.Error(diff)
	}
	if got.Find("new").Gaps[0].Interval != interval {
		t.Errorf("the gap does not say where: %+v", got.Find("new").Gaps)
	}
	c.odd = nil
	for range 500 {
		c.odd = append(c.odd, druid.OddRecord{DataSource: "wiki", ID: strings.Repeat("x", len(c.odd)), Interval: interval})
	}
	all := mustCollect(t, request(&fakeView{cluster: c}, nil)).Cluster.Find("wiki").Gaps
	if !slices.ContainsFunc(all, func(g snapshot.Gap) bool {
		return g.Interval == (druid.Interval{}) && strings.Contains(g.Why, "300 more")
	}) {
		t.Errorf("%d gaps, and none for all of the datasource", len(all))
	}
}

func TestSegmentInBothLists(t *testing.T) {
	c := small(t)
	moved := c.rows[2]
	moved.Used = true
	c.rows = append(c.rows, moved)
	d := mustCollect(t, request(nil, &fakeCoordinator{cluster: c})).Cluster.Find("wiki")
	if got := ids(d)[0]; !strings.HasSuffix(got, " used odd") || len(d.Segments) != 4 || len(d.Gaps) != 1 {
		t.Errorf("got %q, %d rows, gaps %v", got, len(d.Segments), d.Gaps)
	}
}

func TestAskedDatasources(t *testing.T) {
	coordinator := &fakeCoordinator{cluster: small(t)}
	r := request(nil, coordinator)
	r.Datasources = []string{"ads", "nothing"}
	got := mustCollect(t, r).Cluster
	if got.Find("wiki").UnusedKnown || got.Find("wiki").BusyKnown || !got.Find("ads").UnusedKnown || !got.Find("ads").BusyKnown || got.Find("nothing") != nil {
		t.Errorf("wiki %+v, ads %+v", got.Find("wiki"), got.Find("ads"))
	}
	if slices.Contains(coordinator.asked, "Unused wiki") || slices.Contains(coordinator.asked, "RuleHistory wiki") || !got.Find("wiki").Rules.Set {
		t.Errorf("asked %v", coordinator.asked)
	}
}

// Members of families are only known by the names that the cluster has, those without a used segment among them.
func TestAlsoAskedDatasources(t *testing.T) {
	for name, view := range map[string]*fakeView{"coordinator": nil, "both": {cluster: small(t)}} {
		coordinator := &fakeCoordinator{cluster: small(t)}
		for n := range coordinator.rows {
			coordinator.rows[n].Used = coordinator.rows[n].Used && coordinator.rows[n].ID.DataSource != "wiki"
		}
		r := request(view, coordinator)
		r.Datasources, r.Also = []string{"ads"}, func(name string) bool { return name == "wiki" }
		s := mustCollect(t, r)
		for _, d := range []string{"wiki", "ads"} {
			if got := s.Cluster.Find(d); !got.UnusedKnown || !got.BusyKnown {
				t.Errorf("%s: %s %+v", name, d, got)
			}
		}
		if !slices.Contains(coordinator.asked, "Claims ads,wiki") {
			t.Errorf("%s: asked %v", name, coordinator.asked)
		}
	}
}

// What else is asked for by name is not read with one datasource.
func TestOneReadsNothingBesides(t *testing.T) {
	coordinator := &fakeCoordinator{cluster: small(t)}
	r := request(nil, coordinator)
	r.Also = func(string) bool { return true }
	s, err := One(context.Background(), r, "ads")
	if err != nil {
		t.Fatal(err)
	}
	if slices.Contains(coordinator.asked, "Unused wiki") || !s.Cluster.Find("ads").UnusedKnown {
		t.Errorf("asked %v", coordinator.asked)
	}
}

func TestOne(t *testing.T) {
	for name, r := range map[string]Request{
		"store":       request(&fakeView{cluster: small(t)}, nil),
		"coordinator": request(nil, &fakeCoordinator{cluster: small(t)}),
		"both":        request(&fakeView{cluster: small(t)}, &fakeCoordinator{cluster: small(t)}),
	} {
		s, err := One(context.Background(), r, "wiki")
		if err != nil {
			t.Fatal(name, err)
		}
		d := s.Cluster.Find("wiki")
		if len(s.Cluster.Datasources) != 1 || len(d.Segments) != 4 || !d.UnusedKnown || !d.BusyKnown || !d.Rules.Set || !s.Cluster.DefaultRules.Set || len(gaps(s.Cluster)) != 0 {
			t.Errorf("%s: %+v, gaps %v", name, d, gaps(s.Cluster))
		}
	}
}

// A datasource that has rules and not a single row is known to have none, if it was asked for.
func TestRulesWithoutRows(t *testing.T) {
	bare := small(t)
	bare.rules = append(bare.rules, druid.RuleRecord{Key: "bare", Since: now, List: list(t, `[{"type":"loadForever"}]`)})
	for name, r := range map[string]Request{
		"store":       request(&fakeView{cluster: bare}, nil),
		"coordinator": request(nil, &fakeCoordinator{cluster: bare}),
	} {
		s, err := One(context.Background(), r, "bare")
		if err != nil {
			t.Fatal(name, err)
		}
		if d := s.Cluster.Find("bare"); d == nil || !d.UnusedKnown || !d.Rules.Set {
			t.Errorf("one, %s: %+v", name, d)
		}
		r.Datasources = []string{"bare"}
		if d := mustCollect(t, r).Cluster.Find("bare"); d == nil || !d.UnusedKnown {
			t.Errorf("all, %s: %+v", name, d)
		}
	}
	broken := &fakeCoordinator{cluster: bare, broken: map[string]bool{"Unused bare": true}}
	if s, err := One(context.Background(), request(nil, broken), "bare"); err == nil && s.Cluster.Find("bare").UnusedKnown {
		t.Error("what could not be listed is not known")
	}
	unasked := request(nil, &fakeCoordinator{cluster: bare})
	unasked.Datasources = []string{"wiki"}
	if mustCollect(t, unasked).Cluster.Find("bare").UnusedKnown {
		t.Error("what was not asked for is not known")
	}
}

func TestClaims(t *testing.T) {
	interval := small(t).rows[0].ID.Interval
	view := &fakeView{cluster: small(t), claims: []druid.Claim{{DataSource: "wiki", Interval: interval, Kind: druid.ClaimPending, By: "p"}, {DataSource: "gone"}}}
	coordinator := &fakeCoordinator{cluster: small(t), claims: []druid.Claim{{DataSource: "wiki", Interval: interval, Kind: druid.ClaimLock, By: "t"}}}
	d := mustCollect(t, request(view, coordinator)).Cluster.Find("wiki")
	want := []snapshot.Busy{{Interval: interval, Kind: "lock", By: "t"}, {Interval: interval, Kind: "pending", By: "p"}}
	if diff := cmp.Diff(want, d.Busy); diff != "" {
		t.Error(diff)
	}
}

// Gaps are told once the rest is there: before an error they would only say the same several times.
func TestGapsAreToldOfWhatWasRead(t *testing.T) {
	for broken, want := range map[string]int{"Tiers": 1, "Used": 0} {
		var told bytes.Buffer
		r := request(nil, &fakeCoordinator{cluster: small(t), broken: map[string]bool{"Tiers": true, broken: true}})
		r.Logger = hclog.New(&hclog.LoggerOptions{Output: &told})
		_, _ = Collect(t.Context(), r) // its answer is TestFailures' part
		if n := strings.Count(told.String(), "not everything could be read"); n != want {
			t.Errorf("%s is broken: %d warnings, want %d:\n%s", broken, n, want, told.String())
		}
	}
}

// TestStatementsDoNotGrow: what is asked of the store does not depend on how many datasources there are. Payloads come
// in batches of ids, whichever datasources they belong to.
func TestStatementsDoNotGrow(t *testing.T) {
	asked := func(datasources int) []string {
		c := small(t)
		for n := range datasources {
			c.rows = append(c.rows, record(t, fmt.Sprintf("d%d", n), "2026-01-01/2026-01-02", "v1", 0, false))
		}
		view := &fakeView{cluster: c}
		s := mustCollect(t, request(view, nil))
		var wants []Want
		for _, d := range s.Cluster.Datasources {
			if len(d.Segments) > 0 {
				wants = append(wants, Want{d, []int32{0}})
			}
		}
		if err := s.Fill(t.Context(), wants); err != nil {
			t.Fatal(err)
		}
		var kinds []string
		for _, method := range view.asked {
			kind, _, _ := strings.Cut(method, " ")
			kinds = append(kinds, kind)
		}
		return kinds
	}
	few, many := asked(3), asked(3000)
	if diff := cmp.Diff(few, many); diff != "" {
		t.Errorf("for 3 and for 3000 datasources (-few +many):\n%s", diff)
	}
	if !slices.Contains(few, "Payloads") || !slices.Contains(few, "Segments") {
		t.Errorf("asked only %v", few)
	}
}
