package main

import (
	"github.com/spf13/cobra"

	"coppice/internal/plan"
)

func newMarkUsed(p *process, s *settings, h *halt) *cobra.Command {
	cmd, _ := newAsking(p, s, h, plan.AskUsed, "Mark unused segments used again, by their exact ids",
		`mark-used makes a plan that marks the unused segments used again which lie in the interval, or are of the versions, or
have the ids given; shows it, asks, and carries it out as apply does, with the same guards. Only what queries would see is
marked: what newer segments cover, and incomplete sets, are reported and stay unused. What the rules in force would drop
again is an error that names the rule.`)
	return cmd
}
