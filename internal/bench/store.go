package main

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	_ "github.com/lib/pq" // the driver that the program itself uses
)

// now is the seeds' reference instant: all plans are made at it.
const now = "2026-11-01T00:00:00Z"

// server is a PostgreSQL of the kit's, with one database for each size.
type server struct {
	module, dir string
	address     *url.URL
}

// startServer starts the kit's PostgreSQL. Its data stays when it is stopped.
func startServer(ctx context.Context, module, dir string) (*server, error) {
	command := exec.CommandContext(ctx, filepath.Join(module, "internal", "druidkit", "postgres"), "start", "--dir", dir)
	command.Stderr = os.Stderr
	output, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("start PostgreSQL: %w", err)
	}
	first, _, _ := strings.Cut(string(output), "\n")
	address, err := url.Parse(first)
	if err != nil {
		return nil, fmt.Errorf("start PostgreSQL: %w", err)
	}
	return &server{module, dir, address}, nil
}

func (s *server) stop(ctx context.Context) error {
	return exec.CommandContext(ctx, filepath.Join(s.module, "internal", "druidkit", "postgres"), "stop", "--dir", s.dir).Run()
}

// dsn names a database of the server.
func (s *server) dsn(database string) string {
	at := *s.address
	at.Path = "/" + database
	return at.String()
}

// seeded gives the store of that many rows, seeding it the first time.
func (s *server) seeded(ctx context.Context, rows int) (dsn string, err error) {
	name := fmt.Sprintf("bench%d", rows)
	admin, err := sql.Open("postgres", s.dsn("postgres"))
	if err != nil {
		return "", err
	}
	defer admin.Close()
	var there bool
	if err := admin.QueryRowContext(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&there); err != nil || there {
		return s.dsn(name), err
	}
	if _, err := admin.ExecContext(ctx, "CREATE DATABASE "+name); err != nil {
		return "", err
	}
	command := exec.CommandContext(ctx, filepath.Join(s.module, "internal", "bench", "seed-metadata"), "--dsn", s.dsn(name), "--rows", fmt.Sprint(rows))
	command.Stderr = os.Stderr
	if err := command.Run(); err != nil {
		_, _ = admin.ExecContext(context.WithoutCancel(ctx), "DROP DATABASE "+name)
		return "", fmt.Errorf("seed %s: %w", name, err)
	}
	return s.dsn(name), nil
}
