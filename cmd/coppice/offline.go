package main

import (
	"cmp"

	"coppice/config"
	"coppice/internal/diag"
	"coppice/internal/parallel"
	"coppice/internal/snapfile"
	"coppice/internal/snapshot"
)

// openSnapshot is a session at the moment that a snapshot was taken, unless --now says another one. No connection is
// made, and nothing is needed that would make one.
func openSnapshot(p *process, s *settings) (*session, error) {
	var seen *snapshot.Cluster
	var cfg *config.Config
	var mistakes diag.List
	var unread, unsettled error
	parallel.Each(2, 2, func(i int) {
		if i == 0 {
			seen, unread = snapfile.Load(s.snapshot)
		} else {
			cfg, mistakes, unsettled = load(p, s)
		}
	})
	if err := cmp.Or(unread, unsettled); err != nil {
		return nil, err
	}
	cfg, cluster, err := chosen(p, s, cfg, mistakes, s.clusterOf(seen))
	if err != nil {
		return nil, err
	}
	if cluster == nil {
		return nil, failf(exitUsage, "the snapshot %s is of cluster %s, which the configuration does not declare; --cluster NAME looks at it as one that it does",
			s.snapshot, seen.Name)
	}
	look, err := unlinked(p, s, cfg, cluster)
	if err != nil {
		return nil, err
	}
	look.file, look.now = seen, seen.TakenAt
	if s.at.Known() {
		look.now = s.at
	}
	return look, nil
}

// clusterOf chooses the cluster that --cluster names, or else the snapshot's own; nil when that is not declared.
func (s *settings) clusterOf(seen *snapshot.Cluster) func(*config.Config) (*config.Cluster, diag.List) {
	return func(cfg *config.Config) (*config.Cluster, diag.List) {
		if s.cluster != "" || len(cfg.Clusters) == 0 {
			return cfg.Select(s.cluster)
		}
		for _, declared := range cfg.Clusters {
			if declared.Name == seen.Name {
				return declared, nil
			}
		}
		return nil, nil
	}
}
