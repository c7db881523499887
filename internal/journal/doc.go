// Package journal keeps the state directory: what an apply has done so far, on disk, so that a crash, a second apply
// or a person can find out.
//
//	lock                             held by the one apply that runs; ends with its process
//	journal.jsonl                    one record per line, appended and synced before what it announces is done
//	plans/<digest>.json              the plan that is being applied
//	manifests/<apply>/<task>.json    what a kill task is about to delete
//
// A record that could not be written is an error before the call to the cluster that it announces. The last line may
// be torn by a crash, which is mended under the lock; damage anywhere else is an error. Start reading at journal.go.
package journal
