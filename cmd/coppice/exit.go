package main

import (
	"errors"
	"fmt"

	"coppice/executor"
)

// exitCode is what the process tells its caller. Scripts depend on the numbers.
type exitCode int

const (
	exitDone        exitCode = 0
	exitError       exitCode = 1
	exitChanges     exitCode = 2 // only with --detailed-exitcode
	exitBlocked     exitCode = 3 // by a finding, guard or hold
	exitStale       exitCode = 4 // a saved plan that is stale, expired or for another cluster
	exitPartial     exitCode = 5 // --resume can go on
	exitLocked      exitCode = 6
	exitDifference  exitCode = 7 // applied, but verification found a difference
	exitUsage       exitCode = 64
	exitConfig      exitCode = 78
	exitInterrupted exitCode = 130
)

// precedence says which code counts when several apply. Bad usage, bad configuration and a lock end a run before
// anything else can apply.
var precedence = []exitCode{exitInterrupted, exitUsage, exitConfig, exitLocked, exitError, exitDifference, exitPartial, exitStale,
	exitBlocked, exitChanges, exitDone}

// worst is the code that counts among several; exitDone when there is none.
func worst(codes ...exitCode) exitCode {
	for _, candidate := range precedence {
		for _, code := range codes {
			if code == candidate {
				return code
			}
		}
	}
	return exitDone
}

// classCodes turn what became of an apply into a code.
var classCodes = map[executor.Class]exitCode{
	executor.ClassDone: exitDone, executor.ClassBlocked: exitBlocked, executor.ClassStale: exitStale, executor.ClassPartial: exitPartial,
	executor.ClassDifference: exitDifference, executor.ClassError: exitError, executor.ClassInterrupted: exitInterrupted,
}

// failure is an error with the code it ends the process with. Without an error inside, everything was said already.
type failure struct {
	code exitCode
	err  error
}

func (f *failure) Error() string {
	if f.err == nil {
		return fmt.Sprintf("exit %d", f.code)
	}
	return f.err.Error()
}

func (f *failure) Unwrap() error { return f.err }

// fail gives an error a code.
func fail(code exitCode, err error) error { return &failure{code, err} }

// failf words an error with a code.
func failf(code exitCode, format string, args ...any) error {
	return &failure{code, fmt.Errorf(format, args...)}
}

// leave ends with a code that is no error, or whose reason has been shown; nil for exitDone.
func leave(code exitCode) error {
	if code == exitDone {
		return nil
	}
	return &failure{code: code}
}

// codeOf is the code that an error ends the process with.
func codeOf(err error) exitCode {
	var f *failure
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &f):
		return f.code
	}
	return exitError
}

// said reports whether an error needs no words any more.
func said(err error) bool {
	var f *failure
	return errors.As(err, &f) && f.err == nil
}
