// Command coppice applies retention policies to Apache Druid: it plans, shows and applies.
//
// This package turns arguments, the environment and signals into calls, and results into text and an exit code. It is
// the only one that touches the terminal, the environment and the clock. It decides nothing about a segment.
//
// There is one file per command. Start reading at root.go; session.go leads from a configuration to a plan, and
// applying.go from a plan to a report.
package main
