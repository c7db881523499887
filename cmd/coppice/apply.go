package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"coppice/config"
	"coppice/internal/journal"
	"coppice/internal/plan"
)

func newApply(p *process, s *settings, h *halt) *cobra.Command {
	a := applying{process: p, settings: s, halt: h}
	cmd := &cobra.Command{
		Use:   "apply [PLANFILE]",
		Short: "Carry out a saved plan, or plan, ask, and carry out",
		Long: `apply carries out a plan that plan --out saved, exactly. Without a file it makes a plan, shows it and asks: type the
cluster's name and, when data is deleted for good, the number of segments. Before each deletion the datasource is read and
planned again; what is not as approved is not done. --resume goes on with an apply that was ended.

The first interrupt finishes what is in hand, the second one stops at once.`,
		Args: between(0, 1, "at most one saved plan"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				a.file = args[0]
			}
			return a.run(cmd.Context())
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&a.autoApprove, "auto-approve", false, "do not ask before a plan that was made just now is carried out")
	flags.BoolVar(&a.input, "input", true, "--input=false: never ask, refuse instead")
	flags.BoolVar(&a.resume, "resume", false, "go on with the last apply, which was interrupted or ended in part")
	flags.BoolVarP(&a.verbose, "verbose", "v", false, "show every run of segments instead of folding what is alike")
	a.taskWait.register(flags)
	s.selection(flags)
	return cmd
}

// applying is one run of apply.
type applying struct {
	process  *process
	settings *settings
	halt     *halt
	consenting
	file string
	// asked is what is planned instead of the configuration, of the commands that change a cluster without it.
	asked           *plan.Request
	resume, verbose bool
	taskWait        waitFlag
}

// run goes from what needs nothing to what needs the cluster, so that mistakes are found as early as possible.
func (a *applying) run(ctx context.Context) error {
	if chosen := a.settings.selects() != nil; chosen && (a.file != "" || a.resume) {
		return failf(exitUsage, "--target and --exclude choose what to plan; a plan that exists is applied as a whole")
	}
	saved, err := a.readFile()
	if err != nil {
		return err
	}
	cfg, cluster, err := settle(a.process, a.settings)
	if err != nil {
		return err
	}
	if cluster.Sandbox == nil && cluster.Coordinator.Value == "" {
		return failf(exitError, "cluster %s has no coordinator: a metadata store alone can be planned from, but nothing can be applied; "+
			"add coordinator = \"https://...\" to its block", cluster.Name)
	}
	return a.locked(ctx, cfg, cluster, saved)
}

// readFile reads the saved plan, if one was named.
func (a *applying) readFile() (*approval, error) {
	if a.file == "" {
		return nil, nil
	}
	saved, document, err := readPlan(a.file)
	if err != nil {
		return nil, err
	}
	return &approval{plan: saved, document: document}, nil
}

// locked takes the state directory's lock for everything that follows.
func (a *applying) locked(ctx context.Context, cfg *config.Config, cluster *config.Cluster, saved *approval) error {
	j, err := journal.Open(a.settings.state(), a.process.now())
	if errors.Is(err, journal.ErrLocked) {
		return fail(exitLocked, err)
	}
	if err != nil {
		return err
	}
	return errors.Join(a.withJournal(ctx, cfg, cluster, j, saved), j.Close())
}

func (a *applying) withJournal(ctx context.Context, cfg *config.Config, cluster *config.Cluster, j *journal.Journal, saved *approval) error {
	saved, err := a.unfinished(j, saved)
	if err != nil {
		return err
	}
	if saved != nil {
		if err := saved.stillFits(a.settings.state(), cfg, cluster, a.process.now()); err != nil {
			return err
		}
	}
	look, err := openSession(ctx, a.process, a.settings, cfg, cluster)
	if err != nil {
		return err
	}
	return look.closed(a.withSession(ctx, look, j, saved))
}

func (a *applying) withSession(ctx context.Context, look *session, j *journal.Journal, saved *approval) error {
	release, err := look.alone(ctx)
	if err != nil {
		return err
	}
	defer release()
	if look.asked = a.asked; saved == nil {
		made, err := a.planAndAsk(ctx, look, j)
		if err != nil || made == nil {
			return err
		}
		saved = made
	} else if err := look.belongs(ctx, saved.plan); err != nil {
		return err
	}
	look.asked = saved.plan.Request
	if err := look.obeys(saved); err != nil {
		return err
	}
	return a.carryOut(ctx, look, j, saved)
}
