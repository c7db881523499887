package e2e

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// reclaim is a small story that deletes without changing rules: three old versions below used ones, marked long ago.
type reclaim struct {
	*world
	ds        string
	old, live []segment
	program   *program
	// declared is the configuration, but for the cluster.
	declared string
}

func newReclaim(t *testing.T, days int) *reclaim {
	t.Helper()
	w := realWorld(t, older)
	s := &reclaim{world: w, ds: w.name()}
	s.old, s.live = superseded(days)
	s.seed(s.ds, slices.Concat(s.old, s.live)...)
	s.declared = `datasource "` + s.ds + `" {
  kill {
    superseded_after = "P1D"
    task {
      max_interval = "P2D"
    }
  }
}
`
	s.program = newProgram(w, both, s.declared)
	// On a busy machine the Coordinator's view may lag behind what was just inserted; nothing is deleted meanwhile.
	s.until("the plan deletes the old versions", time.Minute, func() bool { return len(s.program.anyPlan().Actions) > 0 })
	return s
}

// untouched wants everything as it was seeded.
func (s *reclaim) untouched(extra ...segment) {
	s.Helper()
	s.left(slices.Concat(s.old, s.live, extra))
}

// reclaimed wants the old versions gone, rows and files, and nothing else; and nothing left to do.
func (s *reclaim) reclaimed() {
	s.Helper()
	s.left(s.live)
	if made := s.program.plan(0); len(made.Actions) > 0 {
		s.Errorf("the next plan has %d actions", len(made.Actions))
	}
}

func (s *reclaim) left(want []segment) {
	s.Helper()
	var got []string
	for _, r := range s.rows(s.ds) {
		got = append(got, r.ID)
	}
	expected := idsOf(s.ds, want)
	slices.Sort(expected)
	if diff := cmp.Diff(expected, got); diff != "" {
		s.Errorf("rows (-want +got):\n%s", diff)
	}
	if files := s.files(s.ds); len(files) != len(want) {
		s.Errorf("%d files of segments, want %d: %v", len(files), len(want), files)
	}
}
