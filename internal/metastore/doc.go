// Package metastore reads Druid's metadata store in PostgreSQL, and only reads.
//
// Open connects and looks at which tables and columns there are; Begin starts the one read-only, repeatable-read
// transaction that everything of a run is read in, so that the picture is of one moment. Rows are streamed to the
// caller, never held. Instants are parsed here; no decision hangs on how the database compares or sorts text, since
// its collation may be anything and years beyond 9999 sort wrongly in all of them.
//
// Errors are of type *Error: what was being done, what is wrong, and what to do about it. A password never appears in
// them. Start reading at view.go.
package metastore
