package main

import (
	"context"

	"github.com/spf13/cobra"

	"coppice/internal/plan"
)

func newMarkUnused(p *process, s *settings, h *halt) *cobra.Command {
	cmd, a := newAsking(p, s, h, plan.AskUnused, "Mark used segments unused, by their exact ids",
		`mark-unused makes a plan that marks the used segments unused which lie in the interval, or are of the versions, or have the
ids given; shows it, asks, and carries it out as apply does, with the same guards. Segments that are unused already are
never marked again. What a lock or a running task is on is left for later; data under a hold is not marked.

--restamp does something else: unused segments whose marking time nobody knows (NULL) get one, so that their grace can
begin. No other segment is touched.`)
	var restamp bool
	cmd.Flags().BoolVar(&restamp, "restamp", false, "give unused segments without a marking time a new one, and do nothing else")
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return a.markUnused(cmd.Context(), restamp, args) }
	return cmd
}

func (a *asking) markUnused(ctx context.Context, restamp bool, args []string) error {
	if restamp {
		a.command += " --restamp"
		return a.ask(ctx, plan.AskStamp, args)
	}
	return a.ask(ctx, plan.AskUnused, args)
}
