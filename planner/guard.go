package planner

import (
	"fmt"
	"slices"
	"strconv"

	"coppice/config"
	"coppice/internal/diag"
	"coppice/internal/druid"
	"coppice/internal/plan"
)

// guardFloor: percentages say little about a handful of segments.
const guardFloor = 10

// guard limits what one plan may change in one datasource. It counts what the plan changes, not what time does.
func (w *work) guard(d *plan.Datasource) {
	g, changed := w.limits(), w.changed()
	w.guardEverything(d, changed)
	w.guardPercent(g, d, changed)
	w.guardAge(g)
	w.guardCount("guard-max-kill-segments", "max_kill_segments", "Too many segments to delete at once", d.Kill.Segments, g.MaxKillSegments)
	w.guardCount("guard-max-restore-segments", "max_restore_segments", "Too many segments to restore at once", d.Restore.Segments, g.MaxRestoreSegments)
	w.guardBytes("guard-max-unused-bytes", "max_unused_bytes", "Too many bytes to mark unused at once", changed.Bytes, g.MaxUnusedBytes)
	w.guardBytes("guard-max-kill-bytes", "max_kill_bytes", "Too many bytes to delete at once", d.Kill.Bytes, g.MaxKillBytes)
	w.guardBytes("guard-max-restore-bytes", "max_restore_bytes", "Too many bytes to restore at once", d.Restore.Bytes, g.MaxRestoreBytes)
	w.guardBudget(g.Budget, d.Kill.Amount)
}

// limits are those of the datasource, or those at the top level for what no block declares: a changed default or a
// removal concerns it.
func (w *work) limits() *config.Guard {
	if w.policy != nil {
		return &w.policy.Guard
	}
	return &w.in.Config.Guard
}

// changed is what the plan drops and time alone would not.
func (w *work) changed() plan.Amount {
	var sum plan.Amount
	for i := range w.verdicts {
		if w.verdicts[i].newlyDropped() {
			sum.Add(w.amount(i))
		}
	}
	return sum
}

// newlyDropped counts what could not be judged as well: the plan drops none of it, the Coordinator under the planned
// rules may.
func (v *verdict) newlyDropped() bool {
	return (v.decision == drop || v.then == drop) && !v.byTime || v.doomed || v.decision == remove
}

// remains reports whether the row surely answers queries after the plan. What is overshadowed does not count: the
// clean-up takes it before rules that narrow are posted.
func (v *verdict) remains() bool { return v.decision == keep && !v.doomed || v.decision == restore }

func (w *work) guardEverything(d *plan.Datasource, changed plan.Amount) {
	remains := w.unreadUsed() > 0 || slices.ContainsFunc(w.verdicts, func(v verdict) bool { return v.remains() })
	if changed.Segments == 0 || remains {
		return
	}
	w.complain(complaint{severity: diag.Error, code: "drops-everything", summary: "Drops all data of the datasource",
		detail: fmt.Sprintf("All %d used segments would be marked unused; %d of them because of this plan.", w.allUsed(d), changed.Segments),
		hint:   "Check the rules, or consent with:" + w.allowBlock("drops-everything"),
		origin: w.rulesOrigin(), segments: changed.Segments})
}

// allUsed is how many used segments the datasource has, read or not.
func (w *work) allUsed(d *plan.Datasource) int64 { return d.Used.Segments + w.unreadUsed() }

// unreadUsed counts the used segments that were not read, since nothing concerns them: some of them answer queries, and
// both chains keep those.
func (w *work) unreadUsed() int64 {
	if w.seen.Part == nil {
		return 0
	}
	unread := w.seen.Part.Used
	for i := range w.rows {
		if w.used(i) {
			unread--
		}
	}
	return max(unread, 0)
}

func (w *work) guardPercent(g *config.Guard, d *plan.Datasource, changed plan.Amount) {
	used := w.allUsed(d)
	if used < guardFloor || changed.Segments == 0 {
		return
	}
	percent := 100 * float64(changed.Segments) / float64(used)
	if percent <= g.MaxUnusedPercent.Value {
		return
	}
	w.complain(complaint{severity: diag.Error, code: "guard-max-unused-percent", summary: "Marks too large a share of the datasource unused",
		detail: fmt.Sprintf("%s %% is over %g %% (%d of %d used segments).", over(percent, g.MaxUnusedPercent.Value), g.MaxUnusedPercent.Value, changed.Segments, used),
		hint:   fmt.Sprintf("Raise guard { max_unused_percent } to %.0f, or consent with:%s", percent+0.5, w.allowBlock("guard-max-unused-percent")),
		origin: w.guardOrigin(g.MaxUnusedPercent.Range), segments: changed.Segments})
}

// over prints a share with as many digits as it takes to be seen that it is over the limit.
func over(percent, limit float64) string {
	text := ""
	for digits := 1; digits <= 9; digits++ {
		text = strconv.FormatFloat(percent, 'f', digits, 64)
		if shown, err := strconv.ParseFloat(text, 64); err == nil && shown > limit {
			break
		}
	}
	return text
}

// guardAge looks at the newest data that is dropped because of the plan, or killed as expired: superseded copies do
// not count, and future data is younger than any.
func (w *work) guardAge(g *config.Guard) {
	least := g.NewestVictimAge.Value
	if least == nil {
		return
	}
	cutoff, err := least.Before(w.in.Now)
	if err != nil {
		cutoff = druid.MinInstant // so long ago that nothing has ended by then
	}
	for i := range w.verdicts {
		v := &w.verdicts[i]
		if !v.newlyDropped() && !(v.decision == kill && v.lastCopy()) || w.rows[i].Interval.End <= cutoff {
			continue
		}
		w.complain(complaint{severity: diag.Error, code: "guard-newest-victim-age", summary: "Takes away very recent data",
			detail:  fmt.Sprintf("Data that ended less than %s ago (or has not ended) would be dropped or deleted.", least),
			hint:    "Set guard { newest_victim_age } lower (\"none\" switches it off), or consent with:" + w.allowBlock("guard-newest-victim-age"),
			witness: w.id(i), origin: w.guardOrigin(g.NewestVictimAge.Range), interval: w.rows[i].Interval, segments: 1})
	}
}

func (w *work) guardCount(code, attribute, summary string, count int64, limit config.Setting[int64]) {
	if count <= limit.Value {
		return
	}
	w.complain(complaint{severity: diag.Error, code: code, summary: summary,
		detail: fmt.Sprintf("%d is over %d.", count, limit.Value),
		hint:   fmt.Sprintf("Raise guard { %s }, or consent with:%s", attribute, w.allowBlock(code)),
		origin: w.guardOrigin(limit.Range), segments: count})
}

func (w *work) guardBytes(code, attribute, summary string, count int64, limit *config.Setting[int64]) {
	if limit != nil {
		w.guardCount(code, attribute, summary, count, *limit)
	}
}

func (w *work) guardOrigin(r diag.Range) *diag.Range {
	if r.Known() {
		return known(r)
	}
	return w.origin()
}
