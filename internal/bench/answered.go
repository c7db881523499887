package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// answered is the census that looks its answers up.
//
//go:embed answered.txt
var answered string

// buildAnswered builds the program as it is but for the census, which is answered from files: what a plan of what is due
// takes besides it is measured that way, in the same processes, and not worked out.
func buildAnswered(ctx context.Context, module, scratch, program string) error {
	census := filepath.Join(module, "internal", "metastore", "census.go")
	text, err := os.ReadFile(census)
	if err != nil {
		return err
	}
	const method = "func (v *View) Census("
	if strings.Count(string(text), method) != 1 {
		return errors.New("there is no census to be answered")
	}
	counting := strings.Replace(string(text), method, "func (v *View) countInStore(", 1)
	overlay, err := written(scratch, map[string]string{census: counting, filepath.Join(filepath.Dir(census), "answered.go"): answered})
	if err != nil {
		return err
	}
	build := exec.CommandContext(ctx, "go", "build", "-overlay", overlay, "-o", program, "./cmd/coppice")
	build.Dir, build.Stderr = module, os.Stderr
	return build.Run()
}

// written puts sources into the folder, and makes what go build is told to take them for others with.
func written(folder string, sources map[string]string) (overlay string, err error) {
	replace := map[string]string{}
	for instead, text := range sources {
		replace[instead] = filepath.Join(folder, "overlay-"+filepath.Base(instead))
		if err := os.WriteFile(replace[instead], []byte(text), 0o600); err != nil {
			return "", err
		}
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	overlay = filepath.Join(folder, "overlay.json")
	return overlay, os.WriteFile(overlay, text, 0o600)
}
