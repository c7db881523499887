package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"coppice/executor"
	"coppice/internal/druid"
	"coppice/internal/journal"
)

// filesLeft is what was found in deep storage.
type filesLeft struct {
	// Looked: deep storage is a folder of this machine, and what is known of it was looked for.
	Looked bool     `json:"looked"`
	Left   []string `json:"left"`
	// NotLooked counts segments that are known to have had files, in places that are not on this machine or not known.
	NotLooked int `json:"not_looked"`
	// Why says where was looked, or why nowhere.
	Why string `json:"why"`
}

func (f filesLeft) words() string {
	if !f.Looked {
		return "Files were not looked for: " + f.Why + "."
	}
	where := f.Why
	if f.NotLooked > 0 {
		where += fmt.Sprintf("; the files of %s were not looked for, since no manifest names a folder of this machine for them", plural(f.NotLooked, "segment"))
	}
	switch {
	case len(f.Left) > 0:
		return fmt.Sprintf("Files left: %d; %s.", len(f.Left), where)
	case f.NotLooked > 0:
		return "No file is left where was looked: " + where + "."
	}
	return "No file is left: " + where + "."
}

// deletedBefore are the segments of a datasource that applies of a state directory were to delete for good.
func deletedBefore(state, name string) ([]executor.Victim, error) {
	past, err := journal.Read(state)
	if err != nil {
		return nil, err
	}
	var gone []executor.Victim
	for _, apply := range past.Applies {
		manifests, err := journal.Manifests(state, apply.ID)
		if err != nil {
			return nil, err
		}
		for _, m := range manifests {
			if m.Datasource == name {
				gone = append(gone, m.Victims...)
			}
		}
	}
	return gone, nil
}

// lookForFiles looks for files of the interval: in the sandbox everywhere, else where manifests say that files were.
func (l *session) lookForFiles(name string, interval druid.Interval, gone []executor.Victim) (filesLeft, error) {
	f := filesLeft{Left: []string{}, Why: "nothing tells where they were; the journal has no deletion of this interval in a folder of this machine"}
	if l.link.sandbox != nil {
		all, err := l.link.sandbox.Files()
		f.Looked, f.Why = true, "all of the sandbox's deep storage was looked through"
		for _, file := range all {
			if ofInterval(file, name, interval) {
				f.Left = append(f.Left, file)
			}
		}
		return f, err
	}
	skipped := map[string]bool{} // a deletion that was tried twice has two manifests
	for _, victim := range gone {
		kind, path := localPath(victim.LoadSpec)
		id, err := druid.ParseSegmentID(name, victim.ID)
		if kind == "tombstone" || err == nil && !id.Interval.Overlaps(interval) {
			continue
		}
		if err != nil || path == "" || !reachable(path) {
			skipped[victim.ID] = true
			continue
		}
		f.Looked, f.Why = true, "the places that the manifests of the journal name were looked at"
		if _, err := os.Stat(path); err == nil {
			f.Left = append(f.Left, path)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return f, fmt.Errorf("look for files: %w", err)
		}
	}
	f.NotLooked = len(skipped)
	return f, nil
}

// ofInterval: DATASOURCE/START_END/VERSION/PARTITION/... is how local deep storage names files. What cannot be read as
// that, and is the datasource's, counts as left.
func ofInterval(file, name string, interval druid.Interval) bool {
	below, found := strings.CutPrefix(file, name+"/")
	if !found {
		return false
	}
	days, _, _ := strings.Cut(below, "/")
	at, err := druid.ParseInterval(strings.Replace(days, "_", "/", 1))
	return err != nil || at.Overlaps(interval)
}

// localPath is the kind of a load spec, and where it says that the files are; no path for every kind but local.
func localPath(loadSpec string) (kind, path string) {
	var spec struct{ Type, Path string }
	if err := json.Unmarshal([]byte(loadSpec), &spec); err != nil || spec.Type != "local" {
		return spec.Type, ""
	}
	return spec.Type, spec.Path
}

// reachable: the folder of all datasources, which Druid leaves alone, is here. The path ends in
// DATASOURCE/INTERVAL/VERSION/PARTITION/index.
func reachable(path string) bool {
	root := filepath.Clean(path)
	for range 5 {
		root = filepath.Dir(root)
	}
	info, err := os.Stat(root)
	return err == nil && info.IsDir() && root != "/" && root != "."
}
