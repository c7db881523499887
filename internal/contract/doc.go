// Package contract holds one suite of tests about what Druid answers and does, run unchanged against the embedded
// sandbox and, when COPPICE_REAL=1, against a real Druid 33 on PostgreSQL.
//
// The suite speaks plain HTTP. What Druid's API cannot do, putting rows into the segments table and holding a lock, is
// the interface cluster in cluster_test.go with its two implementations beside it. Where the two clusters could differ
// in time, tests wait for a state; nothing sleeps for a fixed time.
//
// The sandbox is only worth something as long as this suite passes on both.
package contract
