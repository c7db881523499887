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
func Replace(path string, write func(io.Writer) error) error { return replace(path, 0o600, write) }

func replace(path string, mode os.FileMode, write func(io.Writer) error) error {
	folder := filepath.Dir(path)
	file, err := os.CreateTemp(folder, "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	if err := fill(file, mode, write); err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	if err := os.Rename(file.Name(), path); err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return SyncFolder(folder)
}

// Rewrite replaces what a file says, and keeps its mode. A link stays a link: what it leads to is written.
func Rewrite(path string, write func(io.Writer) error) error {
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	return replace(path, info.Mode().Perm(), write)
}

func fill(file *os.File, mode os.FileMode, write func(io.Writer) error) error {
	err := write(file)
	if err == nil {
		err = file.Chmod(mode)
	}
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
