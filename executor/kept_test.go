package executor

import (
	"strings"
	"testing"

	"coppice/internal/druid"
)

// What is approved and there, and out of the reach by now, is kept and said: it is neither deleted nor done.
func TestKeptSegmentsAreSaid(t *testing.T) {
	again := func(s *scene, n int32) {
		s.world.segments[druid.SegmentID{DataSource: "d", Interval: days(10, 11), Version: "v1", Partition: n}].used = true
	}
	anew := func(s *scene, n int32) {
		s.world.segments[druid.SegmentID{DataSource: "d", Interval: days(10, 11), Version: "v1", Partition: n}].markedAt = s.world.now
	}
	for _, c := range []struct {
		name    string
		before  func(*scene)
		during  func(*scene)
		class   Class
		outcome Outcome
		deleted int64
		says    string
	}{
		{"all used again", func(s *scene) { again(s, 0); again(s, 1) }, nil, ClassStale, Stale, 0, "2 approved segments are used again or were marked anew"},
		{"all marked anew", func(s *scene) { anew(s, 0); anew(s, 1) }, nil, ClassStale, Stale, 0, "2 approved segments are used again or were marked anew"},
		{"one used again", func(s *scene) { again(s, 1) }, nil, ClassDifference, Done, 1, "_1 is used again or was marked anew since the plan, and is kept"},
		{"one marked anew", func(s *scene) { anew(s, 0) }, nil, ClassDifference, Done, 1, "_v1 is used again or was marked anew since the plan, and is kept"},
		{"one while the task waits", nil, func(s *scene) { again(s, 0) }, ClassDifference, Unknown, 1, "only 1 of 2 segments are gone"},
		{"all while the task waits", nil, func(s *scene) { again(s, 0); anew(s, 1) }, ClassDifference, Unknown, 0, "only 0 of 2 segments are gone"},
		{"one before, one while it waits", func(s *scene) { again(s, 0) }, func(s *scene) { again(s, 1) }, ClassDifference, Unknown, 0, "only 0 of 1 segments are gone"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := deletion()
			s.kill("d", s.rows("d", 10, "v1", 2, unusedRow))
			if c.before != nil {
				c.before(s)
			}
			if c.during != nil {
				s.duringKill(func() { c.during(s) })
			}
			report := s.run(t)
			expect(t, report, c.class, c.outcome)
			if text := describe(report); report.Actions[0].Real.Segments != c.deleted || !strings.Contains(text, c.says) {
				t.Errorf("deleted %d; %q is missing, or not so many\n%s", report.Actions[0].Real.Segments, c.says, text)
			}
		})
	}
}
