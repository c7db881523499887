package main

import (
	"context"
	"io"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"github.com/mattn/go-isatty"
	"golang.org/x/sys/unix"

	"coppice/internal/druid"
)

// process is everything that a run has from outside; tests bring their own.
type process struct {
	args           []string
	stdin          io.Reader
	stdout, stderr io.Writer
	env            func(name string) (string, bool)
	// now is the clock, wait passes time on it.
	now  func() druid.Instant
	wait func(ctx context.Context, d time.Duration) error
	// signals are interrupts; release gives them back to the system, so that one more ends the process at once.
	signals <-chan os.Signal
	release func()
	// network carries requests to a cluster; nil means the machine's.
	network http.RoundTripper
	// columns is the width of the terminal that a stream leads to; 0 when it leads elsewhere.
	columns func(stream any) int
}

// system is the process as the operating system started it. The function returned lets go of the signals.
func system() (*process, func()) {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	stop := func() { signal.Stop(signals) }
	return &process{
		args: os.Args[1:], stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, env: os.LookupEnv,
		now: func() druid.Instant { return druid.InstantOf(time.Now()) }, wait: sleep,
		signals: signals, release: stop, columns: terminalColumns,
	}, stop
}

// sleep waits by the machine's clock.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}

// plainColumns is taken for a terminal that does not tell its width.
const plainColumns = 80

func terminalColumns(stream any) int {
	file, ok := stream.(*os.File)
	if !ok || !isatty.IsTerminal(file.Fd()) {
		return 0
	}
	size, err := unix.IoctlGetWinsize(int(file.Fd()), unix.TIOCGWINSZ)
	if err != nil || size.Col == 0 {
		return plainColumns
	}
	return int(size.Col)
}

// value is a variable of the environment, empty when it is not set.
func (p *process) value(name string) string {
	text, _ := p.env(name)
	return text
}

// width is what to write for: COLUMNS when it is set, else the terminal's, else a width that suits files.
func (p *process) width(stream any) int {
	if n, err := strconv.Atoi(p.value("COLUMNS")); err == nil && n > 0 {
		return n
	}
	return p.columns(stream)
}
