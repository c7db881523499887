package main

import (
	"os"

	"github.com/spf13/cobra"

	"coppice/internal/plan"
	"coppice/internal/render"
)

func newShow(p *process, s *settings) *cobra.Command {
	var view viewing
	cmd := &cobra.Command{
		Use: "show PLANFILE", Short: "Show a saved plan",
		Long: "show prints a plan that plan --out saved, without asking the cluster. A file that was changed or cut short is refused.",
		Args: between(1, 1, "a saved plan"), Annotations: map[string]string{readsOnly: "yes", moreFormats: "markdown github"},
		RunE: func(_ *cobra.Command, args []string) error {
			saved, document, err := readPlan(args[0])
			if err != nil {
				return err
			}
			if err := view.show(p, s, saved, document); err != nil {
				return err
			}
			if !view.detailed {
				return nil
			}
			return leave(planCode(saved, true))
		},
	}
	view.flags(cmd.Flags())
	return cmd
}

// readPlan reads a saved plan and checks that it can be carried out as it is written.
func readPlan(path string) (*plan.Plan, []byte, error) {
	document, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, failf(exitError, "read plan: %w", err)
	}
	saved, err := plan.Decode(document)
	if err != nil {
		return nil, nil, failf(exitError, "read plan %s: %w", path, err)
	}
	if err := plan.Check(saved); err != nil {
		return nil, nil, failf(exitError, "read plan %s: %w", path, err)
	}
	return saved, document, nil
}

// planCode is the exit code of a plan that is only looked at.
func planCode(p *plan.Plan, detailed bool) exitCode {
	code := exitDone
	if detailed && len(p.Actions) > 0 {
		code = exitChanges
	}
	if len(p.Summary.Blocked) > 0 {
		code = worst(code, exitBlocked)
	}
	return code
}

// planText shows a plan to people.
func planText(p *process, s *settings, shown *plan.Plan, verbose bool) error {
	look := s.look(p, p.stdout)
	look.Verbose = verbose
	return render.Plan(p.stdout, shown, look)
}
