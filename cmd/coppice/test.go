package main

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"coppice/config"
	"coppice/internal/atomicfile"
	"coppice/internal/diag"
	"coppice/internal/plan"
	"coppice/internal/render"
	"coppice/internal/snapfile"
	"coppice/internal/snapshot"
	"coppice/planner"
)

func newTest(p *process, s *settings) *cobra.Command {
	t := &policyTesting{process: p, settings: s}
	cmd := &cobra.Command{
		Use:   "test [FILTER]",
		Short: "Run the policy tests of *.test.hcl",
		Long: `test decides on the segments of each test block at its moment, as a plan would, and compares the decisions with what is
expected. It opens no connection and needs no secrets. FILTER chooses tests by a part of their name, or by a pattern with *.
Exit code 1 means that a test failed, 78 that the configuration or a test has a mistake.`,
		Args: between(0, 1, "at most one filter"), Annotations: map[string]string{moreFormats: "github"},
		RunE: func(_ *cobra.Command, args []string) error { return t.run(strings.Join(args, "")) },
	}
	cmd.Flags().StringVar(&t.junit, "junit", "", "also write the outcome to this file, as JUnit XML")
	cmd.Flags().BoolVarP(&t.verbose, "verbose", "v", false, "show every failed segment instead of the first ones of a test")
	return cmd
}

type policyTesting struct {
	process  *process
	settings *settings
	junit    string
	verbose  bool
}

func (t *policyTesting) run(filter string) error {
	cfg, tests, err := t.load()
	if err != nil {
		return err
	}
	chosen := slices.DeleteFunc(slices.Clone(tests), func(one *config.Test) bool { return !chosenBy(filter, one.Name) })
	if len(chosen) == 0 && filter != "" {
		return failf(exitUsage, "no test has %q in its name%s", filter, namesOf(tests))
	}
	t.tellUndeclared(cfg, chosen)
	run, err := t.outcomes(cfg, chosen)
	if err != nil {
		return err
	}
	if err := t.tell(run); err != nil {
		return err
	}
	if run.Failed > 0 {
		return leave(exitError)
	}
	return nil
}

// tellUndeclared names datasources of tests that no block is about, and that are nearly named like one that is: a slip
// there tests nothing but the default rules.
func (t *policyTesting) tellUndeclared(cfg *config.Config, tests []*config.Test) {
	var names []string
	for _, d := range cfg.Datasources {
		names = append(names, d.Name)
	}
	for _, one := range tests {
		for _, segment := range one.Segments {
			if near := diag.Nearest(segment.Datasource, names); cfg.For(segment.Datasource) == nil && near != "" {
				t.process.say(fmt.Sprintf("%s:%d: no block declares %q, so that the default rules decide; did you mean %q?",
					segment.Origin.File, segment.Origin.Line, segment.Datasource, near))
			}
		}
	}
}

// load reads the configuration with its tests. What is wrong goes to standard error.
func (t *policyTesting) load() (*config.Config, []*config.Test, error) {
	t.settings.disconnected = true
	cfg, tests, list, err := loadTests(t.process, t.settings)
	if err != nil {
		return nil, nil, err
	}
	if err := render.Diagnostics(t.process.stderr, list, cfg.Files, t.settings.look(t.process, t.process.stderr)); err != nil {
		return nil, nil, err
	}
	if list.HasErrors() {
		return nil, nil, leave(exitConfig)
	}
	return cfg, tests, nil
}

// chosenBy: a filter is a part of the name, or a pattern for all of it.
func chosenBy(filter, name string) bool {
	if strings.Contains(filter, "*") {
		return config.Matches(filter, name)
	}
	return strings.Contains(name, filter)
}

func namesOf(tests []*config.Test) string {
	if len(tests) == 0 {
		return ": there are no tests (*.test.hcl)"
	}
	var names []string
	for _, one := range tests {
		names = append(names, one.Name)
	}
	return "; the tests are: " + strings.Join(names, ", ")
}

// outcomes runs the tests. Each snapshot is read once.
func (t *policyTesting) outcomes(cfg *config.Config, tests []*config.Test) (*plan.TestRun, error) {
	run := &plan.TestRun{FormatVersion: plan.FormatVersion, Tests: []plan.TestOutcome{}}
	seen := map[string]*snapshot.Cluster{}
	for _, one := range tests {
		file := one.Snapshot.Value
		if file != "" && seen[file] == nil {
			var err error
			if seen[file], err = snapfile.Load(filepath.Join(t.settings.directory, file)); err != nil {
				return nil, failf(exitConfig, "%s:%d: the snapshot of test %q cannot be read: %w", one.Snapshot.Range.File, one.Snapshot.Range.Line, one.Name, err)
			}
		}
		run.Add(planner.Test(cfg, one, seen[file]))
	}
	return run, nil
}

func (t *policyTesting) tell(run *plan.TestRun) error {
	if t.junit != "" {
		if err := atomicfile.Replace(t.junit, func(w io.Writer) error { return render.JUnit(w, run) }); err != nil {
			return err
		}
	}
	switch t.settings.format {
	case "json":
		return render.JSON(t.process.stdout, run)
	case "github":
		return render.GitHub(t.process.stdout, render.TestComplaints(run), t.settings.folder)
	}
	if len(run.Tests) == 0 {
		t.process.say("There are no tests: they are test blocks in files whose names end in .test.hcl.")
	}
	look := t.settings.look(t.process, t.process.stdout)
	look.Verbose = t.verbose
	return render.Tested(t.process.stdout, run, look)
}
