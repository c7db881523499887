package planner

import (
	"fmt"

	"coppice/config"
	"coppice/internal/diag"
	"coppice/internal/druid"
)

// holdsOf are the holds that protect a datasource now: declared ones before withdrawn ones.
func (in *Input) holdsOf(name string) []*config.Hold {
	var list []*config.Hold
	for n := range in.Config.Holds {
		h := &in.Config.Holds[n]
		if (h.Until == nil || in.Now < *h.Until) && matchesAny(h.Datasources, name) {
			list = append(list, h)
		}
	}
	for _, h := range in.withdrawn() {
		if matchesAny(h.Datasources, name) {
			list = append(list, h)
		}
	}
	return list
}

// heldBy is the first hold that overlaps the interval by a millisecond or more; nil when there is none.
func (w *work) heldBy(i druid.Interval) *config.Hold {
	if n := w.holdOver(i); n > 0 {
		return w.heldBlocks[n-1]
	}
	return nil
}

// holdOver is its number, counted from 1; 0 when there is none.
func (w *work) holdOver(i druid.Interval) uint16 {
	for n, h := range w.heldBlocks {
		if h.Interval == nil || h.Interval.Overlaps(i) {
			return uint16(n + 1)
		}
	}
	return 0
}

// holdFindings complain about held data that rules take away: now, or before the hold ends. A hold stops coppice's own
// deletions; only a rule stops the Coordinator.
func (w *work) holdFindings() {
	if len(w.heldBlocks) == 0 {
		return
	}
	for i := range w.rows {
		h := w.heldBy(w.rows[i].Interval)
		if h == nil || !w.used(i) {
			continue
		}
		if v := &w.verdicts[i]; v.decision == drop || v.then == drop || v.doomed || w.claimedBy(i) != nil {
			w.complainHeldDropped(i, h)
		} else if when, what := w.nextChange(i); what != "" && !isWithdrawn(h) && (h.Until == nil || *when < *h.Until) {
			w.complainUnenforced(i, h, *when)
		}
	}
}

func (w *work) complainHeldDropped(i int, h *config.Hold) {
	w.complain(complaint{severity: diag.Error, code: "held-data-dropped", summary: fmt.Sprintf("Data under hold %q would be marked unused", h.Name),
		detail:  fmt.Sprintf("The hold (%s) stops deletions, not the Coordinator's rules and no removal.", h.Reason),
		hint:    heldRemedy(h),
		witness: w.id(i), origin: known(h.Origin), interval: w.rows[i].Interval, segments: 1})
}

// heldRemedy is what to do about held data that rules take away.
func heldRemedy(h *config.Hold) string {
	keep := "Keep it with a rule in front of all others:\n" + heldRule(h)
	if isWithdrawn(h) {
		return "The hold is not in the configuration any more, and binds once more: the plan after the next\n" +
			"apply does it. To keep the data, write the hold again. " + keep
	}
	return keep
}

func (w *work) complainUnenforced(i int, h *config.Hold, when druid.Instant) {
	w.complain(complaint{severity: diag.Warning, code: "hold-unenforced", summary: fmt.Sprintf("Rules will drop data under hold %q", h.Name),
		detail:  fmt.Sprintf("The first of it is dropped at %s, and the hold lasts longer. It is not deleted then, but nobody can query it.", when),
		hint:    "Keep it with a rule in front of all others:\n" + heldRule(h),
		witness: w.id(i), origin: known(h.Origin), interval: w.rows[i].Interval, segments: 1})
}

// heldRule is the rule that keeps what a hold protects.
func heldRule(h *config.Hold) string {
	if h.Interval == nil {
		return "load {\n  forever = true\n}"
	}
	return fmt.Sprintf("load {\n  interval = %q\n}", h.Interval)
}
