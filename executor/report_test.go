package executor

import "testing"

func TestClass(t *testing.T) {
	action := func(outcome Outcome, differences ...string) *Report {
		return &Report{Actions: []*ActionReport{{Outcome: outcome, Differences: differences}}}
	}
	marks := func(m MarkReport) *Report { return &Report{Marks: []*MarkReport{&m}} }
	cases := []struct {
		name   string
		report *Report
		want   Class
	}{
		{"nothing to do", &Report{}, ClassDone},
		{"done", action(Done), ClassDone},
		{"done before", action(DoneBefore), ClassDone},
		{"blocked", action(SkippedBlocked), ClassBlocked},
		{"stale", action(Stale), ClassStale},
		{"deferred", action(Deferred), ClassPartial},
		{"unknown", action(Unknown), ClassPartial},
		{"not started", action(NotStarted), ClassPartial},
		{"failed", action(Failed), ClassError},
		{"done with a difference", action(Done, "d"), ClassDifference},
		{"unknown with a difference", action(Unknown, "d"), ClassDifference},
		{"failed with a difference", action(Failed, "d"), ClassError},
		{"marked as predicted", marks(MarkReport{Predicted: 3, Marked: 3}), ClassDone},
		{"not marked", marks(MarkReport{NotMarked: 1}), ClassPartial},
		{"could not be compared", marks(MarkReport{Problem: "p"}), ClassPartial},
		{"marked though kept", marks(MarkReport{NotMarked: 1, NotPredicted: 1}), ClassDifference},
		{"journal broken", &Report{Stopped: "disk full"}, ClassError},
		{"interrupted", &Report{Interrupted: true, Stopped: "x"}, ClassInterrupted},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := c.report.Class(); got != c.want {
				t.Errorf("Class() = %s, want %s", got, c.want)
			}
		})
	}
}

// TestPrecedence: of any two classes the greater one counts: 130, 1, 7, 5, 4, 3, 0.
func TestPrecedence(t *testing.T) {
	reports := []*Report{
		{Actions: []*ActionReport{{Outcome: Done}}},
		{Actions: []*ActionReport{{Outcome: SkippedBlocked}}},
		{Actions: []*ActionReport{{Outcome: Stale}}},
		{Actions: []*ActionReport{{Outcome: Deferred}}},
		{Actions: []*ActionReport{{Outcome: Done, Differences: []string{"d"}}}},
		{Actions: []*ActionReport{{Outcome: Failed}}},
		{Interrupted: true},
	}
	order := []Class{ClassDone, ClassBlocked, ClassStale, ClassPartial, ClassDifference, ClassError, ClassInterrupted}
	for i, a := range reports {
		for j, b := range reports {
			both := &Report{Actions: append(append([]*ActionReport(nil), a.Actions...), b.Actions...), Interrupted: a.Interrupted || b.Interrupted}
			if got := both.Class(); got != order[max(i, j)] {
				t.Errorf("%s and %s give %s", a.Class(), b.Class(), got)
			}
		}
	}
}

func TestEveryOutcomeHasAClassAndCompletes(t *testing.T) {
	for _, outcome := range Outcomes {
		if _, known := classOf[outcome]; !known {
			t.Errorf("outcome %s has no class", outcome)
		}
		complete := (&Report{Actions: []*ActionReport{{Outcome: outcome}}}).Complete()
		if want := outcome == Done || outcome == DoneBefore || outcome == SkippedBlocked; complete != want {
			t.Errorf("%s: complete %v, want %v", outcome, complete, want)
		}
	}
}
