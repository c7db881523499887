package main

import (
	"os"
	"strings"
	"testing"
)

// Every command is in the list of docs/design.md.
func TestCommandsAreListed(t *testing.T) {
	text, err := os.ReadFile("../../docs/design.md")
	if err != nil {
		t.Fatal(err)
	}
	_, part, found := strings.Cut(string(text), "\n## Commands and exit codes\n")
	list, _, _ := strings.Cut(strings.TrimSpace(part), "\n\n")
	commands := newRoot(&process{}, &halt{}).Commands()
	if !found || len(commands) == 0 {
		t.Fatal("there is no list, or no command")
	}
	for _, c := range commands {
		if !strings.Contains(list, "`"+c.Name()) {
			t.Errorf("docs/design.md does not list %s", c.Name())
		}
	}
}
