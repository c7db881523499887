package render

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares got with a file of testdata, or rewrites the file.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v (run the tests with -update)", err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

var escapes = regexp.MustCompile("\x1b\\[[0-9;]*m")

// screens writes a screen at both widths, and in colour at the narrow one, and compares each with its golden file.
// Without its escape sequences the coloured screen must be the plain one: colour carries nothing of its own.
func screens(t *testing.T, name string, write func(io.Writer, Options) error) {
	t.Helper()
	for _, width := range []int{80, 120} {
		t.Run(fmt.Sprintf("%s at %d", name, width), func(t *testing.T) {
			plain, colored := shot(t, write, Options{Width: width}), shot(t, write, Options{Width: width, Color: true})
			golden(t, fmt.Sprintf("%s-%d", name, width), plain)
			if width == 80 {
				golden(t, name+"-color", colored)
			}
			if diff := cmp.Diff(string(plain), escapes.ReplaceAllString(string(colored), "")); diff != "" {
				t.Errorf("colour changes the words (-plain +colour):\n%s", diff)
			}
			fits(t, string(plain), width)
		})
	}
}

func shot(t *testing.T, write func(io.Writer, Options) error, o Options) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b, o); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// fits: only lines with one long word may be wider than the screen, and no line ends in a blank.
func fits(t *testing.T, text string, width int) {
	t.Helper()
	for line := range strings.SplitSeq(text, "\n") {
		if cells(line) > width && len(strings.Fields(line)) > 1 {
			t.Errorf("a line is %d wide, not %d: %q", cells(line), width, line)
		}
		if strings.TrimRight(line, " ") != line {
			t.Errorf("a line ends in blanks: %q", line)
		}
	}
}
