package render

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"coppice/internal/plan"
)

// Explain writes the verdict on each segment of an explanation, in the order given. The error is the writer's.
func Explain(w io.Writer, e *plan.Explanation, o Options) error {
	s := newScreen(w, o)
	s.line(0, span{fmt.Sprintf("coppice explain · %s · %s", clean(e.Datasource), instantSeconds(e.Now)), inkBold})
	s.line(0, plain(segments(int64(len(e.Segments)))+decisionNumbers(e)))
	for i := range e.Segments {
		s.blank()
		s.explained(&e.Segments[i])
	}
	return s.flush()
}

// decisionNumbers is ": 30 keep, 2 kill".
func decisionNumbers(e *plan.Explanation) string {
	counts, order := map[plan.Decision]int64{}, []plan.Decision(nil)
	for i := range e.Segments {
		d := e.Segments[i].Decision
		if counts[d]++; counts[d] == 1 {
			order = append(order, d)
		}
	}
	slices.Sort(order)
	var parts []string
	for _, d := range order {
		parts = append(parts, count(counts[d])+" "+clean(string(d)))
	}
	if len(parts) == 0 {
		return ""
	}
	return ": " + strings.Join(parts, ", ")
}

// explained writes one segment: its id on a line of its own, since ids are copied.
func (s *screen) explained(g *plan.ExplainedSegment) {
	s.line(0, span{clean(g.ID), inkBold})
	s.fact("decision", decisionWords(g), place(g.Reason.Range), decisionInk(g.Decision))
	s.fact("why", g.Reason.Text, "", inkPlain)
	s.fact("state", stateWords(g), "", inkPlain)
	if g.Rule != nil {
		s.fact("rule", ruleWords(g.Rule), place(g.Rule.Range), inkPlain)
	}
	if g.PolicyRange != nil {
		s.fact("policy", place(g.PolicyRange), "", inkPlain)
	}
	if g.WaitsFor != "" {
		s.fact("waits for", waitWords(g.WaitsFor), "", inkPlain)
	}
	if g.EligibleAt != nil {
		s.fact("due", dueInstant(*g.EligibleAt), "", inkPlain)
	}
	if g.NextChangeAt != nil && g.NextChange != "" {
		s.fact("next", fmt.Sprintf("%s from %s on, by time alone", clean(string(g.NextChange)), dueInstant(*g.NextChangeAt)), "", inkPlain)
	}
}

// fact writes a labelled line, wrapped below its text, with a place at the edge.
func (s *screen) fact(label, text, at string, color ink) {
	if text == "" {
		return
	}
	const indent, width = 2, 11
	lines := wrap(text, s.width-indent-width)
	for i, one := range lines {
		if i > 0 {
			label = ""
		}
		spans := []span{{padRight(label, width), inkFaint}, {one, color}}
		if i == len(lines)-1 && at != "" {
			s.placed(indent, spans, at)
			continue
		}
		s.line(indent, spans...)
	}
}

// decisionWords says the decision, with its class and what follows.
func decisionWords(g *plan.ExplainedSegment) string {
	text := clean(string(g.Decision))
	if g.Class != "" {
		text += " (" + clean(string(g.Class)) + ")"
	}
	if g.Then != "" {
		text += ", then " + clean(string(g.Then))
	}
	return text
}

func decisionInk(d plan.Decision) ink {
	switch d {
	case plan.DecisionKill:
		return inkDanger
	case plan.DecisionDrop, plan.DecisionRemove, plan.DecisionShadowed:
		return inkWarning
	case plan.DecisionKeep, plan.DecisionRestore:
		return inkGood
	}
	return inkNote
}

// stateWords is what Druid has of the segment now.
func stateWords(g *plan.ExplainedSegment) string {
	state := "used"
	if !g.Used {
		state = "unused, marking time not known"
	}
	if !g.Used && g.MarkedAt != nil {
		state = "unused, marked " + instant(*g.MarkedAt)
	}
	if g.Bytes < 0 {
		return state + "; size not read"
	}
	return state + "; " + size(g.Bytes)
}

// ruleWords is "own rule 2, dropForever".
func ruleWords(r *plan.ExplainedRule) string {
	return fmt.Sprintf("%s rule %d, %s", clean(r.List), r.Index, clean(r.Type))
}
