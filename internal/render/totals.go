package render

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"coppice/internal/plan"
)

// totals is the summary on top. What dies comes first, and the words before each line say whether it can be undone.
func (s *screen) totals(p *plan.Plan) {
	s.blank()
	rows := totalRows(p)
	var c columns
	for _, r := range rows {
		c.name = max(c.name, cells(r.name))
		c.amount = max(c.amount, cells(r.amount))
		c.size = max(c.size, cells(r.size))
	}
	for _, r := range rows {
		color := inkPlain
		if r.sign == signForever {
			color = inkDanger
		}
		text := padRight(r.name, c.name) + "  " + padLeft(r.amount, c.amount) + "  " + padLeft(r.size, c.size)
		s.noted(2, []span{{padRight(r.sign, len(signUndo)) + "  " + text, color}}, r.note)
	}
	s.blockedTotals(p)
	s.byTime(p)
}

const (
	signForever = "FOREVER"
	signUndo    = "can undo"
	// signStamp: what is stamped stays as it is otherwise.
	signStamp = "stamp"
	// labelWidth aligns the lines without a table.
	labelWidth = len(signUndo) + 2
)

// totalRows has a row for each kind of change that the plan makes.
func totalRows(p *plan.Plan) []row {
	var rows []row
	add := func(sign, name string, a plan.Amount, note string) {
		if a.Segments > 0 {
			rows = append(rows, row{sign: sign, name: name, amount: segments(a.Segments), size: totalSize(a), note: note})
		}
	}
	add(signForever, "delete", p.Summary.Kill.Amount, counted(int64(p.Summary.Kill.Tasks), "task"))
	add(signUndo, "mark unused", p.Summary.Unused, unusedBy(p))
	if marksAlone(p) {
		add(signUndo, "mark used", p.Summary.Restore, "as asked")
	} else {
		add(signUndo, "restore", p.Summary.Restore, "mark used again")
	}
	if p.Summary.Restamp != nil {
		add(signStamp, "marking time", *p.Summary.Restamp, "unused already; their grace begins now")
	}
	if n := p.Summary.RuleChanges; n > 0 {
		rows = append(rows, row{sign: signUndo, name: "rules", amount: counted(int64(n), "rule list")})
	}
	return rows
}

// unusedBy says what marks segments unused: rule changes, removals, or both.
func unusedBy(p *plan.Plan) string {
	if marksAlone(p) {
		return "as asked"
	}
	var rules, removals int64
	for _, d := range p.Datasources {
		if !d.Blocked {
			rules += d.Drop.Segments - d.Drop.ByTime.Segments
			removals += d.Remove.Segments
		}
	}
	switch {
	case rules > 0 && removals > 0:
		return count(rules) + " by rules, " + count(removals) + " by removals"
	case removals > 0:
		return "by removals"
	}
	return "by rule changes"
}

// label writes a line such as "blocked   clicks (…)", wrapped below its text.
func (s *screen) label(name, text string, color ink) {
	for i, one := range wrap(text, s.width-2-labelWidth) {
		if i > 0 {
			name = ""
		}
		s.line(2, span{padRight(name, labelWidth), color}, plain(one))
	}
}

// blockedTotals names what apply will skip.
func (s *screen) blockedTotals(p *plan.Plan) {
	whole, groups := blocked(p)
	if len(whole) > 0 {
		s.label("BLOCKED", "the whole plan ("+strings.Join(whole, ", ")+"): apply does nothing of it", inkDanger)
	}
	if len(groups) == 0 {
		return
	}
	var words []string
	for _, g := range groups {
		words = append(words, g.words(asIs))
	}
	s.label("blocked", strings.Join(words, ", ")+": not in the totals above; apply skips "+themOrIt(blockedCount(groups)), inkWarning)
}

func themOrIt(n int) string {
	if n == 1 {
		return "it"
	}
	return "them"
}

// blockedGroup is datasources that the same codes block.
type blockedGroup struct {
	codes string
	names []string
}

// words names the first of a group, and its codes.
func (g blockedGroup) words(word func(string) string) string {
	return nameWords(g.names, shownNames, word) + word(" ("+g.codes+")")
}

func blockedCount(groups []blockedGroup) int {
	n := 0
	for _, g := range groups {
		n += len(g.names)
	}
	return n
}

// blocked are the codes that block everything, and the blocked datasources by theirs, in the order of their first names.
func blocked(p *plan.Plan) (whole []string, groups []blockedGroup) {
	byName, byCodes := map[string][]string{}, map[string][]string{}
	for _, b := range p.Summary.Blocked {
		if b.Datasource == nil {
			whole = append(whole, b.Code)
		} else {
			byName[*b.Datasource] = append(byName[*b.Datasource], b.Code)
		}
	}
	for name, codes := range byName {
		slices.Sort(codes)
		key := strings.Join(slices.Compact(codes), ", ")
		byCodes[key] = append(byCodes[key], clean(name))
	}
	for codes, names := range byCodes {
		slices.Sort(names)
		groups = append(groups, blockedGroup{codes, names})
	}
	slices.SortFunc(groups, func(a, b blockedGroup) int {
		return cmp.Or(cmp.Compare(a.names[0], b.names[0]), cmp.Compare(a.codes, b.codes))
	})
	return whole, groups
}

// byTime tells what happens without this plan.
func (s *screen) byTime(p *plan.Plan) {
	if by := p.Summary.ByTime; by.Segments > 0 {
		s.label("by time", fmt.Sprintf("%s in %s: the Coordinator marks them unused by itself", amountText(by.Amount),
			counted(int64(by.Datasources), "datasource")), inkFaint)
	}
	if a := p.Summary.Stays().Shadowed; a.Segments > 0 {
		s.label("shadowed", amountText(a)+": newer versions cover them; the Coordinator marks them unused by itself", inkFaint)
	}
}

// lastLine is the summary at the end: one line, with the same numbers.
func (s *screen) lastLine(p *plan.Plan) {
	var does []string
	if k := p.Summary.Kill; k.Segments > 0 {
		does = append(does, "delete "+inShort(k.Amount)+" FOREVER")
	}
	if p.Summary.Unused.Segments > 0 {
		does = append(does, "mark unused "+inShort(p.Summary.Unused))
	}
	if p.Summary.Restore.Segments > 0 {
		verb := "restore "
		if marksAlone(p) {
			verb = "mark used "
		}
		does = append(does, verb+inShort(p.Summary.Restore))
	}
	if a := p.Summary.Restamp; a != nil && a.Segments > 0 {
		does = append(does, "give a marking time to "+inShort(*a))
	}
	if n := p.Summary.RuleChanges; n > 0 {
		does = append(does, "change "+counted(int64(n), "rule list"))
	}
	text := "nothing that may be applied"
	if len(does) > 0 {
		text = strings.Join(does, ", ")
	}
	s.blank()
	s.inked(0, span{"Plan: " + text + "." + blockedInShort(p), inkBold}, "")
}

// inShort is "41,870 (12.6 TiB)".
func inShort(a plan.Amount) string {
	if text := totalSize(a); text != "" {
		return count(a.Segments) + " (" + text + ")"
	}
	return count(a.Segments)
}

// blockedInShort is " 1 datasource blocked.".
func blockedInShort(p *plan.Plan) string {
	whole, groups := blocked(p)
	switch {
	case len(whole) > 0:
		return " The whole plan is BLOCKED."
	case len(groups) > 0:
		return " " + capital(counted(int64(blockedCount(groups)), "datasource")) + " blocked."
	}
	return ""
}
