package main

import (
	"context"
	"os"
	"path/filepath"
	"testing"
)

// TestAnsweredProgram: the program whose census is answered can be built.
func TestAnsweredProgram(t *testing.T) {
	module, err := moduleRoot(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	scratch := t.TempDir()
	program := filepath.Join(scratch, "answered")
	if err := buildAnswered(context.Background(), module, scratch, program); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(program); err != nil {
		t.Error(err)
	}
}
