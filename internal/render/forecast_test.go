package render

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"coppice/internal/plan"
)

// manyDays is a forecast of many datasources alike, one with most of the data, and one of another kind.
func manyDays(t testing.TB) *plan.Forecast {
	f := &plan.Forecast{Cluster: "prod", Now: at(t, "2026-11-20T09:00:00Z"), Until: at(t, "2026-11-25T09:00:00Z")}
	sums := map[string]*plan.ForecastDatasource{}
	add := func(day, name string, atOnce bool, c plan.Changes) {
		f.Days = append(f.Days, plan.ForecastDay{Day: day, Datasource: name, AtOnce: atOnce, Changes: c})
		if sums[name] == nil {
			sums[name] = &plan.ForecastDatasource{Name: name}
		}
		sums[name].Add(c)
		f.Summary.Add(c)
	}
	for n, day := range []string{"2026-11-20", "2026-11-20", "2026-11-21", "2026-11-22"} {
		for i := range 500 {
			c := plan.Changes{Drop: plan.Amount{Segments: int64(1 + i%2), Bytes: gib}}
			if n == 3 {
				c = plan.Changes{Kill: c.Drop}
			}
			add(day, fmt.Sprintf("web_%03d", i), n == 0, c)
		}
		add(day, "whale", n == 0, plan.Changes{Drop: plan.Amount{Segments: 10_000, Bytes: gib}})
		if n == 2 {
			add(day, "x\x1b[31my", false, plan.Changes{Kill: plan.Amount{Segments: 1}})
		}
	}
	for i := range 500 {
		f.Datasources = append(f.Datasources, *sums[fmt.Sprintf("web_%03d", i)])
	}
	f.Datasources = append(f.Datasources, *sums["whale"], *sums["x\x1b[31my"], plan.ForecastDatasource{Name: "quiet"})
	return f
}

// Many datasources to which the same happens on a day are one line; --verbose and the document have each.
func TestForecastOfManyAlike(t *testing.T) {
	f := manyDays(t)
	screens(t, "forecast-alike", func(w io.Writer, o Options) error { return Forecast(w, f, o) })
	verbose := string(shot(t, func(w io.Writer, o Options) error { return Forecast(w, f, o) }, Options{Width: 120, Verbose: true}))
	if got := strings.Count(verbose, " web_007 "); got != 6 {
		t.Errorf("web_007 has %d lines with --verbose, want one each of 4 days and two in all", got)
	}
}
