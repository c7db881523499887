package render

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"coppice/executor"
	"coppice/internal/plan"
)

// Report writes what an apply did, in the order of harm, with what went otherwise than planned, and what to do next.
// Actions of one datasource, kind and outcome are shown as one. The error is the writer's.
func Report(w io.Writer, r *executor.Report, o Options) error {
	s := newScreen(w, o)
	took := duration(time.Duration(r.EndedAt-r.StartedAt) * time.Millisecond)
	s.line(0, span{fmt.Sprintf("coppice apply · plan %.12s · %s · took %s", clean(r.PlanDigest), instantSeconds(r.EndedAt), took), inkBold})
	s.outcomes(r)
	s.marks(r)
	if r.Stopped != "" {
		s.blank()
		s.inked(0, span{"STOPPED: " + r.Stopped, inkDanger}, "")
	}
	s.blank()
	s.inked(0, span{closing(r), closingInk(r)}, "")
	return s.flush()
}

// outcome is the actions of one datasource, kind and outcome.
type outcome struct {
	kind          plan.Kind
	datasource    string
	outcome       executor.Outcome
	real, planned executor.Counts
	actions       int
	remarks       []string
	differs       bool
}

// outcomesOf folds actions, in the order of harm, then of names; what went wrong comes before what did not.
func outcomesOf(r *executor.Report) []*outcome {
	type key struct {
		kind       plan.Kind
		datasource string
		outcome    executor.Outcome
	}
	seen := map[key]*outcome{}
	var found []*outcome
	for _, a := range r.Actions {
		k := key{a.Kind, a.Datasource, a.Outcome}
		one := seen[k]
		if one == nil {
			one = &outcome{kind: a.Kind, datasource: a.Datasource, outcome: a.Outcome}
			seen[k], found = one, append(found, one)
		}
		one.add(a)
	}
	slices.SortStableFunc(found, func(a, b *outcome) int {
		return cmp.Or(cmp.Compare(kindOrder(a.kind), kindOrder(b.kind)), cmp.Compare(a.datasource, b.datasource))
	})
	return found
}

func (o *outcome) add(a *executor.ActionReport) {
	o.actions++
	o.real = addCounts(o.real, a.Real)
	o.planned = addCounts(o.planned, a.Planned)
	o.remarks = append(append(o.remarks, a.Reasons...), a.Differences...)
	o.differs = o.differs || len(a.Differences) > 0
}

// addCounts adds; a number that is not known makes the sum unknown.
func addCounts(a, b executor.Counts) executor.Counts {
	add := func(x, y int64) int64 {
		if x < 0 || y < 0 {
			return -1
		}
		return x + y
	}
	return executor.Counts{Segments: add(a.Segments, b.Segments), Bytes: add(a.Bytes, b.Bytes), Files: add(a.Files, b.Files)}
}

// maxRemarks is how many sentences one line of the report gets.
const maxRemarks = 8

func (s *screen) outcomes(r *executor.Report) {
	found := outcomesOf(r)
	if len(found) == 0 {
		return
	}
	s.blank()
	var widths columns
	for _, one := range found {
		widths.span = max(widths.span, cells(outcomeText(one)))
		widths.name = max(widths.name, cells(kindWord(one.kind)))
	}
	for _, one := range found {
		s.outcome(one, widths)
	}
}

// outcomeText is the outcome's word, with a mark when verification found a difference.
func outcomeText(o *outcome) string {
	if o.differs {
		return outcomeWord(o.outcome) + ", DIFFERS"
	}
	return outcomeWord(o.outcome)
}

func (s *screen) outcome(o *outcome, widths columns) {
	color := outcomeInk(o.outcome)
	if o.differs {
		color = inkDanger
	}
	text := padRight(kindWord(o.kind), widths.name) + "  " + clean(o.datasource)
	s.noted(0, []span{{padRight(outcomeText(o), widths.span), color}, plain("  " + text)}, o.numbers())
	s.remarks(o.remarks)
}

// numbers is "1,000 of 1,000 segments, 12.0 GiB, 2 tasks"; a rule list has none.
func (o *outcome) numbers() string {
	switch {
	case kindOrder(o.kind) == 3:
		return ""
	case o.outcome == executor.DoneBefore:
		return segments(o.planned.Segments)
	case o.kind == plan.KillTask:
		return countsText(o.real, o.planned) + ", " + counted(int64(o.actions), "task")
	}
	return countsText(o.real, o.planned)
}

// remarks writes sentences, equal ones once.
func (s *screen) remarks(all []string) {
	seen := map[string]bool{}
	shown := 0
	for _, one := range all {
		if seen[one] {
			continue
		}
		seen[one] = true
		if shown++; shown <= maxRemarks || s.verbose {
			s.sentence(detailIndent, one, "")
		}
	}
	if more := shown - maxRemarks; more > 0 && !s.verbose {
		s.sentence(detailIndent, "and "+count(int64(more))+" more (see the journal)", "")
	}
}

// marks writes what the Coordinator did after rules were changed.
func (s *screen) marks(r *executor.Report) {
	if len(r.Marks) > 0 {
		s.title("MARKED BY THE COORDINATOR", inkBold)
	}
	for _, m := range r.Marks {
		s.inked(2, span{marksText(m), marksInk(m)}, "")
		s.ids("still used", m.NotMarked, m.NotMarkedIDs)
		s.ids("marked, and used again", m.UsedAgain, m.UsedAgainIDs)
		s.ids("marked, though the plan keeps it", m.NotPredicted, m.NotPredictedIDs)
	}
}

// ids names segments one by one, which the report has a sample of.
func (s *screen) ids(what string, total int64, sample []string) {
	for _, id := range sample {
		s.line(detailIndent, plain(what+": "+clean(id)))
	}
	if more := total - int64(len(sample)); more > 0 && len(sample) > 0 {
		s.line(detailIndent, plain("and "+count(more)+" more"))
	}
}

// closing sums up: what was done, and what to do next.
func closing(r *executor.Report) string {
	var done []string
	for _, kind := range []plan.Kind{plan.KillTask, plan.MarkUnused, plan.MarkUsed, plan.SetRules} {
		if text := doneText(r, kind); text != "" {
			done = append(done, text)
		}
	}
	text := "Nothing was changed."
	if len(done) > 0 {
		text = capital(strings.Join(done, ", ")) + "."
	}
	if n := missing(r); n > 0 {
		text += " " + capital(segments(n)) + " of the plan needed it no more."
	}
	return text + " " + nextStep(r.Class())
}

// missing is how many segments done actions found fewer than planned: somebody else has dealt with them since.
// Differences say of their actions why.
func missing(r *executor.Report) int64 {
	var n int64
	for _, a := range r.Actions {
		if a.Outcome == executor.Done && len(a.Differences) == 0 && isMark(a) && a.Real.Segments >= 0 {
			n += max(a.Planned.Segments-a.Real.Segments, 0)
		}
	}
	return n
}

// doneText is "deleted 41,870 (12.6 TiB) FOREVER".
func doneText(r *executor.Report, kind plan.Kind) string {
	var total executor.Counts
	actions, lists := int64(0), map[string]bool{} // one list may be set in two steps
	for _, a := range r.Actions {
		if a.Kind == kind && (a.Outcome == executor.Done || a.Outcome == executor.DoneBefore || a.Real.Segments > 0) {
			actions++
			lists[a.Datasource] = true
			total.Segments += max(a.Real.Segments, 0)
			total.Bytes += max(a.Real.Bytes, 0)
		}
	}
	amount := inShort(plan.Amount{Segments: total.Segments, Bytes: total.Bytes})
	switch {
	case actions == 0:
		return ""
	case kind == plan.KillTask:
		return "deleted " + amount + " FOREVER"
	case kind == plan.MarkUnused:
		return "marked unused " + amount
	case kind == plan.MarkUsed:
		return "marked used " + amount
	}
	return "changed " + counted(int64(len(lists)), "rule list")
}

// nextStep says how it ended and what to do.
func nextStep(c executor.Class) string {
	switch c {
	case executor.ClassDone:
		return "All of the plan is done."
	case executor.ClassBlocked:
		return "All but what is blocked is done."
	case executor.ClassStale:
		return "Part of the plan is stale: make a new plan."
	case executor.ClassPartial:
		return "Part of the plan is not done: run apply with --resume to go on."
	case executor.ClassDifference:
		return "Verification found a difference: see above."
	case executor.ClassInterrupted:
		return "Interrupted: run apply with --resume to go on."
	}
	return "An error ended part of it: see above; run apply with --resume to go on."
}

func closingInk(r *executor.Report) ink {
	switch r.Class() {
	case executor.ClassDone:
		return inkGood
	case executor.ClassBlocked, executor.ClassPartial, executor.ClassInterrupted, executor.ClassStale:
		return inkWarning
	}
	return inkDanger
}
