package render

import (
	"fmt"
	"slices"
	"strings"

	"coppice/internal/druid"
	"coppice/internal/plan"
)

// listChange is one rule list that changes, with the datasources whose change reads the same.
type listChange struct {
	name    string
	change  plan.RuleChange
	blocked bool
	alike   []string
	// elsewhere are datasources of which other lines ask for the same.
	elsewhere []string
	// between is the step that posts another list first, nil when there is none.
	between *plan.Action
}

// ruleChanges shows what becomes of rule lists. Equal changes of many datasources are shown once, with all names.
func (s *screen) ruleChanges(p *plan.Plan) {
	changes, outside := listChanges(p, s.verbose), lastOutside(p)
	if len(changes) == 0 && outside == "" {
		return
	}
	title := "RULES"
	if outside != "" {
		title += "  (" + outside + ")"
	}
	s.title(title, inkBold)
	for _, c := range changes {
		s.ruleChange(c)
	}
}

// lastOutside names the newest change of rules since the last apply that coppice did not make; empty when there is none.
func lastOutside(p *plan.Plan) string {
	name, newest := plan.DefaultRules, p.DefaultRules.Outside
	for _, d := range p.Datasources {
		if o := d.Rules.Outside; o != nil && (newest == nil || o.At > newest.At) {
			name, newest = clean(d.Name), o
		}
	}
	if newest == nil {
		return ""
	}
	by := ""
	if newest.Author != "" {
		by = fmt.Sprintf(", by %q", newest.Author)
	}
	return fmt.Sprintf("last change outside coppice: %s%s, %s", name, by, newest.At.String()[:len("2006-01-02")])
}

// listChanges gathers them, the default list first, since it concerns every datasource.
func listChanges(p *plan.Plan, verbose bool) []*listChange {
	var changes []*listChange
	if changed(p.DefaultRules) {
		blocked := len(blockedBy(p, plan.DefaultRules)) > 0
		changes = append(changes, &listChange{name: plan.DefaultRules, change: p.DefaultRules, blocked: blocked})
	}
	seen := map[string]*listChange{}
	for _, d := range p.Datasources {
		if !changed(d.Rules) {
			continue
		}
		key := changeKey(d)
		if found := seen[key]; found != nil && !verbose {
			found.alike = append(found.alike, clean(d.Name))
			continue
		}
		one := &listChange{name: clean(d.Name), change: d.Rules, blocked: d.Blocked, between: between(p, d.Name)}
		seen[key], changes = one, append(changes, one)
	}
	if verbose {
		return changes
	}
	return elsewhereAlike(changes)
}

// elsewhereAlike joins changes of single datasources that read the same and that different lines ask for, unless they are few.
func elsewhereAlike(changes []*listChange) []*listChange {
	byMeaning := map[string][]*listChange{}
	key := func(c *listChange) string {
		if len(c.alike) > 0 || c.between != nil || c.name == plan.DefaultRules {
			return ""
		}
		return fmt.Sprintf("%v %s %s %s", c.blocked, c.change.Change, c.change.Before.Digest(), c.change.After.Digest())
	}
	for _, c := range changes {
		byMeaning[key(c)] = append(byMeaning[key(c)], c)
	}
	return slices.DeleteFunc(changes, func(c *listChange) bool {
		same := byMeaning[key(c)]
		if key(c) == "" || len(same) < leastAlike {
			return false
		}
		if c != same[0] {
			same[0].elsewhere = append(same[0].elsewhere, c.name)
		}
		return c != same[0]
	})
}

// between is the first of two steps that set the rules of one datasource.
func between(p *plan.Plan, name string) *plan.Action {
	var first *plan.Action
	for _, a := range p.Actions {
		switch {
		case a.Kind != plan.SetRules || a.Datasource != name:
		case first == nil:
			first = a
		default:
			return first
		}
	}
	return nil
}

func changed(c plan.RuleChange) bool { return c.Change != plan.ChangeNone && c.Change != "" }

// changeKey is equal for changes that read the same on the screen.
func changeKey(d *plan.Datasource) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v %s %s %s %s", d.Blocked, d.Rules.Change, d.Rules.Before.Digest(), d.Rules.After.Digest(), place(d.Rules.Range))
	for _, source := range d.Rules.Sources {
		b.WriteString(" " + place(source))
	}
	return b.String()
}

func (s *screen) ruleChange(c *listChange) {
	sign, note := "~", ""
	switch {
	case c.change.Change == plan.ChangeCreate:
		sign, note = "+", "a list of its own; until now only the default rules"
	case c.name == plan.DefaultRules:
		note = "the cluster's default list, behind every datasource's own"
	}
	if c.blocked {
		note = strings.TrimSuffix("BLOCKED, "+note, ", ")
	}
	s.placed(0, []span{plain(sign + " "), {c.name, inkBold}, plain(padded(note))}, place(c.change.Range))
	for _, each := range foldSame(diffRules(c.change.Before, c.change.After)) {
		s.ruleLine(each, c.change)
	}
	if c.between != nil {
		s.firstStep(c.between)
	}
	s.alikeLine(c.alike, "alike")
	s.alikeLine(c.elsewhere, "alike, by lines of their own")
}

// alikeLine names the datasources of which a change reads the same.
func (s *screen) alikeLine(names []string, how string) {
	if len(names) > 0 {
		s.sentence(detailIndent, fmt.Sprintf("and %s %s: %s", moreDatasources(len(names)), how, nameWords(names, shownAlike, asIs)), "")
	}
}

// firstStep shows the list that is in force until the one above is posted.
func (s *screen) firstStep(a *plan.Action) {
	s.sentence(detailIndent, "in two steps; the first list "+clean(a.Reason.Text)+":", "")
	for n, r := range *a.RulesAfter {
		s.ruleText("  "+padLeft(fmt.Sprint(n+1), 2)+"  ", clean(r.DetailedSummary()), inkFaint, "")
	}
}

func padded(note string) string {
	if note == "" {
		return ""
	}
	return "  " + note
}

func moreDatasources(n int) string {
	if n == 1 {
		return "1 more datasource"
	}
	return count(int64(n)) + " more datasources"
}

// sameRun is one line of a diff, or several rules that stay, from line on.
type sameRun struct {
	ruleLine
	last int
}

// foldSame folds more than three neighbours that stay, since order is all they matter for.
func foldSame(lines []ruleLine) []sameRun {
	var folded []sameRun
	for i := 0; i < len(lines); {
		j := i
		for j < len(lines) && lines[j].sign == ' ' {
			j++
		}
		if j-i > 3 {
			folded = append(folded, sameRun{lines[i], lines[j-1].newNum})
			i = j
			continue
		}
		for j = max(j, i+1); i < j; i++ {
			folded = append(folded, sameRun{ruleLine: lines[i]})
		}
	}
	return folded
}

// ruleLine writes a line such as "~ 2  dropBeforeByPeriod P3Y → P2Y".
func (s *screen) ruleLine(r sameRun, c plan.RuleChange) {
	number := fmt.Sprint(r.newNum)
	text, color := "", inkPlain
	switch {
	case r.last > 0:
		number, text, color = fmt.Sprintf("%d-%d", r.newNum, r.last), "stay as they are", inkFaint
	case r.sign == ' ':
		text, color = clean(r.after.DetailedSummary()), inkFaint
	case r.sign == '~':
		text, color = becomes(r.before, r.after), inkWarning
	case r.sign == '-':
		number, text, color = fmt.Sprint(r.oldNum), clean(r.before.DetailedSummary()), inkDanger
	default:
		text, color = clean(r.after.DetailedSummary()), inkGood
	}
	s.ruleText(string(r.sign)+" "+padLeft(number, 2)+"  ", text, color, rulePlace(r, c))
}

// ruleText writes a rule below its number, wrapped when it is long.
func (s *screen) ruleText(head, text string, color ink, at string) {
	indent := detailIndent - 2
	lines := wrap(text, s.width-indent-cells(head))
	for i, one := range lines {
		spans := []span{{head + one, color}}
		if i > 0 {
			spans = []span{{strings.Repeat(" ", cells(head)) + one, color}}
		}
		if i == len(lines)-1 && at != "" {
			s.placed(indent, spans, at)
			continue
		}
		s.line(indent, spans...)
	}
}

// rulePlace is the line that asks for the rule.
func rulePlace(r sameRun, c plan.RuleChange) string {
	if r.last > 0 || r.newNum == 0 || r.newNum > len(c.Sources) {
		return ""
	}
	return place(c.Sources[r.newNum-1])
}

// becomes is "type old → new". Replicants are left out only when they stay as they are.
func becomes(before, after *druid.Rule) string {
	old, fresh := before.DetailedSummary(), after.DetailedSummary()
	if old == fresh {
		return clean(fresh + ", in a detail that is not shown here (--json shows it)")
	}
	if strings.TrimPrefix(old, before.Summary()) == strings.TrimPrefix(fresh, after.Summary()) {
		old, fresh = before.Summary(), after.Summary()
	}
	oldRest, okOld := strings.CutPrefix(old, after.Type+" ")
	freshRest, okFresh := strings.CutPrefix(fresh, after.Type+" ")
	if okOld && okFresh {
		return clean(after.Type + " " + oldRest + " → " + freshRest)
	}
	return clean(old + " → " + fresh)
}
