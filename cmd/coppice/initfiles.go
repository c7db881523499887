package main

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"coppice/examples"
)

const (
	configFile   = "coppice.hcl"
	ignoreFile   = ".gitignore"
	workflowFile = ".github/workflows/coppice.yml"
)

// ignored are the lines of a new ignore file: what is no configuration, or names what is in a cluster.
var ignored = []string{"/.coppice/", "/sandbox/", "*plan.json", "*.jsonl", "*.jsonl.zst"}

// block is the first file of a configuration.
func (i *starting) block() string {
	name := strconv.Quote(i.cluster())
	if i.sandbox {
		return "# The embedded sandbox: a Druid-compatible Coordinator and Overlord in process, with real files as deep storage.\n" +
			"cluster " + name + " {\n  sandbox {\n    directory = \"sandbox\"\n    seed      = \"quickstart\"\n  }\n}\n"
	}
	address := `coordinator = env("COPPICE_COORDINATOR") # a Coordinator or Router; its URL is no secret, and may be written here`
	if i.coordinator != "" {
		address = "coordinator = " + strconv.Quote(i.coordinator) + " # a Coordinator or Router"
	}
	return "cluster " + name + " {\n  " + address + clusterRest
}

// clusterRest is what many clusters need, and all of them can do without at first.
const clusterRest = `

  # What env() returns is never printed, saved or logged.
  # auth {
  #   username = "coppice"
  #   password = env("DRUID_PASSWORD")
  # }

  # Segments are then read from the metadata store, in one consistent view; the right to read is enough.
  # metadata {
  #   dsn = env("COPPICE_METADATA_DSN")
  # }
}
`

// workflow is the file at the root of the repository, which is the configuration's directory where there is none.
func (i *starting) workflow(ctx context.Context) (firstFile, error) {
	below, ok := belowRoot(ctx, i.settings.directory)
	if !ok {
		below = "."
	}
	line := strings.Replace(examples.WorkflowDirectory, " . ", " "+strconv.Quote(below)+" ", 1)
	if below == "." {
		line = examples.WorkflowDirectory
	}
	up, err := filepath.Rel(below, ".")
	if err != nil {
		return firstFile{}, err
	}
	return firstFile{filepath.Join(up, workflowFile), strings.Replace(examples.Workflow, examples.WorkflowDirectory, line, 1)}, nil
}

// belowRoot is where in its git repository a directory lies, or will lie, "." for the root itself; false without git, or without
// a repository, both of which may come later.
func belowRoot(ctx context.Context, directory string) (string, bool) {
	directory, err := filepath.Abs(directory)
	if err != nil {
		return "", false
	}
	there := directory
	for !isDirectory(there) {
		there = filepath.Dir(there)
	}
	out, err := git(ctx, there, "rev-parse", "--show-prefix")
	if err != nil {
		return "", false
	}
	missing, err := filepath.Rel(there, directory)
	return filepath.ToSlash(filepath.Join(strings.TrimSpace(string(out)), missing)), err == nil
}

func isDirectory(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir() || path == filepath.Dir(path)
}
