package planner

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"coppice/config"
	"coppice/internal/diag"
	"coppice/internal/druid"
	"coppice/internal/plan"
)

// describeAsked words what a request decided; false leaves the verdict to the words of plans.
func (w *work) describeAsked(v *verdict, r *plan.Reason) bool {
	by := "asked for by " + string(w.in.Request.Command)
	switch {
	case v.why == becauseRemoval:
		*r = plan.Reason{Code: "asked", Text: by}
	case v.why == becauseClass && v.class == removed:
		*r = plan.Reason{Code: "asked", Text: by + "; " + naturalText(v.natural)}
	case v.why == becauseGrace && v.class == removed:
		*r = plan.Reason{Code: "asked", Text: fmt.Sprintf("marked unused less than %s ago", w.grace(v).Value)}
	case v.why == becauseRestore:
		if w.in.undoes() {
			by = "marked unused by apply " + w.in.Request.Apply
		}
		*r = plan.Reason{Code: "asked", Text: by + "; " + w.ruleText(int(v.rule)), Range: w.ruleRange(int(v.rule))}
		if v.rule < 0 {
			r.Text = by + "; no rule applies, so nothing drops it"
		}
	default:
		return false
	}
	return true
}

// naturalText says what dies when somebody asks for it.
func naturalText(c class) string {
	switch c {
	case superseded:
		return "superseded: newer complete versions cover it"
	case expired:
		return "expired: the rules drop it; the last copy"
	}
	return "unexplained: somebody marked it, and no newer complete version covers it; maybe the last copy"
}

// lastCopy reports whether nothing else holds the data of a victim, as far as is known.
func (v *verdict) lastCopy() bool {
	return v.class == expired || v.class == removed && (v.natural == expired || v.natural == unexplained)
}

// requestFindings complain about what was asked for and cannot be done as it was asked.
func (w *work) requestFindings() {
	for _, gap := range w.seen.Gaps {
		w.complain(complaint{severity: diag.Warning, code: "gap", summary: "Not read: " + gap.What, detail: gap.Why, interval: gap.Interval})
	}
	if len(w.rows) == 0 && w.in.undoes() {
		w.restoreFindings()
		return
	}
	if len(w.rows) == 0 {
		w.complain(complaint{severity: diag.Error, code: "datasource-unknown", summary: "The cluster has no segments of this datasource",
			detail: "Druid would do nothing, and say that all is well."})
		return
	}
	w.idFindings()
	w.overlapFindings()
	if len(w.in.Request.SegmentIDs) == 0 && !w.in.undoes() && !slices.ContainsFunc(w.indexes(), func(i int) bool { return w.asked[i] && w.fits(i) }) {
		w.complain(complaint{severity: diag.Warning, code: "request-empty", summary: "The request names nothing",
			detail: fmt.Sprintf("No %s segment is what it names.", w.stateAsked())})
	}
	w.heldFindings()
	w.againFindings()
	w.leftFindings()
	if w.in.asks(plan.AskRestore) {
		w.restoreFindings()
	}
}

func (w *work) indexes() []int {
	list := make([]int, len(w.rows))
	for i := range list {
		list[i] = i
	}
	return list
}

func (w *work) stateAsked() string {
	switch w.in.Request.Command {
	case plan.AskUnused:
		return "used"
	case plan.AskStamp:
		return "unused, never stamped"
	}
	return "unused"
}

// idFindings refuse ids that Druid would ignore, or take and do something else with.
func (w *work) idFindings() {
	ids, _ := w.in.Request.IDs()
	bad := map[string][]string{}
	for _, id := range ids {
		i, found := w.seen.IndexOf(id)
		switch {
		case !found:
			bad["segment-unknown"] = append(bad["segment-unknown"], id.String())
		case !w.fits(i) && w.used(i):
			bad["segment-used"] = append(bad["segment-used"], id.String())
		case !w.fits(i) && w.in.asks(plan.AskStamp):
			bad["segment-stamped"] = append(bad["segment-stamped"], id.String())
		case !w.fits(i):
			bad["segment-unused"] = append(bad["segment-unused"], id.String())
		}
	}
	for _, known := range [...]struct{ code, summary, detail string }{
		{"segment-unknown", "Ids of segments that are not there", "The cluster has no such segment, used or unused. Druid would ignore the id without a word."},
		{"segment-used", "Ids of segments that are used", "The request is about unused segments."},
		{"segment-unused", "Ids of segments that are unused already", "Druid would mark them again and forget when they were marked."},
		{"segment-stamped", "Ids of segments whose marking time is known", "A new one would make their grace begin again."},
	} {
		if list := bad[known.code]; len(list) > 0 {
			w.complain(complaint{severity: diag.Error, code: known.code, summary: known.summary,
				detail: fmt.Sprintf("%s %d: %s.", known.detail, len(list), few(list)), witness: list[0], segments: int64(len(list))})
		}
	}
}

// few are the first of many, for a sentence.
func few(list []string) string { return firstOf(list, maxDifferences) }

func firstOf(list []string, limit int) string {
	if n := len(list); n > limit {
		return fmt.Sprintf("%s and %d more", strings.Join(list[:limit], ", "), n-limit)
	}
	return strings.Join(list, ", ")
}

// overlapFindings: a segment is whole or not at all. A used one that reaches out of the interval stays used, so not
// all of the interval's data would be gone: an error. For the others less is done than was asked.
func (w *work) overlapFindings() {
	window := w.in.Request.Interval
	if window == nil {
		return
	}
	for i := range w.rows {
		at := w.rows[i].Interval
		if !w.fits(i) || !at.Overlaps(*window) || window.Contains(at) || !w.ofAskedVersion(i) {
			continue
		}
		c := complaint{severity: diag.Warning, code: "partial-overlap", summary: "Segments reach out of the interval and are left as they are",
			detail:  fmt.Sprintf("A segment is taken whole or not at all. %s reaches out of %s.", at, window),
			witness: w.id(i), interval: at, segments: 1}
		if w.in.asks(plan.AskUnused) {
			c.severity, c.summary = diag.Error, "The interval cuts through a used segment"
			c.detail = fmt.Sprintf("A segment can only be marked whole. To be rid of %s of it, rewrite %s without those rows first.", window.Intersect(at), at)
			c.hint = "Name an interval of whole segments, or consent with:" + w.allowBlock(c.code)
		}
		w.complain(c)
	}
}

// heldFindings: a hold beats a request, whoever asks.
func (w *work) heldFindings() {
	if !w.in.asks(plan.AskUnused) && !w.in.asks(plan.AskKill) {
		return
	}
	for i := range w.rows {
		if h := w.heldBy(w.rows[i].Interval); h != nil && w.asked[i] && w.fits(i) {
			w.complain(complaint{severity: diag.Error, code: "held-data-dropped", summary: fmt.Sprintf("The request names data under hold %q", h.Name),
				detail: fmt.Sprintf("The hold (%s) protects it until it ends or its block is taken away.", h.Reason),
				hint:   askedHeldRemedy(h), witness: w.id(i), origin: known(h.Origin), interval: w.rows[i].Interval, segments: 1})
		}
	}
}

func askedHeldRemedy(h *config.Hold) string {
	if isWithdrawn(h) {
		return "The hold is not in the configuration any more;\nit binds until an apply of the whole configuration lets it go."
	}
	return "Name only what is not held."
}

// againFindings: what the rules drop, once the plan is carried out, would be marked unused again at the Coordinator's
// next run.
func (w *work) againFindings() {
	whose := "in force"
	if w.in.asks(plan.AskRestore) && w.policy != nil && w.policy.Rules != nil {
		whose = "that the configuration declares"
	}
	for i := range w.verdicts {
		if v := &w.verdicts[i]; v.decision == restore && w.judge(w.planned, w.rows[i].Interval).action == druid.ActionDrop {
			w.complain(complaint{severity: diag.Error, code: "restore-dropped-again", summary: "The rules " + whose + " drop it again",
				detail:  fmt.Sprintf("%s applies to it: the Coordinator would mark it unused at its next run.", capital(w.ruleText(int(v.rule)))),
				hint:    w.againRemedy() + w.allowBlock("restore-dropped-again"),
				witness: w.id(i), origin: w.ruleRange(int(v.rule)), interval: w.rows[i].Interval, segments: 1})
		}
	}
}

// againRemedy says what to write so that what is restored stays.
func (w *work) againRemedy() string {
	window := w.in.Request.Interval
	switch {
	case !w.in.asks(plan.AskRestore) || window == nil:
		return "Widen the rules first; then apply brings back what they keep. Or consent with:"
	case w.policy != nil && w.policy.Rules != nil && w.policy.Rules.FromRetention:
		return fmt.Sprintf("Keep more, or write into its retention block:\n  keep_intervals = [%q]\nOr consent with:", window.String())
	case w.policy != nil && w.policy.Rules != nil:
		return fmt.Sprintf("Write in front of its other rules:\n  load {\n    interval = %q\n  }\nOr consent with:", window.String())
	}
	return fmt.Sprintf("The configuration declares no rules of it. Put a load rule for %s in front of those in force. Or consent with:", window)
}

func capital(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

// leftFindings name what was asked for and is left as it is, by reason.
func (w *work) leftFindings() {
	done := map[plan.Command]decision{plan.AskUnused: remove, plan.AskUsed: restore, plan.AskRestore: restore, plan.AskKill: kill}[w.in.Request.Command]
	var found []complaint
	for i := range w.rows {
		v := &w.verdicts[i]
		if !w.asked[i] || !w.fits(i) || v.decision == done && v.waits == waitsForNothing || w.heldAsked(i) {
			continue
		}
		why := w.describe(v).Text
		switch {
		case w.in.asks(plan.AskStamp):
			if w.restamps(i) {
				continue
			}
			why = words[becauseBusy].text
		case v.decision == done:
			why = words[becauseBusy].text
		case w.in.asks(plan.AskUsed) || w.in.asks(plan.AskRestore):
			why = cmp.Or(w.unshown[i], "something that it depends on could not be read")
		}
		n := slices.IndexFunc(found, func(c complaint) bool { return c.summary == "Left as it is: "+why })
		if n < 0 {
			n = len(found)
			found = append(found, complaint{severity: diag.Warning, code: "request-left", summary: "Left as it is: " + why, witness: w.id(i)})
		}
		found[n].segments++
	}
	for _, c := range found {
		c.detail = fmt.Sprintf("Asked for, and not part of the plan's actions: %d.", c.segments)
		w.complain(c)
	}
}

// heldAsked: heldFindings have said it.
func (w *work) heldAsked(i int) bool {
	return (w.in.asks(plan.AskUnused) || w.in.asks(plan.AskKill)) && w.heldBy(w.rows[i].Interval) != nil
}
