package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
)

func newPlan(p *process, s *settings) *cobra.Command {
	var view viewing
	var out string
	cmd := &cobra.Command{
		Use:   "plan",
		Short: "Show what would be changed and deleted, and why",
		Long: `plan reads the configuration and the cluster, and shows what apply would do: what is deleted for good first. It
changes nothing. Exit code 3 means that a finding, a guard or a hold blocks part of it.`,
		Args: between(0, 0, "no argument"), Annotations: map[string]string{readsOnly: "yes", moreFormats: "markdown github"},
		RunE: func(cmd *cobra.Command, _ []string) error { return makePlan(cmd.Context(), p, s, view, out) },
	}
	view.flags(cmd.Flags())
	s.selection(cmd.Flags())
	cmd.Flags().BoolVar(&s.due, "due", false, "only what is due now, without what stays; with a metadata store only what that concerns is read")
	s.offline(cmd.Flags())
	cmd.Flags().StringVar(&out, "out", "", "save the plan to this file, for show and apply; only its owner can read it")
	return cmd
}

// openToShow is open for a plan that is shown, and perhaps nothing else.
func openToShow(ctx context.Context, p *process, s *settings, shown bool) (*session, error) {
	if shown && s.snapshot != "" {
		return openSnapshot(p, s, true)
	}
	look, err := open(ctx, p, s)
	if err == nil {
		look.shown = shown
	}
	return look, err
}

func makePlan(ctx context.Context, p *process, s *settings, view viewing, out string) error {
	look, err := openToShow(ctx, p, s, out == "" && !s.asJSON())
	if err != nil {
		return err
	}
	made, err := look.made(ctx)
	if err = look.closed(err); err != nil {
		return err
	}
	if err := view.showMade(p, s, made, out); err != nil {
		return err
	}
	if out != "" {
		p.say(fmt.Sprintf("The plan is saved. To carry out exactly this: %s apply %s", s.again(), word(out)))
	}
	return leave(planCode(made, view.detailed))
}
