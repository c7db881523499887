package executor

import (
	"slices"
	"strings"
	"testing"

	"coppice/internal/druid"
	"coppice/internal/plan"
)

// covering is a removal above an older segment that the rules drop.
func covering() (*scene, plan.Run) {
	s := deletion()
	s.plan.Datasources = nil
	s.datasource("d", keepMonth, keepMonth)
	below := s.rows("d", 19_900, "v1", 1, usedRow)
	s.mark(plan.MarkUnused, "d", s.rows("d", 19_900, "v2", 1, usedRow)).Uncovers = []plan.Run{below}
	return s, below
}

func TestMarksWaitForWhatTheyWouldUncover(t *testing.T) {
	s, below := covering()
	s.world.ruleRuns["d"] = map[string][]druid.SegmentID{keepMonth.Digest(): slices.Collect(below.IDs("d"))}
	used := func() bool {
		return slices.ContainsFunc(slices.Collect(below.IDs("d")), func(id druid.SegmentID) bool { return s.world.segments[id].used })
	}
	s.world.before = func(_ int, call string) error {
		if call == "mark_unused" && used() {
			t.Error("marked while older data below is used")
		}
		return nil
	}
	expect(t, s.run(t), ClassDone, Done)
}

func TestMarksThatWouldUncoverAreGivenUp(t *testing.T) {
	s, _ := covering()
	report := s.run(t)
	expect(t, report, ClassPartial, Deferred)
	if len(s.world.writes) > 0 || !strings.Contains(describe(report), "1 older segments below are still used") {
		t.Errorf("%v\n%s", s.world.writes, describe(report))
	}
	if waited := report.EndedAt - report.StartedAt; waited < druid.Instant((20 * minute).Milliseconds()) {
		t.Errorf("waited %d ms", waited)
	}
}
