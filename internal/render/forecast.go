package render

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"coppice/internal/plan"
)

// shownLines is how many lines of a forecast are written before the rest is folded.
const shownLines = 60

// Forecast writes what changes when: a line for each day, datasource and kind of change, and the sums. The error is the
// writer's.
func Forecast(w io.Writer, f *plan.Forecast, o Options) error {
	s := newScreen(w, o)
	s.line(0, span{"coppice forecast · " + clean(f.Cluster) + " · " + instantSeconds(f.Now) + " to " + instantSeconds(f.Until), inkBold})
	s.sentence(0, "If the plan is carried out now, and then no data arrives, nobody marks anything, and locks stay as they are.", "")
	if len(f.Days) == 0 {
		s.blank()
		what := "No segment changes its state until then."
		if len(f.Unjudged) > 0 {
			what = "Of what could be judged, no segment changes its state until then."
		}
		s.sentence(0, what, "")
	} else {
		s.forecastLines(f)
		s.forecastSums(f)
	}
	s.undated(f)
	if len(f.Unjudged) > 0 {
		s.blank()
		s.sentence(0, "Not everything could be judged, so that more may change: "+clean(strings.Join(f.Unjudged, ", "))+"; plan says why.", "")
	}
	return s.flush()
}

// forecastLines writes the lines of now, and then those of later days.
func (s *screen) forecastLines(f *plan.Forecast) {
	var rows []row
	later := 0
	for from := 0; from < len(f.Days); {
		to := from
		var day []fated
		for ; to < len(f.Days) && f.Days[to].Day == f.Days[from].Day && f.Days[to].AtOnce == f.Days[from].AtOnce; to++ {
			day = append(day, fated{names: []string{clean(f.Days[to].Datasource)}, Changes: f.Days[to].Changes})
		}
		for _, each := range s.fatedAlike(day) {
			rows = append(rows, changeRows(f.Days[from].Day, each.name(), each.Changes)...)
		}
		if f.Days[from].AtOnce {
			later = len(rows)
		}
		from = to
	}
	s.forecastRows(rows, later, f.Days[len(f.Days)-1].Day)
}

// forecastRows writes rows, of which those from later on are not of now; last is the last day.
func (s *screen) forecastRows(rows []row, later int, last string) {
	shown := rows
	if len(rows) > shownLines && !s.verbose {
		shown = rows[:shownLines]
	}
	widths := s.widest(shown)
	for i, one := range shown {
		switch {
		case i == 0 && later > 0:
			s.title("NOW", inkBold)
		case i == later:
			s.title("BY DAY (UTC)", inkBold)
		}
		s.row(one, widths, changeInk(one))
	}
	if hidden := len(rows) - len(shown); hidden > 0 {
		s.sentence(0, "and "+counted(int64(hidden), "line")+" more until "+last+"; -v shows them", "")
	}
}

// fated is a datasource, or several to which the same kinds of change happen, and their sum.
type fated struct {
	names []string
	plan.Changes
}

func (f *fated) name() string {
	if len(f.names) == 1 {
		return f.names[0]
	}
	return counted(int64(len(f.names)), "datasource")
}

// fatedAlike joins single datasources that are alike, what is deleted first.
func (s *screen) fatedAlike(all []fated) []*fated {
	var list, joined []*fated
	for i := range all {
		list = append(list, &all[i])
	}
	if s.verbose {
		return list
	}
	for _, group := range groups(list, (*fated).key, (*fated).weight) {
		for _, other := range group[1:] {
			group[0].names = append(group[0].names, other.names...)
			group[0].Changes.Add(other.Changes)
		}
		joined = append(joined, group[0])
	}
	slices.SortFunc(joined, func(a, b *fated) int {
		return cmp.Or(cmp.Compare(b.Kill.Segments, a.Kill.Segments), cmp.Compare(b.weight(), a.weight()), strings.Compare(a.names[0], b.names[0]))
	})
	return joined
}

// key is equal for datasources to which the same kinds of change happen.
func (f *fated) key() string {
	return fmt.Sprint(f.Kill.Segments > 0, f.Drop.Segments > 0, f.Shadowed.Segments > 0, f.Remove.Segments > 0, f.Restore.Segments > 0)
}

func (f *fated) weight() int64 {
	return f.Kill.Segments + f.Drop.Segments + f.Shadowed.Segments + f.Remove.Segments + f.Restore.Segments
}

// changeRows are the kinds of change that there are, the most harmful first.
func changeRows(day, name string, c plan.Changes) []row {
	var rows []row
	add := func(sign string, a plan.Amount, note string) {
		if a.Segments > 0 {
			rows = append(rows, row{sign: sign, name: name, span: day, amount: segments(a.Segments), size: totalSize(a), note: note})
		}
	}
	add("-", c.Kill, "deletable")
	dropped := "dropped by rules"
	if n := c.OverRetained.Segments; n > 0 {
		dropped += ", " + count(n) + " longer than a day"
	}
	add("~", c.Drop, dropped)
	add("~", c.Shadowed, "marked below newer versions")
	add("~", c.Remove, "marked by a removal")
	add("+", c.Restore, "restored")
	return rows
}

func changeInk(r row) ink {
	if r.sign == "-" {
		return inkDanger
	}
	return inkPlain
}

// forecastSums are the sums of datasources, when there are several, and of all.
func (s *screen) forecastSums(f *plan.Forecast) {
	s.title("IN ALL", inkBold)
	var all []fated
	for _, d := range f.Datasources {
		if one := (fated{names: []string{clean(d.Name)}, Changes: d.Changes}); len(f.Datasources) > 1 && one.weight() > 0 {
			all = append(all, one)
		}
	}
	s.forecastEntries(s.fatedAlike(all))
	var parts []string
	for _, one := range changeRows("", "", f.Summary) {
		part := one.amount
		if one.size != "" {
			part += ", " + one.size
		}
		parts = append(parts, one.note+": "+part)
	}
	s.sentence(0, "Forecast: "+strings.Join(parts, "; ")+".", "")
}

// forecastEntries writes the sums, with the names of datasources that are alike: all of them where something is deleted.
func (s *screen) forecastEntries(list []*fated) {
	var rows []row
	for _, each := range list {
		rows = append(rows, changeRows("", each.name(), each.Changes)...)
	}
	widths := s.widest(rows)
	for _, each := range list {
		for _, one := range changeRows("", each.name(), each.Changes) {
			s.row(one, widths, changeInk(one))
		}
		limit := shownAlike
		if each.Kill.Segments > 0 {
			limit = 0
		}
		if len(each.names) > 1 {
			s.sentence(detailIndent, nameWords(each.names, limit, asIs), "")
		}
	}
}

// undated says what is left out.
func (s *screen) undated(f *plan.Forecast) {
	var waits plan.Amount
	for _, d := range f.Datasources {
		waits.Add(d.Undated)
	}
	if waits.Segments > 0 {
		s.sentence(0, "Not in it: "+amountText(waits)+" that wait for something without a date, such as a lock; coppice explain says for what.", "")
	}
}
