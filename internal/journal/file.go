package journal

import (
	"fmt"
	"io"
	"os"

	"coppice/internal/atomicfile"
	"coppice/internal/plan"
)

// WritePlan saves the encoded plan, readable by its owner alone: a plan names what a company keeps and how much of it.
// The path holds either what it held before or the whole plan, also after a crash.
func WritePlan(path string, document []byte) error {
	if err := replaceFile(path, document); err != nil {
		return fmt.Errorf("write plan: %w", err)
	}
	return nil
}

// ReadPlan reads a saved plan; see plan.Decode for what it refuses.
func ReadPlan(path string) (*plan.Plan, error) {
	document, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read plan: %w", err)
	}
	p, err := plan.Decode(document)
	if err != nil {
		return nil, fmt.Errorf("read plan %s: %w", path, err)
	}
	return p, nil
}

// replaceFile puts the bytes at path, mode 0600, whole or not at all.
func replaceFile(path string, document []byte) error {
	return atomicfile.Replace(path, func(w io.Writer) error {
		_, err := w.Write(document)
		return err
	})
}
