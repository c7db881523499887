package main

import (
	"net/http"
	"strings"
	"testing"

	"coppice/internal/druid"
)

// TestClocksApart: by a clock that is ahead, what has been unused for less than its grace seems due, and by one that is
// behind, the plan predicts less than the Coordinator's rules do. Nothing is done by a clock that the Coordinator's denies.
func TestClocksApart(t *testing.T) {
	const minute = druid.Instant(60_000)
	for name, c := range map[string]struct {
		ahead druid.Instant
		code  exitCode
		say   string
	}{
		"together":           {0, exitDone, ""},
		"a little behind":    {-4 * minute, exitDone, ""},
		"a little ahead":     {4 * minute, exitDone, ""},
		"an hour behind":     {-60 * minute, exitError, "ahead of the Coordinator's"},
		"an hour ahead":      {60 * minute, exitError, "behind the Coordinator's"},
		"more than a little": {-6 * minute, exitError, "ahead of the Coordinator's"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			path, _ := s.plan()
			s.wire.ahead = &c.ahead
			for _, args := range [][]string{{"apply", "--auto-approve"}, {"apply", path}} {
				submitted := len(s.wire.submitted)
				code, m := s.coppice(args...)
				if c.code == exitError && (code != exitError || !strings.Contains(m.errs.String(), c.say) || len(s.wire.submitted) > submitted) {
					t.Errorf("%v ended with %d\n%s%s", args, code, &m.out, &m.errs)
				}
				if c.code == exitDone && strings.Contains(m.errs.String(), "clock") {
					t.Errorf("%v ended with %d\n%s", args, code, &m.errs)
				}
			}
		})
	}
}

// TestClockThatJumps: the clock is looked at again right before each deletion.
func TestClockThatJumps(t *testing.T) {
	s := newStage(t)
	path, _ := s.plan()
	none, back := druid.Instant(0), -2*dayOfTests
	s.wire.ahead = &none
	s.wire.after = func(at spot, _ *http.Request) (*http.Response, error) {
		if at.method == http.MethodPost && strings.HasSuffix(at.path, "/task") && s.wire.ahead == &none {
			s.clock.millis.Add(int64(-back))
			s.wire.ahead = &back
		}
		return nil, nil
	}
	code, m := s.coppice("apply", path)
	if code != exitError || !strings.Contains(m.out.String(), "ahead of the Coordinator's") {
		t.Errorf("apply ended with %d\n%s%s", code, &m.out, &m.errs)
	}
}
