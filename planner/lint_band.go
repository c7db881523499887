package planner

import (
	"fmt"
	"slices"
	"strings"

	"coppice/internal/diag"
	"coppice/internal/druid"
	"coppice/internal/plan"
)

// fallThrough complains about a list that leaves something to the default rules. An empty list says on purpose that all
// of it goes there.
func (w *work) fallThrough(r *reachability) {
	s := r.fallsThrough()
	if s == nil || len(r.shapes) == 0 {
		return
	}
	count, byRule, witness := w.fallen()
	if witness == "" {
		witness = s.String()
	}
	var text []string
	text = append(text, w.bandText(r, s), w.caughtBy(s))
	if count > 0 {
		text = append(text, fmt.Sprintf("Of the used segments, %d do so: %s.", count, byRule))
	}
	summary := "Its own rules do not decide on everything"
	if w.seen.Name == plan.DefaultRules {
		summary = "The default rules do not decide on everything"
	}
	w.complain(complaint{severity: diag.Warning, code: "rule-fall-through", summary: summary,
		detail: strings.Join(text, " "), hint: "End the list with drop { forever = true } or load { forever = true }.",
		witness: witness, origin: w.rulesOrigin(), segments: count})
}

// bandText says when and where nothing applies.
func (w *work) bandText(r *reachability, s *sighting) string {
	if s.at > w.in.Now {
		return fmt.Sprintf("At %s no rule applies to %s.", s.at, s.interval)
	}
	bands := r.bands()
	if len(bands) == 0 {
		return fmt.Sprintf("No rule applies to some segments that reach across a border, such as %s.", s.interval)
	}
	const shown = 3
	var names []string
	for _, b := range bands[:min(shown, len(bands))] {
		names = append(names, bandName(b))
	}
	if len(bands) > shown {
		names = append(names, fmt.Sprintf("%d more stretches", len(bands)-shown))
	}
	return fmt.Sprintf("At present no rule applies to segments %s.", joined(names))
}

func bandName(b druid.Interval) string {
	switch {
	case b == druid.Eternity:
		return "of any time"
	case b.Start == druid.MinInstant:
		return "before " + b.End.String()
	case b.End == druid.MaxInstant:
		return "from " + b.Start.String() + " on"
	}
	return "within " + b.String()
}

// defaultsKnown: the default rules are declared or were read.
func (w *work) defaultsKnown() bool {
	return w.in.Config.DefaultRules != nil || w.in.Snapshot.DefaultRules.Set
}

// caughtBy names the default rule that decides on an example. The default list itself has none behind it.
func (w *work) caughtBy(s *sighting) string {
	switch m := w.planned.Match(s.interval, s.at); {
	case w.seen.Name != plan.DefaultRules && !w.defaultsKnown():
		return "The cluster's default rules decide on them."
	case m.Index < 0:
		return "No default rule does either: Druid leaves such segments as they are, and raises an alert."
	default:
		return fmt.Sprintf("There %s decides.", w.ruleText(m.Index))
	}
}

// fallen counts the visible used segments that no own rule applies to, by the default rule that decides on them.
func (w *work) fallen() (count int64, byRule, witness string) {
	own := druid.Chain{Own: w.planned.Own}
	counts := map[int]int64{}
	for i := range w.rows {
		if !w.used(i) || w.verdicts[i].decision == shadowed || own.Match(w.rows[i].Interval, w.in.Now).Index >= 0 {
			continue
		}
		if count++; witness == "" {
			witness = w.id(i)
		}
		counts[w.judge(w.planned, w.rows[i].Interval).rule]++
	}
	var parts []string
	for rule := range counts {
		parts = append(parts, fmt.Sprintf("%s decides on %d", w.ruleText(rule), counts[rule]))
	}
	slices.Sort(parts)
	return count, strings.Join(parts, ", "), witness
}

// neverExpires complains when something is meant to end and no rule ever drops what gets old: a window that is followed
// by a default that keeps everything, or a grace for what rules dropped. A list that says "forever" itself is believed.
func (w *work) neverExpires(r *reachability) {
	if r.open || r.expires() || !w.endless(r) {
		return
	}
	c := complaint{severity: diag.Warning, code: "never-expires", origin: w.rulesOrigin()}
	if i := w.firstUsed(func(int) bool { return true }); i >= 0 {
		c.witness = w.id(i)
	}
	if w.policy.Kill != nil && w.policy.Kill.ExpiredAfter != nil && !r.drops(byInterval) {
		grace := w.policy.Kill.ExpiredAfter
		c.summary, c.origin = "expired_after never acts", known(grace.Range)
		c.detail = fmt.Sprintf("No rule ever drops what gets old, so that nothing expires and the grace of %s never begins.", grace.Value)
		c.hint = "Say how long data is kept: retention { keep = … }, or end the rules with drop { forever = true }."
		w.complain(c)
		return
	}
	for i := range r.shapes {
		if s := &r.shapes[i]; s.scope == byPeriod && s.keeps() && !r.closed {
			c.summary, c.origin = "Nothing ever expires", w.ruleRange(i)
			c.detail = fmt.Sprintf("What leaves the window of %s is left to the default rules, and those keep it.", w.ruleText(i))
			c.hint = "End the list with drop { forever = true }, or say load { forever = true } when that is meant."
			w.complain(c)
			return
		}
	}
}

// expires reports whether a rule that is reached drops what gets old.
func (r *reachability) expires() bool { return r.drops(forever) || r.drops(beforePeriod) }

// drops reports whether a rule of that scope which is reached drops.
func (r *reachability) drops(of scope) bool {
	for i := range r.shapes {
		if s := &r.shapes[i]; r.reached[i] != nil && s.action == druid.ActionDrop && s.scope == of {
			return true
		}
	}
	return false
}

// endless reports whether neither the own rules nor the default ones, as far as they are reached, drop what gets old.
func (w *work) endless(own *reachability) bool {
	if own.fallsThrough() == nil {
		return true
	}
	if !w.defaultsKnown() {
		return false
	}
	both := w.in.reach(effective(w.planned))
	return !both.open && !both.expires()
}

// dropsOnArrival complains when what is written now is dropped at once.
func (w *work) dropsOnArrival() {
	chain := w.planned
	if !w.defaultsKnown() {
		chain.Default = nil
	}
	s, rule, ok := droppedOnArrival(shapesOf(effective(chain)), w.in.Now)
	if !ok {
		return
	}
	summary, detail := "Data that is written now is dropped at once", "Segments of the present match %s as soon as they are there, and no rule in front of it keeps them."
	if s.interval.Start >= w.in.Now {
		summary, detail = "Data of the future is dropped at once", "Segments that start now or later match %s as soon as they are there: clocks that run ahead are enough."
	}
	w.complain(complaint{severity: diag.Warning, code: "drops-on-arrival", summary: summary,
		detail: fmt.Sprintf(detail, w.ruleText(rule)), hint: "Put a load rule for it in front: load { period = … } reaches into the future unless include_future = false.",
		witness: s.String(), origin: w.ruleRange(rule)})
}

// droppedOnArrival is a segment that has not ended yet and is dropped at once: one of the present, else one of the
// future. Interval rules count only in the present: for other times they are meant as they stand.
func droppedOnArrival(shapes []shape, now druid.Instant) (at sighting, rule int, ok bool) {
	g := newGrid(shapes, now)
	for _, present := range [...]bool{true, false} {
		for s := range g.squares() {
			if g.bounds[s.last] < now || (g.bounds[s.first] < now) != present {
				continue
			}
			first := g.surely(s)
			if first >= 0 && shapes[first].action == druid.ActionDrop && (present || shapes[first].scope != byInterval) {
				return sighting{g.example(s), now}, first, true
			}
		}
	}
	return sighting{}, 0, false
}

// surely is the rule that decides on the square, -1 when none does or one that cannot be judged stands in between.
func (g *grid) surely(s square) int {
	for rule := range g.regions {
		switch {
		case !g.judged[rule]:
			return -1
		case g.in(s, rule):
			return rule
		}
	}
	return -1
}
