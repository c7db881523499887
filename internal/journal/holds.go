package journal

import "coppice/internal/plan"

// Holds are those that the newest apply of a cluster left in force; none when there was no apply of it.
func (s *State) Holds(cluster string) []plan.Hold {
	for i := len(s.Applies) - 1; i >= 0; i-- {
		if s.Applies[i].begun.Cluster == cluster {
			return s.Applies[i].begun.Holds
		}
	}
	return nil
}
