package planner

import (
	"fmt"
	"strings"

	"coppice/internal/diag"
	"coppice/internal/druid"
)

// unreachableRules complains about rules that no segment ever reaches.
func (w *work) unreachableRules(r *reachability) {
	for i := range r.shapes {
		if r.reached[i] != nil {
			continue
		}
		c := complaint{severity: diag.Warning, code: "rule-unreachable", summary: capitalized(w.ruleText(i)) + " is never reached",
			detail: w.hiddenText(r, i), hint: w.hiddenHint(r, i), witness: w.hiddenWitness(r, i), origin: w.ruleRange(i)}
		if !r.harmless(i) {
			before := func(n int) bool { return w.in.reach(w.inForce.Own).reached[n] == nil }
			c.severity = w.severity(w.stands(i, before))
		}
		w.complain(c)
	}
}

// hiddenText says who takes the rule's segments, and what that means for them.
func (w *work) hiddenText(r *reachability, rule int) string {
	if len(r.hidden[rule]) == 0 {
		return "It applies to no segment, now or at any later moment: its window has no length."
	}
	var all, other []string
	replicants := ""
	for _, h := range r.hidden[rule] {
		all = append(all, w.ruleText(h.by))
		if r.shapes[h.by].keeps() != r.shapes[rule].keeps() {
			other = append(other, w.ruleText(h.by))
		} else if w.planned.Own[h.by].DetailedSummary() != w.planned.Own[h.by].Summary() && !sameCopies(w.planned.Own[h.by], w.planned.Own[rule]) {
			replicants = ", but with the replicants of " + w.ruleText(h.by)
		}
	}
	text := fmt.Sprintf("Whatever it applies to, now or at any later moment, is taken first by %s.", joined(all))
	switch keeps := r.shapes[rule].keeps(); {
	case r.shapes[rule].scope == opaque:
		return text
	case len(other) > 0 && keeps:
		text += fmt.Sprintf(" What it would keep is dropped by %s.", joined(other))
	case len(other) > 0:
		text += fmt.Sprintf(" What it would drop is kept by %s.", joined(other))
	case keeps:
		text += " That is kept all the same" + replicants + "."
	default:
		text += " That is dropped all the same."
	}
	if r.shapes[rule].action == druid.ActionBroadcast {
		text += " Druid treats the datasource as broadcast nevertheless, since the rule stands there."
	}
	return text
}

// sameCopies reports whether two rules ask for the same replicants.
func sameCopies(a, b druid.Rule) bool {
	one := druid.Rule{Type: "loadForever", Replicants: a.Replicants}
	return a.Action() == b.Action() && one.Equal(druid.Rule{Type: "loadForever", Replicants: b.Replicants})
}

func (w *work) hiddenHint(r *reachability, rule int) string {
	hint := "Remove it, or put it in front of what hides it."
	if r.shapes[rule].scope == byPeriod && r.shapes[rule].action == druid.ActionDrop {
		hint += fmt.Sprintf("\nIt would drop new data. For what is older: drop { before_period = %q }", r.shapes[rule].period)
	}
	if r.harmless(rule) {
		return hint
	}
	return hint + "\nOr consent with:" + w.allowBlock("rule-unreachable")
}

// hiddenWitness is a segment that the rule applies to and another decides: one that is there, else a made up one.
func (w *work) hiddenWitness(r *reachability, rule int) string {
	counts := map[int]bool{}
	var shown *sighting
	for n := range r.hidden[rule] {
		h := &r.hidden[rule][n]
		if r.harmless(rule) || r.shapes[h.by].keeps() != r.shapes[rule].keeps() {
			counts[h.by] = true
			if shown == nil {
				shown = &h.shown
			}
		}
	}
	if shown == nil {
		return ""
	}
	own := druid.Chain{Own: w.planned.Own}
	if i := w.firstUsed(func(i int) bool {
		applies, err := w.planned.Own[rule].Applies(w.rows[i].Interval, w.in.Now)
		return err == nil && applies && counts[own.Match(w.rows[i].Interval, w.in.Now).Index]
	}); i >= 0 {
		return w.id(i)
	}
	return shown.String()
}

// recentDrops complains about dropByPeriod, which is read as "drop what is older" by almost everyone.
func (w *work) recentDrops(r *reachability) {
	for i := range r.shapes {
		s := &r.shapes[i]
		if s.scope != byPeriod || s.action != druid.ActionDrop {
			continue
		}
		detail := fmt.Sprintf("It drops what starts less than %s ago, and everything of the future; what is older stays for the next rule.", s.period)
		if !s.future {
			detail = fmt.Sprintf("It drops what lies within the last %s; what is older stays for the next rule.", s.period)
		}
		w.complain(complaint{severity: diag.Warning, code: "drop-period-recent", summary: capitalized(w.ruleText(i)) + " drops the newest data",
			detail: detail, hint: fmt.Sprintf("For what is older: drop { before_period = %q }", s.period), origin: w.ruleRange(i),
			witness: w.recentWitness(i, s)})
	}
}

// recentWitness is a segment that the rule applies to: one that is there, else a made up one.
func (w *work) recentWitness(rule int, s *shape) string {
	if i := w.firstUsed(func(i int) bool {
		applies, err := w.planned.Own[rule].Applies(w.rows[i].Interval, w.in.Now)
		return err == nil && applies
	}); i >= 0 {
		return w.id(i)
	}
	g := newGrid([]shape{*s}, w.in.Now)
	for square := range g.squares() {
		if g.decides(square) == 0 {
			return sighting{g.example(square), w.in.Now}.String()
		}
	}
	return ""
}

// firstUsed is the first used row with a quality, -1 when there is none.
func (w *work) firstUsed(is func(i int) bool) int {
	for i := range w.rows {
		if w.used(i) && is(i) {
			return i
		}
	}
	return -1
}

// overlappingPeriods complains about windows written as if they followed one another: P2D and then P5D. Windows that
// differ in their replicants are stages of one, each inside the next, and so are those of a retention block.
func (w *work) overlappingPeriods(r *reachability) {
	if w.policy.Rules != nil && w.policy.Rules.FromRetention {
		return
	}
	for i := range r.shapes {
		for j := i + 1; j < len(r.shapes) && r.shapes[j].keeps(); j++ {
			if !w.swallows(&r.shapes[j], &r.shapes[i]) || !sameCopies(w.planned.Own[i], w.planned.Own[j]) {
				continue
			}
			a, b := r.shapes[i].period, r.shapes[j].period
			w.complain(complaint{severity: diag.Warning, code: "period-overlap", origin: w.ruleRange(i),
				summary: fmt.Sprintf("%s lies inside %s", capitalized(w.ruleText(i)), w.ruleText(j)),
				detail:  fmt.Sprintf("Periods count from now, not from where the one before ends: %s and then %s keep %s together, not %s.", a, b, b, sum(a, b)),
				hint:    "Remove the shorter one, or lengthen the other."})
			break
		}
	}
}

// swallows reports whether a window by period is longer than another of the same kind at present.
func (w *work) swallows(long, short *shape) bool {
	if long.scope != byPeriod || short.scope != byPeriod || !short.keeps() || long.future != short.future {
		return false
	}
	a, errA := long.period.Before(w.in.Now)
	b, errB := short.period.Before(w.in.Now)
	return errA == nil && errB == nil && a < b
}

func sum(a, b druid.Period) druid.Period {
	return druid.Period{Years: a.Years + b.Years, Months: a.Months + b.Months, Weeks: a.Weeks + b.Weeks, Days: a.Days + b.Days,
		Hours: a.Hours + b.Hours, Minutes: a.Minutes + b.Minutes, Seconds: a.Seconds + b.Seconds, Millis: a.Millis + b.Millis}
}

// joined lists names as a sentence does.
func joined(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

// capitalized begins a sentence with a word of plain letters.
func capitalized(text string) string { return strings.ToUpper(text[:1]) + text[1:] }
