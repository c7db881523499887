package planner

import (
	"fmt"
	"testing"

	"coppice/internal/druid"
	"coppice/internal/snapshot"
)

// Rows of one interval and version whose verdicts take turns stand in one run for each verdict, whatever came in between.
func TestRunsOfTurns(t *testing.T) {
	w := &work{in: &Input{}, seen: &snapshot.Datasource{Versions: snapshot.VersionsOf("v", "w")}}
	for n, why := range []reason{becauseBusy, becauseUnlisted, becauseBusy, becauseBusy, becauseNoTime, becauseUnlisted, becauseBusy} {
		w.rows = append(w.rows, snapshot.Segment{Interval: druid.Interval{End: 10}, Partition: int32(n), MarkedAt: druid.Instant(100 - n)})
		w.verdicts = append(w.verdicts, verdict{decision: hold, why: why})
	}
	w.rows = append(w.rows, snapshot.Segment{Interval: druid.Interval{End: 10}, Version: 1, MarkedAt: 7})
	w.verdicts = append(w.verdicts, verdict{decision: hold, why: becauseBusy})
	got := ""
	for _, r := range w.runs([]int{0, 1, 2, 3, 4, 5, 6, 7}) {
		got += fmt.Sprintf("%s %s %s %d %d; ", r.Version, r.Reason.Code, r.Partitions, *r.MarkedAt, r.Segments)
	}
	if want := "v lock 0,2-3,6 100 4; v unused-not-listed 1,5 99 2; v marking-time-unknown 4 96 1; w lock 0 7 1; "; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
