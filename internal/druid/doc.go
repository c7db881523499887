// Package druid holds the words of Apache Druid that retention is about, as plain values: instants, periods,
// intervals, segment ids, shard specs, rules, and the timeline of versions.
//
// Everything here answers as Druid's own classes do (the oracle vectors in testdata/oracle prove it). The package
// does no input or output, reads no clock and imports the standard library only. Start reading at rule.go for
// retention rules and at timeline.go for overshadowing.
package druid
