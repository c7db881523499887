package render

import (
	"bytes"
	"io"
	"testing"

	"coppice/internal/druid"
	"coppice/internal/plan"
)

func storyExplanation(t *testing.T) *plan.Explanation {
	one := func(from string, segment plan.ExplainedSegment) plan.ExplainedSegment {
		start := at(t, from)
		segment.Interval = druid.Interval{Start: start, End: start + day}
		segment.ID = "wikipedia_" + segment.Interval.String() + "_" + segment.Version
		return segment
	}
	return &plan.Explanation{FormatVersion: plan.FormatVersion, Now: at(t, "2026-11-20T09:00:00Z"), Datasource: "wikipedia",
		Segments: []plan.ExplainedSegment{
			one("2026-11-01T00:00:00Z", plan.ExplainedSegment{Version: "2026-11-02T00:00:00.000Z", Used: true, Bytes: 3 << 30,
				Decision: plan.DecisionKeep, Rule: &plan.ExplainedRule{List: "own", Index: 1, Type: "loadByPeriod", Range: line("wiki.hcl", 4)},
				NextChangeAt: ref(at(t, "2026-12-02T00:00:00Z")), NextChange: "drop", PolicyRange: line("wiki.hcl", 4),
				Reason: plan.Reason{Code: "rule", Text: "rule 1 loadByPeriod P30D", Range: line("wiki.hcl", 4)}}),
			one("2026-10-01T00:00:00Z", plan.ExplainedSegment{Version: "2026-10-02T00:00:00.000Z", Bytes: -1, Class: plan.ClassSuperseded,
				MarkedAt: ref(at(t, "2026-11-19T23:10:22.5Z")), Decision: plan.DecisionPending, WaitsFor: plan.WaitsGrace,
				EligibleAt: ref(at(t, "2026-11-21T23:10:22.5Z")), PolicyRange: line("policies.hcl", 14),
				Reason: plan.Reason{Code: "grace", Text: "superseded; grace P2D since marking", Range: line("policies.hcl", 14)}}),
			one("2026-09-01T00:00:00Z", plan.ExplainedSegment{Version: "2026-09-02T00:00:00.000Z", Used: true, Bytes: 1 << 20,
				Decision: plan.DecisionShadowed, Then: "drop",
				Reason: plan.Reason{Code: "overshadowed", Text: "newer versions cover it: the Coordinator's clean-up marks it unused"}}),
			one("2026-08-01T00:00:00Z", plan.ExplainedSegment{Version: "2026-08-02T00:00:00.000Z", Bytes: 1 << 20, Decision: plan.DecisionHold,
				Class:  plan.ClassUnexplained,
				Reason: plan.Reason{Code: "unexplained", Text: "neither newer data nor a rule says why it is unused: somebody marked it"}}),
		}}
}

func TestExplainScreens(t *testing.T) {
	e := storyExplanation(t)
	screens(t, "explain", func(w io.Writer, o Options) error { return Explain(w, e, o) })
	screens(t, "explain-nothing", func(w io.Writer, o Options) error {
		return Explain(w, &plan.Explanation{Now: e.Now, Datasource: "wikipedia"}, o)
	})
}

func TestExplainJSON(t *testing.T) {
	var b bytes.Buffer
	if err := JSON(&b, storyExplanation(t)); err != nil {
		t.Fatal(err)
	}
	golden(t, "explain-json", b.Bytes())
}
