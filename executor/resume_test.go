package executor

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestResumeFoldsRecords(t *testing.T) {
	two, none := &Counts{Segments: 2, Bytes: 20, Files: 2}, &Counts{Segments: -1}
	intent := Record{Step: StepIntent, Action: "a", Task: "t", Amounts: two}
	outcome := func(o Outcome, amounts *Counts) Record {
		return Record{Step: StepOutcome, Action: "a", Outcome: o, Amounts: amounts}
	}
	cases := []struct {
		name              string
		records           []Record
		want              Progress
		settled, inFlight bool
	}{
		{"announced", []Record{intent}, Progress{Started: true, Task: "t", Amounts: *two}, false, true},
		{"submitted", []Record{intent, {Step: StepSubmitted, Action: "a", Task: "t", Amounts: two}},
			Progress{Started: true, Submitted: true, Task: "t", Amounts: *two}, false, true},
		{"shut down", []Record{intent, {Step: StepShutdown, Action: "a"}},
			Progress{Started: true, ShutDown: true, Task: "t", Amounts: *two}, false, true},
		{"done", []Record{intent, outcome(Done, none)}, Progress{Started: true, Task: "t", Outcome: Done, Amounts: *none}, true, false},
		{"unknown keeps the manifest's amounts", []Record{intent, outcome(Unknown, none)},
			Progress{Started: true, Task: "t", Outcome: Unknown, Amounts: *two}, false, true},
		{"done, and unread at the end", []Record{intent, outcome(Done, two), outcome(Unknown, none)},
			Progress{Started: true, Task: "t", Outcome: Done, Amounts: *two}, true, false},
		{"deferred", []Record{intent, outcome(Deferred, none)},
			Progress{Started: true, Task: "t", Outcome: Deferred, Amounts: *two}, false, false},
		{"tried again", []Record{intent, {Step: StepShutdown, Action: "a"}, outcome(Deferred, none), {Step: StepIntent, Action: "a", Task: "t-2"}},
			Progress{Started: true, Task: "t-2"}, false, true},
		{"stale before it began", []Record{outcome(Stale, none)}, Progress{Outcome: Stale}, false, false},
		{"of the whole run", []Record{{Step: StepEnd, Complete: true}}, Progress{}, false, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var r Resume
			for _, record := range c.records {
				r.Add(record)
			}
			got := r.Actions["a"]
			if diff := cmp.Diff(c.want, got); diff != "" || got.settled() != c.settled || got.inFlight() != c.inFlight {
				t.Errorf("settled %v, in flight %v; progress (-want +got):\n%s", got.settled(), got.inFlight(), diff)
			}
		})
	}
}
