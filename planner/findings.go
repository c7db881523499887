package planner

import (
	"cmp"
	"fmt"
	"slices"

	"coppice/config"
	"coppice/internal/diag"
	"coppice/internal/druid"
	"coppice/internal/plan"
)

// complaint is a finding in the making, with what an allow block is measured against.
type complaint struct {
	severity              diag.Severity
	code                  string
	summary, detail, hint string
	witness               string
	origin                *diag.Range
	// interval is the time concerned (zero: all of it), segments how many.
	interval druid.Interval
	segments int64
}

// complain adds a finding; complaints of one code and summary become one, which names the whole time concerned and the
// first witness.
func (w *work) complain(c complaint) {
	for n := range w.complaints {
		same := &w.complaints[n]
		if same.code == c.code && same.summary == c.summary && same.severity == c.severity {
			same.interval = span(same.interval, c.interval)
			same.segments += c.segments
			return
		}
	}
	if c.origin == nil {
		c.origin = w.origin()
	}
	w.complaints = append(w.complaints, c)
}

func span(a, b druid.Interval) druid.Interval {
	zero := druid.Interval{}
	if a == zero || b == zero {
		return zero
	}
	return druid.Interval{Start: min(a.Start, b.Start), End: max(a.End, b.End)}
}

func (w *work) origin() *diag.Range {
	if w.policy == nil {
		return nil
	}
	return known(w.policy.Origin)
}

func (w *work) rulesOrigin() *diag.Range {
	if w.policy != nil && w.policy.Rules != nil {
		return known(w.policy.Rules.Origin)
	}
	if w.in.Config.DefaultRules != nil {
		return known(w.in.Config.DefaultRules.Origin)
	}
	return w.origin()
}

func (w *work) complainFrozen(c component, why reason, detail string) {
	at := druid.Interval{Start: w.rows[c.from].Interval.Start, End: w.rows[c.to-1].Interval.End}
	for i := c.from; i < c.to; i++ {
		at.End = max(at.End, w.rows[i].Interval.End)
	}
	finding := complaint{severity: diag.Warning, code: "gap", summary: "Part of the datasource could not be judged",
		detail: words[why].text + ". Everything that overlaps it is kept.", witness: w.id(c.from), interval: at,
		segments: int64(c.to - c.from)}
	switch why {
	case becauseClash:
		finding.severity, finding.code = diag.Error, "timeline-clash"
		finding.summary = "One version over different overlapping intervals"
		finding.detail = "Two used segments of one version overlap without having the same interval (" + detail +
			"). This freezes the Coordinator's view of every datasource."
		finding.hint = "Mark one of the two unused by its id, outside coppice, after checking which one is right."
	case becauseShard:
		finding.code, finding.summary = "shard-spec-unknown", "Contested interval with an unknown shard spec"
	}
	w.complain(finding)
}

func (w *work) complainResurfacing(piece resurfaced, already bool) {
	w.complain(complaint{
		severity: w.severity(already), code: "resurfacing",
		summary: "Dropping uncovers older data that is still used",
		detail: fmt.Sprintf("Over %s version %s answers now; after the drop version %s of %s would answer, which is still used: queries would return old rows.",
			piece.interval, w.seen.Versions.At(piece.was), w.seen.Versions.At(piece.now), piece.nowOf),
		hint: "Mark the older segments unused first, keep the newer ones, or consent with:" +
			w.allowBlock("resurfacing"),
		witness:  fmt.Sprintf("%s version %s", piece.nowOf, w.seen.Versions.At(piece.now)),
		origin:   w.rulesOrigin(),
		interval: piece.interval, segments: 1,
	})
}

func (w *work) complainTransient(i int) {
	w.complain(complaint{severity: diag.Note, code: "resurfacing-transient",
		summary: "Older data is uncovered and dropped by the following rule run",
		detail:  "Between two runs of the Coordinator's rules, older segments may answer for a moment.",
		witness: w.id(i), origin: w.rulesOrigin(), interval: w.rows[i].Interval, segments: 1})
}

func (w *work) complainNewerHidden(g group, r druid.VisibleRange) {
	w.complain(complaint{severity: diag.Warning, code: "newer-hidden",
		summary: "Newer segments are unused while older ones answer",
		detail: fmt.Sprintf("Version %s of %s is unused, and version %s of %s answers in its place. Nobody can tell why: it is kept.",
			w.seen.Versions.At(g.version), g.interval, w.seen.Versions.At(r.Version), r.True),
		witness: w.id(g.from), interval: g.interval, segments: int64(g.to - g.from)})
}

// allowBlock is a block to be pasted, for thirty days.
func (w *work) allowBlock(code string) string {
	until, err := druid.Period{Days: 30}.After(w.in.Now)
	if err != nil {
		until = w.in.Now
	}
	return fmt.Sprintf("\nallow %q {\n  datasources = [%s]\n  until       = %q\n  reason      = \"why this is right\"\n}", code, config.Literal(w.seen.Name),
		until.String()[:len("2006-01-02")])
}

// rowFindings complains about rows that stay for reasons the owner should know.
func (w *work) rowFindings() {
	for i := range w.verdicts {
		v := &w.verdicts[i]
		if v.decision == kill && !w.in.canPin() {
			w.complainUnpinned(i)
		}
		switch v.why {
		case becauseFutureVersion:
			w.complain(complaint{severity: diag.Warning, code: "kill-future-version", summary: "Versions that sort after now cannot be deleted",
				detail:  "Druid fails the whole batch of a kill task that meets such a segment, so these are left out.",
				witness: w.id(i), interval: w.rows[i].Interval, segments: 1})
		case becauseUnpinned:
			w.complainUnpinned(i)
		case becauseBusy:
			w.complain(complaint{severity: diag.Note, code: "kill-deferred", summary: "Deletions wait for locks, tasks or pending segments",
				detail: "They are planned again once nothing works on their intervals.", witness: w.id(i), interval: w.rows[i].Interval, segments: 1})
		case becauseHidesHeld:
			if kill := w.policy.Kill; v.class == expired && kill.SupersededAfter == nil {
				w.complain(complaint{severity: diag.Warning, code: "never-deleted", summary: "Expired segments above old copies are never deleted",
					detail:  "Nothing is deleted before what it hides, and without superseded_after the old copies stay for ever.",
					hint:    "Add superseded_after to the kill block.",
					witness: w.id(i), origin: known(kill.Origin), interval: w.rows[i].Interval, segments: 1})
			}
		case becauseUnknownRule:
			w.complain(complaint{severity: w.severity(!w.rulesChange), code: "rule-unknown", summary: "A rule that this version cannot judge",
				detail:  "Everything that reaches it is kept, and so is everything after it: the plan cannot say what Druid will do.",
				hint:    "Move the rule behind those that can be judged, or consent with:" + w.allowBlock("rule-unknown"),
				witness: w.id(i), origin: w.rulesOrigin(), interval: w.rows[i].Interval, segments: 1})
		}
	}
}

// findings turns the complaints into findings and tells whether an error is left that nobody allowed.
func (in *Input) findings(datasource *string, list []complaint) (found []plan.Finding, blocking []string) {
	for _, c := range list {
		f := plan.Finding{Severity: c.severity, Code: c.code, Datasource: datasource, Summary: c.summary, Detail: c.detail,
			Hint: c.hint, Range: c.origin}
		if c.witness != "" {
			f.Witness = &c.witness
		}
		if c.severity == diag.Error {
			if by := in.allowedBy(datasource, c); by != nil {
				f.AllowedBy = known(by.Origin)
			} else {
				blocking = append(blocking, c.code)
				f.Detail += in.notAllowed(datasource, c)
			}
		}
		found = append(found, f)
	}
	return found, blocking
}

// matchesAny: a pattern is a name in which "*" stands for any number of characters.
func matchesAny(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return config.Matches(p, name) })
}

func sortFindings(list []plan.Finding) {
	name := func(f plan.Finding) string {
		if f.Datasource == nil {
			return ""
		}
		return *f.Datasource
	}
	slices.SortStableFunc(list, func(a, b plan.Finding) int {
		return cmp.Or(cmp.Compare(a.Severity, b.Severity), cmp.Compare(name(a), name(b)), cmp.Compare(a.Code, b.Code),
			cmp.Compare(a.Summary, b.Summary), cmp.Compare(a.Detail, b.Detail))
	})
}
