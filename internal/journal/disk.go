package journal

import (
	"os"
	"path/filepath"

	"coppice/internal/atomicfile"
)

// disk is what the journal needs of a file system; tests make it fail.
type disk interface {
	// makeFolder makes the folder and its parents, and their names durable.
	makeFolder(path string) error
	// replaceFile puts bytes at a path, whole or not at all, durably.
	replaceFile(path string, document []byte) error
	// appendTo opens a file for appending, after cutting it to size.
	appendTo(path string, size int64) (appender, error)
}

// appender is an open file that is written at its end.
type appender interface {
	Write([]byte) (int, error)
	Sync() error
	Close() error
}

// realDisk is the operating system's.
type realDisk struct{}

func (realDisk) makeFolder(path string) error {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return err
	}
	return atomicfile.SyncFolder(filepath.Dir(path))
}

func (realDisk) replaceFile(path string, document []byte) error { return replaceFile(path, document) }

func (realDisk) appendTo(path string, size int64) (appender, error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	for _, step := range []func() error{
		func() error { return file.Truncate(size) },
		file.Sync,
		func() error { return atomicfile.SyncFolder(filepath.Dir(path)) },
	} {
		if err := step(); err != nil {
			return nil, closeAfter(err, file)
		}
	}
	return file, nil
}
