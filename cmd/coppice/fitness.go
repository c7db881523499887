package main

import (
	"context"

	"coppice/internal/collect"
	"coppice/internal/plan"
	"coppice/internal/snapshot"
)

// applicable says whether what was seen is good enough to act on.
func applicable(seen *snapshot.Cluster) error {
	switch s := seen.Sources; {
	case s.Disagree != "":
		return failf(exitError, "the metadata store and the Coordinator do not show the same cluster: %s; %s", s.Disagree, notSent)
	case s.Replica:
		return failf(exitError, "the metadata store is in recovery (a replica), and what it shows may be old: it is good for plans only; "+
			"name the primary in metadata.dsn; %s", notSent)
	case !s.Coordinator:
		return failf(exitError, "no Coordinator was asked: nothing can be applied; %s", notSent)
	}
	return nil
}

// belongs refuses a saved plan whose cluster is another one than the one behind the configuration now.
func (l *session) belongs(ctx context.Context, saved *plan.Plan) error {
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
	return applicable(seen.Cluster)
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
