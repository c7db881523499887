package main

import (
	"context"
	"errors"
	"fmt"

	"coppice/internal/collect"
	"coppice/internal/druid"
	"coppice/internal/plan"
	"coppice/internal/snapshot"
)

// clockTolerance is how far this machine's clock and the Coordinator's may be apart, in milliseconds: far below any grace,
// and far above what clocks that are set differ by.
const clockTolerance = 5 * 60 * 1000

// applicable refuses to act on what was seen when it is not good enough. Began is a moment right before it was read.
func (l *session) applicable(seen *snapshot.Cluster, began druid.Instant) error {
	if err := l.unfit(seen, began); err != nil {
		return failf(exitError, "%w; %s", err, notSent)
	}
	return nil
}

// unfit says why what was seen is not good enough to act on; nil when it is.
func (l *session) unfit(seen *snapshot.Cluster, began druid.Instant) error {
	switch s := seen.Sources; {
	case s.Disagree != "":
		return fmt.Errorf("the metadata store and the Coordinator do not show the same cluster: %s", s.Disagree)
	case s.Replica:
		return errors.New("the metadata store is in recovery (a replica), and what it shows may be old: it is good for plans only; " +
			"name the primary in metadata.dsn")
	case !s.Coordinator:
		return errors.New("no Coordinator was asked: nothing can be applied")
	}
	return l.otherTime(began)
}

// otherTime is why the clock must not be gone by: the Coordinator's contradicts it, and what is due, and what rules drop,
// depends on it. The Coordinator was asked between began and now.
func (l *session) otherTime(began druid.Instant) error {
	served, now := l.link.api.Served(), l.process.now()
	where, here := "ahead of", began
	switch {
	case !served.Known():
		return nil
	case began > served+clockTolerance:
	case served > now+clockTolerance:
		where, here = "behind", now
	default:
		return nil
	}
	return fmt.Errorf("the clock of this machine says %s and is %s the Coordinator's, which says %s: set the one that is wrong", here, where, served)
}

// belongs refuses a saved plan whose cluster is another one than the one behind the configuration now.
func (l *session) belongs(ctx context.Context, saved *plan.Plan) error {
	began := l.process.now()
	seen, err := collect.One(ctx, l.request(), l.anyDatasource(saved))
	if err != nil {
		return err
	}
	if err := l.process.after(nil, seen.Close); err != nil {
		return err
	}
	if seen.Cluster.Identity != saved.Cluster.Identity {
		return failf(exitStale, "the plan was made for another cluster: then it was %s, now it is %s; %s", saved.Cluster.Identity,
			seen.Cluster.Identity, notSent)
	}
	return l.applicable(seen.Cluster, began)
}

// anyDatasource is one to look at when only the cluster matters: one that the plan changes, else one that is declared.
func (l *session) anyDatasource(saved *plan.Plan) string {
	for _, a := range saved.Actions {
		if a.Datasource != plan.DefaultRules {
			return a.Datasource
		}
	}
	for _, d := range l.config.Datasources {
		return d.Name
	}
	return ""
}
