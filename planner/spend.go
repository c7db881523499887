package planner

// takeRows takes the rows that are planned out of a snapshot that is used up: the subjects alone have them then.
func (in *Input) takeRows(subjects []subject) {
	if !in.Spend {
		return
	}
	for n := range subjects {
		if s := &subjects[n]; s.present {
			own := *s.seen
			s.seen.Segments, s.seen.Spent = nil, s.seen.HasRows()
			s.seen = &own
		}
	}
}

// letGo gives up the rows of a subject that is planned.
func (in *Input) letGo(s *subject) {
	if in.Spend {
		*s = subject{}
	}
}

// snapshotDigest is empty for a snapshot that is used up.
func (in *Input) snapshotDigest() string {
	if in.Spend {
		return ""
	}
	return in.Snapshot.Digest()
}
