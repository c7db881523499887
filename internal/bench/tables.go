package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// measureAll does what the options ask for.
func measureAll(ctx context.Context, o options) (err error) {
	module, err := moduleRoot(ctx)
	if err != nil {
		return err
	}
	scratch, err := os.MkdirTemp("", "coppice-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	program := filepath.Join(scratch, "coppice")
	build := exec.CommandContext(ctx, "go", "build", "-o", program, "./cmd/coppice")
	build.Dir, build.Stderr = module, os.Stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("build coppice: %w", err)
	}
	if err := buildAnswered(ctx, module, scratch, program+answeredSuffix); err != nil {
		return fmt.Errorf("build coppice with an answered census: %w", err)
	}
	s, err := startServer(ctx, module, o.dir)
	if err != nil {
		return err
	}
	defer func() { err = first(err, s.stop(context.WithoutCancel(ctx))) }()
	of := &page{Machine: machine(ctx), Rounds: o.rounds, LoadBefore: load()}
	var sizes []string
	for _, rows := range o.sizes {
		sizes = append(sizes, fmt.Sprint(rows))
		if err := measureStore(ctx, o, s, program, scratch, rows, of); err != nil {
			return err
		}
	}
	of.Sizes = strings.Join(sizes, ",")
	if o.write != "" {
		if err := rest(ctx, module, filepath.Join(scratch, sizes[0]), filepath.Dir(o.write), of); err != nil {
			return err
		}
	}
	of.LoadAfter = load()
	return of.write(o.write)
}

// rest is what only the whole page has: growth, and profiles of plans of the first store.
func rest(ctx context.Context, module, configurations, docs string, of *page) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	grown := exec.CommandContext(ctx, self, "growth", "1")
	grown.Stderr = os.Stderr
	text, err := grown.Output()
	if err != nil {
		return fmt.Errorf("growth: %w", err)
	}
	of.Growth = string(text)
	for _, policy := range []string{"rules", "kill"} {
		if err := profile(ctx, module, filepath.Join(configurations, policy), filepath.Join(docs, "profiles", "plan-"+policy+".txt")); err != nil {
			return err
		}
	}
	return nil
}

func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func moduleRoot(ctx context.Context) (string, error) {
	output, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}").Output()
	return strings.TrimSpace(string(output)), err
}

// measureStore is the tables of one store: everything as a ratio to the bare scan, and of a file as one to cutting it.
func measureStore(ctx context.Context, o options, s *server, program, scratch string, rows int, of *page) error {
	dsn, err := s.seeded(ctx, rows)
	if err != nil {
		return err
	}
	dir := filepath.Join(scratch, fmt.Sprint(rows))
	list, err := storeContenders(ctx, program, dir, dsn)
	if err != nil {
		return err
	}
	lines, err := compared(ctx, o.rounds, rows, o.chosen(list))
	if err != nil {
		return err
	}
	of.Lines = append(of.Lines, lines...)
	return measureFile(ctx, o, program, dir, rows, of)
}

// chosen are those that a quick look asks for.
func (o *options) chosen(list []contender) []contender {
	if o.only == nil {
		return list
	}
	return slices.DeleteFunc(list, func(c contender) bool { return !slices.Contains(o.only, c.name) })
}

// compared runs contenders in turn; the first is what the others are compared with.
func compared(ctx context.Context, times, rows int, list []contender) ([]line, error) {
	results, err := rounds(ctx, times, list)
	if err != nil {
		return nil, err
	}
	var lines []line
	for _, c := range list {
		lines = append(lines, newLine(rows, c.name, results[c.name], results[list[0].name]))
	}
	return lines, nil
}

// storeContenders are what is measured on a store; the first is the base.
func storeContenders(ctx context.Context, program, dir, dsn string) ([]contender, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	list := []contender{{name: "scan", arguments: []string{self, "scan", dsn}}, {name: "payloads", arguments: []string{self, "payloads", dsn}},
		{name: "census", arguments: []string{self, "census", dsn}}}
	for _, policy := range []string{"rules", "kill"} {
		at, err := configure(ctx, dir, dsn, policy)
		if err != nil {
			return nil, err
		}
		list = append(list, contender{"plan-" + policy, []string{program, "plan", "-C", at, "--now", now}, []int{3}},
			contender{"due-" + policy, []string{program, "plan", "--due", "-C", at, "--now", now}, []int{3}})
		if policy == "rules" {
			list = append(list, contender{"due-answered", []string{"env", "COPPICE_BENCH_CENSUS=" + dir, program + answeredSuffix, "plan", "--due", "-C", at, "--now", now}, []int{3}})
		}
	}
	return list, nil
}

// answeredSuffix tells the program of buildAnswered from the other one.
const answeredSuffix = "-answered"
