package e2e

import (
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Exit codes of what is cut short.
const locked, interrupted = 6, 130

// TestInterrupt: somebody's ingestion takes the lock right before the kill task arrives, so the task waits. A second
// apply is refused meanwhile. Ctrl-C ends the first one: its task does not stay behind to delete unwatched. Later the
// apply is resumed.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	s := newReclaim(t, 2)
	release := func() {}
	gate{path: "/indexer/v1/task", before: func() bool { release = s.hold(s.ds, s.old[0].interval); return true }}.openGate(s.world, s.program)
	defer func() { release() }()
	first := s.program.start("apply", "--auto-approve")
	s.until("the task waits", time.Minute, func() bool { return strings.Contains(first.stderr.String(), "for a lock or a worker") })
	task := sent(first)
	if got := s.taskStatus(task); got != "RUNNING" {
		t.Fatalf("task %q: %s, want it waiting\n%s", task, got, &first.stderr)
	}
	s.program.exits(locked, "apply", "--auto-approve").says("another apply holds the state directory")

	first.signal(os.Interrupt)
	first.exits(interrupted)
	s.until("the end of the task", time.Minute, func() bool { return s.taskStatus(task) == "FAILED" })
	s.untouched()

	release()
	s.program.exits(0, "apply", "--resume")
	s.reclaimed()
}

// sent is the id of the kill task that the process says it has sent.
func sent(p *process) string {
	for word := range strings.FieldsSeq(p.stderr.String()) {
		if word = strings.Trim(word, ",:;"); strings.HasPrefix(word, "coppice-kill-") {
			return word
		}
	}
	return ""
}

// TestKilled: the process dies without a word, right before or right after Druid takes the first of two kill tasks. The
// next run, resumed or planned anew, does what is left, and nothing twice.
func TestKilled(t *testing.T) {
	t.Parallel()
	for _, when := range []string{"before", "after"} {
		for _, next := range []string{"resumed", "anew"} {
			t.Run(when+"_"+next, func(t *testing.T) {
				t.Parallel()
				s := newReclaim(t, 4)
				dying := make(chan *process, 1)
				dies := func() bool {
					victim := <-dying
					victim.signal(syscall.SIGKILL)
					<-victim.ended
					return false
				}
				g := gate{path: "/indexer/v1/task", before: dies}
				if when == "after" {
					g = gate{path: "/indexer/v1/task", after: func() { dies() }}
				}
				g.openGate(s.world, s.program)
				s.program.exits(0, "plan", "--out", "it.plan")
				run := s.program.start("apply", "it.plan")
				dying <- run
				run.exits(killed)
				arguments := []string{"apply", "--resume"}
				if next == "anew" {
					arguments = []string{"apply", "--auto-approve"}
				}
				second := s.program.exits(0, arguments...)
				t.Cleanup(func() {
					if t.Failed() {
						t.Logf("the second run said\n%s%s", &second.stdout, &second.stderr)
					}
				})
				s.reclaimed()
			})
		}
	}
}

// TestKilledAtRules: the process dies when Druid has taken the rules. Nothing but the Coordinator's own work is left.
func TestKilledAtRules(t *testing.T) {
	t.Parallel()
	w := realWorld(t, older)
	ds := w.name()
	gone, kept := segment{interval: dayOf(50), version: version1, used: true}, segment{interval: dayOf(5), version: version1, used: true}
	w.seed(ds, gone, kept)
	p := newProgram(w, both, `datasource "`+ds+`" {
  retention {
    keep       = "P30D"
    replicants = {}
  }
}
`)
	dying := make(chan *process, 1)
	gate{path: "/rules/" + ds, after: func() {
		victim := <-dying
		victim.signal(syscall.SIGKILL)
		<-victim.ended
	}}.openGate(w, p)
	run := p.start("apply", "--auto-approve")
	dying <- run
	run.exits(killed)

	w.until("the Coordinator has marked what the rules drop", time.Minute, func() bool {
		used := ids(w.rows(ds), true)
		return len(used) == 1 && used[0] == kept.id(ds)
	})
	p.exits(0, "apply", "--resume")
	if made := p.plan(0); len(made.Actions) > 0 {
		t.Errorf("the next plan has %d actions", len(made.Actions))
	}
}
