package main

import (
	"github.com/spf13/pflag"

	"coppice/internal/plan"
)

// viewing are the flags of commands that show a plan.
type viewing struct {
	verbose, detailed bool
}

func (v *viewing) flags(flags *pflag.FlagSet) {
	flags.BoolVarP(&v.verbose, "verbose", "v", false, "show every run of segments and every finding instead of folding what is alike")
	flags.BoolVar(&v.detailed, "detailed-exitcode", false, "exit 2 when the plan has actions")
}

// show writes a plan, as its document or as text.
func (v *viewing) show(p *process, s *settings, shown *plan.Plan, document []byte) error {
	if s.asJSON() {
		_, err := p.stdout.Write(document)
		return err
	}
	return planText(p, s, shown, v.verbose)
}
