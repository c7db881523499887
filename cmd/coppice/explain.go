package main

import (
	"context"

	"github.com/spf13/cobra"

	"coppice/internal/render"
	"coppice/planner"
)

func newExplain(p *process, s *settings) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "explain DATASOURCE [SEGMENT-ID | INTERVAL | INSTANT]",
		Short: "Say of each segment what happens to it, and why",
		Long: `explain shows the decision on every segment of a datasource, or on those that a segment id, an interval
(2026-01-01/2026-02-01) or an instant names: which rule or policy line asks for it, what it waits for, and what happens next.`,
		Args: between(1, 2, "a datasource, and at most one segment id, interval or instant"), Annotations: map[string]string{readsOnly: "yes"},
		RunE: func(cmd *cobra.Command, args []string) error {
			selector := ""
			if len(args) > 1 {
				selector = args[1]
			}
			return explain(cmd.Context(), p, s, args[0], selector)
		},
	}
	s.offline(cmd.Flags())
	return cmd
}

func explain(ctx context.Context, p *process, s *settings, dataSource, selector string) error {
	look, err := open(ctx, p, s)
	if err != nil {
		return err
	}
	input, err := look.inputOne(ctx, dataSource)
	if err = look.closed(err); err != nil {
		return err
	}
	if err := render.Diagnostics(p.stderr, input.Config.Ambiguous([]string{dataSource}), input.Config.Files, s.look(p, p.stderr)); err != nil {
		return err
	}
	explanation, err := planner.Explain(input, dataSource, selector)
	if err != nil {
		return fail(exitUsage, err)
	}
	if s.asJSON() {
		return render.JSON(p.stdout, explanation)
	}
	return render.Explain(p.stdout, explanation, s.look(p, p.stdout))
}
