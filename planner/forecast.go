package planner

import (
	"cmp"
	"slices"
	"strings"

	"coppice/internal/druid"
	"coppice/internal/plan"
	"coppice/internal/snapshot"
)

// Forecast says what becomes of the segments that are there, up to and including a moment, if the plan is carried out
// now and nothing else happens: no data arrives, nobody marks anything or changes a rule, and the locks of now stay. The
// Coordinator marks a segment at the very moment at which that falls due, and what becomes killable is deleted then.
// Limits of a single run (guards, blocking findings) do not count. Payloads of all rows must be there: ForecastNeeds.
func Forecast(in Input, until druid.Instant) *plan.Forecast {
	in.Due, in.Request = false, nil
	subjects := in.subjects()
	parts := make([]*forecaster, len(subjects))
	in.each(len(subjects), func(i int) {
		parts[i] = newForecaster(in, until)
		parts[i].datasource(subjects[i])
	})
	out := &plan.Forecast{FormatVersion: plan.FormatVersion, Cluster: in.Cluster.Name, Now: in.Now, Until: until,
		Datasources: []plan.ForecastDatasource{}, Days: []plan.ForecastDay{}}
	var lines []forecastLine
	for i, f := range parts {
		total, of := f.lines(subjects[i].seen.Name)
		out.Summary.Add(total.Changes)
		out.Datasources, lines = append(out.Datasources, total), append(lines, of...)
		if f.unjudged {
			out.Unjudged = append(out.Unjudged, total.Name)
		}
	}
	slices.SortStableFunc(lines, func(a, b forecastLine) int { return cmp.Compare(a.midnight, b.midnight) })
	for _, l := range lines {
		out.Days = append(out.Days, l.ForecastDay)
	}
	return out
}

// ForecastNeeds are the payloads that a forecast needs: those of all rows, since any may be dropped one day and share a
// file then.
func ForecastNeeds(in Input) []Need {
	var needs []Need
	for _, s := range in.subjects() {
		need := Need{Datasource: s.seen}
		for i := range s.seen.Segments {
			if row := &s.seen.Segments[i]; !row.Has(snapshot.Details) && !row.Has(snapshot.Odd) {
				need.Rows = append(need.Rows, int32(i))
			}
		}
		if len(need.Rows) > 0 {
			needs = append(needs, need)
		}
	}
	return needs
}

// forecaster follows one datasource.
type forecaster struct {
	in    Input
	until druid.Instant
	// days are its changes by the midnight that their day begins with; those of now come first, at NoInstant.
	days map[druid.Instant]*plan.Changes
	// undated is what waits for something without a date.
	undated plan.Amount
	// fates are of the rows that something happens to; nil when nobody asks.
	fates map[rowKey]fate
	// unjudged: of some of its rows nobody can tell what will happen.
	unjudged bool
	// decided counts rows each time they are decided again, parted how often rows that a stone ties together were taken apart: how much
	// there is to do, and why.
	decided, parted int
}

func newForecaster(in Input, until druid.Instant) *forecaster {
	return &forecaster{in: in, until: until, days: map[druid.Instant]*plan.Changes{}}
}

// forecastLine is a line with what it is sorted by.
type forecastLine struct {
	midnight druid.Instant
	plan.ForecastDay
}

func (f *forecaster) datasource(s subject) {
	w := newWork(&f.in, s)
	components := w.decideRows()
	f.unjudged = w.unjudged()
	w.freezeAll()
	later := f.laterWork(w, s)
	switch {
	case w.clashes(): // nothing of it is predicted
	case len(f.in.Unfinished) > 0:
		// Restores that are not finished stop all kills of the datasource, so that its components depend on each other.
		f.follow(w, later, component{0, len(w.rows)})
	default:
		for _, c := range components {
			f.follow(w, later, c)
		}
	}
}

// laterWork is the datasource once the plan's rules are in force.
func (f *forecaster) laterWork(w *work, s subject) *work {
	if !w.rulesChange {
		return w
	}
	in, cluster, seen := f.in, *f.in.Snapshot, *s.seen
	seen.Rules = replaced(seen.Rules, w.planned.Own, f.in.Now)
	if f.in.defaultChanges() {
		cluster.DefaultRules = replaced(cluster.DefaultRules, w.planned.Default, f.in.Now)
	}
	in.Snapshot = &cluster
	return newWork(&in, subject{s.policy, &seen, s.present})
}

// replaced are rules after a list was written now.
func replaced(r snapshot.Rules, list druid.RuleList, now druid.Instant) snapshot.Rules {
	if list.Equal(r.List) {
		return r
	}
	if r.Set {
		r.History = append([]snapshot.RuleVersion{{Since: r.Since, List: r.List}}, r.History...)
	}
	r.Set, r.List, r.Since = true, list, now
	return r
}

// lines is what was found: the sum, and a line for each day.
func (f *forecaster) lines(name string) (plan.ForecastDatasource, []forecastLine) {
	total := plan.ForecastDatasource{Name: name, Undated: f.undated}
	var lines []forecastLine
	for midnight, changes := range f.days {
		line := plan.ForecastDay{Day: date(midnight), Datasource: name, Changes: *changes}
		if line.AtOnce = !midnight.Known(); line.AtOnce {
			line.Day = date(f.in.Now)
		}
		lines = append(lines, forecastLine{midnight, line})
		total.Add(*changes)
	}
	return total, lines
}

// date is the day of a moment in UTC.
func date(t druid.Instant) string {
	day, _, _ := strings.Cut(t.String(), "T")
	return day
}

// changes are those of the day of a moment.
func (f *forecaster) changes(t druid.Instant) *plan.Changes {
	midnight := druid.NoInstant
	if t != f.in.Now {
		midnight = t - (t%dayMillis+dayMillis)%dayMillis
	}
	if f.days[midnight] == nil {
		f.days[midnight] = &plan.Changes{}
	}
	return f.days[midnight]
}

// unjudged: rows could not be read, contradict themselves, or reach a rule of a kind that is not known.
func (w *work) unjudged() bool {
	if len(w.rows) > 0 && !w.seen.UnusedKnown || slices.ContainsFunc(w.seen.Gaps, func(g snapshot.Gap) bool { return g.What == "segment row" }) {
		return true
	}
	for i := range w.rows {
		if w.rows[i].Has(snapshot.Odd) || w.judge(w.planned, w.rows[i].Interval).action == druid.ActionUnknown {
			return true
		}
	}
	return false
}
