package main

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
)

// errInterrupted is why a run ends at the user's wish.
var errInterrupted = errors.New("interrupted")

// run is the whole program: arguments in, exit code out.
func run(ctx context.Context, p *process) (code exitCode) {
	ctx, halt, stop := p.watch(ctx)
	defer stop()
	defer func() {
		switch problem := recover(); problem {
		case nil:
		case errInterrupted:
			code = p.ended(ctx, errInterrupted)
		default:
			code = p.crashed(problem)
		}
	}()
	root := newRoot(p, halt)
	root.SetArgs(p.args)
	root.SetIn(p.stdin)
	root.SetOut(p.stdout)
	root.SetErr(p.stderr)
	return p.ended(ctx, root.ExecuteContext(ctx))
}

// ended words the error of a command, if it needs words, and gives its code.
func (p *process) ended(ctx context.Context, err error) exitCode {
	code := codeOf(err)
	if err != nil && errors.Is(context.Cause(ctx), errInterrupted) {
		code = exitInterrupted
	}
	if err == nil || said(err) {
		return code
	}
	text := err.Error()
	if code == exitInterrupted {
		text = "interrupted"
	}
	fmt.Fprintln(p.stderr, "coppice:", text)
	return code
}

// crashed words a broken promise of the program itself.
func (p *process) crashed(problem any) exitCode {
	fmt.Fprintf(p.stderr, `coppice: internal error: %v

This is a mistake in coppice, not in your configuration. What was sent to the cluster before is in the journal of the
state directory; "coppice apply --resume" goes on from there. Please report it with the command that you ran, the
output of "coppice version", and these lines:

%s`, problem, strings.TrimSpace(string(debug.Stack()))+"\n")
	return exitError
}
