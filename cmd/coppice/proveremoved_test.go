package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"coppice/executor"
	"coppice/internal/druid"
)

func TestFilesOfAnInterval(t *testing.T) {
	const days = "2026-01-01T00:00:00.000Z_2026-01-02T00:00:00.000Z"
	interval, err := druid.ParseInterval("2026-01-01T12/2026-01-03")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		file, name string
		want       bool
	}{
		{"d/" + days + "/v/0/index/00000.smoosh", "d", true},
		{"d/2026-01-03T00:00:00.000Z_2026-01-04T00:00:00.000Z/v/0/index/00000.smoosh", "d", false},
		{"d/whatever/00000.smoosh", "d", true},
		{"d/00000.smoosh", "d", true},
		{"da/" + days + "/v/0/index/00000.smoosh", "d", false},
		{"a/b/" + days + "/v/0/index/00000.smoosh", "a/b", true},
		{"ünï 日本/" + days + "/v/0/index/00000.smoosh", "ünï 日本", true},
	} {
		if got := ofInterval(c.file, c.name, interval); got != c.want {
			t.Errorf("%s of %s: %v", c.file, c.name, got)
		}
	}
}

// TestFilesThatWereNotLookedFor: that no file is left is said of what was looked at, and what was not is counted.
func TestFilesThatWereNotLookedFor(t *testing.T) {
	root := t.TempDir()
	const days = "2026-01-01T00:00:00.000Z_2026-01-02T00:00:00.000Z"
	interval, err := druid.ParseInterval("2026-01-01/2026-01-02")
	if err != nil {
		t.Fatal(err)
	}
	victim := func(version, spec string) executor.Victim {
		return executor.Victim{ID: "d_" + days + "_" + version, LoadSpec: spec}
	}
	local := func(version string) executor.Victim {
		path := filepath.Join(root, "d", days, version, "0", "index")
		return victim(version, fmt.Sprintf(`{"type":"local","path":%q}`, path))
	}
	elsewhere := victim("v2", `{"type":"s3_zip","bucket":"b","key":"k"}`)
	tombstone := victim("v3", `{"type":"tombstone"}`)
	for _, c := range []struct {
		name       string
		gone       []executor.Victim
		looked     bool
		notLooked  int
		left       int
		says, hush string
	}{
		{"here", []executor.Victim{local("v1"), tombstone}, true, 0, 0, "No file is left: ", "not looked"},
		{"here and elsewhere", []executor.Victim{local("v1"), elsewhere, elsewhere}, true, 1, 0,
			"No file is left where was looked: the places that the manifests of the journal name were looked at; the files of 1 segment were not looked for", "No file is left: "},
		{"unknown", []executor.Victim{local("v1"), victim("v4", "")}, true, 1, 0, "the files of 1 segment were not looked for", "No file is left: "},
		{"elsewhere", []executor.Victim{elsewhere}, false, 1, 0, "Files were not looked for: ", "No file"},
		{"of another time", []executor.Victim{{ID: "d_2027-01-01T00:00:00.000Z_2027-01-02T00:00:00.000Z_v", LoadSpec: elsewhere.LoadSpec}}, false, 0, 0,
			"Files were not looked for: ", "No file"},
		{"left", []executor.Victim{local("left"), elsewhere}, true, 1, 1, "Files left: 1; ", "No file"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := os.MkdirAll(filepath.Join(root, "d", days, "left", "0", "index"), 0o755); err != nil {
				t.Fatal(err)
			}
			found, err := (&session{link: &link{}}).lookForFiles("d", interval, c.gone)
			words := found.words()
			if err != nil || found.Looked != c.looked || found.NotLooked != c.notLooked || len(found.Left) != c.left {
				t.Errorf("%+v, %v", found, err)
			}
			if !strings.Contains(words, c.says) || strings.Contains(words, c.hush) {
				t.Error(words)
			}
		})
	}
}
