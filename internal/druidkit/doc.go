// Package druidkit boots a real Druid on a real PostgreSQL for tests, as plain local processes.
//
// The scripts beside this file do the work and can be used by hand (README.md); the Go part unpacks them, starts one
// cluster per test process and kind of options, and makes sure that the cluster ends with the process, however that
// ends: the script that started it waits for the other end of a pipe to close.
package druidkit
