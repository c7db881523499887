package declare

import (
	"io/fs"
	"time"
)

// File is one file of the configuration, with its name inside the directory.
type File struct {
	Name string
	Text []byte
}

// directory is files that are not on disk yet, for package config to read. It has just the two calls that it makes.
type directory []File

func (d directory) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
}

func (d directory) ReadDir(string) ([]fs.DirEntry, error) {
	entries := make([]fs.DirEntry, len(d))
	for n := range d {
		entries[n] = fs.FileInfoToDirEntry(info{&d[n]})
	}
	return entries, nil
}

func (d directory) ReadFile(name string) ([]byte, error) {
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
