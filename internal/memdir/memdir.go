// Package memdir holds the files of one directory in memory, for package config to read: configuration that is not on
// disk yet, or that lies in a commit.
package memdir

import (
	"io/fs"
	"time"
)

// File is one file, with its name inside the directory.
type File struct {
	Name string
	Text []byte
}

// Dir is a flat directory, with its files in the order of their names. It has just the calls that reading it needs.
type Dir []File

// Open refuses: files are read whole, by ReadFile.
func (d Dir) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
}

// ReadDir lists the files, whatever folder is asked for: there is one.
func (d Dir) ReadDir(string) ([]fs.DirEntry, error) {
	entries := make([]fs.DirEntry, len(d))
	for n := range d {
		entries[n] = fs.FileInfoToDirEntry(info{&d[n]})
	}
	return entries, nil
}

// ReadFile returns a file's text, which is the directory's own and must not be changed.
func (d Dir) ReadFile(name string) ([]byte, error) {
	for _, f := range d {
		if f.Name == name {
			return f.Text, nil
		}
	}
	return nil, &fs.PathError{Op: "read", Path: name, Err: fs.ErrNotExist}
}

// info is what there is to know of a file in memory.
type info struct{ file *File }

func (i info) Name() string       { return i.file.Name }
func (i info) Size() int64        { return int64(len(i.file.Text)) }
func (i info) Mode() fs.FileMode  { return 0o644 }
func (i info) ModTime() time.Time { return time.Time{} }
func (i info) IsDir() bool        { return false }
func (i info) Sys() any           { return nil }
