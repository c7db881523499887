package planner

import (
	"cmp"
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
	// files are the rows that have a file, by file, used ones first.
	files  []filed
	byRoot map[string]users
}

// filed is a row that has a file.
type filed struct {
	file uint64
	row  int
}

// users counts rows by state.
type users struct{ used, unused int32 }

// sharedFiles is good until the next call: the space is used again.
func (w *work) sharedFiles(c component) *fileUse {
	f := &fileUse{w: w, files: w.space.files[:0]}
	roots, stay := w.anyRoot(c), w.in.Due && !w.mayTouchUnused(c)
	if roots {
		f.byRoot = map[string]users{}
	}
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
			f.files = append(f.files, filed{s.File, i})
		}
		if roots {
			f.byRoot[w.root(i)] = f.byRoot[w.root(i)].with(s)
		}
	}
	w.space.files = f.files
	slices.SortFunc(f.files, func(a, b filed) int {
		if order := cmp.Compare(a.file, b.file); order != 0 || w.used(a.row) == w.used(b.row) {
			return order
		}
		if w.used(a.row) {
			return -1
		}
		return 1
	})
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
	at, found := slices.BinarySearchFunc(f.files, f.w.rows[i].File, func(r filed, file uint64) int { return cmp.Compare(r.file, file) })
	return found && f.w.used(f.files[at].row) || len(f.byRoot) > 0 && f.byRoot[f.w.root(i)].used > 0
}

// groups are the rows that need one file, where there are several: by equal loadSpec, and by common root.
func (f *fileUse) groups(c component) [][]int {
	if f.unknown {
		return nil
	}
	groups := f.byFile()
	if len(f.byRoot) > 0 {
		groups = append(groups, f.ofRoots(c)...)
	}
	slices.SortFunc(groups, slices.Compare)
	return groups
}

func (f *fileUse) byFile() (groups [][]int) {
	for from, to := 0, 0; from < len(f.files); from = to {
		for to = from; to < len(f.files) && f.files[to].file == f.files[from].file; to++ {
		}
		if to == from+1 {
			continue
		}
		rows := make([]int, 0, to-from)
		for _, r := range f.files[from:to] {
			rows = append(rows, r.row)
		}
		slices.Sort(rows)
		groups = append(groups, rows)
	}
	return groups
}

func (f *fileUse) ofRoots(c component) [][]int {
	rows := map[string][]int{}
	for i := c.from; i < c.to; i++ {
		root := f.w.root(i)
		if u := f.byRoot[root]; u.used+u.unused > 1 {
			rows[root] = append(rows[root], i)
		}
	}
	return slices.Collect(maps.Values(rows))
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
