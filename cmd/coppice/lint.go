package main

import (
	"context"

	"github.com/spf13/cobra"

	"coppice/internal/diag"
	"coppice/internal/druid"
	"coppice/internal/plan"
	"coppice/internal/render"
	"coppice/planner"
)

func newLint(p *process, s *settings) *cobra.Command {
	var live bool
	cmd := &cobra.Command{
		Use:   "lint",
		Short: "Complain about rules that do not do what they seem to say",
		Long: `lint looks for rules that nothing ever reaches, at no later moment either, for data that falls to the default rules,
that never expires or is dropped on arrival, and more. It opens no connection, and needs no secrets, unless --live is
given: then it reads the cluster, and shows real segments; --snapshot does so from a file. Everything declared counts as
if it were new. Exit code 3 means that an error is not allowed by the configuration.`,
		Args: between(0, 0, "no argument"), Annotations: map[string]string{readsOnly: "yes", moreFormats: "github"},
		RunE: func(cmd *cobra.Command, _ []string) error { return lint(cmd.Context(), p, s, live) },
	}
	s.selection(cmd.Flags())
	s.offline(cmd.Flags())
	cmd.Flags().BoolVar(&live, "live", false, "look at the cluster too: its segments, its tiers, its default rules")
	return cmd
}

// linting is the document of lint --json.
type linting struct {
	FormatVersion string         `json:"format_version"`
	Now           druid.Instant  `json:"now"`
	Findings      []plan.Finding `json:"findings"`
}

func lint(ctx context.Context, p *process, s *settings, live bool) error {
	in, err := lintInput(ctx, p, s, live)
	if err != nil {
		return err
	}
	found := planner.Lint(in)
	if err := showLint(p, s, in, found); err != nil {
		return err
	}
	for _, f := range found {
		if f.Severity == diag.Error && f.AllowedBy == nil {
			return leave(exitBlocked)
		}
	}
	return nil
}

// lintInput is the configuration alone, or with the cluster in view.
func lintInput(ctx context.Context, p *process, s *settings, live bool) (planner.Input, error) {
	if live && s.snapshot != "" {
		return planner.Input{}, failf(exitUsage, "--live reads the cluster and --snapshot a file: give one of the two")
	}
	if !live && s.snapshot == "" {
		s.disconnected = true
		cfg, cluster, err := settle(p, s)
		return planner.Input{Config: cfg, Cluster: cluster, Now: s.moment(p), Select: s.selects()}, err
	}
	look, err := open(ctx, p, s)
	if err != nil {
		return planner.Input{}, err
	}
	in, err := look.input(ctx)
	return in, look.closed(err)
}

func showLint(p *process, s *settings, in planner.Input, found []plan.Finding) error {
	switch s.format {
	case "json":
		return render.JSON(p.stdout, linting{plan.FormatVersion, in.Now, found})
	case "github":
		return render.GitHub(p.stdout, render.Complaints(found), s.folder)
	}
	l := render.Linted{Now: in.Now, Findings: found, Files: in.Config.Files}
	if in.Snapshot != nil {
		l.Cluster = in.Cluster.Name
	}
	return render.Lint(p.stdout, l, s.look(p, p.stdout))
}
