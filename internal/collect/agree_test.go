package collect

import (
	"context"
	"slices"
	"strings"
	"testing"

	"coppice/internal/druid"
	"coppice/internal/snapshot"
)

// TestTwoSources compares a store with Coordinators that are of another cluster, behind, or blind.
func TestTwoSources(t *testing.T) {
	staging := func(c *cluster) {
		for i := range c.rows {
			c.rows[i].ID.Version = "2026-05-05T05:05:05.000Z"
		}
	}
	cases := []struct {
		name     string
		change   func(view *fakeView, coordinator *fakeCoordinator)
		disagree string
		frozen   bool
		gap      string
	}{
		{"the same", func(*fakeView, *fakeCoordinator) {}, "", false, ""},
		{"staging's store, other versions", func(_ *fakeView, c *fakeCoordinator) { staging(c.cluster) }, "does not know", false, ""},
		{"a datasource more", func(_ *fakeView, c *fakeCoordinator) {
			c.rows = append(c.rows, record(t, "prod-only", "2026-01-01/2026-01-02", "v1", 0, true))
		}, "knows segments of prod-only", false, ""},
		{"a datasource less", func(_ *fakeView, c *fakeCoordinator) {
			c.rows = c.rows[:4]
		}, "", false, "ads datasources: the Coordinator does not show this datasource"},
		{"no datasource", func(_ *fakeView, c *fakeCoordinator) { c.rows = nil }, "shows none of the store's datasources", false, ""},
		{"other rules", func(_ *fakeView, c *fakeCoordinator) {
			c.rules[1].List = list(t, `[{"type":"dropByPeriod","period":"P1D"}]`)
		}, "Coordinator and store have different rules (wiki)", false, "wiki rules: Coordinator and store have different rules"},
		{"rules changed a minute ago", func(v *fakeView, c *fakeCoordinator) {
			v.rules = append(v.rules, druid.RuleRecord{Key: "wiki", Since: now - 60_000, List: list(t, loadForever)})
		}, "", false, "wiki rules: Coordinator and store have different rules"},
		{"rules unknown to the Coordinator", func(_ *fakeView, c *fakeCoordinator) { c.rules = c.rules[:3] }, "store has rules that the Coordinator does not know (ghost)", false, ""},
		{"rules unknown to the store", func(v *fakeView, _ *fakeCoordinator) { v.rules = v.rules[:3] }, "Coordinator has rules that the store does not have (ghost)", false, ""},
		{"frozen snapshot", func(v *fakeView, c *fakeCoordinator) {
			fresh := record(t, "wiki", "2026-04-01/2026-04-02", "v1", 0, true)
			fresh.CreatedAt = now - 10*60_000
			v.rows = append(v.rows, fresh)
			c.rows = append(c.rows, fresh)
			c.stale = []string{fresh.ID.String()}
		}, "", true, ""},
		{"created a minute ago", func(v *fakeView, c *fakeCoordinator) {
			fresh := record(t, "wiki", "2026-04-01/2026-04-02", "v1", 0, true)
			fresh.CreatedAt = now - 60_000
			v.rows = append(v.rows, fresh)
			c.rows = append(c.rows, fresh)
			c.stale = []string{fresh.ID.String()}
		}, "", false, ""},
		{"frozen metadata cache", func(_ *fakeView, c *fakeCoordinator) {
			c.rows = slices.Delete(c.rows, 0, 1)
		}, "", true, ""},
		{"the comparison fails", func(_ *fakeView, c *fakeCoordinator) {
			c.broken = map[string]bool{"UsedSegments": true}
		}, "", false, "comparison with the Coordinator: it is broken"},
		{"the Coordinator is down", func(_ *fakeView, c *fakeCoordinator) {
			c.broken = map[string]bool{"AllRules": true}
		}, "", false, "comparison with the Coordinator: it is broken"},
	}
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			view, coordinator := &fakeView{cluster: small(t)}, &fakeCoordinator{cluster: small(t)}
			test.change(view, coordinator)
			got := mustCollect(t, request(view, coordinator)).Cluster
			if !strings.Contains(got.Sources.Disagree, test.disagree) || test.disagree == "" && got.Sources.Disagree != "" {
				t.Errorf("disagree %q, want %q", got.Sources.Disagree, test.disagree)
			}
			if got.Duties.Frozen != test.frozen || test.frozen && got.Duties.Detail == "" {
				t.Errorf("duties %+v, want frozen %v", got.Duties, test.frozen)
			}
			found := slices.ContainsFunc(gaps(got), func(gap string) bool { return strings.HasPrefix(gap, test.gap) })
			if test.gap != "" && !found || test.gap == "" && test.disagree == "" && len(gaps(got)) > 0 {
				t.Errorf("gaps %q, want %q", gaps(got), test.gap)
			}
		})
	}
}

// TestMovedBetweenReads: what differs only because the cluster moved on is no disagreement.
func TestMovedBetweenReads(t *testing.T) {
	before, after := &fakeView{cluster: small(t)}, &fakeView{cluster: small(t)}
	after.rows[4].Used = false // marked unused after the first view began
	after.rows = append(after.rows, record(t, "new", "2026-01-01/2026-01-02", "v1", 0, true))
	r := request(nil, &fakeCoordinator{cluster: after.cluster})
	begun := 0
	r.Begin = func(context.Context) (View, error) {
		begun++
		if begun == 1 {
			return before, nil
		}
		return after, nil
	}
	got := mustCollect(t, r).Cluster
	if got.Sources.Disagree != "" || got.Duties.Frozen || begun != 2 || after.closed != 1 {
		t.Errorf("disagree %q, duties %+v, %d views, the second closed %d times", got.Sources.Disagree, got.Duties, begun, after.closed)
	}
}

// TestRulesMovedBetweenReads: whoever changes rules while a plan is made does not make the store another cluster's.
func TestRulesMovedBetweenReads(t *testing.T) {
	before, after := &fakeView{cluster: small(t)}, &fakeView{cluster: small(t)}
	after.rules = append(slices.Delete(after.rules, 3, 4), // ghost is gone
		druid.RuleRecord{Key: "wiki", Since: now - 1000, List: list(t, loadForever)},
		druid.RuleRecord{Key: "new", Since: now - 1000, List: list(t, dropForever)})
	served := small(t)
	served.rules = []druid.RuleRecord{after.rules[0], after.rules[3], after.rules[4]}
	r := request(nil, &fakeCoordinator{cluster: served})
	begun := 0
	r.Begin = func(context.Context) (View, error) {
		if begun++; begun == 1 {
			return before, nil
		}
		return after, nil
	}
	got := mustCollect(t, r).Cluster
	if got.Sources.Disagree != "" || len(gaps(got)) > 0 || begun != 2 || after.closed != 1 {
		t.Errorf("disagree %q, gaps %v, %d views, the second closed %d times", got.Sources.Disagree, gaps(got), begun, after.closed)
	}
	if rules := got.Find("wiki").Rules; rules.Since != now-1000 || !rules.List.Equal(list(t, loadForever)) || len(rules.History) != 2 {
		t.Errorf("rules of wiki: %+v, want the new list with both older ones", rules)
	}
}

func TestRulesThatCannotBeReadAgain(t *testing.T) {
	view, coordinator := &fakeView{cluster: small(t)}, &fakeCoordinator{cluster: small(t)}
	coordinator.rules[1].List = list(t, loadForever)
	r := request(nil, coordinator)
	begun := 0
	r.Begin = func(context.Context) (View, error) {
		if begun++; begun == 1 {
			return view, nil
		}
		return nil, errBroken
	}
	got := mustCollect(t, r).Cluster
	if !strings.Contains(got.Sources.Disagree, "different rules (wiki)") || len(gaps(got)) == 0 {
		t.Errorf("disagree %q, gaps %v", got.Sources.Disagree, gaps(got))
	}
}

func TestOddStoredRules(t *testing.T) {
	for name, test := range map[string]struct {
		records []druid.RuleRecord
		gap     string
		history int
		whole   bool
	}{
		"newest not readable": {[]druid.RuleRecord{{Key: "wiki", Since: now, Problem: "bad"}, {Key: "wiki", Since: 0}}, "wiki rules: bad", 0, false},
		"moment not known":    {[]druid.RuleRecord{{Key: "wiki", Since: now}, {Key: "wiki", Since: druid.NoInstant, Problem: "bad version"}}, "wiki rules: bad version", 0, false},
		"old one not readable": {[]druid.RuleRecord{{Key: "wiki", Since: 3}, {Key: "wiki", Since: 2}, {Key: "wiki", Since: 1, Problem: "bad"}, {Key: "wiki", Since: 0}},
			"", 1, false},
		"two at one moment": {[]druid.RuleRecord{{Key: "wiki", Since: now, List: list(t, dropForever)}, {Key: "wiki", Since: now, List: list(t, loadForever)}}, "wiki rules: two different lists", 0, false},
		"only one":          {[]druid.RuleRecord{{Key: "wiki", Since: now}}, "", 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			c := small(t)
			c.rules = test.records
			got := mustCollect(t, request(&fakeView{cluster: c}, nil)).Cluster
			if all := gaps(got); test.gap != "" && (len(all) != 1 || !strings.HasPrefix(all[0], test.gap)) || test.gap == "" && len(all) > 0 {
				t.Errorf("gaps %v, want %q", all, test.gap)
			}
			if rules := got.Find("wiki").Rules; len(rules.History) != test.history || rules.HistoryComplete != test.whole {
				t.Errorf("rules %+v", rules)
			}
		})
	}
}

func TestAuditThatDoesNotFit(t *testing.T) {
	coordinator := &fakeCoordinator{cluster: small(t), history: map[string][]druid.RuleRecord{
		"wiki": {{Key: "wiki", Since: now - day, List: list(t, loadForever)}},
	}}
	rules := mustCollect(t, request(nil, coordinator)).Cluster.Find("wiki").Rules
	if rules.Since.Known() || rules.History != nil || rules.List[0].Type != "dropForever" {
		t.Errorf("the log's newest entry is another list than the one in force, and yet: %+v", rules)
	}
}

func TestDuties(t *testing.T) {
	group := func(start, end druid.Instant) druid.DutyGroup {
		return druid.DutyGroup{Name: ruleDuties, PeriodMillis: 60000, LastRunStart: start, LastRunEnd: end}
	}
	cases := []struct {
		name    string
		looks   []druid.DutyGroup
		paused  bool
		stopped bool
		detail  string
		asked   int
	}{
		{"between runs", []druid.DutyGroup{group(100, 200)}, false, false, "", 1},
		{"never ran", []druid.DutyGroup{group(druid.NoInstant, druid.NoInstant)}, false, false, "", 1},
		{"a run ends", []druid.DutyGroup{group(300, 200), group(300, 200), group(300, 400)}, false, false, "", 3},
		{"runs die", []druid.DutyGroup{group(300, 200), group(300, 200), group(500, 200)}, false, true, "runs fail in the middle", 3},
		{"the first run dies", []druid.DutyGroup{group(300, druid.NoInstant), group(500, druid.NoInstant)}, false, true, "runs fail", 2},
		{"a long run", []druid.DutyGroup{group(300, 200)}, false, false, "had not ended", 0},
		{"paused", []druid.DutyGroup{group(300, 200)}, true, true, "paused", 1},
	}
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			coordinator := &fakeCoordinator{cluster: small(t), duties: test.looks, paused: test.paused}
			got := mustCollect(t, request(nil, coordinator)).Cluster.Duties
			if got.Stopped != test.stopped || !strings.Contains(got.Detail, test.detail) || test.detail == "" && got.Detail != "" {
				t.Errorf("got %+v, want stopped %v, detail %q", got, test.stopped, test.detail)
			}
			if test.asked > 0 && coordinator.looks != test.asked {
				t.Errorf("looked %d times, want %d", coordinator.looks, test.asked)
			}
		})
	}
	t.Run("not shown", func(t *testing.T) {
		got := mustCollect(t, request(nil, &fakeCoordinator{cluster: small(t), noDuties: true})).Cluster
		if len(got.Gaps) != 1 || got.Gaps[0].What != gapDuties || got.Duties == nil {
			t.Errorf("gaps %v", got.Gaps)
		}
	})
}

func TestFill(t *testing.T) {
	for _, passing := range []bool{false, true} {
		view := &fakeView{cluster: small(t), passing: passing}
		s := mustCollect(t, request(view, nil))
		d := s.Cluster.Find("wiki")
		broken := d.ID(&d.Segments[3])
		foreign := d.ID(&d.Segments[1]) // read before the row that it says it is
		view.payloads = map[string]string{
			broken.String():  `{`,
			foreign.String(): strings.Replace(view.payload(d.ID(&d.Segments[2])), `"size":101`, `"size":999`, 1),
		}
		if err := s.Fill(context.Background(), []Want{{d, []int32{2, 3}}, {d, []int32{1, 2}}}); err != nil {
			t.Fatal(err)
		}
		if row := &d.Segments[2]; !row.Has(snapshot.Details) || row.Bytes != 101 || row.File == snapshot.NoFile || d.Shards[row.Shard].Partition != 1 || row.Has(snapshot.Odd) {
			t.Errorf("pass %v: the wanted row is %+v", passing, row)
		}
		if row := &d.Segments[0]; row.Has(snapshot.Details) || row.Has(snapshot.Odd) || row.Bytes != snapshot.UnknownBytes {
			t.Errorf("pass %v: a row that was not wanted is %+v", passing, row)
		}
		for _, i := range []int{1, 3} {
			if row := &d.Segments[i]; row.Has(snapshot.Details) || !row.Has(snapshot.Odd) {
				t.Errorf("pass %v: row %d with a bad payload is %+v", passing, i, row)
			}
		}
		if len(d.Gaps) != 2 {
			t.Errorf("pass %v: gaps %v", passing, d.Gaps)
		}
		want := map[bool][]string{false: {"Payloads 2", "Payloads 1"}, true: {"AllPayloads true", "AllPayloads false"}}[passing]
		if methods := view.asked[len(view.asked)-2:]; !slices.Equal(methods, want) {
			t.Errorf("pass %v: asked %s", passing, methods)
		}
	}
}

// TestPlacesOfOthers: rows that came with others at their places are not asked for again, at what is no place any more.
func TestPlacesOfOthers(t *testing.T) {
	defer func(usual int) { batch = usual }(batch)
	batch = 1
	for loose, want := range map[bool]int{false: 2, true: 1} {
		view := &fakeView{cluster: small(t), loose: loose}
		r := request(view, nil)
		r.Payloads = func(string) bool { return true }
		s, err := One(context.Background(), r, "wiki")
		if err != nil {
			t.Fatal(err)
		}
		d := s.Cluster.Find("wiki")
		if err := s.Fill(context.Background(), []Want{{d, []int32{0, 1, 2, 3}}}); err != nil {
			t.Fatal(err)
		}
		for i := range d.Segments {
			if row := &d.Segments[i]; !row.Has(snapshot.Details) || row.Has(snapshot.Odd) {
				t.Errorf("loose %v: row %d is %+v", loose, i, row)
			}
		}
		if view.placed != want {
			t.Errorf("loose %v: %d places were asked for, want %d", loose, view.placed, want)
		}
	}
}

func TestFillFails(t *testing.T) {
	view := &fakeView{cluster: small(t), broken: map[string]bool{"Payloads 1": true}}
	s := mustCollect(t, request(view, nil))
	if err := s.Fill(context.Background(), []Want{{s.Cluster.Find("wiki"), []int32{0}}}); err == nil {
		t.Error("an incomplete reading is taken for complete")
	}
	if err := s.Fill(context.Background(), nil); err != nil {
		t.Error(err)
	}
}

func TestFillIsTheSameBothWays(t *testing.T) {
	filled := func(passing bool) *snapshot.Cluster {
		s := mustCollect(t, request(&fakeView{cluster: small(t), passing: passing}, nil))
		d := s.Cluster.Find("wiki")
		if err := s.Fill(context.Background(), []Want{{d, []int32{3, 1, 2}}}); err != nil {
			t.Fatal(err)
		}
		return s.Cluster
	}
	if filled(false).Digest() != filled(true).Digest() {
		t.Error("batches and a full pass give different snapshots")
	}
	served := mustCollect(t, request(nil, &fakeCoordinator{cluster: small(t)})).Cluster.Find("wiki")
	for i := range served.Segments {
		if !served.Segments[i].Has(snapshot.Details) {
			t.Errorf("over HTTP row %d has no details", i)
		}
	}
}

func TestLoadSpecs(t *testing.T) {
	for name, r := range map[string]Request{
		"store":       request(&fakeView{cluster: small(t)}, nil),
		"coordinator": request(nil, &fakeCoordinator{cluster: small(t)}),
	} {
		s := mustCollect(t, r)
		d := s.Cluster.Find("wiki")
		id := d.ID(&d.Segments[3]).String()
		specs, err := s.LoadSpecs(context.Background(), "wiki", []string{id, "unknown"})
		if err != nil || len(specs) != 1 || specs[id] != `{"type":"local","path":"/0"}` {
			t.Errorf("%s: %v, %v", name, specs, err)
		}
	}
}

func TestFingerprint(t *testing.T) {
	same := fingerprint([]byte(`{"type":"s3_zip","bucket":"b","key":"k","S3Schema":"s3n"}`))
	if got := fingerprint([]byte(`{ "key" : "k", "S3Schema":"s3n", "bucket":"\u0062", "type":"s3_zip" }`)); got != same {
		t.Error("order and spelling of keys count")
	}
	for _, other := range []string{`{"type":"s3_zip","bucket":"b","key":"K","S3Schema":"s3n"}`, `{"type":"s3_zip","bucket":"b","key":"k"}`, `{}`} {
		if fingerprint([]byte(other)) == same {
			t.Errorf("%s has the same fingerprint", other)
		}
	}
	if fingerprint([]byte(`{"type":"tombstone","path":null}`)) != snapshot.NoFile || same == snapshot.NoFile {
		t.Error("a tombstone is to have no file, others are to have one")
	}
}
