package sandbox

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
)

// indexFolder is where the local deep storage of Druid 26 and later puts an unzipped segment, below the partition.
const indexFolder = "index"

// segmentFolder is Druid's layout (DataSegmentPusher.getDefaultStorageDir): datasource/start_end/version/partition.
func segmentFolder(r *row) string {
	interval := r.interval.Start.String() + "_" + r.interval.End.String()
	return path.Join(r.DataSource, interval, r.Version, strconv.Itoa(int(r.Partition)))
}

// deepStorage is the absolute path of a folder below deep storage.
func (s *Sandbox) deepStorage(folder string) string {
	return filepath.Join(s.dir, deepStorage, filepath.FromSlash(folder))
}

// writeFiles fills the segment's folder with Bytes bytes. They are no real segment; nobody reads them.
func (s *Sandbox) writeFiles(r *row) error {
	if !filepath.IsLocal(filepath.FromSlash(r.File)) {
		return fmt.Errorf("%q would lie outside deep storage", r.File)
	}
	folder := filepath.Join(s.deepStorage(r.File), indexFolder)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	block := strings.Repeat(r.ID+"\n", int(r.Bytes)/(len(r.ID)+1)+1)
	return os.WriteFile(filepath.Join(folder, "00000.smoosh"), []byte(block[:r.Bytes]), 0o644)
}

// deleteFiles does what LocalDataSegmentKiller does: removes the folder above index, then its parents while they are
// empty, up to and including the datasource's. Missing files are no error. Nothing outside deep storage is ever touched.
func (s *Sandbox) deleteFiles(r *row) error {
	if r.File == "" || !filepath.IsLocal(filepath.FromSlash(r.File)) {
		return nil
	}
	if err := os.RemoveAll(s.deepStorage(r.File)); err != nil {
		return err
	}
	for folder := path.Dir(r.File); folder != "."; folder = path.Dir(folder) {
		if err := os.Remove(s.deepStorage(folder)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil // not empty, so the parents are not either
		}
	}
	return nil
}

// Files lists the files in deep storage, below it, with slashes, sorted.
func (s *Sandbox) Files() ([]string, error) {
	var files []string
	err := s.walk(func(name string, _ int64) { files = append(files, name) })
	return files, err
}

// BytesOnDisk is the sum of the sizes of Files.
func (s *Sandbox) BytesOnDisk() (int64, error) {
	var sum int64
	err := s.walk(func(_ string, size int64) { sum += size })
	return sum, err
}

// DeepStorage is the folder of deep storage.
func (s *Sandbox) DeepStorage() string { return filepath.Join(s.dir, deepStorage) }

func (s *Sandbox) walk(visit func(name string, size int64)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	root := os.DirFS(s.DeepStorage())
	return fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			visit(name, info.Size())
		}
		return err
	})
}
