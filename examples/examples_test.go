package examples

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"coppice/config"
)

// Folders with a script: the configuration has nothing to complain about, and its `run`
// ends with a second plan that has nothing to do.
func TestExamples(t *testing.T) {
	folders, err := filepath.Glob("*/run")
	if err != nil || len(folders) == 0 {
		t.Fatalf("examples: %v, %v", folders, err)
	}
	for _, file := range folders {
		folder := filepath.Dir(file)
		t.Run(folder, func(t *testing.T) {
			t.Parallel()
			if _, problems := config.Load(os.DirFS(folder), config.Options{}); len(problems) > 0 {
				t.Errorf("the configuration has problems: %+v", problems)
			}
			out, err := exec.CommandContext(t.Context(), "sh", filepath.Join(folder, "run")).CombinedOutput()
			_, after, twice := strings.Cut(string(out), "All of the plan is done.")
			if err != nil || !twice || !strings.Contains(after, "No changes.") || !strings.Contains(string(out), "DELETE FOR GOOD") {
				t.Errorf("run: %v\n%s", err, out)
			}
		})
	}
}
