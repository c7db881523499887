package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/hashicorp/go-hclog"

	"coppice/config"
	"coppice/internal/druid"
	"coppice/internal/druidapi"
	"coppice/internal/metastore"
	"coppice/internal/sandbox"
)

// link is what leads to a cluster; nil parts are not configured.
type link struct {
	api     *druidapi.Client
	store   *metastore.Store
	sandbox *sandbox.Sandbox
}

// sandboxURL stands for the sandbox in requests; no connection is made to it. It differs between folders, so that a plan
// made for one sandbox is not taken for another one's.
func sandboxURL(folder string) (string, error) {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(folder))
	return fmt.Sprintf("http://%x.sandbox.invalid", sum[:8]), nil
}

// connect opens what the cluster block names. The link is closed by whoever got it.
func connect(ctx context.Context, p *process, s *settings, cluster *config.Cluster) (*link, error) {
	l := &link{}
	err := l.open(ctx, p, s, cluster)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("cluster %s: %w", cluster.Name, err), l.close())
	}
	return l, nil
}

func (l *link) open(ctx context.Context, p *process, s *settings, cluster *config.Cluster) error {
	log := s.logger(p)
	options := druidapi.Options{Coordinator: cluster.Coordinator.Value, Overlord: cluster.Overlord.Value, Auth: auth(cluster), Sleep: p.wait,
		Transport: p.network, Logger: log.Named("druid")}
	var err error
	if cluster.Sandbox != nil {
		if l.sandbox, err = openSandbox(p, s, cluster.Sandbox); err != nil {
			return err
		}
		options.Transport = l.sandbox.Transport()
		if options.Coordinator, err = sandboxURL(s.beside(cluster.Sandbox.Directory.Value)); err != nil {
			return err
		}
	}
	if options.TLS, err = tlsFiles(s, cluster); err != nil {
		return err
	}
	if options.Coordinator != "" {
		if l.api, err = druidapi.New(options); err != nil {
			return err
		}
	}
	if cluster.Metadata != nil {
		l.store, err = openStore(ctx, cluster.Metadata, log)
	}
	return err
}

func (l *link) close() error {
	var errs []error
	if l.store != nil {
		errs = append(errs, l.store.Close())
	}
	if l.sandbox != nil {
		errs = append(errs, l.sandbox.Close())
	}
	return errors.Join(errs...)
}

func auth(cluster *config.Cluster) druidapi.Auth {
	if cluster.Auth == nil {
		return druidapi.Auth{}
	}
	return druidapi.Auth{Username: cluster.Auth.Username, Password: cluster.Auth.Password.Reveal(), Token: cluster.Auth.Token.Reveal()}
}

// tlsFiles names the files of the tls block, which are relative to the configuration's directory.
func tlsFiles(s *settings, cluster *config.Cluster) (druidapi.TLS, error) {
	if cluster.TLS == nil {
		return druidapi.TLS{}, nil
	}
	t := cluster.TLS
	return druidapi.TLS{CAFile: s.beside(t.CAFile), CertFile: s.beside(t.CertFile), KeyFile: s.beside(t.KeyFile), ServerName: t.ServerName}, nil
}

// beside makes a path of the configuration one that can be opened from here.
func (s *settings) beside(path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(s.directory, path)
}

func openStore(ctx context.Context, m *config.Metadata, log hclog.Logger) (*metastore.Store, error) {
	return metastore.Open(ctx, metastore.Options{DSN: m.DSN.Value.Reveal(), Tables: m.Tables.Value,
		StatementTimeout: length(m.StatementTimeout.Value), Logger: log.Named("metadata")})
}

// length is how long a period without months and years is.
func length(p druid.Period) time.Duration {
	days := time.Duration(p.Weeks)*7 + time.Duration(p.Days)
	return days*24*time.Hour + time.Duration(p.Hours)*time.Hour + time.Duration(p.Minutes)*time.Minute +
		time.Duration(p.Seconds)*time.Second + time.Duration(p.Millis)*time.Millisecond
}

// openSandbox opens the sandbox's folder, and seeds it when it holds nothing yet.
func openSandbox(p *process, s *settings, block *config.Sandbox) (*sandbox.Sandbox, error) {
	box, err := sandbox.Open(s.beside(block.Directory.Value), sandbox.Options{Clock: p.now})
	if errors.Is(err, sandbox.ErrInUse) {
		return nil, fail(exitLocked, err)
	}
	if err != nil {
		return nil, err
	}
	if block.Seed.Value == "" || !box.Empty() {
		return box, nil
	}
	if err := sandbox.Seed(box, block.Seed.Value, p.now()); err != nil {
		return nil, errors.Join(err, box.Close())
	}
	p.say(fmt.Sprintf("sandbox %s: seeded with the story %q", block.Directory.Value, block.Seed.Value))
	return box, nil
}
