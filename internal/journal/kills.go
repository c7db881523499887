package journal

import (
	"slices"

	"coppice/executor"
	"coppice/internal/druid"
	"coppice/internal/plan"
)

// Kill is one kill task of an apply.
type Kill struct {
	// At is when its end was recorded, or its newest record while it has none.
	At         druid.Instant
	Task       string
	Datasource string
	// Deleted is what it deleted for good. While nobody can tell (it has no end on record, or an unknown one), that is
	// everything it was sent for. Bytes are 0 where no size is known.
	Deleted plan.Amount
}

// Kills are the kill tasks of all applies, finished or not, in the order in which they were announced.
func (s *State) Kills() []Kill { return s.KillsBut("") }

// KillsBut are those of all applies but those of one plan, by its digest.
func (s *State) KillsBut(plan string) []Kill {
	var all []Kill
	for _, past := range s.Applies {
		if past.Plan == plan {
			continue
		}
		for _, k := range past.kills {
			all = append(all, k.Kill)
		}
	}
	return all
}

// sentKill is a kill task of one action. Taken: the Overlord is known to have it.
type sentKill struct {
	Kill
	action string
	taken  bool
}

// addKill takes a record about a kill task into account. A deletion that is tried again has another task id.
func (p *Past) addKill(record executor.Record) {
	if record.Kind != plan.KillTask || record.Task == "" {
		return
	}
	k := p.sentKill(record)
	k.At, k.taken = record.At, k.taken || record.Step != executor.StepIntent
	switch amounts := record.Amounts; {
	case amounts == nil || amounts.Segments < 0:
	case record.Step == executor.StepOutcome && record.Outcome == executor.Unknown:
	default:
		k.replace(*amounts)
	}
}

// sentKill finds the record's task, or adds it. An id that the Overlord did not take, since it had seen it before, is
// followed by another one for the same deletion.
func (p *Past) sentKill(record executor.Record) *sentKill {
	at := slices.IndexFunc(p.kills, func(k sentKill) bool { return k.Task == record.Task })
	if at < 0 {
		p.kills = slices.DeleteFunc(p.kills, func(k sentKill) bool { return k.action == record.Action && !k.taken })
		at = len(p.kills)
		p.kills = append(p.kills, sentKill{Kill: Kill{Task: record.Task, Datasource: record.Datasource}, action: record.Action})
	}
	return &p.kills[at]
}

// replace keeps the size that was announced when none is known of what was deleted.
func (k *Kill) replace(by executor.Counts) {
	if by.Bytes >= 0 || by.Segments == 0 {
		k.Deleted.Bytes = max(by.Bytes, 0)
	}
	k.Deleted.Segments = by.Segments
}
