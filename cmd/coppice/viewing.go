package main

import (
	"github.com/spf13/pflag"

	"coppice/internal/journal"
	"coppice/internal/plan"
	"coppice/internal/render"
)

// viewing are the flags of commands that show a plan.
type viewing struct {
	verbose, detailed bool
}

func (v *viewing) flags(flags *pflag.FlagSet) {
	flags.BoolVarP(&v.verbose, "verbose", "v", false, "show every run of segments and every finding instead of folding what is alike")
	flags.BoolVar(&v.detailed, "detailed-exitcode", false, "exit 2 when the plan has actions")
}

// show writes a plan, as its document, as a comment, as annotations of what it complains about, or as text.
func (v *viewing) show(p *process, s *settings, shown *plan.Plan, document []byte) error {
	switch s.format {
	case "json":
		_, err := p.stdout.Write(document)
		return err
	case "markdown":
		return render.Markdown(p.stdout, shown, render.CommentBytes)
	case "github":
		return render.GitHub(p.stdout, render.Complaints(shown.Findings), s.folder)
	}
	return planText(p, s, shown, v.verbose)
}

// showMade writes a plan that was made just now, and saves it when out names a file. The document, which may be large,
// is made only when somebody gets it.
func (v *viewing) showMade(p *process, s *settings, made *plan.Plan, out string) error {
	if out == "" && !s.asJSON() {
		return v.show(p, s, made, nil)
	}
	document, err := plan.Encode(made)
	if err != nil {
		return err
	}
	if out != "" {
		if err := journal.WritePlan(out, document); err != nil {
			return err
		}
	}
	return v.show(p, s, made, document)
}
