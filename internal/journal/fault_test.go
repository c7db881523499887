package journal

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"coppice/executor"
	"coppice/internal/plan"
)

var errFull = errors.New("no space left on device")

// faultyDisk fails the n-th operation and all that follow, as a full disk does. A failing write of a line leaves half of
// it behind.
type faultyDisk struct {
	realDisk
	operations, failAt int
	// once: the operations behind it succeed again.
	once bool
}

func (d *faultyDisk) next() error {
	if d.operations++; d.failAt > 0 && d.operations >= d.failAt && !(d.once && d.operations > d.failAt) {
		return errFull
	}
	return nil
}

func (d *faultyDisk) makeFolder(path string) error {
	return errors.Join(d.next(), d.realDisk.makeFolder(path))
}

func (d *faultyDisk) replaceFile(path string, document []byte) error {
	if err := d.next(); err != nil {
		return err
	}
	return d.realDisk.replaceFile(path, document)
}

func (d *faultyDisk) appendTo(path string, size int64) (appender, error) {
	if err := d.next(); err != nil {
		return nil, err
	}
	file, err := d.realDisk.appendTo(path, size)
	return faultyFile{file, d}, err
}

type faultyFile struct {
	appender
	disk *faultyDisk
}

func (f faultyFile) Write(line []byte) (int, error) {
	if err := f.disk.next(); err != nil {
		n, _ := f.appender.Write(line[:len(line)/2])
		return n, err
	}
	return f.appender.Write(line)
}

func (f faultyFile) Sync() error {
	if err := f.disk.next(); err != nil {
		return err
	}
	return f.appender.Sync()
}

// attempt runs an apply with one kill and stops at the first error, as the executor does.
func attempt(t *testing.T, folder string, d disk) (kept []executor.Step, err error) {
	j, err := open(folder, now, d)
	if err != nil {
		return nil, err
	}
	defer j.Close()
	a, err := j.Begin(document(t), now)
	if err != nil {
		return nil, err
	}
	kept = append(kept, "begin")
	if err := a.Manifest(executor.Manifest{Task: plan.Task{ID: "t1"}}); err != nil {
		return kept, err
	}
	kept = append(kept, "manifest")
	for _, record := range story {
		if err := a.Record(record); err != nil {
			// Once broken it stays so: behind half a line nothing can be written.
			if again := a.Record(record); again == nil || !errors.Is(again, errFull) {
				t.Errorf("a second try after %v: %v", err, again)
			}
			return kept, err
		}
		kept = append(kept, record.Step)
	}
	return kept, nil
}

// TestDiskFailsAtEveryOperation: an error comes back from what was not kept, and what was acknowledged is read again.
func TestDiskFailsAtEveryOperation(t *testing.T) {
	quiet := &faultyDisk{}
	if _, err := attempt(t, filepath.Join(t.TempDir(), "state"), quiet); err != nil {
		t.Fatal(err)
	}
	if quiet.operations < 15 {
		t.Fatalf("only %d operations", quiet.operations)
	}
	for n := 1; n <= 2*quiet.operations; n++ {
		folder := filepath.Join(t.TempDir(), "state")
		kept, err := attempt(t, folder, &faultyDisk{failAt: (n + 1) / 2, once: n%2 == 0})
		if !errors.Is(err, errFull) {
			t.Fatalf("operation %d failed: %v, want %v", n, err, errFull)
		}
		j := opened(t, folder)
		records := int64(len(kept))
		if len(kept) > 1 {
			records--
		}
		// A line whose sync failed may be there or not.
		if got := j.State().last; got < records || got > records+1 {
			t.Errorf("operation %d failed: %d records, %v were acknowledged", n, got, kept)
		}
		if manifests, err := j.Manifests(applyID(j)); err != nil || len(kept) > 1 && len(manifests) != 1 {
			t.Errorf("operation %d failed: %d manifests, %v", n, len(manifests), err)
		}
		done(t, j.Close())
	}
}

func applyID(j *Journal) string {
	if past := j.State().Unfinished(); past != nil {
		return past.ID
	}
	return "none"
}

func TestFolderThatCannotBeMade(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	done(t, os.WriteFile(file, nil, 0o600))
	if _, err := Open(filepath.Join(file, "state"), now); err == nil {
		t.Error("Open below a file succeeded")
	}
}

func TestDamagedCopyOfThePlan(t *testing.T) {
	folder, _ := tell(t)
	j := opened(t, folder)
	defer j.Close()
	digest := j.State().Unfinished().Plan
	path := filepath.Join(folder, plansName, digest+".json")
	content, err := os.ReadFile(path)
	done(t, err)
	done(t, os.WriteFile(path, content[:len(content)-2], 0o600))
	if _, err := j.Plan(digest); !errors.Is(err, plan.ErrDamaged) {
		t.Errorf("Plan: %v, want %v", err, plan.ErrDamaged)
	}
	if _, err := j.Plan("../lock"); err == nil {
		t.Error("a digest outside the folder was accepted")
	}
	if _, err := j.Begin(content[:9], now); !errors.Is(err, plan.ErrDamaged) {
		t.Errorf("Begin with a damaged plan: %v", err)
	}
}
