package main

import (
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2/hclwrite"

	"coppice/config"
	"coppice/examples"
	"coppice/internal/memdir"
)

// What init leaves commented out is right as soon as the comment signs are taken away, and formatted.
func TestFirstBlockUncommented(t *testing.T) {
	i := &starting{settings: &settings{}}
	var lines []string
	for line := range strings.SplitSeq(i.block(), "\n") {
		lines = append(lines, strings.Replace(line, "  # ", "  ", 1))
	}
	text := strings.Replace(strings.Join(lines, "\n"), "  What env() returns is never printed, saved or logged.\n", "", 1)
	text = strings.Replace(text, "  Segments are then read from the metadata store, in one consistent view; the right to read is enough.\n", "", 1)
	text = strings.Replace(text, " a Coordinator or Router; its URL is no secret, and may be written here", "", 1)
	env := func(string) (string, bool) { return "https://somewhere.example", true }
	cfg, problems := config.Load(memdir.Dir{{Name: "a.hcl", Text: []byte(text)}}, config.Options{Env: env})
	if len(problems) > 0 || cfg.Clusters[0].Auth == nil || cfg.Clusters[0].Metadata == nil {
		t.Errorf("%v in:\n%s", problems, text)
	}
	if formatted := string(hclwrite.Format([]byte(i.block()))); formatted != i.block() {
		t.Errorf("the block is not formatted; it should be:\n%s", formatted)
	}
}

// The workflow has the line that init replaces.
func TestWorkflowDirectory(t *testing.T) {
	if strings.Count(examples.Workflow, examples.WorkflowDirectory) != 1 {
		t.Errorf("the workflow does not have the line %q exactly once", examples.WorkflowDirectory)
	}
}
