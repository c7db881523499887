package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"coppice/config"
	"coppice/internal/memdir"
	"coppice/internal/plan"
	"coppice/internal/render"
)

func newInit(p *process, s *settings) *cobra.Command {
	i := starting{process: p, settings: s}
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Start a repository: the cluster's block, an ignore file, a workflow for GitHub Actions",
		Long: `init writes what a repository of retention starts with into the configuration's directory: a file with the cluster's
block, whose secrets come from the environment, a .gitignore for what holds no configuration, and a workflow that plans
pull requests and applies what was reviewed. It connects to nothing. Files that exist are never touched.`,
		Args: between(0, 0, "no argument"), Annotations: map[string]string{readsOnly: "yes"},
		RunE: func(cmd *cobra.Command, _ []string) error { return i.run(cmd.Context()) },
	}
	cmd.Flags().StringVar(&i.coordinator, "coordinator", "", "URL of the Coordinator or Router; without it COPPICE_COORDINATOR in the environment is it")
	cmd.Flags().BoolVar(&i.sandbox, "sandbox", false, "the embedded sandbox instead of a cluster, to try things out")
	return cmd
}

// starting is one run of init.
type starting struct {
	process     *process
	settings    *settings
	coordinator string
	sandbox     bool
}

// started is the document of init --json.
type started struct {
	FormatVersion string        `json:"format_version"`
	Written       []string      `json:"written"`
	Left          []render.Kept `json:"left"`
}

// firstFile is a file to write, with its path below the configuration's directory.
type firstFile struct{ path, text string }

func (i *starting) run(ctx context.Context) error {
	files, err := i.files(ctx)
	if err != nil {
		return err
	}
	done := started{FormatVersion: plan.FormatVersion, Written: []string{}, Left: []render.Kept{}}
	for _, f := range files {
		why, err := i.write(f)
		if err != nil {
			return fmt.Errorf("init: %w", err)
		}
		if why == "" {
			done.Written = append(done.Written, f.path)
		} else {
			done.Left = append(done.Left, render.Kept{File: f.path, Why: why})
		}
	}
	return i.tell(done)
}

// files are what a repository starts with. The block of the cluster is read before it is written, as every configuration is.
func (i *starting) files(ctx context.Context) ([]firstFile, error) {
	if i.sandbox && i.coordinator != "" {
		return nil, failf(exitUsage, "--sandbox stands for a cluster and --coordinator names one: give one of the two")
	}
	block := i.block()
	_, problems := config.Load(memdir.Dir{{Name: configFile, Text: []byte(block)}}, config.Options{Env: i.process.env, Offline: true})
	if problems.HasErrors() {
		return nil, failf(exitUsage, "--coordinator or --cluster: %s. %s", problems[0].Summary, problems[0].Detail)
	}
	workflow, err := i.workflow(ctx)
	if err != nil {
		return nil, err
	}
	return []firstFile{{configFile, block}, {ignoreFile, strings.Join(ignored, "\n") + "\n"}, workflow}, nil
}

// cluster is the name of the cluster's block.
func (i *starting) cluster() string {
	switch {
	case i.settings.cluster != "":
		return i.settings.cluster
	case i.sandbox:
		return "try"
	}
	return "prod"
}

// write creates a file, or says why it was left alone.
func (i *starting) write(f firstFile) (why string, err error) {
	path := i.settings.beside(f.path)
	if f.path == configFile {
		if others, _ := filepath.Glob(i.settings.beside("*.hcl")); len(others) > 0 && !slices.Contains(others, path) {
			return "there are HCL files already; if none of them has a cluster block, write one", nil
		}
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return "", err
	}
	err = writeNew(path, []byte(f.text))
	if !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	if f.path == ignoreFile {
		return missingLines(path)
	}
	return "it exists", nil
}

// missingLines says what an ignore file that exists does not list.
func missingLines(path string) (string, error) {
	text, err := os.ReadFile(path)
	var missing []string
	for _, line := range ignored {
		if !strings.Contains("\n"+string(text)+"\n", "\n"+line+"\n") {
			missing = append(missing, line)
		}
	}
	if len(missing) == 0 {
		return "it exists, and lists what it should", err
	}
	return "it exists; these lines are missing in it: " + strings.Join(missing, ", "), err
}

func (i *starting) tell(done started) error {
	if i.settings.asJSON() {
		return render.JSON(i.process.stdout, done)
	}
	start := render.Start{Written: done.Written, Left: done.Left, Directory: i.settings.directory,
		NeedsAddress: !i.sandbox && i.coordinator == "" && slices.Contains(done.Written, configFile)}
	return render.Started(i.process.stdout, start, i.settings.look(i.process, i.process.stdout))
}
