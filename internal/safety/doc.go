// Package safety proves, in a small scope and without gaps, that nothing is deleted that should not be. It has tests
// only.
//
// A cluster in memory, written from Druid's documentation and independent of the planner (cluster_test.go), holds up to
// four segments in two versions. The real planner plans for it, and the real executor carries the plan out while others
// act: explore_test.go puts up to two foreign actions at every point of every run, and follows each state once.
// judge_test.go says, again without the planner, what must never happen. scope_test.go lists the clusters and prints how
// many states there were.
//
// docs/safety.md has the figures, and what is proved elsewhere.
package safety
