package journal

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"coppice/internal/plan"
)

// WritePlan saves the encoded plan, readable by its owner alone: a plan names what a company keeps and how much of it.
// The path holds either what it held before or the whole plan, also after a crash.
func WritePlan(path string, p *plan.Plan) error {
	document, err := plan.Encode(p)
	if err != nil {
		return err
	}
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

// replaceFile puts the bytes at path, mode 0600, through a temporary name in the same folder. When it returns nil
// they are on the disk under their name; when it does not, path is as it was.
func replaceFile(path string, document []byte) error {
	folder := filepath.Dir(path)
	// CreateTemp gives mode 0600.
	file, err := os.CreateTemp(folder, "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	if err := fill(file, document); err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	if err := os.Rename(file.Name(), path); err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return syncFolder(folder)
}

func fill(file *os.File, document []byte) error {
	n, err := file.Write(document)
	if err == nil && n < len(document) {
		err = io.ErrShortWrite
	}
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

// syncFolder makes names in a folder durable: without it a file that was synced can be gone after a power cut.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
