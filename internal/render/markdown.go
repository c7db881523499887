package render

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"coppice/internal/diag"
	"coppice/internal/plan"
)

// CommentBytes is how long a comment on a pull request may be: GitHub takes 65,536 characters; some are left for others.
const CommentBytes = 65_000

// Markdown writes a plan as a comment for a pull request: what dies first, then the totals and what blocks, then the screen
// of the plan, folded. It is at most limit bytes long: what is folded is cut, and says so, and never what stands above it.
// The error is the writer's.
func Markdown(w io.Writer, p *plan.Plan, limit int) error {
	m := &markdown{}
	m.add("<!-- coppice plan " + marker(p.Cluster.Name) + " -->\n")
	m.add("### coppice plan · " + code(p.Cluster.Name) + "\n\n")
	m.banner(p)
	m.table(p)
	m.errors(p)
	foot := m.foot(p)
	room := limit - m.text.Len() - len(foot)
	for _, each := range detailsOf(p) {
		room -= m.detail(each, room)
	}
	m.add(foot)
	_, err := w.Write(m.text.Bytes())
	return err
}

// markdown collects a comment.
type markdown struct{ text bytes.Buffer }

func (m *markdown) add(text string) { m.text.WriteString(text) }

// marker is a name within a comment of HTML, which it must not end.
func marker(name string) string {
	return strings.NewReplacer("--", "- -", ">", "&gt;").Replace(clean(name))
}

// shownNames is how many names stand above the fold.
const shownNames = 10

// banner says what dies, or that nothing does.
func (m *markdown) banner(p *plan.Plan) {
	k := p.Summary.Kill
	if k.Segments == 0 {
		m.add("> [!NOTE]\n> Nothing is deleted for good.\n\n")
		return
	}
	var words []string
	var last plan.Amount
	for _, e := range entries(p, parts[0], false) {
		if e.all[0].Blocked {
			continue
		}
		words = append(words, nameWords(e.names(), shownNames, code)+" "+count(e.total.Segments))
		for _, f := range e.folder.inOrder {
			if f.class == plan.ClassExpired {
				last.Add(f.Amount)
			}
		}
	}
	m.add("> [!CAUTION]\n> **DELETES " + strings.ToUpper(segments(k.Segments)) + sized(k.Amount) + " FOR GOOD**: " + some(words) + ".\n")
	if last.Segments > 0 {
		m.add("> " + segments(last.Segments) + sized(last) + " of it are **the last copy** of their data.\n")
	}
	m.add("\n")
}

// sized is " (12.6 TiB)", or nothing when no size is known.
func sized(a plan.Amount) string {
	if text := totalSize(a); text != "" {
		return " (" + text + ")"
	}
	return ""
}

// some are the first names and how many more there are.
func some(names []string) string {
	if len(names) <= shownNames+1 {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:shownNames], ", ") + " and " + count(int64(len(names)-shownNames)) + " more"
}

// table is the totals, in the words of the screen.
func (m *markdown) table(p *plan.Plan) {
	rows := totalRows(p)
	if len(rows) == 0 {
		m.add("No changes that may be applied.\n\n")
	} else {
		m.add("| | | | size | |\n|---|---|--:|--:|---|\n")
	}
	for _, r := range rows {
		sign := r.sign
		if sign == signForever {
			sign = "**" + sign + "**"
		}
		m.add("| " + sign + " | " + r.name + " | " + r.amount + " | " + r.size + " | " + cell(r.note) + " |\n")
	}
	if len(rows) > 0 {
		m.add("\n")
	}
	whole, groups := blocked(p)
	if len(whole) > 0 {
		m.add("**The whole plan is BLOCKED** by " + codes(whole) + ": apply does nothing of it.\n\n")
	}
	var words []string
	for _, g := range groups {
		words = append(words, g.words(escape))
	}
	if len(words) > 0 {
		m.add("**Blocked**, not in the totals, skipped by apply: " + some(words) + ".\n\n")
	}
}

// errors are the complaints that block, one line each; those that differ in the datasource alone share one.
func (m *markdown) errors(p *plan.Plan) {
	var lines []string
	byText := map[string][]string{}
	for _, f := range p.Findings {
		if f.Severity != diag.Error || f.AllowedBy != nil {
			continue
		}
		text := ": " + escape(shortened(f.Summary)) + atPlace(f) + "\n"
		key := "- " + code(f.Code) + " \x00" + text
		if byText[key] == nil {
			lines = append(lines, key)
		}
		byText[key] = append(byText[key], owner(f))
	}
	for n, line := range lines {
		if n == shownErrors {
			m.add("- and " + count(int64(len(lines)-n)) + " more\n")
			break
		}
		head, tail, _ := strings.Cut(line, "\x00")
		m.add(head + nameWords(byText[line], shownNames, escape) + tail)
	}
	if len(lines) > 0 {
		m.add("\n")
	}
}

func atPlace(f plan.Finding) string {
	if at := place(f.Range); at != "" {
		return " (" + code(at) + ")"
	}
	return ""
}

// shortened keeps one complaint from filling the comment.
func shortened(text string) string {
	const most = 300
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}

// foot says what the plan was made from.
func (m *markdown) foot(p *plan.Plan) string {
	text := "\n<sub>"
	if p.Cluster.DruidVersion != "" {
		text += "Druid " + escape(clean(p.Cluster.DruidVersion)) + " · "
	}
	text += instantSeconds(p.Now) + " · read " + segments(p.Cluster.Segments) + ", " + counted(int64(p.Cluster.Datasources), "datasource") +
		" (" + count(int64(p.Cluster.Managed)) + " managed)"
	if len(p.Digest) >= 12 {
		text += " · plan " + code(p.Digest[:12])
	}
	return text + "</sub>\n"
}

// detail is a part of the screen that is folded.
type detail struct {
	title, text string
	// whole is the command that prints all of it.
	whole string
}

// detailsOf are the parts of the screen, in its order, those without a line left out.
func detailsOf(p *plan.Plan) []detail {
	var list []detail
	add := func(title string, write func(s *screen)) {
		var text bytes.Buffer
		s := newScreen(&text, Options{Width: 110})
		write(s)
		_ = s.flush() // a buffer takes everything
		if body := strings.Trim(text.String(), "\n"); body != "" {
			list = append(list, detail{title, body + "\n", "coppice show"})
		}
	}
	for _, one := range parts {
		add(one.title, func(s *screen) { s.part(p, one) })
	}
	add("RULES", func(s *screen) { s.ruleChanges(p) })
	add("NOT TOUCHED", func(s *screen) { s.byTime(p); s.notTouched(p) })
	add("FINDINGS", func(s *screen) { s.findings(p.Findings) })
	return list
}

// detail folds a part, cut to the room there is, and returns what it took. A part that has no room at all is only named.
func (m *markdown) detail(d detail, room int) int {
	fence := strings.Repeat("`", max(3, longestTicks(d.text)+1))
	head := "<details><summary>" + d.title + "</summary>\n\n" + fence + "text\n"
	tail := fence + "\n</details>\n"
	body := d.cut(room - len(head) - len(tail))
	if body == "" {
		return 0
	}
	m.add(head + body + tail)
	return len(head) + len(body) + len(tail)
}

// cut leaves whole lines that fit, and says how many are missing; empty when not even that fits.
func (d detail) cut(room int) string {
	if len(d.text) <= room {
		return d.text
	}
	lines := strings.SplitAfter(d.text, "\n")
	note := "… %d more lines; " + d.whole + " prints them all\n"
	left := room - len(note) - 10
	kept := 0
	for n, line := range lines {
		if left -= len(line); left < 0 {
			if n == 0 {
				return ""
			}
			return d.text[:kept] + fmt.Sprintf(note, len(lines)-1-n)
		}
		kept += len(line)
	}
	return d.text
}

func longestTicks(text string) int {
	longest, here := 0, 0
	for _, c := range text {
		if here++; c != '`' {
			here = 0
		}
		longest = max(longest, here)
	}
	return longest
}

// code is text in a code span, in which nothing is read as Markdown.
func code(text string) string {
	text = cell(clean(text))
	fence := strings.Repeat("`", longestTicks(text)+1)
	if strings.HasPrefix(text, "`") || strings.HasSuffix(text, "`") {
		text = " " + text + " "
	}
	return fence + text + fence
}

func codes(texts []string) string {
	quoted := make([]string, len(texts))
	for n, text := range texts {
		quoted[n] = code(text)
	}
	return strings.Join(quoted, ", ")
}

// cell keeps a text within its cell of a table.
func cell(text string) string { return strings.ReplaceAll(text, "|", "\\|") }

// escape keeps Markdown, HTML and mentions out of a sentence.
func escape(text string) string {
	var b strings.Builder
	for _, c := range clean(text) {
		if strings.ContainsRune("\\`*_{}[]<>()#+!|@~&", c) {
			b.WriteByte('\\')
		}
		b.WriteRune(c)
	}
	return b.String()
}
