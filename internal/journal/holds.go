package journal

import "coppice/internal/plan"

// Newest is the newest apply of a cluster; nil when there was none, or only ones by earlier versions.
func (s *State) Newest(cluster string) *Past {
	for i := len(s.Applies) - 1; i >= 0; i-- {
		if s.Applies[i].begun.Cluster == cluster {
			return s.Applies[i]
		}
	}
	return nil
}

// Holds are those that the apply left in force.
func (p *Past) Holds() []plan.Hold { return p.begun.Holds }
