package planner

import (
	"fmt"

	"coppice/internal/diag"
	"coppice/internal/druid"
	"coppice/internal/plan"
)

// reason is why a row has its decision: a stable code, and words made when a run is written.
type reason uint8

const (
	becauseNothing reason = iota
	becauseRule
	becauseNoRule
	becauseUnknownRule
	becauseShadowed
	becauseTombstone
	becauseRestore
	becauseClass
	becauseGrace
	becauseInterval
	becauseHides
	becauseReach
	becauseBusy
	becauseBusyUnknown
	becauseCoordinator
	becauseFileShared
	becauseRestorePlanned
	becauseUnexplained
	becauseBelowUnexplained
	becauseHidesHeld
	becauseNoPolicy
	becauseNoGrace
	becauseUnlisted
	becauseNoTime
	becauseFutureVersion
	becauseUnpinned
	becauseNoDetails
	becauseFileUsed
	becauseOdd
	becauseGap
	becauseClash
	becauseShard
	becauseRemoval
	becauseHeld
	becauseStamp
)

// words are the code and the sentence of each reason. Reasons with an empty sentence say more than that: see describe.
var words = [...]struct{ code, text string }{
	becauseNothing:          {"none", ""},
	becauseRule:             {"rule", ""},
	becauseNoRule:           {"no-rule", "no rule applies: Druid leaves such a segment as it is"},
	becauseUnknownRule:      {"rule-unknown", "a rule that this version cannot judge comes first: kept"},
	becauseShadowed:         {"overshadowed", "newer versions cover it: the Coordinator's clean-up marks it unused"},
	becauseTombstone:        {"eternity-tombstone", "an eternity tombstone without core partitions: the Coordinator marks it unused"},
	becauseRestore:          {"window-widened", ""},
	becauseClass:            {"class", ""},
	becauseGrace:            {"grace", ""},
	becauseInterval:         {"older-than", ""},
	becauseHides:            {"hides", "an older version below it is not due; it would come back if this one went first"},
	becauseReach:            {"reach", "a segment of the same interval and version that is not to die was marked no later"},
	becauseBusy:             {"lock", "a lock, a running task or a pending segment is on its interval"},
	becauseBusyUnknown:      {"lock-unknown", "locks and running tasks could not be read"},
	becauseCoordinator:      {"coordinator", "the Coordinator's rule run or its view of the segments stands still"},
	becauseFileShared:       {"shared-file", "another segment that is not due needs the same file in deep storage"},
	becauseRestorePlanned:   {"restore-planned", "this plan restores segments of the datasource first"},
	becauseUnexplained:      {"unexplained", "neither newer data nor a rule says why it is unused: somebody marked it"},
	becauseBelowUnexplained: {"below-unexplained", "an unexplained segment of a higher version overlaps it"},
	becauseHidesHeld:        {"hides-held", "it hides an older segment that is held"},
	becauseNoPolicy:         {plan.NoKillPolicy, "no kill policy: nothing is deleted for good"},
	becauseNoGrace:          {"no-grace", ""},
	becauseUnlisted:         {"unused-not-listed", "the unused segments could not be listed completely"},
	becauseNoTime:           {"marking-time-unknown", "nobody knows when it was marked unused (used_status_last_updated is NULL)"},
	becauseFutureVersion:    {"future-version", "its version sorts after now: Druid would fail the whole kill task"},
	becauseUnpinned:         {"kill-unpinned", "kill tasks of this Druid take all of an interval, and something in its interval is not to die"},
	becauseNoDetails:        {"payload-not-read", "the payload of a segment that it overlaps was not read: its files are not known"},
	becauseFileUsed:         {"shared-file-used", "a used segment needs the same file in deep storage"},
	becauseOdd:              {"odd-row", "a row that it overlaps contradicts itself"},
	becauseGap:              {"gap", "something that it depends on could not be read"},
	becauseClash:            {"timeline-clash", "segments of one version have different overlapping intervals: Druid cannot build the timeline"},
	becauseRemoval:          {"removal", ""},
	becauseHeld:             {"hold", ""},
	becauseStamp:            {"restamp", "nobody knows when it was marked unused: it is given a marking time now"},
	becauseShard:            {"shard-spec-unknown", "versions contest its interval with a shard spec that this version cannot judge"},
}

// reason is describe, which words equal verdicts once.
func (w *work) reason(v *verdict) plan.Reason {
	key := verdict{class: v.class, natural: v.natural, waits: v.waits, why: v.why, rule: v.rule, claim: v.claim, hold: v.hold}
	r, known := w.reasons[key]
	if !known {
		r = w.describe(v)
		if w.reasons == nil {
			w.reasons = map[verdict]plan.Reason{}
		}
		w.reasons[key] = r
	}
	return r
}

// describe words a verdict, with the line of the configuration that asks for it.
func (w *work) describe(v *verdict) plan.Reason {
	r := plan.Reason{Code: words[v.why].code, Text: words[v.why].text}
	if w.in.Request != nil && w.describeAsked(v, &r) {
		return r
	}
	switch v.why {
	case becauseRule:
		r.Text, r.Range = w.ruleText(int(v.rule)), w.ruleRange(int(v.rule))
	case becauseRestore:
		r.Text, r.Range = w.ruleText(int(v.rule))+", which keeps it again", w.ruleRange(int(v.rule))
	case becauseClass:
		r.Code, r.Text = string(classNames[v.class]), w.classText(v)
		r.Range = w.graceRange(v)
	case becauseGrace:
		r.Text, r.Range = fmt.Sprintf("%s; grace %s since marking", classNames[v.class], w.grace(v).Value), w.graceRange(v)
		if v.class == expired {
			r.Text = fmt.Sprintf("expired; grace %s since it was marked and the rules dropped it", w.grace(v).Value)
		}
	case becauseRemoval:
		named := w.removals[v.claim-1]
		r.Text, r.Range = fmt.Sprintf("removal %q: %s", named.Name, named.Reason), known(named.Origin)
		if v.waits == waitsLock {
			r.Text += "; waits: a lock, a running task or a pending segment is on its interval"
		}
	case becauseHeld:
		h := w.heldBlocks[v.hold-1]
		r.Text, r.Range = fmt.Sprintf("hold %q: %s", h.Name, h.Reason), known(h.Origin)
		if isWithdrawn(h) {
			r.Text += "; not in the configuration any more, it binds once more"
		}
	case becauseInterval:
		older := w.policy.Kill.OlderThan
		r.Text, r.Range = fmt.Sprintf("its interval must have ended %s ago", older.Value), known(older.Range)
	case becauseNoGrace:
		r.Text, r.Range = w.noGrace(v)
	case becauseHides, becauseReach, becauseUnpinned, becauseBusy, becauseFileShared, becauseRestorePlanned, becauseCoordinator, becauseBusyUnknown:
		r.Range = w.graceRange(v)
	}
	return r
}

// noGrace says why a class is kept for ever.
func (w *work) noGrace(v *verdict) (string, *diag.Range) {
	if v.class == removed {
		named := w.removals[v.claim-1]
		return fmt.Sprintf("removal %q has no kill_after: it stays unused", named.Name), known(named.Origin)
	}
	return fmt.Sprintf("no %s_after: %s segments are kept", classNames[v.class], classNames[v.class]), known(w.policy.Kill.Origin)
}

func (w *work) classText(v *verdict) string {
	if v.class == removed {
		return fmt.Sprintf("removed by %q: marked longer than %s ago", w.removals[v.claim-1].Name, w.grace(v).Value)
	}
	if v.class == superseded {
		return fmt.Sprintf("superseded: newer complete versions cover it; marked longer than %s ago", w.grace(v).Value)
	}
	return fmt.Sprintf("expired: %s; marked and dropped longer than %s ago; the last copy", w.ruleText(int(v.rule)), w.grace(v).Value)
}

// ruleText names a rule of the planned chain: "rule 2 dropForever", "default rule 1 loadForever".
func (w *work) ruleText(index int) string {
	if index < 0 || index >= w.planned.Len() {
		return "no rule"
	}
	if own := len(w.planned.Own); index >= own {
		return fmt.Sprintf("default rule %d %s", index-own+1, w.planned.At(index).Summary())
	}
	return fmt.Sprintf("rule %d %s", index+1, w.planned.At(index).Summary())
}

// ruleRange is the line that asks for a rule of the planned chain, nil when the configuration does not.
func (w *work) ruleRange(index int) *diag.Range {
	sources, own := []diag.Range(nil), len(w.planned.Own)
	switch {
	case index < 0:
		return nil
	case index < own && w.policy != nil && w.policy.Rules != nil:
		sources = w.policy.Rules.Sources
	case index >= own && w.in.Config.DefaultRules != nil:
		sources, index = w.in.Config.DefaultRules.Sources, index-own
	}
	if index >= len(sources) {
		return nil
	}
	return known(sources[index])
}

func (w *work) graceRange(v *verdict) *diag.Range {
	if g := w.grace(v); g != nil {
		return known(g.Range)
	}
	return nil
}

// known is a pointer to a range, nil when it points nowhere.
func known(r diag.Range) *diag.Range {
	if !r.Known() {
		return nil
	}
	return &r
}

func instant(t druid.Instant) *druid.Instant {
	if !t.Known() {
		return nil
	}
	return &t
}
