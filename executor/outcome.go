package executor

import (
	"errors"
	"fmt"
)

// expected is what the task can have deleted when it succeeded: of several tasks of equal reach each takes as many as
// its limit, and Druid chooses which. Files is the least that Druid may report: it counts segments whose files were
// deleted, and those without files may be counted or not.
func (f *flight) expected() Counts {
	limit := int64(f.action.Task.Limit)
	if f.victims.Segments <= limit {
		return f.victims
	}
	fileless := f.victims.Segments - f.victims.Files
	return Counts{Segments: limit, Bytes: -1, Files: max(limit-fileless, 0)}
}

// succeeded compares Druid's report with the manifest.
func (r *run) succeeded(f *flight) {
	report, ok, err := r.cluster.KillReport(r.ctx, f.task)
	if !ok || err != nil {
		if f.noReports++; f.noReports < reportLooks {
			return
		}
		r.verify(f, "Druid has no report of the task", false)
		return
	}
	expected := f.expected()
	if n := int64(report.Segments); n < expected.Files || n > expected.Segments {
		r.verify(f, fmt.Sprintf("Druid reports %d segments deleted; %d were expected, of which %d have files", n,
			expected.Segments, expected.Files), true)
		return
	}
	if expected.Bytes < 0 && f.victims.Bytes >= 0 {
		// What the others of equal reach have left tells which ones Druid chose.
		if gone, err := r.gone(f); err == nil {
			expected = gone
		}
	}
	r.reports[f.action.ID].Real = expected
	r.land(f, Done)
}

// verify looks what is left, because the report is missing or does not fit. The latter is a difference even when
// everything expected is gone.
func (r *run) verify(f *flight, why string, misfit bool) {
	gone, err := r.gone(f)
	result, expected := r.reports[f.action.ID], f.expected()
	result.Real = gone
	switch {
	case err != nil:
		result.Differences = append(result.Differences, why)
		r.land(f, Unknown, fmt.Sprintf("the task succeeded; planning the datasource again to see what is gone: %v", err))
	case gone.Segments < expected.Segments:
		result.Differences = append(result.Differences, why,
			fmt.Sprintf("the task succeeded, and only %d of %d segments are gone", gone.Segments, expected.Segments))
		r.land(f, Unknown)
	case misfit:
		result.Differences = append(result.Differences, why)
		r.land(f, Done, fmt.Sprintf("%d of its rows are gone", gone.Segments))
	default:
		r.land(f, Done, fmt.Sprintf("%s; %d of its rows are gone", why, gone.Segments))
	}
}

// gone is what of the manifest is no longer there. A verdict that is not OK may not have seen everything in the reach,
// so nothing is concluded from it; where only others are at work, it has.
func (r *run) gone(f *flight) (Counts, error) {
	verdict, err := r.o.Recheck(r.ctx, withTask(f.action, f.task))
	verdict.OK = verdict.OK || verdict.Busy
	if differences := unapproved(f.action, verdict); err == nil && len(differences) > 0 {
		err = errors.New(differences[0])
	}
	if err != nil {
		return Counts{-1, -1, -1}, err
	}
	left := amountsOf(verdict.Victims)
	saved := max(int64(len(verdict.Kept)-r.kept[f.action.ID]), 0) // since it was sent; neither left in the reach nor gone
	gone := Counts{max(f.victims.Segments-left.Segments-saved, 0), f.victims.Bytes - left.Bytes, max(f.victims.Files-left.Files-saved, 0)}
	if left.Bytes < 0 || f.victims.Bytes < 0 || saved > 0 {
		gone.Bytes = -1
	}
	return gone, nil
}

// failed: either we ended it, or Druid says why it failed. A batch may have been deleted before.
func (r *run) failed(f *flight, words string) {
	gone, err := r.gone(f)
	r.reports[f.action.ID].Real = gone
	what := fmt.Sprintf("%d of %d segments were deleted before it ended", gone.Segments, f.expected().Segments)
	if err != nil {
		what = fmt.Sprintf("what it deleted before is not known: %v", err)
	}
	if f.ending == nil {
		r.land(f, Failed, "Druid says: "+words, what)
		return
	}
	reasons := f.ending.reasons
	if err != nil || gone.Segments > 0 {
		reasons = concat(reasons, []string{what})
	}
	r.land(f, f.ending.outcome, reasons...)
}

// lost: the Overlord does not know the task any more. What is left in its reach tells whether it was done.
func (r *run) lost(f *flight) {
	gone, err := r.gone(f)
	r.reports[f.action.ID].Real = gone
	switch {
	case err != nil:
		r.land(f, Unknown, "the Overlord does not know the task any more", fmt.Sprintf("plan the datasource again: %v", err))
	case gone.Segments >= f.expected().Segments:
		r.land(f, Done, fmt.Sprintf("the Overlord does not know the task any more; %d of its rows are gone", gone.Segments))
	default:
		r.land(f, Failed, fmt.Sprintf("the Overlord does not know the task any more; %d of %d segments are gone", gone.Segments,
			f.expected().Segments))
	}
}
