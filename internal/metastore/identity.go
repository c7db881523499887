package metastore

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// sqlServer asks for what is always allowed. The address is the server's own, not the name it was reached by.
const sqlServer = `SELECT pg_is_in_recovery(), has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE'),
NOT pg_is_in_recovery() AND coalesce(has_function_privilege(to_regprocedure('pg_catalog.pg_export_snapshot()'), 'EXECUTE'), false),
(SELECT oid::bigint FROM pg_catalog.pg_database WHERE datname = current_database()), current_database()::text,
coalesce(host(inet_server_addr()), 'local') || ':' || coalesce(inet_server_port(), 0)`

const sqlSystem = `SELECT system_identifier::text FROM pg_catalog.pg_control_system()`

// identify learns which server and database this is.
func (v *View) identify(ctx context.Context) error {
	var mayAsk bool
	var database int64
	var name, address string
	if err := v.tx.QueryRowContext(ctx, sqlServer).Scan(&v.replica, &mayAsk, &v.exports, &database, &name, &address); err != nil {
		return v.store.problem("ask which server this is", err)
	}
	system := ""
	if mayAsk {
		err := v.optionally(ctx, func() error { return v.tx.QueryRowContext(ctx, sqlSystem).Scan(&system) })
		if err != nil {
			v.store.log.Debug("the system identifier is not told", "reason", v.store.secret.hide(err.Error()))
			system = ""
		}
	}
	v.identity = identity(system, database, name, address) + "/" + v.store.tables.base
	return nil
}

// identity prefers the identifier that initdb gave the server, which replicas share. Where it is not told, the
// address stands in for it, hashed, since addresses are nobody's business in a report.
func identity(system string, database int64, name, address string) string {
	if system != "" {
		return fmt.Sprintf("postgresql system %s database %d", system, database)
	}
	sum := sha256.Sum256([]byte(address))
	return fmt.Sprintf("postgresql address %s database %d %s", hex.EncodeToString(sum[:6]), database, name)
}

// Identity tells this store from others: system identifier (or, where that is not told, a hash of the server's
// address), database and table base. It holds no secret.
func (v *View) Identity() string { return v.identity }

// Replica reports that the server is in recovery, so that what it shows may be old.
func (v *View) Replica() bool { return v.replica }
