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

// However many datasources change, the comment fits and its first lines say the worst.
func TestComparisonMarkdownFits(t *testing.T) {
	c := changedRetention(t)
	for n := range 2000 {
		d := *c.Datasources[0]
		d.Name = fmt.Sprintf("%s %d", strings.Repeat("long|name", 25), n)
		c.Datasources = append(c.Datasources, &d)
	}
	got := comment(t, c, CommentBytes)
	if len(got) > CommentBytes || !strings.Contains(got[:300], "DELETED FOR GOOD earlier") || !strings.Contains(got, "and 1,952 more") {
		t.Errorf("%d bytes, beginning with %s", len(got), got[:300])
	}
}
