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
// made, and nothing is needed that would make one. The configuration is read beside the file; streamed says that rows are
// taken from the file while it is being read.
func openSnapshot(p *process, s *settings, streamed bool) (*session, error) {
	f := snapshotFile{path: s.snapshot}
	var cfg *config.Config
	var mistakes diag.List
	var unsettled error
	parallel.Each(2, 2, func(i int) {
		if i == 0 {
			f.open(streamed)
		} else {
			cfg, mistakes, unsettled = load(p, s)
		}
	})
	// What is wrong with the file is said before anything else.
	if len(mistakes) > 0 || unsettled != nil || s.selects() != nil {
		f.readThrough()
	}
	if err := cmp.Or(f.err, unsettled); err != nil {
		return nil, err
	}
	look, err := f.session(p, s, cfg, mistakes)
	if err != nil {
		f.readThrough()
		return nil, cmp.Or(f.err, err)
	}
	return look, nil
}

// snapshotFile is a snapshot's file, read or being read.
type snapshotFile struct {
	path   string
	seen   *snapshot.Cluster
	stream *snapfile.Stream
	err    error
}

func (f *snapshotFile) open(streamed bool) {
	if !streamed {
		f.seen, f.err = snapfile.Load(f.path)
		return
	}
	widen()
	if f.stream, f.err = snapfile.Open(f.path); f.err == nil {
		f.seen = f.stream.Cluster
	}
}

// readThrough reads the file to its end.
func (f *snapshotFile) readThrough() {
	if f.stream != nil && f.err == nil {
		f.err = f.stream.Wait()
	}
}

func (f *snapshotFile) session(p *process, s *settings, cfg *config.Config, mistakes diag.List) (*session, error) {
	cfg, cluster, err := chosen(p, s, cfg, mistakes, s.clusterOf(f.seen))
	if err != nil {
		return nil, err
	}
	if cluster == nil {
		return nil, failf(exitUsage, "the snapshot %s is of cluster %s, which the configuration does not declare; --cluster NAME looks at it as one that it does",
			s.snapshot, f.seen.Name)
	}
	look, err := unlinked(p, s, cfg, cluster)
	if err != nil {
		return nil, err
	}
	look.file, look.stream, look.now = f.seen, f.stream, f.seen.TakenAt
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
