package plan

import "fmt"

// sharer follows which kills come first of those of equal reach, in the order of the plan.
type sharer map[string]*Action

// first is the action whose runs a has, nil when a has runs of its own. An error means that there is none such before it.
func (s sharer) first(a *Action) (*Action, error) {
	if a.RunsOf == "" {
		if a.Kind == KillTask {
			s[a.ID] = a
		}
		return nil, nil
	}
	of := s[a.RunsOf]
	if of == nil || a.Kind != KillTask || of.Datasource != a.Datasource {
		return nil, fmt.Errorf("action %s of %s has the runs of %s, which is no kill of that datasource before it", a.ID, a.Datasource, a.RunsOf)
	}
	return of, nil
}

// sameRuns reports whether both are the same memory.
func sameRuns(a, b []Run) bool { return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0]) }

// once is the plan's actions with shared runs in the first of them alone.
func once(actions []*Action) ([]*Action, error) {
	if actions == nil {
		return nil, nil
	}
	seen, list := sharer{}, make([]*Action, len(actions))
	for n, a := range actions {
		of, err := seen.first(a)
		switch {
		case err != nil:
			return nil, err
		case of == nil:
			list[n] = a
			continue
		case !sameRuns(of.Runs, a.Runs):
			return nil, fmt.Errorf("action %s of %s has other runs than %s", a.ID, a.Datasource, a.RunsOf)
		}
		without := *a
		without.Runs, list[n] = nil, &without
	}
	return list, nil
}

// share gives actions read from a document the runs that they have of others.
func share(actions []*Action) error {
	seen := sharer{}
	for _, a := range actions {
		of, err := seen.first(a)
		switch {
		case err != nil:
			return err
		case of != nil && a.Runs != nil:
			return fmt.Errorf("action %s of %s has runs of its own and of %s", a.ID, a.Datasource, a.RunsOf)
		case of != nil:
			a.Runs = of.Runs
		}
	}
	return nil
}
