package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"coppice/executor"
	"coppice/internal/druid"
	"coppice/internal/journal"
	"coppice/internal/plan"
	"coppice/internal/render"
)

func newHistory(p *process, s *settings) *cobra.Command {
	return &cobra.Command{
		Use:   "history",
		Short: "Show what was applied, by whom, and rule changes made elsewhere",
		Long: `history lists every apply of the state directory, oldest first: its id, plan, author, commit, how it ended and how many
segments it changed; and between them the rule changes that Druid's audit log has of declared or applied datasources and
that do not come from coppice.`,
		Args: between(0, 0, "no argument"), Annotations: map[string]string{readsOnly: "yes"},
		RunE: func(cmd *cobra.Command, _ []string) error { return history(cmd.Context(), p, s) },
	}
}

// event is one apply, or one change of rules that coppice did not make.
type event struct {
	At     druid.Instant `json:"at"`
	Kind   string        `json:"kind"`
	Apply  string        `json:"apply,omitempty"`
	Plan   string        `json:"plan,omitempty"`
	Author string        `json:"author"`
	Commit string        `json:"commit,omitempty"`
	// Request is what was asked for beside the configuration; nil for a plan of the configuration.
	Request *plan.Request `json:"request,omitempty"`
	// Outcome is done, unfinished (--resume can go on) or interrupted (no end is on record).
	Outcome string `json:"outcome,omitempty"`
	// Segments that were really changed, by kind of action; RuleLists that were set.
	MarkedUnused int64 `json:"marked_unused"`
	MarkedUsed   int64 `json:"marked_used"`
	Deleted      int64 `json:"deleted"`
	RuleLists    int64 `json:"rule_lists"`
	// Datasource and Comment of a change of rules made elsewhere.
	Datasource string `json:"datasource,omitempty"`
	Comment    string `json:"comment,omitempty"`
}

// past is the document of history --json.
type past struct {
	FormatVersion string  `json:"format_version"`
	Cluster       string  `json:"cluster"`
	Events        []event `json:"events"`
	// NotRead says what could not be read, such as the audit log.
	NotRead []string `json:"not_read"`
}

func history(ctx context.Context, p *process, s *settings) error {
	look, err := open(ctx, p, s)
	if err != nil {
		return err
	}
	found, err := look.history(ctx)
	if err = look.closed(errors.Join(err, ctx.Err())); err != nil {
		return err
	}
	if s.asJSON() {
		return render.JSON(p.stdout, found)
	}
	return found.tell(p)
}

func (l *session) history(ctx context.Context) (*past, error) {
	state, err := journal.Read(l.settings.state())
	if err != nil {
		return nil, err
	}
	found := &past{FormatVersion: plan.FormatVersion, Cluster: l.cluster.Name, Events: []event{}, NotRead: []string{}}
	names := map[string]bool{plan.DefaultRules: true}
	for _, d := range l.config.Datasources {
		names[d.Name] = true
	}
	for _, apply := range state.Applies {
		of, err := journal.PlanOf(l.settings.state(), apply)
		if err != nil {
			return nil, fmt.Errorf("history: %w", err)
		}
		found.Events = append(found.Events, applyEvent(apply, of, names))
	}
	l.elsewhere(ctx, names, state.Applies, found)
	slices.SortStableFunc(found.Events, func(a, b event) int { return cmp.Compare(a.At, b.At) })
	return found, nil
}

// members adds the datasources of the cluster that belong to families.
func (l *session) members(ctx context.Context, names map[string]bool, found *past) {
	if len(l.config.Families) == 0 || l.link.api == nil {
		return
	}
	there, err := l.link.api.Datasources(ctx)
	if err != nil {
		found.NotRead = append(found.NotRead, err.Error())
	}
	for _, name := range there {
		if l.config.For(name) != nil {
			names[name] = true
		}
	}
}

// applyEvent counts what is on record of an apply, and notes the datasources that it was about.
func applyEvent(apply *journal.Past, of *plan.Plan, names map[string]bool) event {
	e := event{At: apply.BeganAt, Kind: "apply", Apply: apply.ID, Plan: apply.Plan, Author: apply.By.Author, Commit: apply.By.Commit,
		Request: of.Request, Outcome: "interrupted"}
	if apply.Complete {
		e.Outcome = "done"
	} else if apply.Ended {
		e.Outcome = "unfinished"
	}
	for _, a := range of.Actions {
		names[a.Datasource] = true
		progress := apply.Resume.Actions[a.ID]
		if progress.Outcome != executor.Done {
			continue
		}
		switch n := max(progress.Amounts.Segments, 0); a.Kind {
		case plan.SetRules:
			e.RuleLists++
		case plan.MarkUnused:
			e.MarkedUnused += n
		case plan.MarkUsed:
			e.MarkedUsed += n
		case plan.KillTask:
			e.Deleted += n
		}
	}
	return e
}

func sortedNames(names map[string]bool) []string {
	var list []string
	for name := range names {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

func (f *past) tell(p *process) error {
	fmt.Fprintf(p.stdout, "coppice history · %s\n", f.Cluster)
	for _, e := range f.Events {
		if e.Kind == "rules" {
			fmt.Fprintf(p.stdout, "%s  rules of %q changed outside coppice%s\n", e.At, e.Datasource, e.changedBy())
			continue
		}
		asked := ""
		if e.Request != nil {
			asked = "    asked: " + render.Asked(e.Request) + "\n"
		}
		fmt.Fprintf(p.stdout, "%s  apply %s, plan %.12s, by %q, commit %q: %s\n%s    deleted %d, marked unused %d, marked used %d, rule lists set %d\n",
			e.At, e.Apply, e.Plan, e.Author, e.Commit, e.Outcome, asked, e.Deleted, e.MarkedUnused, e.MarkedUsed, e.RuleLists)
	}
	if len(f.Events) == 0 {
		fmt.Fprintln(p.stdout, "Nothing was applied from this state directory, and the audit log has no change of rules.")
	}
	for _, why := range f.NotRead {
		fmt.Fprintf(p.stdout, "Not read: %s\n", why)
	}
	return nil
}
