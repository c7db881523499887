package main

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// unlimited keeps the guards from blocking: what is measured is the whole plan.
const unlimited = `guard {
  max_unused_percent   = 100
  max_kill_segments    = 1000000000
  max_restore_segments = 1000000000
}
`

// policies are what the configurations say of every datasource. The rules are left as they are: what the store's own
// rules drop is planned, and nothing else is changed.
var policies = map[string]string{
	"rules": "",
	// A fifth of the seeds' rows was marked unused more than thirty days ago.
	"kill": "policy \"all\" {\n  kill {\n    superseded_after = \"P30D\"\n    expired_after    = \"P30D\"\n  }\n}\n",
}

// configure writes a configuration that declares every datasource of the store, and returns its directory.
func configure(ctx context.Context, dir, dsn, policy string) (string, error) {
	names, err := datasources(ctx, dsn)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "cluster \"bench\" {\n  metadata {\n    dsn = %q\n  }\n}\n\n%s%s", dsn, unlimited, policies[policy])
	body := ""
	if policies[policy] != "" {
		body = "\n  policy = \"all\"\n"
	}
	for _, name := range names {
		fmt.Fprintf(&b, "\ndatasource %q {%s}\n", name, body)
	}
	at := filepath.Join(dir, policy)
	if err := os.MkdirAll(at, 0o700); err != nil {
		return "", err
	}
	return at, os.WriteFile(filepath.Join(at, "bench.hcl"), []byte(b.String()), 0o600)
}

func datasources(ctx context.Context, dsn string) ([]string, error) {
	db, err := sql.Open("postgres", dsn)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	rows, err := db.QueryContext(ctx, "SELECT datasource FROM druid_segments GROUP BY 1 ORDER BY 1")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, rows.Err()
}
