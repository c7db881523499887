package journal

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"coppice/executor"
)

// Apply is one apply under way; it is the executor's Recorder. It is used by one goroutine.
type Apply struct {
	journal  *Journal
	id, plan string
	// hasFolder: the folder of its manifests exists.
	hasFolder bool
}

// ID names the apply, and the folder of its manifests.
func (a *Apply) ID() string { return a.id }

// Record implements executor.Recorder.
func (a *Apply) Record(record executor.Record) error {
	payload, err := json.Marshal(record)
	if err != nil {
		return err
	}
	err = a.journal.write(entry{Time: record.At, Apply: a.id, Plan: a.plan, Kind: string(record.Step), Action: record.Action,
		Payload: payload})
	if err == nil && record.Step == executor.StepEnd && record.Complete {
		a.forgetBaselines()
	}
	return err
}

// manifest is the document on disk.
type manifest struct {
	FormatVersion string `json:"format_version"`
	Apply         string `json:"apply"`
	Plan          string `json:"plan"`
	executor.Manifest
}

// manifestVersion: minor versions only add keys.
const manifestVersion = "1.0"

// Manifest implements executor.Recorder.
func (a *Apply) Manifest(m executor.Manifest) error {
	if !plainName(m.Task.ID) {
		return fmt.Errorf("task id %q is no file name", m.Task.ID)
	}
	document, err := json.MarshalIndent(manifest{manifestVersion, a.id, a.plan, m}, "", " ")
	if err != nil {
		return err
	}
	folder := a.journal.manifests(a.id)
	if !a.hasFolder {
		if err := errors.Join(a.journal.disk.makeFolder(a.journal.manifests("")), a.journal.disk.makeFolder(folder)); err != nil {
			return err
		}
		a.hasFolder = true
	}
	return a.journal.disk.replaceFile(filepath.Join(folder, m.Task.ID+".json"), append(document, '\n'))
}

func (j *Journal) manifests(apply string) string { return filepath.Join(j.folder, manifestName, apply) }

// Manifests reads the manifests of an apply, sorted by task id; none when it submitted no kill task.
func (j *Journal) Manifests(apply string) ([]executor.Manifest, error) {
	return Manifests(j.folder, apply)
}

// Manifests reads the manifests of an apply of a state directory without taking its lock.
func Manifests(folder, apply string) ([]executor.Manifest, error) {
	if !plainName(apply) {
		return nil, fmt.Errorf("read manifests: %q is no apply", apply)
	}
	files, err := os.ReadDir(filepath.Join(folder, manifestName, apply))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read manifests: %w", err)
	}
	var found []executor.Manifest
	for _, file := range files {
		if strings.HasPrefix(file.Name(), ".") {
			// A crash left a temporary name behind.
			continue
		}
		m, err := readManifest(filepath.Join(filepath.Join(folder, manifestName, apply), file.Name()))
		if err != nil {
			return nil, fmt.Errorf("read manifest %s: %w", file.Name(), err)
		}
		found = append(found, m)
	}
	return found, nil
}

func readManifest(path string) (executor.Manifest, error) {
	var m manifest
	document, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(document, &m)
	}
	return m.Manifest, err
}
