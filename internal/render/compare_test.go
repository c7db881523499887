package render

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"coppice/internal/druid"
	"coppice/internal/plan"
)

// changedRetention deletes some earlier, drops some, and keeps others longer.
func changedRetention(t testing.TB) *plan.Comparison {
	now, next := at(t, "2026-11-20T09:00:00Z"), at(t, "2026-12-20T09:00:00Z")
	run := func(start string, ends plan.End, before, after *druid.Instant) plan.ComparedRun {
		from := at(t, start)
		return plan.ComparedRun{Interval: druid.Interval{Start: from, End: from + day}, Version: "2026-01-01T00:00:00.000Z",
			Partitions: plan.Partitions{0, 1}, Amount: plan.Amount{Segments: 2, Bytes: gib}, Ends: ends, Before: before, After: after}
	}
	earlier := plan.Difference{Amount: plan.Amount{Segments: 4, Bytes: 2 * gib}, FirstAt: &now, Deleted: plan.Amount{Segments: 2, Bytes: gib},
		Runs: []plan.ComparedRun{run("2026-01-01T00:00:00Z", plan.EndExistence, nil, &next), run("2026-02-01T00:00:00Z", plan.EndUse, &next, &now)}}
	later := plan.Difference{Amount: plan.Amount{Segments: 2, Bytes: gib}, FirstAt: &next,
		Runs: []plan.ComparedRun{run("2026-03-01T00:00:00Z", plan.EndUse, &next, nil)}}
	c := &plan.Comparison{Cluster: "prod", Now: now, Until: at(t, "2027-11-20T09:00:00Z"), Base: "main", Head: ".", Datasources: []*plan.Compared{
		{Name: "clicks", DiesEarlier: earlier, OldestKeptBefore: ref(at(t, "2026-01-01T00:00:00Z")), OldestKeptAfter: ref(at(t, "2026-03-01T00:00:00Z")),
			RulesBefore: rules(t, `[{"type":"loadByPeriod","period":"P1Y"},{"type":"dropForever"}]`),
			RulesAfter:  rules(t, `[{"type":"loadByPeriod","period":"P9M"},{"type":"dropForever"}]`)},
		{Name: "orders", DiesLater: later, OldestKeptAfter: ref(at(t, "2026-03-01T00:00:00Z"))},
	}}
	for _, d := range c.Datasources {
		c.Summary.Datasources++
		c.Summary.DiesEarlier.Add(d.DiesEarlier)
		c.Summary.DiesLater.Add(d.DiesLater)
	}
	return c
}

func comment(t testing.TB, c *plan.Comparison, limit int) string {
	t.Helper()
	var b bytes.Buffer
	if err := ComparisonMarkdown(&b, c, limit); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestComparison(t *testing.T) {
	c := changedRetention(t)
	screens(t, "compare-story", func(w io.Writer, o Options) error { return Comparison(w, c, o) })
	golden(t, "compare-verbose", shot(t, func(w io.Writer, o Options) error { return Comparison(w, c, o) }, Options{Width: 120, Verbose: true}))
	golden(t, "compare-markdown", []byte(comment(t, c, CommentBytes)))
	none := &plan.Comparison{Cluster: "prod", Now: c.Now, Until: c.Until, Base: "main", Head: "."}
	screens(t, "compare-none", func(w io.Writer, o Options) error { return Comparison(w, none, o) })
	unknown := &plan.Comparison{Cluster: "prod", Now: c.Now, Until: c.Until, Base: "main", Head: ".", Unjudged: []string{"clicks", "or*ders"}}
	screens(t, "compare-unjudged", func(w io.Writer, o Options) error { return Comparison(w, unknown, o) })
	golden(t, "compare-unjudged-markdown", []byte(comment(t, unknown, CommentBytes)))
	golden(t, "compare-none-markdown", []byte(comment(t, none, CommentBytes)))
}

// manyAlike are 500 datasources with the same change, one of them with most of the data, and a few others.
func manyAlike(t testing.TB) *plan.Comparison {
	c := changedRetention(t)
	clicks, orders := c.Datasources[0], c.Datasources[1]
	c.Datasources = nil
	add := func(d plan.Compared, name string, days int64, more int64) {
		kept := *d.OldestKeptAfter + druid.Instant(days)*day
		d.Name, d.OldestKeptAfter = name, &kept
		for _, one := range []*plan.Difference{&d.DiesEarlier, &d.DiesLater} {
			if one.Segments > 0 {
				one.Segments += more
			}
		}
		c.Datasources = append(c.Datasources, &d)
	}
	for n := range 500 {
		add(*clicks, fmt.Sprintf("web_%03d", n), int64(n%3), int64(n%5))
	}
	add(*clicks, "whale", 0, 100_000)
	for n := range 3 {
		add(*orders, fmt.Sprintf("few_%d", n), 0, 0)
	}
	for _, name := range []string{"a|b", "d*e", "g h", "x/y"} {
		d := *clicks
		d.DiesEarlier.Deleted = plan.Amount{}
		d.RulesBefore = rules(t, fmt.Sprintf(`[{"type":"loadByPeriod","period":"P%dD"},{"type":"dropForever"}]`, len(c.Datasources)))
		d.RulesAfter = d.RulesBefore // as long as it stays, it is not what the comparison is about
		add(d, name, 0, 0)
	}
	c.Summary = plan.ComparedSummary{}
	for _, d := range c.Datasources {
		c.Summary.Datasources++
		c.Summary.DiesEarlier.Add(d.DiesEarlier)
		c.Summary.DiesLater.Add(d.DiesLater)
	}
	return c
}

// Datasources to which the same happens read as one, with all names where something is deleted; one that stands out, and few, do not.
func TestComparisonOfManyAlike(t *testing.T) {
	c := manyAlike(t)
	screens(t, "compare-alike", func(w io.Writer, o Options) error { return Comparison(w, c, o) })
	golden(t, "compare-alike-markdown", []byte(comment(t, c, CommentBytes)))
	verbose := shot(t, func(w io.Writer, o Options) error { return Comparison(w, c, o) }, Options{Width: 120, Verbose: true})
	if got := strings.Count(string(verbose), "\n- web_"); got != 500 {
		t.Errorf("%d datasources have a line of their own with --verbose, want all 500", got)
	}
}

// However many datasources change, each in a way of its own, the comment fits and its first lines say the worst.
func TestComparisonMarkdownFits(t *testing.T) {
	c := changedRetention(t)
	for n := range 2000 {
		d := *c.Datasources[0]
		d.Name = fmt.Sprintf("%s %d", strings.Repeat("long|name", 25), n)
		d.RulesAfter = rules(t, fmt.Sprintf(`[{"type":"loadByPeriod","period":"P%dD"},{"type":"dropForever"}]`, n/4+1))
		c.Datasources = append(c.Datasources, &d)
	}
	got := comment(t, c, CommentBytes)
	if len(got) > CommentBytes || !strings.Contains(got[:300], "DELETED FOR GOOD earlier") || !strings.Contains(got, "| and 1,") ||
		!strings.Contains(got, "coppice compare prints them all") {
		t.Errorf("%d bytes, beginning with %s", len(got), got[:300])
	}
}
