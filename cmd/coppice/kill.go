package main

import (
	"github.com/spf13/cobra"

	"coppice/internal/plan"
)

func newKill(p *process, s *settings, h *halt) *cobra.Command {
	cmd, a := newAsking(p, s, h, plan.AskKill, "Delete unused segments for good",
		`kill makes a plan that deletes the unused segments for good which lie in the interval, or are of the versions, or have the
ids given: their rows and their files. This cannot be undone. The plan is shown, asked about and carried out as apply does,
with the same guards, holds and checks: a kill task is sent only when it takes exactly what was approved. Used segments are
never deleted; nor is what nobody knows the marking time of, what shares its file with a segment that stays, what a lock is
on, or what is under a hold.`)
	cmd.Flags().StringVar(&a.olderThan, "older-than-marked", "", "only what was marked unused at least this long ago (P7D)")
	a.taskWait.register(cmd.Flags())
	return cmd
}
