package render

import (
	"bytes"
	"io"
	"strings"

	"coppice/internal/druid"
	"coppice/internal/plan"
)

// Comparison writes what a change of the configuration does to the segments that are there: what ends earlier first. The
// error is the writer's.
func Comparison(w io.Writer, c *plan.Comparison, o Options) error {
	s := newScreen(w, o)
	s.line(0, span{"coppice compare · " + clean(c.Cluster) + " · " + instantSeconds(c.Now) + " to " + instantSeconds(c.Until), inkBold})
	s.sentence(0, clean(c.Base)+" → "+clean(c.Head), "")
	s.blank()
	if len(c.Datasources) == 0 {
		s.inked(0, span{noDifference(c), inkGood}, "")
		s.unjudgedLine(c)
		return s.flush()
	}
	s.comparedTotals(c)
	s.comparedParts(c)
	s.comparedRules(c)
	s.unjudgedLine(c)
	s.blank()
	s.inked(0, span{comparedLine(c), inkBold}, "")
	return s.flush()
}

func noDifference(c *plan.Comparison) string {
	if len(c.Unjudged) > 0 {
		return "No difference in what could be judged."
	}
	return "No difference: both mean the same for every segment."
}

// unjudgedLine names what could not be judged.
func (s *screen) unjudgedLine(c *plan.Comparison) {
	if text := unjudgedWords(c); text != "" {
		s.blank()
		s.inked(0, span{text, inkWarning}, "")
	}
}

func unjudgedWords(c *plan.Comparison) string {
	if len(c.Unjudged) == 0 {
		return ""
	}
	names := make([]string, len(c.Unjudged))
	for n, name := range c.Unjudged {
		names[n] = clean(name)
	}
	return "Not everything could be judged, so that more may differ: " + some(names) + "; plan says why."
}

func (s *screen) comparedTotals(c *plan.Comparison) {
	for _, one := range []struct {
		name string
		d    *plan.Difference
		ink  ink
	}{{"earlier", &c.Summary.DiesEarlier, inkDanger}, {"later", &c.Summary.DiesLater, inkGood}} {
		text := "nothing"
		if one.d.Segments > 0 {
			text = amountText(one.d.Amount) + ", first " + dueInstant(*one.d.FirstAt)
		}
		if n := one.d.Deleted; n.Segments > 0 {
			text += "; " + count(n.Segments) + sized(n) + " of them DELETED FOR GOOD " + one.name
		}
		s.label(one.name, text, one.ink)
	}
}

// comparedParts has a line for each datasource and direction.
func (s *screen) comparedParts(c *plan.Comparison) {
	for _, part := range []struct {
		title, sign string
		ink         ink
		pick        func(*plan.Compared) *plan.Difference
	}{
		{"ENDS EARLIER", "-", inkDanger, func(d *plan.Compared) *plan.Difference { return &d.DiesEarlier }},
		{"ENDS LATER", "+", inkGood, func(d *plan.Compared) *plan.Difference { return &d.DiesLater }},
	} {
		var rows []row
		var shown []*plan.Compared
		for _, d := range c.Datasources {
			if one := part.pick(d); one.Segments > 0 {
				rows = append(rows, row{sign: part.sign, name: clean(d.Name), span: spanOf(one.Runs), amount: segments(one.Segments),
					size: totalSize(one.Amount), note: "first " + dueInstant(*one.FirstAt)})
				shown = append(shown, d)
			}
		}
		if len(rows) == 0 {
			continue
		}
		s.title(part.title, part.ink)
		widths := s.widest(rows)
		for n, d := range shown {
			s.row(rows[n], widths, part.ink)
			s.comparedDetail(d, part.pick(d))
		}
	}
}

func (s *screen) comparedDetail(d *plan.Compared, one *plan.Difference) {
	if one.Deleted.Segments > 0 {
		s.sentence(detailIndent, amountText(one.Deleted)+" of it deleted for good", "")
	}
	if before, after := keptFrom(d.OldestKeptBefore), keptFrom(d.OldestKeptAfter); before != after {
		s.sentence(detailIndent, "oldest data kept: "+before+" → "+after, "")
	}
	if !s.verbose {
		return
	}
	for i := range one.Runs {
		r := &one.Runs[i]
		ends := "marked unused"
		if r.Ends == plan.EndExistence {
			ends = "deleted"
		}
		s.line(detailIndent+2, plain(interval(r.Interval)+"  "+clean(r.Version)+"  partitions "+r.Partitions.String()+"  "+ends+" "+
			never(r.Before)+" → "+never(r.After)))
	}
}

// keptFrom is a day, or that there is nothing.
func keptFrom(t *druid.Instant) string {
	if t == nil {
		return "nothing"
	}
	return instant(*t)
}

func never(t *druid.Instant) string {
	if t == nil {
		return "never until then"
	}
	return dueInstant(*t)
}

func spanOf(runs []plan.ComparedRun) string {
	span := runs[0].Interval
	for _, r := range runs {
		span = hull(span, r.Interval)
	}
	return interval(span)
}

// comparedRules are the lists that differ.
func (s *screen) comparedRules(c *plan.Comparison) {
	first := true
	for _, d := range c.Datasources {
		if !d.RulesChange() {
			continue
		}
		if first {
			s.title("RULES", inkBold)
			first = false
		}
		s.line(0, plain("~ "), span{clean(d.Name), inkBold})
		for _, each := range foldSame(diffRules(d.RulesBefore, d.RulesAfter)) {
			s.ruleLine(each, plan.RuleChange{})
		}
	}
}

// comparedLine is the last line: the same numbers.
func comparedLine(c *plan.Comparison) string {
	e, l := c.Summary.DiesEarlier, c.Summary.DiesLater
	return "Compare: " + inShort(e.Amount) + " end earlier (" + count(e.Deleted.Segments) + " deleted for good), " + inShort(l.Amount) +
		" later, in " + counted(int64(c.Summary.Datasources), "datasource") + "."
}

// ComparisonMarkdown writes the same as a comment for a pull request, within a limit of bytes as Markdown does.
func ComparisonMarkdown(w io.Writer, c *plan.Comparison, limit int) error {
	m := &markdown{}
	m.add("<!-- coppice compare " + marker(c.Cluster) + " -->\n### coppice compare · " + code(c.Cluster) + "\n\n")
	m.comparedBanner(c)
	m.comparedTable(c)
	if text := unjudgedWords(c); text != "" {
		m.add("**" + escape(text) + "**\n\n")
	}
	foot := "\n<sub>" + code(c.Base) + " → " + code(c.Head) + " · " + instantSeconds(c.Now) + " to " + instantSeconds(c.Until) + "</sub>\n"
	if len(c.Datasources) > 0 {
		var text bytes.Buffer
		if err := Comparison(&text, c, Options{Width: 110}); err != nil {
			return err
		}
		m.detail(detail{"Detail", text.String()}, limit-m.text.Len()-len(foot))
	}
	m.add(foot)
	_, err := w.Write(m.text.Bytes())
	return err
}

func (m *markdown) comparedBanner(c *plan.Comparison) {
	e := c.Summary.DiesEarlier
	switch {
	case len(c.Datasources) == 0:
		m.add("> [!NOTE]\n> " + noDifference(c) + "\n\n")
	case e.Deleted.Segments > 0:
		m.add("> [!CAUTION]\n> **" + strings.ToUpper(segments(e.Deleted.Segments)) + sized(e.Deleted) + " DELETED FOR GOOD earlier**; " +
			segments(e.Segments) + sized(e.Amount) + " end earlier in all, the first " + dueInstant(*e.FirstAt) + ".\n\n")
	case e.Segments > 0:
		m.add("> [!WARNING]\n> **" + segments(e.Segments) + sized(e.Amount) + " end earlier**, the first " + dueInstant(*e.FirstAt) +
			"; none of them is deleted for good earlier.\n\n")
	default:
		m.add("> [!NOTE]\n> Nothing ends earlier.\n\n")
	}
}

// shownCompared is how many datasources the table has.
const shownCompared = 50

func (m *markdown) comparedTable(c *plan.Comparison) {
	if len(c.Datasources) == 0 {
		return
	}
	m.add("| datasource | ends earlier | deleted for good | first | ends later | oldest kept |\n|---|--:|--:|---|--:|---|\n")
	for n, d := range c.Datasources {
		if n == shownCompared {
			m.add("| and " + count(int64(len(c.Datasources)-n)) + " more | | | | | |\n")
			break
		}
		first := ""
		if at := d.DiesEarlier.FirstAt; at != nil {
			first = dueInstant(*at)
		}
		kept := keptFrom(d.OldestKeptBefore)
		if after := keptFrom(d.OldestKeptAfter); after != kept {
			kept += " → " + after
		}
		m.add("| " + code(d.Name) + " | " + inCell(d.DiesEarlier.Amount) + " | " + inCell(d.DiesEarlier.Deleted) + " | " + first + " | " +
			inCell(d.DiesLater.Amount) + " | " + kept + " |\n")
	}
	m.add("\n")
}

func inCell(a plan.Amount) string {
	if a.Segments == 0 {
		return ""
	}
	return inShort(a)
}
