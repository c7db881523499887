package snapshot

import "coppice/internal/druid"

// AutoKill is what deletes for good in a cluster besides kill tasks that somebody sends.
type AutoKill struct {
	// Coordinator is the duty KillUnusedSegments; Overlord the embedded killer (UnusedSegmentsKiller).
	Coordinator, Overlord Killer
}

// Killer is the cluster's own killer in one leader.
type Killer struct {
	// Unknown says, in one sentence, why nobody can tell whether it is on; empty when that is known.
	Unknown string
	// On: it deletes unused segments by itself. Without it the rest means nothing.
	On bool
	// Buffer is how long a segment has been unused when it is deleted.
	Buffer druid.Period
	// Retain is the age of data, as Druid words it, that it leaves alone; empty: none.
	Retain string
	// Only are the datasources that it takes, sorted; nil means all of them.
	Only []string
}

// Takes reports whether the killer is on and deletes of that datasource.
func (k *Killer) Takes(datasource string) bool {
	if !k.On || k.Only == nil {
		return k.On
	}
	for _, name := range k.Only {
		if name == datasource {
			return true
		}
	}
	return false
}

func (d *digester) autoKill(a *AutoKill) {
	if a == nil {
		return
	}
	for _, k := range [...]*Killer{&a.Coordinator, &a.Overlord} {
		d.flags(k.Unknown != "", k.On, k.Only == nil)
		d.text(k.Buffer.String())
		d.text(k.Retain)
		d.texts(k.Only)
	}
}
