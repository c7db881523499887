package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"coppice/internal/diag"
)

// newRoot builds the command line.
func newRoot(p *process, h *halt) *cobra.Command {
	s := &settings{}
	var version bool
	root := &cobra.Command{
		Use:   "coppice",
		Short: "Retention as code for Apache Druid: plan, review, apply",
		Long: `coppice reads a directory of HCL files that say how long data of each Druid datasource is kept, compares them with a
cluster, and shows, segment for segment, what would be dropped and what would be deleted for good, and why. A plan can be
saved, reviewed and applied; what it does not name stays.`,
		SilenceErrors: true, SilenceUsage: true,
		Args:        func(cmd *cobra.Command, args []string) error { return unknownCommand(cmd, args) },
		Annotations: map[string]string{readsOnly: "yes"},
		RunE: func(cmd *cobra.Command, _ []string) error {
			if version {
				return showVersion(p, s)
			}
			cmd.SetOut(p.stderr)
			return errors.Join(cmd.Help(), leave(exitUsage))
		},
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error { return s.check(cmd) },
	}
	root.SetFlagErrorFunc(flagError)
	s.common(root.PersistentFlags())
	root.Flags().BoolVar(&version, "version", false, "show the version, as coppice version does")
	root.AddCommand(
		newValidate(p, s),
		newTest(p, s),
		newFmt(p, s),
		newLint(p, s),
		newPlan(p, s),
		newShow(p, s),
		newExplain(p, s),
		newSnapshot(p, s),
		newForecast(p, s),
		newCompare(p, s),
		newApply(p, s, h),
		newMarkUnused(p, s, h),
		newMarkUsed(p, s, h),
		newKill(p, s, h),
		newRestore(p, s, h),
		newProveRemoved(p, s),
		newHistory(p, s),
		newSandbox(p, s),
		newVersion(p, s),
		newImport(p, s),
		newInit(p, s),
	)
	return root
}

// unknownCommand refuses a command that does not exist, with the one that may be meant.
func unknownCommand(root *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, each := range root.Commands() {
		names = append(names, each.Name())
	}
	return fail(exitUsage, fmt.Errorf("there is no command %q%s; coppice --help lists the commands", args[0], didYouMean(args[0], "", names)))
}

// didYouMean is ", did you mean plan?", or nothing.
func didYouMean(word, prefix string, names []string) string {
	if near := diag.Nearest(word, names); near != "" {
		return fmt.Sprintf(" (did you mean %s%s?)", prefix, near)
	}
	return ""
}

// flagError words mistakes with flags.
func flagError(cmd *cobra.Command, err error) error {
	help := fmt.Sprintf("; %s --help lists the flags", cmd.CommandPath())
	var missing *pflag.NotExistError
	var invalid *pflag.InvalidValueError
	switch {
	case errors.As(err, &invalid) && invalid.GetFlag().Value.Type() == "int":
		return failf(exitUsage, "--%s is a whole number, not %q%s", invalid.GetFlag().Name, invalid.GetValue(), help)
	case !errors.As(err, &missing):
		return failf(exitUsage, "%w%s", err, help)
	}
	name := missing.GetSpecifiedName()
	if missing.GetSpecifiedShortnames() != "" {
		return failf(exitUsage, "there is no flag -%s%s", name, help)
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	return failf(exitUsage, "there is no flag --%s%s%s", name, didYouMean(name, "--", names), help)
}

// between says how many arguments a command takes, and what they are.
func between(least, most int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) < least:
			return failf(exitUsage, "%s needs %s; %s --help shows how it is used", cmd.CommandPath(), what, cmd.CommandPath())
		case len(args) > most && most == 0:
			return failf(exitUsage, "%s takes no argument, and got %s", cmd.CommandPath(), strings.Join(args, " "))
		case len(args) > most:
			return failf(exitUsage, "%s takes %s, and got more: %s", cmd.CommandPath(), what, strings.Join(args[most:], " "))
		}
		return nil
	}
}
