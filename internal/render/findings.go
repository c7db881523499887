package render

import (
	"cmp"
	"slices"
	"strings"

	"coppice/internal/diag"
	"coppice/internal/plan"
)

// kind is what findings must share to be folded.
type kind struct {
	severity diag.Severity
	code     string
	allowed  bool
}

// Shown in full of one kind; the others are named. Errors block, so more of them are shown.
const shownErrors, shownOthers = 10, 3

// findings writes the complaints, errors first, and among them those that nobody allowed. Many of one kind are folded to some of them and the names of the rest.
func (s *screen) findings(all []plan.Finding) {
	sorted := slices.Clone(all)
	slices.SortStableFunc(sorted, func(a, b plan.Finding) int {
		return cmp.Or(cmp.Compare(a.Severity, b.Severity), compareAllowed(a, b))
	})
	byKind, order := map[kind][]plan.Finding{}, []kind(nil)
	for _, f := range sorted {
		k := kind{f.Severity, f.Code, f.AllowedBy != nil}
		if byKind[k] == nil {
			order = append(order, k)
		}
		byKind[k] = append(byKind[k], f)
	}
	for _, k := range order {
		s.findingsOf(k, byKind[k])
	}
}

// compareAllowed puts what still blocks before what was allowed.
func compareAllowed(a, b plan.Finding) int {
	switch {
	case (a.AllowedBy == nil) == (b.AllowedBy == nil):
		return 0
	case a.AllowedBy == nil:
		return -1
	}
	return 1
}

// findingsOf writes findings of one kind: of those that stand at the same place, as a family's do, the first.
func (s *screen) findingsOf(k kind, all []plan.Finding) {
	limit := shownOthers
	if k.severity == diag.Error {
		limit = shownErrors
	}
	shown, rest := all, []plan.Finding(nil)
	if !s.verbose && len(all) > shownOthers+1 {
		shown, rest = oneAPlace(all, limit)
	}
	consent := ""
	if len(rest) > 0 && k.severity == diag.Error && !k.allowed {
		consent = jointConsent(all)
	}
	for _, f := range shown {
		if before, _, ok := cutConsent(f.Hint); ok && consent != "" {
			f.Hint = before + " the block below."
		}
		s.finding(f)
	}
	if len(rest) > 0 {
		s.blank()
		s.sentence(0, severityWord(k.severity)+": "+k.code+" also for "+owners(rest)+" (--verbose shows each)", "")
	}
	if consent != "" {
		s.verbatim(2, consent)
	}
}

// consentHead and consentNames are how a hint writes an allow block; names end with consentEnd.
const consentHead, consentNames, consentEnd = ":\nallow ", "  datasources = [", "]\n"

// cutConsent cuts a hint in front of the allow block at its end.
func cutConsent(hint string) (before, block string, ok bool) {
	at := strings.LastIndex(hint, consentHead)
	if at < 0 {
		return hint, "", false
	}
	return hint[:at], hint[at+len(":\n"):], true
}

// jointConsent is the allow block for all of several findings; empty when one of them has none.
func jointConsent(all []plan.Finding) string {
	var names []string
	var head, tail string
	for _, f := range all {
		_, block, ok := cutConsent(f.Hint)
		before, rest, named := strings.Cut(block, consentNames)
		name, after, ended := strings.Cut(rest, consentEnd)
		if !ok || !named || !ended {
			return ""
		}
		names, head, tail = append(names, name), before, after
	}
	slices.Sort(names)
	var b strings.Builder
	b.WriteString(head + "  datasources = [")
	used := consentWidth
	for _, name := range slices.Compact(names) {
		if used += len(" ,") + cells(name); used > consentWidth {
			b.WriteString("\n   ")
			used = 3 + len(" ,") + cells(name)
		}
		b.WriteString(" " + name + ",")
	}
	return b.String() + "\n  ]\n" + tail
}

// consentWidth is how wide lines with names to be pasted get.
const consentWidth = 76

// oneAPlace takes the first finding at each place, at most limit of them.
func oneAPlace(all []plan.Finding, limit int) (shown, rest []plan.Finding) {
	seen := map[string]bool{}
	for _, f := range all {
		if at := place(f.Range); len(shown) == limit || at != "" && seen[at] {
			rest = append(rest, f)
		} else {
			seen[at] = true
			shown = append(shown, f)
		}
	}
	return shown, rest
}

// owners names what findings are about, without repetition.
func owners(found []plan.Finding) string {
	var names []string
	for _, f := range found {
		names = append(names, owner(f))
	}
	slices.Sort(names)
	return nameWords(slices.Compact(names), shownAlike, asIs)
}

func owner(f plan.Finding) string {
	if f.Datasource == nil {
		return "the cluster"
	}
	return clean(*f.Datasource)
}

// finding writes one: its code and place, what, why, the witness, and what can be done.
func (s *screen) finding(f plan.Finding) {
	s.blank()
	head := clean(f.Code)
	if f.Datasource != nil {
		head += " · " + clean(*f.Datasource)
	}
	spans := []span{{severityWord(f.Severity), severityInk(f.Severity)}, {": " + head, inkBold}}
	if f.AllowedBy != nil {
		spans = append(spans, plain(" (allowed by "+place(f.AllowedBy)+")"))
	}
	s.placed(0, spans, place(f.Range))
	s.sentence(2, f.Summary+".", "")
	if f.Detail != "" {
		s.sentence(2, f.Detail, "")
	}
	if f.Witness != nil {
		s.sentence(2, "seen: "+*f.Witness, "")
	}
	if f.Hint != "" && f.AllowedBy == nil {
		s.verbatim(2, f.Hint)
	}
}

// severityWord is how a message starts: the word, not the colour, carries the meaning.
func severityWord(v diag.Severity) string { return capital(v.String()) }

func severityInk(v diag.Severity) ink {
	switch v {
	case diag.Error:
		return inkDanger
	case diag.Warning:
		return inkWarning
	}
	return inkNote
}
