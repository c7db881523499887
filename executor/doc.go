// Package executor does what a plan says, or stops. It never decides what to keep, cannot widen an action and cannot
// add one. It has no dry-run mode: not running it is the dry run.
//
// For each action: check that what the plan expects still holds, record the intent, call, read back, record the
// outcome. Start reading at run.go.
package executor
