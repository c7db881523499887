package snapshot

import "coppice/internal/druid"

// Concern is which rows a question depends on, told once rules are known and before rows are read. What shares time with
// these rows, directly or through others, belongs to them.
type Concern struct {
	// Everything says, in one sentence part, why all rows are needed; empty when the following suffices.
	Everything string
	Regions    []druid.Region
	// Counted are the datasources whose used rows are counted, and looked through for rows of odd times and for used rows
	// that overlap others. Both belong to the concern too. Every datasource of a region is among them.
	Counted []string
}
