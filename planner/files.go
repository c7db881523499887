package planner

import (
	"maps"
	"slices"

	"coppice/internal/druid"
	"coppice/internal/snapshot"
)

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
	roots, stay := w.anyRoot(c), w.in.Due && !w.mayTouchUnused(c)
	for i := c.from; i < c.to; i++ {
		s := &w.rows[i]
		if !s.Has(snapshot.Details) {
			if stay && !w.used(i) {
				continue // and what shares its file does not depend on it
			}
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

// groups are the rows that need one file, where there are several: by equal loadSpec, and by common root.
func (f *fileUse) groups(c component) [][]int {
	byFile, byRoot := map[uint64][]int{}, map[string][]int{}
	for i := c.from; i < c.to && !f.unknown; i++ {
		if u := f.byFile[f.w.rows[i].File]; u.used+u.unused > 1 {
			byFile[f.w.rows[i].File] = append(byFile[f.w.rows[i].File], i)
		}
		if len(f.byRoot) == 0 {
			continue
		}
		root := f.w.root(i)
		if u := f.byRoot[root]; u.used+u.unused > 1 {
			byRoot[root] = append(byRoot[root], i)
		}
	}
	groups := slices.AppendSeq(slices.AppendSeq([][]int(nil), maps.Values(byFile)), maps.Values(byRoot))
	slices.SortFunc(groups, slices.Compare)
	return groups
}

// countOnce lets the bytes of a shared file count with one row only: a used one, or the first.
func (w *work) countOnce(groups [][]int) {
	for _, rows := range groups {
		first := max(0, slices.IndexFunc(rows, w.used))
		for n, i := range rows {
			w.verdicts[i].counted = w.verdicts[i].counted || n != first
		}
	}
}

// waitForFiles lets a file go only when every row that needs it goes. It reports whether a victim became a waiting row.
func (w *work) waitForFiles(groups [][]int) bool {
	changed := false
	for _, rows := range groups {
		if !slices.ContainsFunc(rows, func(i int) bool { return w.verdicts[i].decision != kill }) {
			continue
		}
		for _, i := range rows {
			if v := &w.verdicts[i]; v.decision == kill {
				v.decision, v.waits, v.why, v.eligible = pending, waitsFile, becauseFileShared, druid.NoInstant
				changed = true
			}
		}
	}
	return changed
}
