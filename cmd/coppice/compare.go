package main

import (
	"context"

	"github.com/spf13/cobra"

	"coppice/config"
	"coppice/internal/diag"
	"coppice/internal/plan"
	"coppice/internal/render"
	"coppice/planner"
)

func newCompare(p *process, s *settings) *cobra.Command {
	c := comparing{forecasting: forecasting{process: p, settings: s}}
	cmd := &cobra.Command{
		Use:   "compare BASE [HEAD]",
		Short: "Show which segments end earlier or later after a change of the configuration",
		Long: `compare follows every segment under two configurations, from the same moment on, and shows whose end a change brings
forward or puts off: when they stop being used, and when they are deleted for good. BASE and HEAD are directories, or git
revisions of the configuration's directory; without HEAD it is that directory as it is. A change that alters no meaning has
no difference. With --snapshot no cluster is needed.`,
		Args:        between(1, 2, "a directory or git revision, and at most another one"),
		Annotations: map[string]string{readsOnly: "yes", moreFormats: "markdown"},
		RunE: func(cmd *cobra.Command, args []string) error {
			if c.until != "" && cmd.Flags().Changed("days") {
				return failf(exitUsage, "--days and --until both say how far to look: give one of the two")
			}
			return c.run(cmd.Context(), args)
		},
	}
	flags := cmd.Flags()
	flags.IntVar(&c.days, "days", 365, "how many days to look ahead")
	flags.StringVar(&c.until, "until", "", "the moment to look ahead to (2027-01-01, 2027-01-01T12:00Z), instead of --days")
	flags.BoolVarP(&c.verbose, "verbose", "v", false, "show every run of segments with its moments")
	flags.BoolVar(&c.detailed, "detailed-exitcode", false, "exit 2 when there is a difference")
	s.selection(flags)
	s.offline(flags)
	return cmd
}

// comparing is one run of compare.
type comparing struct {
	forecasting
	detailed bool
}

func (c *comparing) run(ctx context.Context, args []string) error {
	if c.days < 1 {
		return failf(exitUsage, "--days is 1 or more, not %d", c.days)
	}
	base, err := configurationAt(ctx, c.settings, args[0])
	if err != nil {
		return err
	}
	head := configuration{name: c.settings.directory, directory: c.settings.directory}
	if len(args) > 1 {
		if head, err = configurationAt(ctx, c.settings, args[1]); err != nil {
			return err
		}
	}
	before, err := c.before(base)
	if err != nil {
		return err
	}
	compared, err := c.compare(ctx, before, head.in(c.settings))
	if err != nil {
		return err
	}
	compared.Base, compared.Head = base.name, head.name
	if err := c.show(compared); err != nil {
		return err
	}
	if c.detailed && len(compared.Datasources) > 0 {
		return leave(exitChanges)
	}
	return nil
}

// before is the configuration to compare with; its cluster is not asked, so that its secrets need not be set.
func (c *comparing) before(base configuration) (*config.Config, error) {
	s := base.in(c.settings)
	s.disconnected = true
	cfg, list, err := load(c.process, s)
	if err != nil {
		return nil, err
	}
	if list.HasErrors() {
		c.process.say("In " + base.name + ":")
	}
	cfg, _, err = chosen(c.process, s, cfg, list, func(*config.Config) (*config.Cluster, diag.List) { return nil, nil })
	return cfg, err
}

func (c *comparing) compare(ctx context.Context, before *config.Config, s *settings) (*plan.Comparison, error) {
	look, err := open(ctx, c.process, s)
	if err != nil {
		return nil, err
	}
	until, err := c.horizon(look.now)
	if err != nil {
		return nil, look.closed(err)
	}
	seen := look.file
	if seen == nil {
		if seen, err = look.everything(ctx); err != nil {
			return nil, look.closed(err)
		}
	}
	head := look.inputOf(seen)
	head.Each = untilInterrupted(ctx)
	base := head
	base.Config = before
	if base.Killed, err = killed(s.state(), planner.Restoring(base)); err == nil {
		head.Killed, err = killed(s.state(), planner.Restoring(head))
	}
	if err = look.closed(err); err != nil {
		return nil, err
	}
	return planner.Compare(base, head, until), nil
}

func (c *comparing) show(compared *plan.Comparison) error {
	out := c.process.stdout
	switch c.settings.format {
	case "json":
		return render.JSON(out, compared)
	case "markdown":
		return render.ComparisonMarkdown(out, compared, render.CommentBytes)
	}
	look := c.settings.look(c.process, out)
	look.Verbose = c.verbose
	return render.Comparison(out, compared, look)
}
