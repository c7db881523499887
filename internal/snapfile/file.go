package snapfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"coppice/internal/atomicfile"
	"coppice/internal/snapshot"
)

const (
	extension  = ".jsonl"
	compressed = ".jsonl.zst"
)

// CheckName refuses names that do not say what the file is.
func CheckName(path string) error {
	if strings.HasSuffix(path, extension) || strings.HasSuffix(path, compressed) {
		return nil
	}
	return fmt.Errorf("%s: the name of a snapshot ends in %s, or in %s to compress it", path, extension, compressed)
}

// Save puts a finished snapshot at path, whole or not at all, readable by its owner alone; the name says whether it is
// compressed.
func Save(path string, c *snapshot.Cluster) error {
	if err := CheckName(path); err != nil {
		return err
	}
	return atomicfile.Replace(path, func(w io.Writer) error {
		if !strings.HasSuffix(path, compressed) {
			return Write(w, c)
		}
		return Compress(w, c)
	})
}

// Load reads a file that Save wrote, compressed or not, whatever its name is.
func Load(path string) (*snapshot.Cluster, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read snapshot: %w", err)
	}
	c, err := Read(file)
	if err != nil {
		err = fmt.Errorf("%s: %w", path, err)
	}
	return c, errors.Join(err, file.Close())
}

// magic is how a frame of zstd begins. Some tools put frames before it that are to be skipped: their first byte is another
// one, of sixteen.
var magic, skipped = []byte{0x28, 0xb5, 0x2f, 0xfd}, []byte{0x2a, 0x4d, 0x18}

// isCompressed tells from how a file begins whether it is compressed.
func isCompressed(start []byte) bool {
	return bytes.HasPrefix(start, magic) || len(start) > 0 && start[0]>>4 == 5 && bytes.HasPrefix(start[1:], skipped)
}
