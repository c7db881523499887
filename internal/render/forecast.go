package render

import (
	"io"
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
	for _, line := range f.Days {
		rows = append(rows, changeRows(line.Day, clean(line.Datasource), line.Changes)...)
		if line.AtOnce {
			later = len(rows)
		}
	}
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
		s.sentence(0, "and "+counted(int64(hidden), "line")+" more until "+f.Days[len(f.Days)-1].Day+"; -v shows them", "")
	}
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
	var rows []row
	for _, d := range f.Datasources {
		if len(f.Datasources) > 1 {
			rows = append(rows, changeRows("", clean(d.Name), d.Changes)...)
		}
	}
	widths := s.widest(rows)
	for _, one := range rows {
		s.row(one, widths, changeInk(one))
	}
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
