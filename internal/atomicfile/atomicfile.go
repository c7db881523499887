// Package atomicfile puts files at their place whole or not at all, also when the machine loses power in between.
package atomicfile

import (
	"errors"
	"io"
	"os"
	"path/filepath"
)

// Replace puts what write writes at path, mode 0600, through a temporary name in the same folder. When it returns nil
// the bytes are on the disk under their name; when it does not, path is as it was.
func Replace(path string, write func(io.Writer) error) error {
	folder := filepath.Dir(path)
	// CreateTemp gives mode 0600.
	file, err := os.CreateTemp(folder, "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	if err := fill(file, write); err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	if err := os.Rename(file.Name(), path); err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return SyncFolder(folder)
}

func fill(file *os.File, write func(io.Writer) error) error {
	err := write(file)
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

// SyncFolder makes names in a folder durable: without it a file that was synced can be gone after a power cut.
func SyncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
