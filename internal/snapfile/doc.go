// Package snapfile writes a snapshot of a cluster to a file and reads it back, so that plans can be made without access
// to the cluster.
//
// A file is JSON Lines, compressed with zstd (a row of frames) or not. The first line is the header: everything of the cluster but its
// segments, with the number of segments of each datasource. One line a segment follows, ordered by datasource, interval
// start, interval end, version and partition. Equal snapshots have equal bytes. A file that is cut short, out of order
// or of another major version is refused; keys that this version does not know are ignored. It holds no secrets: nothing
// of the way to the cluster is in it but the address that a plan shows too.
package snapfile
