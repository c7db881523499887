package journal

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"coppice/internal/plan"
)

func TestPlanFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.plan")
	p := &plan.Plan{FormatVersion: plan.FormatVersion, Now: now, ExpiresAt: now}
	done(t, os.WriteFile(path, []byte("old"), 0o644))
	document, err := plan.Encode(p)
	done(t, err)
	done(t, WritePlan(path, document))
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the plan has mode %v", info.Mode())
	}
	got, err := ReadPlan(path)
	if err != nil || got.Now != now || got.Digest == "" {
		t.Errorf("ReadPlan: %+v, %v", got, err)
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 1 {
		t.Errorf("%d files are left, %v", len(left), err)
	}
}

func TestPlanFileThatIsNotThere(t *testing.T) {
	if _, err := ReadPlan(filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("ReadPlan: %v", err)
	}
	if err := WritePlan(filepath.Join(t.TempDir(), "none", "a.plan"), []byte("{}")); err == nil {
		t.Error("WritePlan into a folder that is not there succeeded")
	}
}

// TestFailedReplaceLeavesTheOldFile: the target is a folder, so the rename fails.
func TestFailedReplaceLeavesTheOldFile(t *testing.T) {
	folder := t.TempDir()
	target := filepath.Join(folder, "target")
	done(t, os.MkdirAll(filepath.Join(target, "inner"), 0o700))
	if err := replaceFile(target, []byte("x")); err == nil {
		t.Fatal("a folder was replaced")
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) != 1 {
		t.Errorf("%d names are left, want the old one", len(left))
	}
}
