package journal

import (
	"slices"

	"coppice/internal/plan"
)

// Newest is the newest apply of a cluster. When there was none it is the newest of a cluster that is not declared any
// more, which may be the same one by its old name. Nil when there is neither, or only ones by earlier versions.
func (s *State) Newest(cluster string, declared []string) *Past {
	var renamed *Past
	for _, past := range slices.Backward(s.Applies) {
		switch of := past.begun.Cluster; {
		case of == cluster:
			return past
		case renamed == nil && of != "" && !slices.Contains(declared, of):
			renamed = past
		}
	}
	return renamed
}

// Holds are those that the apply left in force.
func (p *Past) Holds() []plan.Hold { return p.begun.Holds }
