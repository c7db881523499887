package main

import (
	"context"
	"fmt"
	"slices"

	"coppice/internal/druid"
	"coppice/internal/journal"
	"coppice/internal/plan"
)

// elsewhere adds the rule changes that coppice did not make, of the datasources that are named or declared. The store has
// every list since the first, also where the audit log was trimmed; it goes before the Coordinator, which has that log
// alone.
func (l *session) elsewhere(ctx context.Context, names map[string]bool, applies []*journal.Past, found *past) {
	records, err := l.ruleRows(ctx)
	if err != nil {
		found.NotRead = append(found.NotRead, err.Error())
	}
	if l.link.store == nil || err != nil {
		records = l.auditLog(ctx, names, found)
	}
	for _, r := range records {
		switch {
		case !names[r.Key] && l.config.For(r.Key) == nil, ours(r, applies):
		case !r.Since.Known():
			found.NotRead = append(found.NotRead, fmt.Sprintf("a change of the rules of %q: %s", r.Key, r.Problem))
		default:
			found.Events = append(found.Events, event{At: r.Since, Kind: "rules", Author: r.Author, Datasource: r.Key, Comment: r.Comment})
		}
	}
}

// ruleRows are all lists of the metadata store; none without a store.
func (l *session) ruleRows(ctx context.Context) ([]druid.RuleRecord, error) {
	if l.link.store == nil {
		return nil, nil
	}
	view, err := l.link.store.Begin(ctx)
	if err != nil {
		return nil, err
	}
	records, err := view.Rules(ctx)
	return records, l.process.after(err, view.Close)
}

// auditLog is what the Coordinator tells.
func (l *session) auditLog(ctx context.Context, names map[string]bool, found *past) []druid.RuleRecord {
	if l.link.api == nil {
		if l.link.store == nil {
			found.NotRead = append(found.NotRead, "rule changes made elsewhere: neither a Coordinator nor a metadata store is configured")
		}
		return nil
	}
	l.members(ctx, names, found)
	var records []druid.RuleRecord
	for _, name := range sortedNames(names) {
		of, err := l.link.api.RuleHistory(ctx, name)
		if err != nil {
			found.NotRead = append(found.NotRead, err.Error())
		}
		records = append(records, of...)
	}
	return records
}

// ours reports whether a change is coppice's: by its comment, or, where the audit log does not have it any more, since an
// apply of the journal was under way.
func ours(r druid.RuleRecord, applies []*journal.Past) bool {
	if r.Author+r.Comment != "" {
		return plan.OwnComment(r.Comment)
	}
	return slices.ContainsFunc(applies, func(a *journal.Past) bool { return a.BeganAt <= r.Since && r.Since <= a.LastAt })
}

// changedBy words who changed rules.
func (e event) changedBy() string {
	if e.Author+e.Comment == "" {
		return "; the audit log does not tell by whom"
	}
	return fmt.Sprintf(" by %q: %q", e.Author, e.Comment)
}
