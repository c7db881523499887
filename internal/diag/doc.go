// Package diag holds messages with positions: what is wrong in a file, where, and what to do about it.
//
// It imports nothing of the project, so that every package can return diagnostics without knowing HCL. Package
// config converts what the HCL parser reports; package render words and paints the list.
package diag
