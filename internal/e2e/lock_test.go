package e2e

import "testing"

// TestOneApplyAtATime: two machines, each with a state directory of its own, apply to one cluster. While the first one is
// about to delete, the second one is refused; once the first one has ended, or was killed, the lock is free.
func TestOneApplyAtATime(t *testing.T) {
	t.Parallel()
	for _, end := range []string{"ends", "dies"} {
		t.Run(end, func(t *testing.T) { // one after the other: both take the lock
			s := newReclaim(t, 2)
			other := &program{T: t, dir: t.TempDir(), environment: map[string]string{}}
			for name, value := range s.program.environment {
				other.environment[name] = value
			}
			s.program.environment["E2E_DSN"], other.environment["E2E_DSN"] = s.DSN, s.DSN
			other.configure(both, s.declared)

			arrived, seen := make(chan bool), make(chan bool)
			gate{path: "/indexer/v1/task", before: func() bool { close(arrived); return <-seen }}.openGate(s.world, s.program)
			first := s.program.start("apply", "--auto-approve")
			<-arrived
			other.exits(locked, "apply", "--auto-approve").
				says("another apply holds the lock in the metadata store: coppice apply, process")
			s.untouched()
			if end == "dies" {
				if err := first.command.Process.Kill(); err != nil {
					t.Fatal(err)
				}
				first.exits(killed)
			}
			seen <- end == "ends"
			if end == "ends" {
				first.exits(0)
			}
			other.exits(0, "apply", "--auto-approve")
			s.reclaimed()
		})
	}
}
