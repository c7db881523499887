// Package snapshot holds what was seen of a Druid cluster at one moment, and what could not be seen (gaps).
//
// Package collect fills it from the metadata store and from Druid's API; package planner reads it. Rows are compact
// (72 bytes each), since a cluster may have ten million segments. A gap always means "keep": the planner never
// turns something that is missing here into a deletion.
package snapshot
