package journal

import (
	"testing"

	"coppice/executor"
	"coppice/internal/druid"
	"coppice/internal/plan"

	"github.com/google/go-cmp/cmp"
)

// TestKills: a task counts with what it is known to have deleted, and with all that it was sent for until that is known.
func TestKills(t *testing.T) {
	record := func(at druid.Instant, step executor.Step, task string, outcome executor.Outcome, segments, bytes int64) executor.Record {
		return executor.Record{At: at, Step: step, Action: "kill", Kind: plan.KillTask, Datasource: "d", Task: task, Outcome: outcome,
			Amounts: &executor.Counts{Segments: segments, Bytes: bytes, Files: segments}}
	}
	intent := record(1, executor.StepIntent, "t", "", 5, 50)
	cases := []struct {
		name    string
		records []executor.Record
		want    []Kill
	}{
		{"rules only", story[:2], nil},
		{"announced", []executor.Record{intent}, []Kill{{1, "t", "d", plan.Amount{Segments: 5, Bytes: 50}}}},
		{"submitted", []executor.Record{intent, record(2, executor.StepSubmitted, "t", "", 5, 50)}, []Kill{{2, "t", "d", plan.Amount{Segments: 5, Bytes: 50}}}},
		{"done", []executor.Record{intent, record(3, executor.StepOutcome, "t", executor.Done, 4, 40)}, []Kill{{3, "t", "d", plan.Amount{Segments: 4, Bytes: 40}}}},
		{"done, without sizes", []executor.Record{intent, record(3, executor.StepOutcome, "t", executor.Done, 4, -1)}, []Kill{{3, "t", "d", plan.Amount{Segments: 4, Bytes: 50}}}},
		{"failed half-way", []executor.Record{intent, record(3, executor.StepOutcome, "t", executor.Failed, 2, 20)}, []Kill{{3, "t", "d", plan.Amount{Segments: 2, Bytes: 20}}}},
		{"failed, and nobody knows", []executor.Record{intent, record(3, executor.StepOutcome, "t", executor.Failed, -1, -1)}, []Kill{{3, "t", "d", plan.Amount{Segments: 5, Bytes: 50}}}},
		{"never came to be", []executor.Record{intent, record(3, executor.StepOutcome, "t", executor.Failed, 0, 0)}, []Kill{{3, "t", "d", plan.Amount{}}}},
		{"unknown", []executor.Record{intent, record(3, executor.StepOutcome, "t", executor.Unknown, 0, 0)}, []Kill{{3, "t", "d", plan.Amount{Segments: 5, Bytes: 50}}}},
		{"a size that is not known", []executor.Record{record(1, executor.StepIntent, "t", "", 5, -1)}, []Kill{{1, "t", "d", plan.Amount{Segments: 5}}}},
		{"shut down and sent again", []executor.Record{intent, {At: 2, Step: executor.StepShutdown, Action: "kill", Kind: plan.KillTask, Datasource: "d", Task: "t"},
			record(3, executor.StepOutcome, "t", executor.Deferred, 0, 0), record(4, executor.StepIntent, "t-2", "", 5, 50)},
			[]Kill{{3, "t", "d", plan.Amount{}}, {4, "t-2", "d", plan.Amount{Segments: 5, Bytes: 50}}}},
		{"an id that was spent", []executor.Record{intent, record(2, executor.StepIntent, "t-2", "", 5, 50)},
			[]Kill{{2, "t-2", "d", plan.Amount{Segments: 5, Bytes: 50}}}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			folder := t.TempDir()
			j := opened(t, folder)
			a, err := j.Begin(document(t), now)
			done(t, err)
			for _, r := range c.records {
				done(t, a.Record(r))
			}
			done(t, j.Close())
			state, err := Read(folder)
			done(t, err)
			if diff := cmp.Diff(c.want, state.Kills()); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}
