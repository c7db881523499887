package render

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"coppice/internal/druid"
	"coppice/internal/plan"
)

// waiting is the pending segments of one obstacle over all datasources.
type waiting struct {
	waits plan.WaitsFor
	plan.Amount
	// next is the earliest known moment of being due, with the datasource and the line concerned.
	next      druid.Instant
	nextName  string
	nextPlace string
}

// pendingBy gathers pending segments by what they wait for, the most first.
func pendingBy(p *plan.Plan) []*waiting {
	byObstacle := map[plan.WaitsFor]*waiting{}
	var found []*waiting
	for _, d := range p.Datasources {
		for i := range countedRuns(d, d.Pending) {
			r := &d.Pending.Runs[i]
			one := byObstacle[r.WaitsFor]
			if one == nil {
				one = &waiting{waits: r.WaitsFor, next: druid.NoInstant}
				byObstacle[r.WaitsFor], found = one, append(found, one)
			}
			one.add(d, r)
		}
	}
	slices.SortStableFunc(found, func(a, b *waiting) int { return cmp.Compare(b.Segments, a.Segments) })
	return found
}

// countedRuns are the runs that the totals hold: none of a blocked datasource.
func countedRuns(d *plan.Datasource, g plan.Group) []plan.Run {
	if d.Blocked {
		return nil
	}
	return g.Runs
}

func (w *waiting) add(d *plan.Datasource, r *plan.Run) {
	w.Amount.Add(r.Amount)
	if r.EligibleAt != nil && (!w.next.Known() || *r.EligibleAt < w.next) {
		w.next, w.nextName, w.nextPlace = *r.EligibleAt, clean(d.Name), place(r.Reason.Range)
	}
}

// waitWords says what an obstacle is, after "waits for".
func waitWords(w plan.WaitsFor) string {
	switch w {
	case plan.WaitsGrace:
		return "the grace since marking"
	case plan.WaitsInterval:
		return "the interval to be older (older_than)"
	case plan.WaitsHides:
		return "an older version below, which is not due"
	case plan.WaitsReach:
		return "a neighbour of the same interval and version that must stay"
	case plan.WaitsLock:
		return "a lock, task or pending segment on the interval"
	case plan.WaitsFile:
		return "another segment that shares the file and is not due"
	case plan.WaitsRestore:
		return "the restore in this plan"
	case "":
		return "its turn"
	}
	return clean(string(w))
}

// nextWords is "next 2026-11-21 02:10Z (wikipedia, policies.hcl:14)".
func nextWords(at druid.Instant, name, place string) string {
	if !at.Known() {
		return ""
	}
	if place != "" {
		name += ", " + place
	}
	return "next " + dueInstant(at) + " (" + name + ")"
}

// notTouched shows what stays although it is unused.
func (s *screen) notTouched(p *plan.Plan) {
	if p.Summary.Stays().Pending.Segments == 0 && p.Summary.Stays().Hold.Segments == 0 {
		return
	}
	s.title("NOT TOUCHED", inkBold)
	s.pendingLines(p)
	s.heldLine(p)
	s.untouchedRuns(p)
}

// pendingLines is the total of what will be deleted later, and what it waits for.
func (s *screen) pendingLines(p *plan.Plan) {
	a := p.Summary.Stays().Pending
	if a.Segments == 0 {
		return
	}
	text := amountText(a) + ", to be deleted later"
	if n := p.Summary.Stays().Deferred.Segments; n > 0 {
		text += "; " + count(n) + " of them could go by time, and wait for something else"
	}
	obstacles := pendingBy(p)
	if len(obstacles) == 1 {
		text += "; " + obstacles[0].words()
		obstacles = nil
	}
	s.label("pending", text, inkPlain)
	for _, w := range obstacles {
		s.label("", amountText(w.Amount)+" "+w.words(), inkPlain)
	}
}

// words says what is waited for, and when the first of them is due.
func (w *waiting) words() string {
	text := "wait for " + waitWords(w.waits)
	if next := nextWords(w.next, w.nextName, w.nextPlace); next != "" {
		text += "; " + next
	}
	return text
}

// heldLine is the total of what is never deleted by itself, with numbers by reason.
func (s *screen) heldLine(p *plan.Plan) {
	if a := p.Summary.Stays().Hold; a.Segments > 0 {
		if slices.ContainsFunc(p.Datasources, unsized) {
			a.Bytes = 0
		}
		s.label("held", strings.TrimSuffix(amountText(a)+": "+strings.Join(heldBy(p), ", "), ": "), inkPlain)
	}
}

// unsized reports whether something is held of which nobody asked for the size: then there is no sum.
func unsized(d *plan.Datasource) bool {
	return d.Hold.Unlisted > 0 || slices.ContainsFunc(d.Hold.Runs, func(r plan.Run) bool { return r.Class == "" })
}

// heldBy counts held segments by reason, the most first: "2,204 unexplained".
func heldBy(p *plan.Plan) []string {
	counts := map[string]int64{}
	for _, d := range p.Datasources {
		if d.Hold.Unlisted > 0 && !d.Blocked {
			counts[plan.NoKillPolicy] += d.Hold.Unlisted
		}
		for i := range countedRuns(d, d.Hold.Group) {
			counts[d.Hold.Runs[i].Reason.Code] += d.Hold.Runs[i].Segments
		}
	}
	codes := make([]string, 0, len(counts))
	for code := range counts {
		codes = append(codes, code)
	}
	slices.SortFunc(codes, func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	for i, code := range codes {
		codes[i] = count(counts[code]) + " " + clean(code)
	}
	return codes
}

// untouchedRuns lists every pending and held run when asked to.
func (s *screen) untouchedRuns(p *plan.Plan) {
	if !s.verbose {
		return
	}
	for _, d := range p.Datasources {
		s.groupRuns(d.Name, "pending", d.Pending.Runs)
		s.groupRuns(d.Name, "held", d.Hold.Runs)
	}
}

func (s *screen) groupRuns(name, decision string, runs []plan.Run) {
	if len(runs) == 0 {
		return
	}
	s.line(2, plain(fmt.Sprintf("%s, %s:", clean(name), decision)))
	for i := range runs {
		s.run(&runs[i])
		s.sentence(detailIndent+4, untouchedReason(&runs[i]), place(runs[i].Reason.Range))
	}
}

// untouchedReason is why a run stays, and until when.
func untouchedReason(r *plan.Run) string {
	text := r.Reason.Text
	if r.WaitsFor != "" {
		text += "; waits for " + waitWords(r.WaitsFor)
	}
	if r.EligibleAt != nil {
		text += "; due " + dueInstant(*r.EligibleAt)
	}
	return text
}

// nothingToDo does not call declared what nobody has declared.
func nothingToDo(p *plan.Plan) string {
	if p.Cluster.Datasources > 0 && len(p.Datasources) == 0 && p.DefaultRules.Range == nil {
		return "No changes, since no datasource of the cluster is declared; coppice import declares the rules in force."
	}
	return "No changes. Rules are as declared; nothing is due for deletion."
}

// noChanges is the screen of a plan without actions.
func (s *screen) noChanges(p *plan.Plan) {
	s.blank()
	if p.Request != nil {
		s.inked(0, span{"Nothing of what was asked for is left to do, or may be done now.", inkBold}, "")
	} else if judged(p) {
		s.inked(0, span{nothingToDo(p), inkGood}, "")
	} else {
		s.inked(0, span{"No changes, but not everything could be judged: see below.", inkWarning}, "")
	}
	if hasStanding(p) {
		s.blank()
	}
	s.blockedTotals(p)
	s.byTime(p)
	s.pendingNext(p)
	s.heldLine(p)
	if p.Cluster.AutoKill == plan.AutoKillOff {
		s.label("cluster", "auto-kill off on both leaders", inkPlain)
	}
	if outside := lastOutside(p); outside != "" {
		s.label("rules", outside, inkPlain)
	}
	s.untouchedRuns(p)
	s.findings(p.Findings)
	if len(p.Findings) > 0 {
		s.blank()
		s.inked(0, span{"Plan: no changes." + blockedInShort(p), inkBold}, "")
	}
}

// judged says that nothing stood in the way of seeing and deciding everything.
func judged(p *plan.Plan) bool {
	return len(p.Summary.Blocked) == 0 && !slices.ContainsFunc(p.Findings, func(f plan.Finding) bool { return f.Code == "gap" })
}

// hasStanding says whether there is anything to tell besides.
func hasStanding(p *plan.Plan) bool {
	m := p.Summary
	return m.ByTime.Segments+m.Stays().Shadowed.Segments+m.Stays().Pending.Segments+m.Stays().Hold.Segments > 0 || len(m.Blocked) > 0 ||
		p.Cluster.AutoKill == plan.AutoKillOff || lastOutside(p) != ""
}

// pendingNext is the one line about pending segments of a plan without changes.
func (s *screen) pendingNext(p *plan.Plan) {
	if p.Summary.Stays().Pending.Segments == 0 {
		return
	}
	first := &waiting{next: druid.NoInstant}
	for _, w := range pendingBy(p) {
		if w.next.Known() && (!first.next.Known() || w.next < first.next) {
			first = w
		}
	}
	text := amountText(p.Summary.Stays().Pending)
	if next := nextWords(first.next, first.nextName, first.nextPlace); next != "" {
		text += "; " + next
	}
	s.label("pending", text, inkPlain)
	if n := p.Summary.Stays().Deferred.Segments; n > 0 {
		s.label("", count(n)+" of them could go by time, and wait for something else", inkPlain)
	}
}
