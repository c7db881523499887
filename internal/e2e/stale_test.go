package e2e

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// stale is exit code 4: the cluster is not as the plan saw it.
const stale = 4

// different is exit code 7: applied, and something is otherwise than planned.
const different = 7

// TestStaleRules: somebody changed the rules between plan and apply. Theirs stay, and nothing is sent.
func TestStaleRules(t *testing.T) {
	t.Parallel()
	w := realWorld(t, older)
	ds := w.name()
	w.seed(ds, segment{interval: dayOf(50), version: version1, used: true}, segment{interval: dayOf(5), version: version1, used: true})
	p := newProgram(w, both, `datasource "`+ds+`" {
  retention {
    keep       = "P30D"
    replicants = {}
  }
}
`)
	p.exits(0, "plan", "--out", "it.plan")
	const theirs = `[{"period":"P45D","includeFuture":true,"tieredReplicants":{},"useDefaultTierForNull":true,"type":"loadByPeriod"}]`
	w.setRules(ds, theirs)
	before := w.rows(ds)
	report := p.exits(stale, "apply", "--json", "it.plan").report()

	if _, rules := w.send(http.MethodGet, coordinator+"/rules/"+ds, ""); rules != theirs {
		t.Errorf("rules: got %s, want theirs", rules)
	}
	if diff := cmp.Diff(before, w.rows(ds)); diff != "" || report.Outcome != "stale" {
		t.Errorf("outcome %s; rows (-before +after):\n%s", report.Outcome, diff)
	}
}

// TestStaleReach: what the kill task would reach has changed since the plan was approved. Nothing is deleted.
func TestStaleReach(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		change func(*reclaim) (extra []segment)
	}{
		{"gained", func(s *reclaim) []segment {
			// It lies in the task's interval, has its version, and was marked before its cut-off.
			gained := segment{interval: s.old[1].interval, version: version1, partition: 1, marked: 21}
			s.insert(s.ds, gained)
			return []segment{gained}
		}},
		{"uncovered", func(s *reclaim) []segment {
			s.markUnused(s.ds, s.live[1].id(s.ds))
			return nil
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newReclaim(t, 2)
			s.program.exits(0, "plan", "--out", "it.plan")
			extra := c.change(s)
			report := s.program.exits(stale, "apply", "--json", "it.plan").report()
			s.untouched(extra...)
			if len(report.Actions) != 1 || report.Actions[0].Outcome != "stale" || len(report.Actions[0].Reasons) == 0 {
				t.Errorf("report: got %+v, want one stale action with its reason", report.Actions)
			}
			if status := s.taskStatus(report.Actions[0].Task); report.Actions[0].Task != "" && status != "" {
				t.Errorf("task %s was sent: %s", report.Actions[0].Task, status)
			}
		})
	}
}

// TestReachShrinks: what is no victim any more, and that the task does not reach, stays and is named as a difference; the
// rest goes as approved.
func TestReachShrinks(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		change func(s *reclaim, spared segment)
	}{
		{"used_again", func(s *reclaim, spared segment) {
			s.exec(`UPDATE druid_segments SET used = true, used_status_last_updated = $2 WHERE id = $1`, spared.id(s.ds), instant(0))
		}},
		{"marked_again", func(s *reclaim, spared segment) {
			s.markUnused(s.ds, spared.id(s.ds)) // its grace starts anew, behind the task's cut-off
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newReclaim(t, 2)
			s.program.exits(0, "plan", "--out", "it.plan")
			c.change(s, s.old[1])
			report := s.program.exits(different, "apply", "--json", "it.plan").report()
			s.left(append(s.live, s.old[1]))
			if len(report.Actions) != 1 || report.Actions[0].Planned.Segments != 2 || report.Actions[0].Real.Segments != 1 ||
				len(report.Actions[0].Differences) != 1 || !strings.Contains(report.Actions[0].Differences[0], s.old[1].id(s.ds)) {
				t.Errorf("report: got %+v, want one of two deleted, and the other one named", report.Actions)
			}
		})
	}
}
