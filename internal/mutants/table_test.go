package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Each right text stands exactly once in its file, and each name once in the table: code that moves takes its mistakes
// along, or the suite would stop at the first that no longer fits.
func TestEveryMistakeCanBePlanted(t *testing.T) {
	names := map[string]bool{}
	for _, m := range mistakes {
		text, err := os.ReadFile(filepath.Join("..", "..", m.file))
		if err != nil {
			t.Error(err)
		} else if n := strings.Count(string(text), m.right); n != 1 {
			t.Errorf("%s: %q stands %d times in %s", m.name, m.right, n, m.file)
		}
		if names[m.name] || m.right == m.wrong || len(m.tests) == 0 {
			t.Errorf("%s: named twice, no mistake, or no tests", m.name)
		}
		names[m.name] = true
	}
}
