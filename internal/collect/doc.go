// Package collect joins what the metadata store and Druid's API tell into one snapshot. It is the only place where the
// two are compared.
//
// Collect reads the narrow view and returns a Session, which adds payload details on the planner's request (Fill) and
// is closed by the caller. One does the same for one datasource, anew, for the check right before something is
// deleted. What could not be read is a gap of the snapshot, never silence; only without any list of segments or of
// rules there is no snapshot at all, and an error. Start reading at collect.go.
package collect
