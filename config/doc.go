// Package config reads a directory of HCL files and gives back settled values with positions: what is wanted.
//
// Load goes through four steps, one file each: parse.go, decode.go, resolve.go, validate.go. All problems are
// returned together, in a stable order. The package opens no connection and reads no environment: values from
// outside arrive through Options.
package config
