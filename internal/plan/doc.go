// Package plan holds the agreement between the planner, the executor and whoever reads a plan: pure data, with one
// encoding that is at once the saved plan and `plan --json`.
//
// A plan is built once, by the planner, and not edited. Equal plans have equal bytes. Fields that are only for
// display say so; nothing may branch on them.
package plan
