// Package sandbox is a Druid-compatible Coordinator and Overlord in one process, for trying retention out and for tests.
//
// It answers the part of Druid 33's HTTP API that retention needs, with Druid's statuses, bodies and oddities, polls
// segments and runs rules on an injected clock, and keeps deep storage as real files, so that a kill task visibly frees
// bytes. Everything lies in one directory and survives a restart. There are no queries and no ingestion: segments come
// from AddSegments or Seed.
//
// What a kill task reaches is written here (kill.go) from Druid's documented behaviour alone. The planner has its own
// idea of it, and the two are compared by tests; sharing the code would make that comparison worthless.
//
// Start reading at sandbox.go; route.go lists the endpoints, duty.go is the Coordinator's work, task.go and kill.go are
// the Overlord's.
package sandbox
