package examples

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var killBlock = regexp.MustCompile("(?s)```hcl\n(  kill \\{\n.*?\n  \\}\n)```")

// "Start with your cluster" works as it stands there, on the sandbox instead of a cluster.
func TestStartWithYourCluster(t *testing.T) {
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "\n## Start with your cluster\n")
	section, _, _ = strings.Cut(section, "\n## ")
	before, _, _ := strings.Cut(section, "```hcl\n")
	_, after, _ := strings.Cut(section, "\n```\n")
	block := killBlock.FindStringSubmatch(section)
	if block == nil {
		t.Fatal("there is no kill block")
	}
	dir := t.TempDir()
	first := commands(t, dir, strings.Replace(before, "init --coordinator https://router.example:8888", "init --sandbox", 1))
	want(t, "the first part", first, "Written: coppice.hcl", "2 datasources declared", "No changes. Rules are as declared")

	file := filepath.Join(dir, "retention", "imported.hcl")
	imported, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, tail, found := strings.Cut(string(imported), "datasource \"wikipedia\" {\n")
	if !found {
		t.Fatalf("wikipedia is not declared:\n%s", imported)
	}
	if err := os.WriteFile(file, []byte(head+"datasource \"wikipedia\" {\n"+block[1]+tail), 0o600); err != nil {
		t.Fatal(err)
	}
	second := commands(t, filepath.Join(dir, "retention"), after)
	want(t, "the second part", second, "DELETE FOR GOOD", "coppice explain", "coppice forecast", "All of the plan is done.")
}

// commands runs the indented lines of a text as they would be typed, with the program in the path.
func commands(t *testing.T, dir, text string) string {
	t.Helper()
	// The folder of the checkout, beside which the README makes another one.
	here := filepath.Join(dir, "coppice")
	if filepath.Base(dir) == "retention" {
		here = dir
	}
	if err := os.MkdirAll(here, 0o755); err != nil {
		t.Fatal(err)
	}
	script := "set -eu\n"
	for line := range strings.Lines(text) {
		if typed, ok := strings.CutPrefix(line, "    "); ok && !strings.HasPrefix(typed, "go build ") && !strings.HasPrefix(typed, " ") {
			script += typed
		}
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-c", script)
	cmd.Dir = here
	cmd.Env = append(os.Environ(), "PATH="+filepath.Dir(program)+":"+os.Getenv("PATH"))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v in:\n%s\n%s", err, script, out)
	}
	return string(out)
}
