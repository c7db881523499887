package render

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"coppice/executor"
	"coppice/internal/druid"
	"coppice/internal/plan"
)

func storyReport(t *testing.T) *executor.Report {
	kill := func(outcome executor.Outcome, planned, real int64) *executor.ActionReport {
		return &executor.ActionReport{Kind: plan.KillTask, Datasource: "wikipedia", Permanent: true, Outcome: outcome,
			Planned: executor.Counts{Segments: planned, Bytes: planned * gib}, Real: executor.Counts{Segments: real, Bytes: max(real, 0) * gib}}
	}
	r := &executor.Report{PlanDigest: "0123456789abcdef0123456789abcdef", StartedAt: at(t, "2026-11-20T09:00:00Z"),
		EndedAt: at(t, "2026-11-20T09:12:03Z"), Actions: []*executor.ActionReport{
			{Kind: plan.SetRules, Datasource: "billing", Outcome: executor.Done},
			{Kind: plan.SetRules, Datasource: "orders", Outcome: executor.Failed,
				Reasons: []string{"the Coordinator answered 403: the user may not write rules"}},
			{Kind: plan.MarkUsed, Datasource: "orders", Outcome: executor.NotStarted, Planned: executor.Counts{Segments: 30, Bytes: gib},
				Reasons: []string{"the rules that keep these segments were not set"}},
			{Kind: plan.MarkUnused, Datasource: "clicks", Outcome: executor.SkippedBlocked, Planned: executor.Counts{Segments: 10}},
			kill(executor.Done, 1000, 1000), kill(executor.Done, 1000, 1000), kill(executor.DoneBefore, 500, 0),
			kill(executor.Stale, 300, 0), kill(executor.Deferred, 200, 0), kill(executor.Unknown, 100, -1), kill(executor.Unknown, 50, 50),
		},
		Marks: []*executor.MarkReport{
			{Datasource: "billing", Predicted: 365, Marked: 360, NotMarked: 5, NotMarkedIDs: []string{"billing_x"}, Waited: true},
			{Datasource: "orders", Problem: "the list of used segments could not be read"},
		}}
	r.Actions[7].Reasons = []string{"wikipedia_2026 was marked used again", "wikipedia_2026 was marked used again"}
	r.Actions[5].Differences = []string{"the task reports 999 files, the manifest has 1,000"}
	return r
}

func TestReportScreens(t *testing.T) {
	story := storyReport(t)
	good := &executor.Report{PlanDigest: story.PlanDigest, StartedAt: story.StartedAt, EndedAt: story.EndedAt,
		Actions: []*executor.ActionReport{story.Actions[0], story.Actions[4]},
		Marks:   []*executor.MarkReport{{Datasource: "billing", Predicted: 365, Marked: 365}}}
	fewer := *story.Actions[4]
	fewer.Real = executor.Counts{Segments: 999, Bytes: 999 * gib}
	good.Actions = append(good.Actions, &fewer)
	stopped := &executor.Report{PlanDigest: story.PlanDigest, StartedAt: story.StartedAt, EndedAt: story.StartedAt,
		Stopped: "the journal could not be written: no space left on device", Interrupted: true}
	for name, r := range map[string]*executor.Report{"report-story": story, "report-good": good, "report-stopped": stopped} {
		screens(t, name, func(w io.Writer, o Options) error { return Report(w, r, o) })
	}
}

// TestEveryOutcomeHasWords and its like walk the closed sets: a new member without words shows up here.
func TestEveryOutcomeHasWords(t *testing.T) {
	seen := map[string]executor.Outcome{}
	for _, o := range executor.Outcomes {
		word := outcomeWord(o)
		if word == string(o) && strings.Contains(word, "_") {
			t.Errorf("outcome %s has no words", o)
		}
		if other, ok := seen[word]; ok {
			t.Errorf("outcomes %s and %s read the same", o, other)
		}
		seen[word] = o
	}
	for _, k := range plan.Kinds {
		if kindWord(k) == string(k) {
			t.Errorf("kind %s has no words", k)
		}
	}
	for c := executor.ClassDone; c <= executor.ClassInterrupted; c++ {
		if nextStep(c) == "" {
			t.Errorf("class %s has no next step", c)
		}
	}
}

func TestEveryObstacleHasWords(t *testing.T) {
	for _, w := range []plan.WaitsFor{plan.WaitsGrace, plan.WaitsInterval, plan.WaitsHides, plan.WaitsReach, plan.WaitsLock, plan.WaitsFile,
		plan.WaitsRestore} {
		if waitWords(w) == string(w) {
			t.Errorf("obstacle %s has no words", w)
		}
	}
}

func TestEvents(t *testing.T) {
	kill := &plan.Action{Kind: plan.KillTask, Datasource: "wikipedia", Amount: plan.Amount{Segments: 1000, Bytes: 12 * gib}}
	set := &plan.Action{Kind: plan.SetRules, Datasource: "billing"}
	story := storyReport(t)
	events := []executor.Event{
		executor.Started{Actions: 12}, executor.ActionStarted{Action: set}, executor.ActionStarted{Action: kill},
		executor.ActionEnded{Report: story.Actions[0]}, executor.ActionEnded{Report: story.Actions[1]}, executor.ActionEnded{Report: story.Actions[4]},
		executor.DatasourceStale{Datasource: "wikipedia", Differences: []string{"one row is used again", "two rows are new"}},
		executor.TaskSubmitted{Action: kill, Task: "coppice-1", Victims: executor.Counts{Segments: 1000}},
		executor.TaskSubmitted{Action: kill, Task: "coppice-1", Victims: executor.Counts{Segments: -1}, Adopted: true},
		executor.TaskChanged{Action: kill, Task: "coppice-1", State: druid.TaskWaiting},
		executor.TaskChanged{Action: kill, Task: "coppice-1", State: druid.TaskSucceeded},
		executor.Waiting{For: "the Coordinator to mark what the rules drop", Datasource: "billing", Left: 12, Total: 365,
			Waited: 80 * time.Second, Limit: 10 * time.Minute},
		executor.Waiting{For: "task coppice-1", Waited: 30 * time.Second},
		executor.Deleting{Tasks: 12, AllTasks: 2000, Segments: 11_900, AllSegments: 1_999_999, Spent: 90 * time.Second, Left: 4 * time.Hour},
		executor.Deleting{Tasks: 1, AllTasks: 2, AllSegments: 10, Spent: time.Minute},
		executor.QueueUnknown{Problem: "read kill tasks: 404 Not Found"},
		executor.MarksCompared{Report: story.Marks[0]}, executor.MarksCompared{Report: story.Marks[1]},
		executor.MarksCompared{Report: &executor.MarkReport{Datasource: "x", NotPredicted: 3}},
		executor.Interrupting{}, executor.Ended{Report: story},
	}
	var b bytes.Buffer
	for _, e := range events {
		if err := Event(&b, e, Options{Width: 120}); err != nil {
			t.Fatal(err)
		}
	}
	golden(t, "events", b.Bytes())
}

func TestWriterErrorsAreReturned(t *testing.T) {
	if err := Plan(broken{}, storyPlan(t), Options{}); err == nil {
		t.Error("Plan on a broken writer returned no error")
	}
	if err := Event(broken{}, executor.Interrupting{}, Options{}); err == nil {
		t.Error("Event on a broken writer returned no error")
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }
