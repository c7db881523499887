package render

import (
	"bytes"
	"io"
	"slices"
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
			text = amountText(one.d.Amount) + ", " + firstWords(c, one.d)
		}
		if n := one.d.Deleted; n.Segments > 0 {
			text += "; " + count(n.Segments) + sized(n) + " of them DELETED FOR GOOD " + one.name
		}
		s.label(one.name, text, one.ink)
	}
}

// firstWords say when the first of a difference shows.
func firstWords(c *plan.Comparison, d *plan.Difference) string {
	return "first " + momentWords(c, d.FirstAt)
}

// momentWords is a moment of a comparison; nil is one beyond its end.
func momentWords(c *plan.Comparison, t *druid.Instant) string {
	switch {
	case t == nil:
		return "never until then"
	case *t <= c.Now:
		return "now"
	}
	return dueInstant(*t)
}

// comparedParts has a line for each datasource and direction, or for several that are alike.
func (s *screen) comparedParts(c *plan.Comparison) {
	list := comparedEntries(c, s.verbose)
	for _, d := range directions {
		s.comparedPart(c, d, slices.DeleteFunc(slices.Clone(list), func(e *comparedEntry) bool { return d.of(e).Segments == 0 }))
	}
}

func (s *screen) comparedPart(c *plan.Comparison, d direction, list []*comparedEntry) {
	if len(list) == 0 {
		return
	}
	rows := make([]row, len(list))
	for n, e := range list {
		one := d.of(e)
		rows[n] = row{sign: d.sign, name: e.name(), span: interval(e.span(d)), amount: segments(one.Segments),
			size: totalSize(one.Amount), note: firstWords(c, one)}
	}
	s.title(d.title, d.ink)
	widths := s.widest(rows)
	for n, e := range list {
		s.row(rows[n], widths, d.ink)
		s.comparedDetail(c, d, e)
	}
}

func (s *screen) comparedDetail(c *plan.Comparison, d direction, e *comparedEntry) {
	if deleted := d.of(e).Deleted; deleted.Segments > 0 {
		s.sentence(detailIndent, amountText(deleted)+" of it deleted for good", "")
	}
	if before, after := e.kept(); before != after {
		s.sentence(detailIndent, "oldest data kept: "+before+" → "+after, "")
	}
	s.comparedMembers(d, e)
	if !s.verbose {
		return
	}
	runs := d.pick(e.all[0]).Runs
	for i := range runs {
		s.comparedRun(c, &runs[i])
	}
}

func (s *screen) comparedRun(c *plan.Comparison, r *plan.ComparedRun) {
	ends := "marked unused"
	if r.Ends == plan.EndExistence {
		ends = "deleted"
	}
	s.line(detailIndent+2, plain(interval(r.Interval)+"  "+clean(r.Version)+"  partitions "+r.Partitions.String()+"  "+ends+" "+
		momentWords(c, r.Before)+" → "+momentWords(c, r.After)))
}

// comparedMembers names the datasources of an entry of several. Whatever is deleted earlier is named.
func (s *screen) comparedMembers(d direction, e *comparedEntry) {
	if len(e.all) == 1 {
		return
	}
	limit := shownAlike
	if d.ink == inkDanger && d.of(e).Deleted.Segments > 0 {
		limit = 0
	}
	fewest, greatest, richest := e.extremes(d)
	s.sentence(detailIndent, eachWords(fewest, greatest, richest)+": "+nameWords(e.names(), limit, asIs), "")
}

// keptFrom is a day, or that there is nothing.
func keptFrom(t *druid.Instant) string {
	if t == nil {
		return "nothing"
	}
	return instant(*t)
}

// comparedRules are the lists that differ; equal changes are shown once.
func (s *screen) comparedRules(c *plan.Comparison) {
	var changes []*listChange
	seen := map[string]*listChange{}
	for _, d := range c.Datasources {
		if !d.RulesChange() {
			continue
		}
		key := d.RulesBefore.Digest() + d.RulesAfter.Digest()
		if found := seen[key]; found != nil && !s.verbose {
			found.alike = append(found.alike, clean(d.Name))
			continue
		}
		seen[key] = &listChange{name: clean(d.Name), change: plan.RuleChange{Before: d.RulesBefore, After: d.RulesAfter}}
		changes = append(changes, seen[key])
	}
	if len(changes) > 0 {
		s.title("RULES", inkBold)
	}
	for _, each := range changes {
		s.ruleChange(each)
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
	m.comparedTable(c, limit/2)
	if text := unjudgedWords(c); text != "" {
		m.add("**" + escape(text) + "**\n\n")
	}
	foot := "\n<sub>" + code(c.Base) + " → " + code(c.Head) + " · " + instantSeconds(c.Now) + " to " + instantSeconds(c.Until) + "</sub>\n"
	if len(c.Datasources) > 0 {
		var text bytes.Buffer
		if err := Comparison(&text, c, Options{Width: 110}); err != nil {
			return err
		}
		m.detail(detail{"Detail", text.String(), "coppice compare"}, limit-m.text.Len()-len(foot))
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
			segments(e.Segments) + sized(e.Amount) + " end earlier in all, " + firstWords(c, &e) + ".\n\n")
	case e.Segments > 0:
		m.add("> [!WARNING]\n> **" + segments(e.Segments) + sized(e.Amount) + " end earlier**, " + firstWords(c, &e) +
			"; none of them is deleted for good earlier.\n\n")
	default:
		m.add("> [!NOTE]\n> Nothing ends earlier.\n\n")
	}
}

// shownCompared is how many lines the table has at most.
const shownCompared = 50

// comparedTable has a line for each datasource, or for several that are alike, as long as the comment has fewer than limit bytes.
func (m *markdown) comparedTable(c *plan.Comparison, limit int) {
	if len(c.Datasources) == 0 {
		return
	}
	m.add("| datasource | ends earlier | deleted for good | first | ends later | oldest kept |\n|---|--:|--:|---|--:|---|\n")
	left := len(c.Datasources)
	for n, e := range comparedEntries(c, false) {
		if n == shownCompared || m.text.Len() > limit {
			m.add("| and " + count(int64(left)) + " more | | | | | |\n")
			break
		}
		m.comparedRow(c, e)
		left -= len(e.all)
	}
	m.add("\n")
}

func (m *markdown) comparedRow(c *plan.Comparison, e *comparedEntry) {
	first := ""
	if e.earlier.FirstAt != nil {
		first = momentWords(c, e.earlier.FirstAt)
	}
	kept, after := e.kept()
	if after != kept {
		kept += " → " + after
	}
	name := code(e.all[0].Name)
	if len(e.all) > 1 {
		name = alikeName(len(e.all)) + ": " + nameWords(e.rawNames(), shownNames, code)
	}
	m.add("| " + name + " | " + inCell(e.earlier.Amount) + " | " + inCell(e.earlier.Deleted) + " | " + first + " | " +
		inCell(e.later.Amount) + " | " + kept + " |\n")
}

func inCell(a plan.Amount) string {
	if a.Segments == 0 {
		return ""
	}
	return inShort(a)
}
