package config

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"coppice/internal/diag"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares with the file beside the input, or writes it.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

func inputs(t *testing.T, folder string) []string {
	t.Helper()
	paths, err := filepath.Glob("testdata/" + folder + "/*.hcl")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no files in %s: %v", folder, err)
	}
	return paths
}

func loadPath(t *testing.T, path string) (*Config, diag.List) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return Load(directory(map[string]string{filepath.Base(path): string(text)}), options)
}

// rendered is a list of messages as plain text.
func rendered(list diag.List) string {
	var b strings.Builder
	for _, p := range list {
		fmt.Fprintf(&b, "%s[%s]: %s\n  at %s:%d:%d-%d:%d\n", p.Severity, p.Code, p.Summary,
			p.Range.File, p.Range.Line, p.Range.Column, p.Range.EndLine, p.Range.EndColumn)
		fmt.Fprintf(&b, "  %s\n", p.Detail)
		for line := range strings.Lines(p.Hint) {
			fmt.Fprintf(&b, "  > %s", strings.TrimRight(line, "\n")+"\n")
		}
		b.WriteString("\n")
	}
	return b.String()
}

func TestMessagesReadAsWritten(t *testing.T) {
	for _, path := range inputs(t, "messages") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			_, list := loadPath(t, path)
			golden(t, strings.TrimSuffix(path, ".hcl")+".txt", rendered(list))
		})
	}
}

func TestSettledValuesOfValidFiles(t *testing.T) {
	for _, path := range inputs(t, "valid") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			config, list := loadPath(t, path)
			if len(list) > 0 {
				t.Fatalf("valid file has messages:\n%s", rendered(list))
			}
			text, err := json.MarshalIndent(config, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			golden(t, strings.TrimSuffix(path, ".hcl")+".json", shortRanges(string(text))+"\n")
		})
	}
}

var rangeForm = regexp.MustCompile(`\{\s*"file": "([^"]*)",\s*"line": (\d+),\s*"column": (\d+)\s*\}`)

// shortRanges writes places as file:line:column, and the place of a default as "default".
func shortRanges(text string) string {
	text = rangeForm.ReplaceAllString(text, `"$1:$2:$3"`)
	return strings.ReplaceAll(text, `":0:0"`, `"default"`)
}

func TestEveryMessageKeepsItsForm(t *testing.T) {
	for _, path := range append(inputs(t, "messages"), inputs(t, "errors")...) {
		_, list := loadPath(t, path)
		for _, p := range list {
			t.Run(fmt.Sprintf("%s:%d %s", filepath.Base(path), p.Range.Line, p.Code), func(t *testing.T) {
				if words := len(strings.Fields(p.Summary)); words >= 10 || words == 0 || strings.HasSuffix(p.Summary, ".") {
					t.Errorf("summary %q: %d words, want 1 to 9 and no full stop", p.Summary, words)
				}
				if p.Detail == "" || p.Hint == "" {
					t.Errorf("detail %q and hint %q, want both", p.Detail, p.Hint)
				}
				if !p.Range.Known() || p.Range.Line < 1 || p.Range.Column < 1 || p.Severity != diag.Error {
					t.Errorf("range %+v severity %v", p.Range, p.Severity)
				}
				if strings.Contains(fmt.Sprintf("%+v", p), secretText) {
					t.Errorf("message quotes a sensitive value: %+v", p)
				}
			})
		}
	}
}

func TestOrderOfMessagesIsStable(t *testing.T) {
	for _, path := range inputs(t, "errors") {
		_, first := loadPath(t, path)
		for range 100 {
			if _, again := loadPath(t, path); rendered(again) != rendered(first) {
				t.Fatalf("%s: another order (-first +again):\n%s", path, cmp.Diff(rendered(first), rendered(again)))
			}
		}
	}
}
