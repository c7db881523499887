package atomicfile

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
)

func TestReplace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	text := func(s string) func(io.Writer) error {
		return func(w io.Writer) error { _, err := io.WriteString(w, s); return err }
	}
	if err := Replace(path, text("old")); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	err := Replace(path, func(w io.Writer) error { return errors.Join(text("half")(w), broken) })
	if !errors.Is(err, broken) {
		t.Errorf("got %v, want the writer's own error", err)
	}
	found, err := os.ReadFile(path)
	if err != nil || string(found) != "old" {
		t.Errorf("a write that failed left %q, %v; want what was there before", found, err)
	}
	if err := Replace(path, text("new")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got the mode %v, %v; want 0600", info.Mode(), err)
	}
	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v; want one file", left, err)
	}
}

func TestReplaceWhereNothingCanBeWritten(t *testing.T) {
	if err := Replace(filepath.Join(t.TempDir(), "no", "such", "folder"), func(io.Writer) error { return nil }); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want that the folder is not there", err)
	}
}

func TestRewriteKeepsModesAndLinks(t *testing.T) {
	folder := t.TempDir()
	path, link := filepath.Join(folder, "file"), filepath.Join(folder, "link")
	if err := errors.Join(os.WriteFile(path, []byte("old"), 0o640), os.Chmod(path, 0o640), os.Symlink("file", link)); err != nil {
		t.Fatal(err)
	}
	write := func(w io.Writer) error { _, err := io.WriteString(w, "new"); return err }
	if err := Rewrite(link, write); err != nil {
		t.Fatal(err)
	}
	info, err := os.Lstat(path)
	text, errRead := os.ReadFile(path)
	if err != nil || errRead != nil || info.Mode() != 0o640 || string(text) != "new" {
		t.Errorf("got %q with the mode %v, %v", text, info.Mode(), err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is gone: %v, %v", info, err)
	}
	broken := errors.New("broken")
	if err := Rewrite(path, func(io.Writer) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("got %v, want the writer's own error", err)
	}
	if err := Rewrite(filepath.Join(folder, "nowhere"), write); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want that the file is not there", err)
	}
}
