package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"coppice/internal/druid"
	"coppice/internal/plan"
	"coppice/internal/render"
	"coppice/internal/snapshot"
	"coppice/planner"
)

func newProveRemoved(p *process, s *settings) *cobra.Command {
	return &cobra.Command{
		Use:   "prove-removed DATASOURCE INTERVAL",
		Short: "State that nothing of an interval is left, or what is",
		Long: `prove-removed looks for rows of the metadata, used or unused, that overlap the interval, and for files in deep storage
where that is a folder of this machine. It ends with 0 when nothing is left, else with 3 after saying exactly what is left
and when it becomes killable. What could not be read proves nothing.`,
		Args: between(2, 2, "a datasource and an interval"), Annotations: map[string]string{readsOnly: "yes"},
		RunE: func(cmd *cobra.Command, args []string) error {
			interval, err := druid.ParseInterval(args[1])
			if err != nil {
				return failf(exitUsage, "%q is no interval such as 2026-01-01/2026-02-01: %w", args[1], err)
			}
			return proveRemoved(cmd.Context(), p, s, args[0], interval)
		},
	}
}

// proof is the document of prove-removed --json.
type proof struct {
	FormatVersion string         `json:"format_version"`
	Now           druid.Instant  `json:"now"`
	Cluster       string         `json:"cluster"`
	Datasource    string         `json:"datasource"`
	Interval      druid.Interval `json:"interval"`
	// Removed: no row and no file is left, as far as files were looked for, and everything could be read.
	Removed bool      `json:"removed"`
	Used    int       `json:"used"`
	Unused  int       `json:"unused"`
	Files   filesLeft `json:"files"`
	// NotRead says what could not be read; each sentence alone is enough to prove nothing.
	NotRead  []string                `json:"not_read"`
	Segments []plan.ExplainedSegment `json:"segments"`
}

func proveRemoved(ctx context.Context, p *process, s *settings, name string, interval druid.Interval) error {
	look, err := open(ctx, p, s)
	if err != nil {
		return err
	}
	found, err := look.prove(ctx, name, interval)
	if err = look.closed(err); err != nil {
		return err
	}
	if s.asJSON() {
		err = render.JSON(p.stdout, found)
	} else {
		err = found.tell(p, s)
	}
	if err == nil && !found.Removed {
		return leave(exitBlocked)
	}
	return err
}

func (l *session) prove(ctx context.Context, name string, interval druid.Interval) (*proof, error) {
	in, err := l.inputOne(ctx, name)
	if err != nil {
		return nil, err
	}
	found := &proof{FormatVersion: plan.FormatVersion, Now: l.now, Cluster: l.cluster.Name, Datasource: name, Interval: interval,
		NotRead: notRead(in.Snapshot, name, interval), Segments: []plan.ExplainedSegment{}}
	gone, err := deletedBefore(l.settings.state(), name)
	if err != nil {
		return nil, err
	}
	explained, err := planner.Explain(in, name, interval.String())
	switch {
	case err == nil:
		found.Segments = explained.Segments
	case len(gone) == 0:
		return nil, fail(exitUsage, err) // a name that nobody has ever heard of is a typing error, and no proof
	}
	for _, segment := range found.Segments {
		if segment.Used {
			found.Used++
		} else {
			found.Unused++
		}
	}
	if found.Files, err = l.lookForFiles(name, interval, gone); err != nil {
		return nil, err
	}
	found.Removed = len(found.Segments) == 0 && len(found.NotRead) == 0 && len(found.Files.Left) == 0
	return found, nil
}

// notRead is what of the interval could not be read.
func notRead(seen *snapshot.Cluster, name string, interval druid.Interval) []string {
	list := []string{}
	add := func(gaps []snapshot.Gap) {
		for _, gap := range gaps {
			rows := slices.Contains([]string{"segments", "datasources", "unused segments", "segment row"}, gap.What)
			if rows && (gap.Interval == (druid.Interval{}) || gap.Interval.Overlaps(interval)) {
				list = append(list, gap.What+": "+gap.Why)
			}
		}
	}
	add(seen.Gaps)
	if d := seen.Find(name); d != nil {
		add(d.Gaps)
		if !d.UnusedKnown && len(list) == 0 {
			list = append(list, "unused segments: they could not be listed")
		}
	}
	return list
}

// tell writes the proof for people.
func (f *proof) tell(p *process, s *settings) error {
	verdict := "REMOVED: no used and no unused row is left in the metadata that overlaps the interval."
	if len(f.Segments) > 0 {
		verdict = fmt.Sprintf("NOT REMOVED: %d used and %d unused segments that overlap the interval are left.", f.Used, f.Unused)
	} else if len(f.Files.Left) > 0 {
		verdict = "NOT REMOVED: no row is left, and files are."
	} else if !f.Removed {
		verdict = "NOT PROVED: no row was seen, and not everything is known to be gone."
	}
	fmt.Fprintf(p.stdout, "coppice prove-removed · %s · %s · %s · %s\n%s\n%s\n", f.Cluster, f.Datasource, f.Interval, f.Now, verdict, f.Files.words())
	for _, left := range f.Files.Left {
		fmt.Fprintf(p.stdout, "  file left: %s\n", left)
	}
	for _, why := range f.NotRead {
		fmt.Fprintf(p.stdout, "Not read: %s\n", why)
	}
	if len(f.Segments) == 0 {
		return nil
	}
	fmt.Fprintln(p.stdout)
	e := &plan.Explanation{FormatVersion: f.FormatVersion, Now: f.Now, Datasource: f.Datasource, Segments: f.Segments}
	return render.Explain(p.stdout, e, s.look(p, p.stdout))
}
