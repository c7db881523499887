package config

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"coppice/internal/diag"
)

// secretText is what the environment of all tests gives out; no message may quote it.
const secretText = "hunter2-hunter2"

// environment is the environment of all tests.
func environment(name string) (string, bool) {
	value, ok := map[string]string{
		"SECRET": secretText, "N": "30", "PERCENT": "%" + secretText, "EMPTY": "", "A": secretText, "URL": "https://" + secretText + ":8888/",
		"URL_WITH_USER": "https://anna:" + secretText + "@router:8888",
		"DSN":           "postgres://druid:" + secretText + "@db/druid",
	}[name]
	return value, ok
}

var options = Options{Env: environment}

// directory is a configuration in memory.
func directory(files map[string]string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text), Mode: 0o644}
	}
	return fsys
}

// loadFile loads one file of testdata as a directory of its own.
func loadFile(t *testing.T, path string) (*Config, []string, string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Base(path)
	config, problems := Load(directory(map[string]string{name: string(text)}), options)
	return config, codesByLine(problems), string(text)
}

func codesByLine(problems diag.List) []string {
	var got []string
	for _, p := range problems {
		got = append(got, fmt.Sprintf("%d: %s", p.Range.Line, p.Code))
	}
	return got
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var expectationForm = regexp.MustCompile(`# error: ([a-z0-9, -]+)$`)

// expectedIn reads the comments of a file: "# error: code, code" on the line that the messages are about.
func expectedIn(text string) []string {
	var want []string
	for n, line := range strings.Split(text, "\n") {
		found := expectationForm.FindStringSubmatch(strings.TrimRight(line, " "))
		if found == nil {
			continue
		}
		for code := range strings.SplitSeq(found[1], ",") {
			want = append(want, fmt.Sprintf("%d: %s", n+1, strings.TrimSpace(code)))
		}
	}
	return want
}

func TestErrorsStandWhereTheCommentsExpectThem(t *testing.T) {
	paths, err := filepath.Glob("testdata/errors/*.hcl")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no files: %v", err)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			_, got, text := loadFile(t, path)
			want := expectedIn(text)
			slices.Sort(got)
			slices.Sort(want)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("messages of %s (-want +got):\n%s", path, diff)
			}
		})
	}
}
