package journal

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"coppice/executor"
)

// baseline is the document on disk.
type baseline struct {
	FormatVersion string `json:"format_version"`
	Apply         string `json:"apply"`
	executor.Baseline
}

// Baseline implements executor.Recorder.
func (a *Apply) Baseline(b executor.Baseline) error {
	document, err := json.Marshal(baseline{manifestVersion, a.id, b})
	if err != nil {
		return err
	}
	path := a.baselinePath(b.Datasource)
	folder := filepath.Dir(path)
	if err := errors.Join(a.journal.disk.makeFolder(filepath.Dir(folder)), a.journal.disk.makeFolder(folder)); err != nil {
		return err
	}
	return a.journal.disk.replaceFile(path, append(document, '\n'))
}

// Earlier implements executor.Recorder.
func (a *Apply) Earlier(dataSource string) (*executor.Baseline, error) {
	document, err := os.ReadFile(a.baselinePath(dataSource))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	var b baseline
	if err == nil {
		err = json.Unmarshal(document, &b)
	}
	if err == nil && b.Datasource != dataSource {
		err = fmt.Errorf("it is of %q", b.Datasource)
	}
	if err != nil {
		return nil, fmt.Errorf("read baseline of %s: %w", dataSource, err)
	}
	return &b.Baseline, nil
}

// baselinePath does not have the datasource's name in it: Druid takes names that are no file names.
func (a *Apply) baselinePath(dataSource string) string {
	name := sha256.Sum256([]byte(dataSource))
	return filepath.Join(a.journal.folder, baselineName, a.id, hex.EncodeToString(name[:16])+".json")
}

// forgetBaselines takes them away once nothing is left that a resumed run could compare. What cannot be removed stays.
func (a *Apply) forgetBaselines() {
	_ = os.RemoveAll(filepath.Join(a.journal.folder, baselineName, a.id))
}
