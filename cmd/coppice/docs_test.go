package main

import (
	"os"
	"strings"
	"testing"
)

// Every command is in the lists of the README and of docs/design.md.
func TestCommandsAreListed(t *testing.T) {
	commands := newRoot(&process{}, &halt{}).Commands()
	for file, heading := range map[string]string{"../../README.md": "\nAll commands: ", "../../docs/design.md": "\n## Commands and exit codes\n"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, part, found := strings.Cut(string(text), heading)
		list, _, _ := strings.Cut(strings.TrimSpace(part), "\n\n")
		if !found || len(commands) == 0 {
			t.Fatalf("%s has no list, or there is no command", file)
		}
		for _, c := range commands {
			if !strings.Contains(list, "`"+c.Name()) {
				t.Errorf("%s does not list %s", file, c.Name())
			}
		}
	}
}
