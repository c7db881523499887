// Package e2e runs the program itself, built and started as a process, against a real Druid and PostgreSQL. With
// COPPICE_REAL=1 it is required; otherwise every test says that it is left out.
//
// Two questions are asked here that no smaller test can answer:
//
//   - Does the main job work from end to end? retention_test.go ingests rows with native batch tasks, plans from every
//     source, applies the saved plan, and looks at the rows, at the files on disk and at Druid's own answers. Beside it:
//     what is refused (refused_test.go), what has gone stale (stale_test.go), what is cut short (interrupted_test.go), what
//     becomes of kill tasks (tasks_test.go), and all that one datasource can hold (mixture_test.go).
//   - Does Druid do what the plan says, to the last segment? predictions_test.go generates rule lists and segments of
//     many datasources, plans, lets the Coordinator run its rules, and compares, on Druid 33 and on Druid 37.
//
// What the versions can do is observed in capabilities_test.go, on Druid 28 as well.
//
// All tests share one cluster a version and have datasources of their own. Nothing waits for a fixed time: tests poll for
// a state, with a limit.
package e2e
