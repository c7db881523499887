package metastore

import (
	"context"
	"errors"
	"io"
	"net"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"
)

// Problem is the kind of an Error, for those who act on it.
type Problem string

const (
	ProblemDSN        Problem = "dsn"
	ProblemHost       Problem = "no-such-host"
	ProblemPort       Problem = "no-server"
	ProblemTLS        Problem = "tls"
	ProblemPassword   Problem = "password"
	ProblemDatabase   Problem = "no-such-database"
	ProblemTable      Problem = "no-such-table"
	ProblemNotDruid   Problem = "not-druid"
	ProblemPermission Problem = "permission"
	ProblemTimeout    Problem = "timeout"
	ProblemConflict   Problem = "conflict"
	ProblemConnection Problem = "connection-lost"
	ProblemReplica    Problem = "replica"
	ProblemOther      Problem = "other"
)

// Error says what was being done, what is wrong and what to do about it. It holds no password.
type Error struct {
	Problem Problem
	// Doing is a verb phrase such as "read segments".
	Doing string
	// Text says what is wrong; Advice what to do, and may be empty.
	Text, Advice string
	// cause is a context's error or nil: other causes might quote the DSN.
	cause error
}

// Error words all of it in one line.
func (e *Error) Error() string {
	text := "metadata store: " + e.Doing + ": " + e.Text
	if e.Advice != "" {
		text += "; " + e.Advice
	}
	return text
}

// Unwrap gives context.Canceled and context.DeadlineExceeded through.
func (e *Error) Unwrap() error { return e.cause }

// advice is by kind; the server's own words say what is wrong.
var advice = map[Problem]string{
	ProblemHost:     "check the host in metadata.dsn",
	ProblemPort:     "check host and port in metadata.dsn, and that the server runs and may be reached from here",
	ProblemTLS:      "set sslmode in metadata.dsn: disable for a server without TLS, verify-full with sslrootcert=FILE to check its certificate",
	ProblemPassword: "check user and password in metadata.dsn, and the server's pg_hba.conf",
	ProblemDatabase: "check the database name in metadata.dsn: it is the one in druid.metadata.storage.connector.connectURI",
	ProblemTable: "check metadata.tables (druid.metadata.storage.tables.base), the database and the search_path of the user; " +
		"an empty store gets its tables when Druid first starts",
	ProblemPermission: "grant the user USAGE on the schema and SELECT on Druid's tables; nothing more is needed",
	ProblemTimeout:    "raise metadata.statement_timeout, or read at a quieter time",
	ProblemConflict:   "read again; on a replica, raise max_standby_streaming_delay or set hot_standby_feedback",
	ProblemConnection: "run again; nothing was changed",
	ProblemReplica:    "name the primary in metadata.dsn",
}

var problemOfCode = map[pqerror.Code]Problem{
	pqerror.InvalidPassword:                   ProblemPassword,
	pqerror.InvalidAuthorizationSpecification: ProblemPassword,
	pqerror.InvalidCatalogName:                ProblemDatabase,
	pqerror.UndefinedTable:                    ProblemTable,
	pqerror.InvalidSchemaName:                 ProblemTable,
	pqerror.UndefinedColumn:                   ProblemNotDruid,
	pqerror.InsufficientPrivilege:             ProblemPermission,
	pqerror.QueryCanceled:                     ProblemTimeout,
	pqerror.LockNotAvailable:                  ProblemTimeout,
	pqerror.IdleInTransactionSessionTimeout:   ProblemTimeout,
	pqerror.TRSerializationFailure:            ProblemConflict,
	pqerror.AdminShutdown:                     ProblemConnection,
	pqerror.CannotConnectNow:                  ProblemPort,
	pqerror.TooManyConnections:                ProblemPort,
}

// explain turns an error of the driver into an *Error; an *Error goes through as it is, nil stays nil.
func explain(doing string, err error, s secret) error {
	var known *Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &known):
		return err
	}
	e := &Error{Problem: problemOf(err), Doing: doing, Text: s.hide(err.Error())}
	for _, cause := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, cause) {
			e.cause = cause
		}
	}
	e.Advice = advice[e.Problem]
	switch e.Problem {
	case ProblemHost, ProblemPort, ProblemPassword, ProblemTLS, ProblemDatabase:
		e.Text += " (" + s.hide(s.target) + ")"
	}
	return e
}

func problemOf(err error) Problem {
	var server *pq.Error
	if errors.As(err, &server) {
		if problem, ok := problemOfCode[server.Code]; ok {
			return problem
		}
		return ProblemOther
	}
	return problemOfNetwork(err)
}

func problemOfNetwork(err error) Problem {
	var lookup *net.DNSError
	var call *net.OpError
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return ProblemOther
	case errors.As(err, &lookup):
		return ProblemHost
	case errors.Is(err, pq.ErrSSLNotSupported), isTLS(err):
		return ProblemTLS
	case errors.As(err, &call) && call.Op == "dial":
		return ProblemPort
	case errors.As(err, &call), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return ProblemConnection
	}
	return ProblemOther
}
