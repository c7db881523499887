// Package planner decides. Build is a function of what is wanted (config), what was seen (snapshot) and now, and
// returns what will be done (plan) with a reason on every line. It reads no clock, no file and no network, starts no
// goroutine, and takes no context, since it has nothing to wait for.
//
// Each datasource is planned on its own: rules.go diffs rule lists, simulate.go predicts the Coordinator's rule run,
// classes.go sorts unused segments into superseded, expired and unexplained, restore.go brings back, kill.go builds
// kill tasks whose reach is exactly the victims, guard.go limits and findings.go complains. build.go puts them together.
package planner
