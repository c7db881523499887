package render

import (
	"cmp"
	"slices"

	"coppice/internal/diag"
	"coppice/internal/druid"
	"coppice/internal/plan"
)

// cause is what runs must share to be shown as one.
type cause struct {
	class plan.Class
	waits plan.WaitsFor
	code  string
	text  string
	place diag.Range
}

// fold is many runs of one datasource with the same cause.
type fold struct {
	cause
	plan.Amount
	span druid.Interval
	runs int
	// unsized is the number of segments whose size is not known.
	unsized int64
	// marked is the newest marking time, due the earliest known moment of being due; NoInstant when none is known.
	marked, due druid.Instant
	// places are the other lines that say the same of other datasources; nil when there are none.
	places map[diag.Range]bool
	// mixed says that texts differ within the fold.
	mixed    bool
	versions versionCount
}

// versionCount counts versions per interval, for runs that come sorted by interval.
type versionCount struct {
	last              druid.Interval
	version           string
	here, least, most int
	intervals         int
}

// see counts one run.
func (v *versionCount) see(r *plan.Run) {
	switch {
	case v.intervals == 0 || v.last != r.Interval:
		v.close()
		v.last, v.here = r.Interval, 1
		v.intervals++
	case v.version != r.Version:
		v.here++
	}
	v.version = r.Version
}

// close ends an interval's count.
func (v *versionCount) close() {
	if v.here == 0 {
		return
	}
	if v.least == 0 || v.here < v.least {
		v.least = v.here
	}
	v.most = max(v.most, v.here)
	v.here = 0
}

func newFold(c cause) *fold {
	return &fold{cause: c, marked: druid.NoInstant, due: druid.NoInstant}
}

// add takes one run in.
func (f *fold) add(r *plan.Run) {
	if f.runs++; f.runs == 1 {
		f.span = r.Interval
	}
	f.span = hull(f.span, r.Interval)
	f.Amount.Add(r.Amount)
	if r.Bytes < 0 {
		f.unsized += r.Segments
	}
	if r.MarkedAt != nil && *r.MarkedAt > f.marked {
		f.marked = *r.MarkedAt
	}
	if r.EligibleAt != nil && (!f.due.Known() || *r.EligibleAt < f.due) {
		f.due = *r.EligibleAt
	}
	f.versions.see(r)
}

// join takes another fold in, of which only the numbers count.
func (f *fold) join(o *fold) {
	if f.runs == 0 {
		f.span = o.span
	}
	f.span = hull(f.span, o.span)
	f.runs += o.runs
	f.unsized += o.unsized
	f.Amount.Add(o.Amount)
	f.marked = max(f.marked, o.marked)
	if o.due.Known() && (!f.due.Known() || o.due < f.due) {
		f.due = o.due
	}
	f.mixed = f.mixed || o.mixed || f.text != o.text
}

// maxFolds is how many lines of causes one datasource gets before causes are joined.
const maxFolds = 4

// folder collects folds in one pass over runs.
type folder struct {
	byCause map[cause]*fold
	inOrder []*fold
}

func newFolder() *folder { return &folder{byCause: map[cause]*fold{}} }

// add takes one run in.
func (f *folder) add(r *plan.Run) {
	key := cause{class: r.Class, waits: r.WaitsFor, code: r.Reason.Code, text: r.Reason.Text}
	if r.Reason.Range != nil {
		key.place = *r.Reason.Range
	}
	f.get(key).add(r)
}

func (f *folder) get(key cause) *fold {
	found := f.byCause[key]
	if found == nil {
		found = newFold(key)
		f.byCause[key] = found
		f.inOrder = append(f.inOrder, found)
	}
	return found
}

// folds are the collected folds, the most segments first, at most limit of them (no limit when 0): when there are more,
// those that differ only in words are joined, and then the smallest.
func (f *folder) folds(limit int) []*fold {
	folds := f.inOrder
	if limit > 0 && len(folds) > limit {
		folds = joinTexts(folds)
	}
	slices.SortStableFunc(folds, func(a, b *fold) int { return cmp.Compare(b.Segments, a.Segments) })
	if limit > 0 && len(folds) > limit {
		folds = joinRest(folds, limit)
	}
	for _, one := range folds {
		one.versions.close()
	}
	return folds
}

// joinTexts joins folds that differ only in the words of their reason.
func joinTexts(folds []*fold) []*fold {
	joined := newFolder()
	for _, one := range folds {
		key := one.cause
		key.text = ""
		found := joined.get(key)
		if found.runs == 0 {
			found.text = one.text
		}
		found.join(one)
	}
	return joined.inOrder
}

// joinRest keeps the first limit-1 folds and joins all others to one without a cause.
func joinRest(folds []*fold, limit int) []*fold {
	rest := newFold(cause{})
	for _, one := range folds[limit-1:] {
		rest.join(one)
	}
	rest.mixed = true
	return append(folds[:limit-1:limit-1], rest)
}
