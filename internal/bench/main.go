// Command bench measures coppice on metadata stores of chosen sizes, beside a bare scan of the same rows in the same
// run, and writes docs/performance.md. See README.md beside this file.
//
//	go run ./internal/bench [-rows 1000000,4000000] [-rounds 5] [-dir DIR] [-write docs/performance.md]
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// options are what a run is asked for.
type options struct {
	sizes  []int
	rounds int
	// dir holds the server's data and the seeded databases, which later runs use again.
	dir string
	// write is the page to be written; empty prints it.
	write string
	// only are the contenders of a quick look; empty means all of the page.
	only []string
}

func run(ctx context.Context, arguments []string) error {
	if len(arguments) > 1 && contenders[arguments[0]] != nil {
		return contenders[arguments[0]](ctx, arguments[1:])
	}
	o, err := parse(arguments)
	if err != nil {
		return err
	}
	return measureAll(ctx, o)
}

func parse(arguments []string) (options, error) {
	var o options
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	sizes := flags.String("rows", or(os.Getenv("COPPICE_BENCH_ROWS"), "1000000"), "rows of the stores, with commas between")
	flags.IntVar(&o.rounds, "rounds", 5, "rounds of each table; the figures are medians")
	flags.StringVar(&o.dir, "dir", or(os.Getenv("COPPICE_BENCH_DIR"), filepath.Join(os.TempDir(), "coppice-bench")),
		"where the server and its databases live; what is seeded there is used again")
	flags.StringVar(&o.write, "write", "", "the page to write (docs/performance.md)")
	only := flags.String("only", "", "measure only these contenders of the store, with commas between")
	if err := flags.Parse(arguments); err != nil {
		return o, err
	}
	if *only != "" {
		o.only = strings.Split(*only, ",")
	}
	for _, text := range strings.Split(*sizes, ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return o, fmt.Errorf("-rows: %q is not a number of rows", text)
		}
		o.sizes = append(o.sizes, n)
	}
	if o.rounds < 1 {
		return o, errors.New("-rounds: one at least")
	}
	return o, nil
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
