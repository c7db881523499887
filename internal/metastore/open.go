package metastore

import (
	"context"
	"database/sql"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/lib/pq"
)

// Options say where the store is.
type Options struct {
	// DSN is a URL or a list of key=value pairs, as lib/pq reads them. Without sslmode, TLS is required (not verified).
	DSN string
	// Tables is the base name of Druid's tables, optionally behind a schema ("druid", "metadata.druid"); empty = "druid".
	Tables string
	// StatementTimeout is enforced by the server; 0 = 15 minutes.
	StatementTimeout time.Duration
	// Logger may be nil.
	Logger hclog.Logger
}

const (
	defaultTables           = "druid"
	defaultStatementTimeout = 15 * time.Minute
	// lockTimeout ends waiting behind somebody who alters a table; reading itself blocks nobody and waits for nobody else.
	lockTimeout = 30 * time.Second
	// idleTimeout ends a forgotten transaction, which would hold back vacuum on a live store.
	idleTimeout = 15 * time.Minute
	// transactionTimeout ends a view that is held for too long, where the server knows such a limit; never less than four
	// statements may take.
	transactionTimeout = time.Hour
	connectTimeout     = 20 * time.Second
)

// Store is a metadata store whose tables were found. It belongs to whoever opened it, who closes it.
type Store struct {
	db      *sql.DB
	tables  tables
	timeout time.Duration
	log     hclog.Logger
	secret  secret
}

// Open connects, and looks for Druid's tables and their columns.
func Open(ctx context.Context, options Options) (*Store, error) {
	names, err := parseTables(options.Tables)
	if err != nil {
		return nil, err
	}
	config, err := parseDSN(options.DSN)
	if err != nil {
		return nil, err
	}
	connector, err := pq.NewConnectorConfig(config)
	if err != nil {
		return nil, errBadDSN
	}
	connector.Dialer(&dialer{})
	s := &Store{db: sql.OpenDB(connector), tables: names, timeout: options.StatementTimeout,
		log: options.Logger, secret: secret{config.Password, target(config)}}
	if s.timeout <= 0 {
		s.timeout = defaultStatementTimeout
	}
	if s.log == nil {
		s.log = hclog.NewNullLogger()
	}
	if err := s.prepare(ctx); err != nil {
		s.db.Close()
		return nil, err
	}
	return s, nil
}

// prepare proves that the store can be reached and is Druid's.
func (s *Store) prepare(ctx context.Context) error {
	if err := s.db.PingContext(ctx); err != nil {
		return s.problem("connect", err)
	}
	if err := s.tables.probe(ctx, s.db, s.secret); err != nil {
		return err
	}
	var printed []byte
	s.tables.cstrings = s.db.QueryRowContext(ctx, `SELECT textout('x')`).Scan(&printed) == nil && string(printed) == "x"
	s.log.Debug("metadata store opened", "tables", s.tables.base, "columns", s.tables.segmentColumns())
	return nil
}

// Close ends all connections.
func (s *Store) Close() error { return s.db.Close() }

func (s *Store) problem(doing string, err error) error { return explain(doing, err, s.secret) }
