package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"coppice/internal/collect"
	"coppice/internal/druid"
	"coppice/internal/journal"
	"coppice/internal/plan"
	"coppice/planner"
)

func newRestore(p *process, s *settings, h *halt) *cobra.Command {
	a := &asking{applying: applying{process: p, settings: s, halt: h, consenting: consenting{command: string(plan.AskRestore)}}}
	var undo string
	cmd := &cobra.Command{
		Use:   "restore [DATASOURCE INTERVAL] [--apply ID [DATASOURCE]]",
		Short: "Undo an earlier apply, or bring unused segments of an interval back",
		Long: `restore --apply ID undoes an earlier apply as far as it can be undone: it puts the rule lists back as they were before it,
and then marks used again what that apply, or the rules that it posted, marked unused. ID is from coppice history, or "last".
With a datasource it undoes the part of that one alone.

restore DATASOURCE INTERVAL brings the unused segments of an interval back, under the rules that the configuration declares;
those are posted first when others are in force.

Both make a plan, show it, ask, and carry it out as apply does, with the same guards. Only what queries would see comes
back. What was deleted for good cannot, and is named.`,
		Args: between(0, 2, "a datasource and an interval, or --apply ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if a.asked, err = a.toRestore(undo, cmd.Flags().Changed("apply"), args); err != nil {
				return fail(exitUsage, err)
			}
			return a.carry(cmd.Context())
		},
	}
	a.flags(cmd.Flags())
	cmd.Flags().StringVar(&undo, "apply", "", "undo the apply of this id, as coppice history shows it; \"last\" is the newest that began anything and is no restore")
	return cmd
}

// toRestore settles what is to be brought back.
func (a *asking) toRestore(id string, undoes bool, args []string) (*plan.Request, error) {
	r := &plan.Request{Command: plan.AskRestore}
	if len(args) > 0 {
		r.Datasource = args[0]
	}
	if len(args) > 1 {
		interval, err := druid.ParseInterval(args[1])
		if err != nil {
			return nil, fmt.Errorf("%q is no interval such as 2026-01-01/2026-02-01: %w", args[1], err)
		}
		r.Interval = &interval
	}
	if undoes {
		state, err := journal.Read(a.settings.state())
		if err != nil {
			return nil, err
		}
		past, err := applyOf(state, id, a.settings.state())
		if err != nil {
			return nil, err
		}
		r.Apply = past.ID
	}
	if err := r.Check(); err != nil {
		return nil, fmt.Errorf("restore: %w", err)
	}
	return r, nil
}

// applyOf finds an apply by its id. "last" is the newest one that began anything and is no restore itself, so that undoing twice does not
// bring a mistake back, and a stale plan that changed nothing is nothing to undo.
func applyOf(state *journal.State, id, folder string) (*journal.Past, error) {
	if len(state.Applies) == 0 {
		return nil, fmt.Errorf("the state directory %s knows of no apply: there is nothing to undo; --state-dir says where another one is", folder)
	}
	for _, past := range slices.Backward(state.Applies) {
		if past.ID == id {
			return past, nil
		}
		if id != "last" {
			continue
		}
		of, err := journal.PlanOf(folder, past)
		if err != nil {
			return nil, err
		}
		if (of.Request == nil || of.Request.Command != plan.AskRestore) && past.Began() {
			return past, nil
		}
	}
	return nil, fmt.Errorf("the state directory %s knows of no apply %q that could be undone; coppice history lists them", folder, id)
}

// undo is what the apply did that the request is to undo.
func (l *session) undo() (*plan.Plan, *planner.Undo, error) {
	state, err := journal.Read(l.settings.state())
	if err != nil {
		return nil, nil, err
	}
	past, err := applyOf(state, l.asked.Apply, l.settings.state())
	if err != nil {
		return nil, nil, err
	}
	of, err := journal.PlanOf(l.settings.state(), past)
	if err != nil {
		return nil, nil, fmt.Errorf("restore: %w", err)
	}
	undo := planner.UndoOf(of, func(a *plan.Action) bool { return past.Resume.Actions[a.ID].Started })
	undo.BeganAt = past.BeganAt
	for _, kill := range past.AtWork() {
		undo.Stays[kill.Datasource] = append(undo.Stays[kill.Datasource], fmt.Sprintf("its task %s may still be deleting; "+
			"look at it in the Overlord, or wait for it with apply --resume", kill.Task))
	}
	return of, undo, nil
}

// undone reads what an undo is about.
func (l *session) undone(ctx context.Context) (planner.Input, error) {
	of, undo, err := l.undo()
	if err != nil {
		return planner.Input{}, err
	}
	if of.Cluster.Name != l.cluster.Name {
		return planner.Input{}, failf(exitStale, "apply %s was to cluster %s, not to %s; %s", l.asked.Apply, of.Cluster.Name, l.cluster.Name, notSent)
	}
	if names := undo.Datasources(); l.asked.Datasource != "" && !slices.Contains(names, l.asked.Datasource) {
		return planner.Input{}, failf(exitUsage, "apply %s did nothing to %s; it acted on: %s", l.asked.Apply, l.asked.Datasource,
			strings.Join(names, ", "))
	}
	seen, err := l.collectUndone(ctx, undo)
	if err != nil {
		return planner.Input{}, err
	}
	if seen.Cluster.Identity != of.Cluster.Identity {
		return planner.Input{}, l.process.after(failf(exitStale, "apply %s was to another cluster: then it was %s, now it is %s; %s", l.asked.Apply,
			of.Cluster.Identity, seen.Cluster.Identity, notSent), seen.Close)
	}
	in := l.inputOf(seen.Cluster)
	in.Request, in.Undo = l.asked, undo
	return l.filled(ctx, seen, in, planner.Needs)
}

// collectUndone looks at what the apply acted on: all of the cluster when it changed the default rules.
func (l *session) collectUndone(ctx context.Context, undo *planner.Undo) (*collect.Session, error) {
	request := l.request()
	if l.asked.Datasource != "" {
		return collect.One(ctx, request, l.asked.Datasource)
	}
	request.Datasources, request.Also = undo.Datasources(), nil
	if _, all := undo.Lists[plan.DefaultRules]; all {
		request.Datasources = nil
	} else if request.Datasources == nil {
		request.Datasources = []string{}
	}
	return collect.Collect(ctx, request)
}
