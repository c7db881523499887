package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"coppice/internal/druid"
	"coppice/internal/plan"
)

// asking is a command that asks for something beside the configuration. It makes a plan of that alone, and carries it
// out as apply does.
type asking struct {
	applying
	out       string
	versions  []string
	ids       []string
	all       bool
	olderThan string
}

// newAsking is what such commands share: what they name, and how they are consented to.
func newAsking(p *process, s *settings, h *halt, command plan.Command, short, long string) (*cobra.Command, *asking) {
	a := &asking{applying: applying{process: p, settings: s, halt: h, consenting: consenting{command: string(command)}}}
	cmd := &cobra.Command{
		Use: string(command) + " DATASOURCE [INTERVAL]", Short: short, Long: long,
		Args: between(1, 2, "a datasource, and at most one interval"),
		RunE: func(cmd *cobra.Command, args []string) error { return a.ask(cmd.Context(), command, args) },
	}
	a.flags(cmd.Flags())
	flags := cmd.Flags()
	flags.StringArrayVar(&a.versions, "versions", nil, "only segments of these versions, separated by commas, or @FILE with one a line; may be repeated")
	flags.StringArrayVar(&a.ids, "segment-ids", nil, "exactly these segments, instead of an interval: separated by commas, or @FILE with one a line; may be repeated")
	flags.BoolVar(&a.all, "all", false, "every segment of the datasource, instead of an interval")
	return cmd, a
}

// flags are those of every such command: whether the plan is shown in full, saved, and consented to.
func (a *asking) flags(flags *pflag.FlagSet) {
	flags.StringVar(&a.out, "out", "", "only save the plan to this file, for show and apply; nothing is changed")
	flags.BoolVar(&a.autoApprove, "auto-approve", false, "do not ask before the plan is carried out")
	flags.BoolVar(&a.input, "input", true, "--input=false: never ask, refuse instead")
	flags.BoolVarP(&a.verbose, "verbose", "v", false, "show every run of segments instead of folding what is alike")
}

// ask settles what the command line names, and goes on with it.
func (a *asking) ask(ctx context.Context, command plan.Command, args []string) error {
	var err error
	if a.asked, err = a.request(command, args); err != nil {
		return fail(exitUsage, err)
	}
	return a.carry(ctx)
}

// carry plans what was asked for, and carries it out or saves it.
func (a *asking) carry(ctx context.Context) error {
	if a.out != "" {
		return a.save(ctx)
	}
	return a.run(ctx)
}

// request settles what the command line names.
func (a *asking) request(command plan.Command, args []string) (*plan.Request, error) {
	r := &plan.Request{Command: command, Datasource: args[0], All: a.all}
	var err error
	if r.Versions, err = listed(a.versions, "", ""); err != nil {
		return nil, fmt.Errorf("--versions: %w", err)
	}
	if r.SegmentIDs, err = listed(a.ids, args[0]+"_", args[0]+"_"); err != nil {
		return nil, fmt.Errorf("--segment-ids: %w", err)
	}
	if len(args) > 1 {
		interval, err := druid.ParseInterval(args[1])
		if err != nil {
			return nil, fmt.Errorf("%q is no interval such as 2026-01-01/2026-02-01: %w", args[1], err)
		}
		r.Interval = &interval
	}
	if a.olderThan != "" {
		older, err := druid.ParsePeriod(a.olderThan)
		if err != nil {
			return nil, fmt.Errorf("--older-than-marked: %w", err)
		}
		r.OlderThanMarked = &older
	}
	if err := r.Check(); err != nil {
		return nil, fmt.Errorf("%s: %w", command, err)
	}
	return r, nil
}

// listed are the texts that a repeated flag gives, each once: those between commas behind which one can begin, and the lines
// of files, @FILE, which may hold any commas. What begins with own is no file.
func listed(values []string, beginning, own string) ([]string, error) {
	var list []string
	for _, value := range values {
		name, isFile := strings.CutPrefix(value, "@")
		if !isFile || own != "" && strings.HasPrefix(value, own) {
			list = append(list, cutAtCommas(value, beginning)...)
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		for line := range strings.Lines(string(text)) {
			if line = strings.TrimRight(line, "\r\n"); line != "" {
				list = append(list, line)
			}
		}
	}
	if len(values) > 0 && (len(list) == 0 || slices.Contains(list, "")) {
		return nil, errors.New("one of them is empty") // as if it were not given would ask for more
	}
	return distinct(list), nil
}

// cutAtCommas cuts a text at commas that have a certain beginning behind them: a version, and so an id, may hold commas itself.
func cutAtCommas(text, beginning string) []string {
	var list []string
	from := 0
	for at := range len(text) {
		if text[at] == ',' && strings.HasPrefix(text[at+1:], beginning) {
			list, from = append(list, text[from:at]), at+1
		}
	}
	return append(list, text[from:])
}

// distinct leaves the first of equal texts.
func distinct(list []string) []string {
	seen, left := map[string]bool{}, []string(nil)
	for _, text := range list {
		if !seen[text] {
			left = append(left, text)
		}
		seen[text] = true
	}
	return left
}

// save makes the plan and keeps it in a file; nothing else happens.
func (a *asking) save(ctx context.Context) error {
	look, err := open(ctx, a.process, a.settings)
	if err != nil {
		return err
	}
	look.asked = a.asked
	made, err := look.made(ctx)
	if err = look.closed(err); err != nil {
		return err
	}
	view := viewing{verbose: a.verbose}
	if err := view.showMade(a.process, a.settings, made, a.out); err != nil {
		return err
	}
	a.process.say(fmt.Sprintf("The plan is saved. To carry out exactly this: %s apply %s", a.settings.again(), word(a.out)))
	return leave(planCode(made, false))
}
