package collect

import (
	"context"
	"fmt"
	"slices"

	"coppice/internal/druid"
	"coppice/internal/parallel"
	"coppice/internal/snapshot"
)

// readRules takes the lists in force from the Coordinator where there is one, and their history from the store's rows
// or, without a store, from Druid's audit log.
func (s *Session) readRules(ctx context.Context) error {
	if s.view != nil {
		if err := s.readStoredRules(ctx); err != nil {
			return err
		}
	}
	if s.request.Coordinator == nil {
		for key, records := range s.stored {
			s.place(key, fromStore(records))
		}
		return nil
	}
	records, err := s.request.Coordinator.AllRules(ctx)
	switch {
	case err == nil:
		s.placeServed(ctx, records)
	case s.view == nil || ctx.Err() != nil:
		return err
	default:
		// The store tells the same; what only the Coordinator knows is missing anyway.
		s.gap(gapCompare, err.Error())
		s.Cluster.Sources.Coordinator = false
		for key, records := range s.stored {
			s.place(key, fromStore(records))
		}
	}
	return ctx.Err()
}

func (s *Session) readStoredRules(ctx context.Context) (err error) {
	stored, ok := s.beside.rules()
	if !ok {
		stored, err = s.rulesIn(ctx, s.view)
	}
	s.stored = stored
	return err
}

// rulesIn reads all rules of a view, by key and newest first.
func (s *Session) rulesIn(ctx context.Context, view View) (map[string][]druid.RuleRecord, error) {
	records, err := view.Rules(ctx)
	if err != nil {
		return nil, err
	}
	stored := map[string][]druid.RuleRecord{}
	for _, record := range records {
		stored[record.Key] = append(stored[record.Key], record)
	}
	for _, list := range stored {
		sortNewest(list)
	}
	return stored, nil
}

// sortNewest brings the newest to the front; those of an unknown moment come first, since they may be the newest.
func sortNewest(records []druid.RuleRecord) {
	slices.SortFunc(records, func(a, b druid.RuleRecord) int {
		switch {
		case a.Since.Known() != b.Since.Known() && !a.Since.Known():
			return -1
		case a.Since.Known() != b.Since.Known():
			return 1
		case a.Since > b.Since:
			return -1
		case a.Since < b.Since:
			return 1
		}
		return 0
	})
}

// found is what is known of one key's rules; problem says why the list in force is not known.
type found struct {
	rules   snapshot.Rules
	problem string
}

// fromStore reads rules off a key's rows, newest first. All rows since the first are there: Druid removes them only
// for datasources that have no segment left.
func fromStore(records []druid.RuleRecord) found {
	newest := records[0]
	if newest.Problem != "" {
		return found{problem: newest.Problem}
	}
	if len(records) > 1 && records[1].Since == newest.Since && !records[1].List.Equal(newest.List) {
		return found{problem: fmt.Sprintf("two different lists were written at %s", newest.Since)}
	}
	rules := snapshot.Rules{Set: true, List: newest.List, Since: newest.Since, LastAuthor: newest.Author, LastComment: newest.Comment}
	rules.History, rules.HistoryComplete = history(records[1:])
	return found{rules: rules}
}

// history takes earlier lists up to the first that cannot be read.
func history(records []druid.RuleRecord) (versions []snapshot.RuleVersion, complete bool) {
	for _, record := range records {
		if record.Problem != "" || !record.Since.Known() {
			return versions, false
		}
		versions = append(versions, snapshot.RuleVersion{Since: record.Since, List: record.List})
	}
	return versions, true
}

// place puts rules where the planner looks for them.
func (s *Session) place(key string, f found) {
	if key == defaultKey {
		s.Cluster.DefaultRules = f.rules
		if f.problem != "" {
			s.gap(gapRules, "the default rules: "+f.problem)
		}
		return
	}
	if s.only != "" && key != s.only {
		return
	}
	b := s.builder(key)
	b.rules = f.rules
	if f.problem != "" {
		s.gapOf(key, gapRules, f.problem)
	}
}

// placeServed takes the Coordinator's lists, each with its history.
func (s *Session) placeServed(ctx context.Context, records []druid.RuleRecord) {
	if s.stored == nil {
		s.placeAudited(ctx, records)
		return
	}
	served := map[string]bool{}
	for _, record := range records {
		served[record.Key] = true
		s.place(record.Key, s.joined(ctx, record))
	}
	for key := range s.stored {
		if !served[key] {
			s.place(key, s.unserved(ctx, key))
		}
	}
}

// joined is the Coordinator's list with the store's history, when both agree on the list in force. The view of the store
// may have begun long before the Coordinator was asked, so a difference counts only when a later look confirms it.
func (s *Session) joined(ctx context.Context, record druid.RuleRecord) found {
	if record.Problem != "" {
		return found{problem: record.Problem}
	}
	stored := s.stored[record.Key]
	f, what := match(record, stored)
	if what != "" {
		stored = s.storedLater(ctx)[record.Key]
		f, what = match(record, stored)
	}
	if what != "" {
		return s.differing(record.Key, stored, what)
	}
	return f
}

// match compares the Coordinator's list with the newest one of the store; what is empty when they are the same, or when
// the store's cannot be read, which is a problem of its own.
func match(record druid.RuleRecord, stored []druid.RuleRecord) (f found, what string) {
	if stored == nil {
		return found{}, "the Coordinator has rules that the store does not have"
	}
	f = fromStore(stored)
	if f.problem == "" && !f.rules.List.Equal(record.List) {
		return found{}, "Coordinator and store have different rules"
	}
	return f, ""
}

// unserved is for rules that only the store had. Druid removes rows of datasources that are long gone.
func (s *Session) unserved(ctx context.Context, key string) found {
	stored := s.storedLater(ctx)[key]
	if stored == nil {
		return found{}
	}
	return s.differing(key, stored, "the store has rules that the Coordinator does not know")
}

// storedLater are the store's rules as they were after the Coordinator had been asked. They are read only when
// something differs, and once. When they cannot be read, those of the view have to do.
func (s *Session) storedLater(ctx context.Context) map[string][]druid.RuleRecord {
	if s.later != nil {
		return s.later
	}
	s.later = s.stored
	view, err := s.request.Begin(ctx)
	if err != nil {
		s.gap(gapCompare, err.Error())
		return s.later
	}
	defer func() {
		if err := view.Close(); err != nil {
			s.log.Debug("the second view of the rules did not end well", "reason", err)
		}
	}()
	if again, err := s.rulesIn(ctx, view); err != nil {
		s.gap(gapCompare, err.Error())
	} else {
		s.later = again
	}
	return s.later
}

// settled is how old a change of rules must be for every Coordinator to have polled it: a minute by default.
const settled = 5 * 60 * 1000

// differing is for rules on which the two sources do not agree. Shortly after a change that is to be expected; later it
// means that they are not one cluster.
func (s *Session) differing(key string, stored []druid.RuleRecord, what string) found {
	if len(stored) == 0 || !stored[0].Since.Known() || stored[0].Since < s.Cluster.TakenAt-settled {
		s.disagree(fmt.Sprintf("%s (%s)", what, key))
	}
	return found{problem: what}
}

// disagree keeps the first reason in the order of the text, so that it does not depend on the order of reading.
func (s *Session) disagree(why string) {
	if old := s.Cluster.Sources.Disagree; old == "" || why < old {
		s.Cluster.Sources.Disagree = why
	}
}

// placeAudited is for a cluster without a store: the audit log tells what it still has, of the datasources asked for.
func (s *Session) placeAudited(ctx context.Context, records []druid.RuleRecord) {
	results := make([]found, len(records))
	problems := make([]error, len(records))
	parallel.Each(len(records), workers, func(i int) {
		if key := records[i].Key; key == defaultKey || slices.Contains(s.asked, key) {
			results[i], problems[i] = s.audited(ctx, records[i])
			return
		}
		results[i] = found{rules: snapshot.Rules{Set: true, List: records[i].List, Since: druid.NoInstant}, problem: records[i].Problem}
	})
	for i, record := range records {
		s.place(record.Key, results[i])
		switch {
		case problems[i] == nil:
		case record.Key == defaultKey:
			s.gap(gapHistory, problems[i].Error())
		case s.only == "" || s.only == record.Key:
			s.gapOf(record.Key, gapHistory, problems[i].Error())
		}
	}
}

// audited believes the audit log only when its newest entry is the list in force.
func (s *Session) audited(ctx context.Context, record druid.RuleRecord) (found, error) {
	f := found{rules: snapshot.Rules{Set: true, List: record.List, Since: druid.NoInstant}, problem: record.Problem}
	entries, err := s.request.Coordinator.RuleHistory(ctx, record.Key)
	if err != nil || f.problem != "" {
		return f, err
	}
	sortNewest(entries)
	if len(entries) == 0 || entries[0].Problem != "" || !entries[0].List.Equal(record.List) {
		return f, nil
	}
	f.rules.Since, f.rules.LastAuthor, f.rules.LastComment = entries[0].Since, entries[0].Author, entries[0].Comment
	// The log is trimmed, so its oldest entry need not be the first ever.
	f.rules.History, _ = history(entries[1:])
	return f, nil
}
