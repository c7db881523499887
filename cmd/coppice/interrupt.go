package main

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
)

// halt is how a command learns of interrupts. Most are ended by the first one through their context. A command that is
// gentle is told by the first one and ended by the second.
type halt struct {
	gentle atomic.Bool
	// first is closed at the first interrupt.
	first chan struct{}
}

// watch turns signals into the end of a context. The function returned ends watching.
func (p *process) watch(parent context.Context) (context.Context, *halt, func()) {
	ctx, cancel := context.WithCancelCause(parent)
	h := &halt{first: make(chan struct{})}
	var ended sync.WaitGroup
	ended.Go(func() {
		for seen := 0; ; seen++ {
			select {
			case <-ctx.Done():
				return
			case <-p.signals:
			}
			if seen == 0 {
				close(h.first)
			}
			if seen > 0 || !h.gentle.Load() {
				cancel(errInterrupted)
				// Whoever asks once more has waited long enough.
				p.release()
				return
			}
		}
	})
	return ctx, h, func() { cancel(nil); ended.Wait() }
}

// untilInterrupted spreads work over the cores and gives up at an interrupt, for commands that only look: run ends them.
func untilInterrupted(ctx context.Context) func(n int, work func(i int)) {
	return func(n int, work func(i int)) {
		onAllCores(n, func(i int) {
			if errors.Is(context.Cause(ctx), errInterrupted) {
				panic(errInterrupted)
			}
			work(i)
		})
	}
}
