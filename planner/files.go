package planner

import "coppice/internal/snapshot"

// fileUse knows which rows of a component share a file in deep storage, which happens after concurrent append and
// replace: several ids, one loadSpec. Killing one of them may take the file from the others.
type fileUse struct {
	w *work
	// unknown: the payload of a row was not read, so nobody knows what it shares.
	unknown bool
	byFile  map[uint64]users
	byRoot  map[string]users
}

// users counts rows by state.
type users struct{ used, unused int32 }

func (w *work) sharedFiles(c component) *fileUse {
	f := &fileUse{w: w, byFile: map[uint64]users{}, byRoot: map[string]users{}}
	roots := w.anyRoot(c)
	for i := c.from; i < c.to; i++ {
		s := &w.rows[i]
		if !s.Has(snapshot.Details) {
			f.unknown = true
			return f
		}
		if s.File != snapshot.NoFile {
			f.byFile[s.File] = f.byFile[s.File].with(s)
		}
		if roots {
			f.byRoot[w.root(i)] = f.byRoot[w.root(i)].with(s)
		}
	}
	return f
}

func (u users) with(s *snapshot.Segment) users {
	if s.Has(snapshot.Used) {
		u.used++
	} else {
		u.unused++
	}
	return u
}

func (w *work) anyRoot(c component) bool {
	for i := c.from; i < c.to; i++ {
		if w.rows[i].Root != 0 {
			return true
		}
	}
	return false
}

// root is the id whose files the row uses: upgraded_from_segment_id, or its own id.
func (w *work) root(i int) string {
	if r := w.rows[i].Root; r != 0 {
		return w.seen.Roots[r-1]
	}
	return w.id(i)
}

// sharedWithUsed reports whether a used row needs the same file.
func (f *fileUse) sharedWithUsed(i int) bool {
	s := &f.w.rows[i]
	return s.File != snapshot.NoFile && f.byFile[s.File].used > 0 || len(f.byRoot) > 0 && f.byRoot[f.w.root(i)].used > 0
}

// shared reports whether another row, used or unused, needs the same file.
func (f *fileUse) shared(i int) bool {
	s := &f.w.rows[i]
	file, root := f.byFile[s.File], users{}
	if len(f.byRoot) > 0 {
		root = f.byRoot[f.w.root(i)]
	}
	return s.File != snapshot.NoFile && file.used+file.unused > 1 || root.used+root.unused > 1
}
