// Package config reads a directory of HCL files and gives back settled values with positions: what is wanted.
//
// Load goes through these steps, and all problems are returned together, in a stable order:
//
//	parse.go      files to syntax trees (depth.go bounds their nesting)
//	section.go    syntax trees to sections, each read by its schema (unknown.go explains names that have none)
//	evaluate.go   expressions to values, with the functions of functions.go
//	convert*.go   values to Go types, one converter for each kind of schema.go
//	resolve.go    sections to settled values: cluster.go, datasource.go, guard.go, rules.go, retention.go, hold.go,
//	              removal.go, allow.go (family.go finds the block of a name)
//
// The language itself is data: language*.go list every block and attribute with its kind, its default and an example.
// A new attribute begins there; a new kind of value begins in schema.go. parts.go switches off what plans do not obey.
//
// The package opens no connection and reads no environment: values from outside arrive through Options. Values of
// env() are sensitive; they can be used to connect, and nowhere else.
package config
