package main

import (
	"context"
	"crypto/rand"

	"github.com/spf13/cobra"

	"coppice/internal/collect"
	"coppice/internal/druid"
	"coppice/internal/plan"
	"coppice/internal/render"
	"coppice/internal/snapfile"
	"coppice/internal/snapshot"
)

func newSnapshot(p *process, s *settings) *cobra.Command {
	taking := taking{process: p, settings: s}
	cmd := &cobra.Command{
		Use:   "snapshot --out FILE",
		Short: "Save what is seen of the cluster, to plan from it without access",
		Long: `snapshot reads the whole cluster and saves it: every segment with its size and files, rules with their history, locks,
tiers, and what could not be read. plan, lint, explain, forecast, compare and import work on the file with --snapshot, without a connection
and without secrets. The file holds no secrets, only its owner can read it, and --redact makes it one that can be shown.`,
		Args: between(0, 0, "no argument"),
		RunE: func(cmd *cobra.Command, _ []string) error { return taking.take(cmd.Context()) },
	}
	flags := cmd.Flags()
	flags.StringVar(&taking.out, "out", "", "the file, NAME.jsonl or NAME.jsonl.zst (compressed)")
	flags.BoolVar(&taking.redact, "redact", false, "replace names of datasources, hosts, files and people; the same name always by the same word")
	return cmd
}

// taking is one run of snapshot.
type taking struct {
	process  *process
	settings *settings
	out      string
	redact   bool
}

// taken is the document of snapshot --json.
type taken struct {
	FormatVersion string        `json:"format_version"`
	File          string        `json:"file"`
	Cluster       string        `json:"cluster"`
	TakenAt       druid.Instant `json:"taken_at"`
	Redacted      bool          `json:"redacted"`
	Datasources   int           `json:"datasources"`
	Segments      int64         `json:"segments"`
	Gaps          []render.Gap  `json:"gaps"`
}

func (t *taking) take(ctx context.Context) error {
	if t.out == "" {
		return failf(exitUsage, "snapshot needs --out FILE, such as --out prod.jsonl.zst")
	}
	if err := snapfile.CheckName(t.out); err != nil {
		return fail(exitUsage, err)
	}
	look, err := open(ctx, t.process, t.settings)
	if err != nil {
		return err
	}
	seen, err := look.everything(ctx)
	if err = look.closed(err); err != nil {
		return err
	}
	return t.save(seen)
}

// everything reads the whole cluster, with all payloads: nobody knows yet what the snapshot will be asked.
func (l *session) everything(ctx context.Context) (*snapshot.Cluster, error) {
	request := l.request()
	request.Datasources, request.Also = nil, nil
	request.Payloads = func(string) bool { return true }
	seen, err := collect.Collect(ctx, request)
	if err != nil {
		return nil, err
	}
	var wants []collect.Want
	for _, d := range seen.Cluster.Datasources {
		want := collect.Want{Datasource: d}
		for i := range d.Segments {
			if s := &d.Segments[i]; !s.Has(snapshot.Details) && !s.Has(snapshot.Odd) {
				want.Indexes = append(want.Indexes, int32(i))
			}
		}
		wants = append(wants, want)
	}
	return seen.Cluster, l.process.after(seen.Fill(ctx, wants), seen.Close)
}

func (t *taking) save(seen *snapshot.Cluster) error {
	if t.redact {
		key := make([]byte, 32)
		if _, err := rand.Read(key); err != nil {
			return err
		}
		snapfile.Redact(seen, key)
	}
	if err := snapfile.Save(t.out, seen); err != nil {
		return err
	}
	done := taken{FormatVersion: plan.FormatVersion, File: t.out, Cluster: seen.Name, TakenAt: seen.TakenAt, Redacted: t.redact,
		Datasources: len(seen.Datasources), Gaps: gapsOf(seen)}
	for _, d := range seen.Datasources {
		done.Segments += int64(len(d.Segments))
	}
	if t.settings.asJSON() {
		return render.JSON(t.process.stdout, done)
	}
	return render.Snapshot(t.process.stdout, render.Taken{File: done.File, Cluster: done.Cluster, At: done.TakenAt, Redacted: done.Redacted,
		Datasources: int64(done.Datasources), Segments: done.Segments, Gaps: done.Gaps}, t.settings.look(t.process, t.process.stdout))
}

// gapsOf lists what could not be read, of the cluster and of its datasources.
func gapsOf(seen *snapshot.Cluster) []render.Gap {
	list := []render.Gap{}
	for _, g := range seen.Gaps {
		list = append(list, render.Gap{What: g.What, Why: g.Why})
	}
	for _, d := range seen.Datasources {
		for _, g := range d.Gaps {
			list = append(list, render.Gap{Datasource: d.Name, What: g.What, Why: g.Why})
		}
	}
	return list
}
