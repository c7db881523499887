package planner

import (
	"fmt"
	"slices"
	"strconv"

	"coppice/config"
	"coppice/internal/diag"
	"coppice/internal/druid"
	"coppice/internal/plan"
	"coppice/internal/snapshot"
)

// Deletions are what earlier applies deleted for good, as the journal tells.
type Deletions struct {
	// Unknown says, in one sentence, why nobody can tell; empty when it is known.
	Unknown string
	List    []Deletion
}

// Deletion is one kill task of an earlier apply.
type Deletion struct {
	// At is when it ended.
	At         druid.Instant
	Datasource string
	plan.Amount
}

// guardBudget limits what this plan and the runs of the window before now delete together. A plan that deletes nothing
// needs no budget.
func (w *work) guardBudget(b *config.Budget, kills plan.Amount) {
	if b == nil || kills.Segments == 0 {
		return
	}
	past := w.in.Deletions
	if past == nil || past.Unknown != "" {
		w.complainBlindBudget(b, past, kills)
		return
	}
	used := past.within(b.Window.Value, w.in.Now, w.seen.Name)
	w.guardWindow(b, "max_segments", "segments", used.Segments, kills.Segments, b.MaxSegments, kills)
	w.guardWindow(b, "max_bytes", "bytes", used.Bytes, kills.Bytes, b.MaxBytes, kills)
}

// OverBudget is the first budget that a saved plan exceeds, given what other plans have deleted by now and no block
// allows; nil when there is none.
func OverBudget(cfg *config.Config, p *plan.Plan, others *Deletions, now druid.Instant) *plan.Finding {
	in := Input{Config: cfg, Now: now, Deletions: others}
	for _, d := range p.Datasources {
		if d.Blocked {
			continue
		}
		w := &work{in: &in, policy: cfg.For(d.Name), seen: &snapshot.Datasource{Name: d.Name}}
		w.guardBudget(w.limits().Budget, d.Kill.Amount)
		found, _ := in.findings(&d.Name, w.complaints)
		if n := slices.IndexFunc(found, func(f plan.Finding) bool { return f.AllowedBy == nil }); n >= 0 {
			return &found[n]
		}
	}
	return nil
}

// within adds up what was deleted of a datasource since the window began, its first moment included. What bears a later
// time than now counts as well: clocks differ.
func (d *Deletions) within(window druid.Period, now druid.Instant, datasource string) plan.Amount {
	from, err := window.Before(now)
	if err != nil {
		from = druid.MinInstant // so long that everything lies in it
	}
	var sum plan.Amount
	for i := range d.List {
		if d.List[i].Datasource == datasource && d.List[i].At >= from {
			sum.Add(d.List[i].Amount)
		}
	}
	return sum
}

func (w *work) guardWindow(b *config.Budget, attribute, unit string, used, more int64, limit *config.Setting[int64], kills plan.Amount) {
	if limit == nil || used+more <= limit.Value {
		return
	}
	w.complain(complaint{severity: diag.Error, code: "guard-budget", summary: "The budget for deleting " + unit + " is exceeded",
		detail: fmt.Sprintf("%s of %s %s in %s are used; this plan deletes %s more.", grouped(used), grouped(limit.Value), unit, b.Window.Value, grouped(more)),
		hint:   fmt.Sprintf("Wait, raise guard { budget { %s } }, or consent with:%s", attribute, w.allowBlock("guard-budget")),
		origin: w.guardOrigin(limit.Range), segments: kills.Segments})
}

func (w *work) complainBlindBudget(b *config.Budget, past *Deletions, kills plan.Amount) {
	why := "no journal was read"
	if past != nil {
		why = past.Unknown
	}
	w.complain(complaint{severity: diag.Error, code: "guard-budget", summary: "What earlier runs deleted is not known",
		detail: fmt.Sprintf("The budget adds up all runs of %s, and %s. This plan deletes %s segments.", b.Window.Value, why, grouped(kills.Segments)),
		hint:   "Bring the state directory of the earlier runs (--state-dir), or, when there were none, consent with:" + w.allowBlock("guard-budget"),
		origin: w.guardOrigin(b.Window.Range), segments: kills.Segments})
}

// grouped prints a number as 39,800.
func grouped(n int64) string {
	text := strconv.FormatInt(n, 10)
	for at := len(text) - 3; at > 0 && text[at-1] != '-'; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}
