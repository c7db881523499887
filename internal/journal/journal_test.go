package journal

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"coppice/executor"
	"coppice/internal/druid"
	"coppice/internal/plan"

	"github.com/google/go-cmp/cmp"
)

const now druid.Instant = 1_795_000_000_000

func document(t testing.TB) []byte {
	t.Helper()
	d, err := plan.Encode(&plan.Plan{FormatVersion: plan.FormatVersion, Now: now, ExpiresAt: now + 1000})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func opened(t testing.TB, folder string) *Journal {
	t.Helper()
	j, err := Open(folder, now)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	return j
}

func done(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// story is an apply of three actions: rules done, a kill submitted, a restore begun.
var story = []executor.Record{
	{Step: executor.StepIntent, Action: "rules", Kind: plan.SetRules, Datasource: "wiki"},
	{Step: executor.StepOutcome, Action: "rules", Outcome: executor.Done, Amounts: &executor.Counts{}},
	{Step: executor.StepIntent, Action: "kill", Kind: plan.KillTask, Task: "t1", Amounts: &executor.Counts{Segments: 2, Bytes: 20, Files: 2}},
	{Step: executor.StepSubmitted, Action: "kill", Kind: plan.KillTask, Task: "t1", Amounts: &executor.Counts{Segments: 2, Bytes: 20, Files: 2}},
	{Step: executor.StepMarks, Datasource: "wiki", Detail: []string{"3 of 3"}},
	{Step: executor.StepIntent, Action: "restore", Kind: plan.MarkUsed, Amounts: &executor.Counts{Segments: 7, Bytes: -1, Files: -1}},
}

// tell writes the story and returns the folder and what the journal held after each record.
func tell(t testing.TB) (folder string, lengths []int64) {
	t.Helper()
	folder = filepath.Join(t.TempDir(), "state")
	j := opened(t, folder)
	a, err := j.Begin(document(t), now)
	done(t, err)
	measure := func() {
		info, err := os.Stat(filepath.Join(folder, journalName))
		done(t, err)
		lengths = append(lengths, info.Size())
	}
	measure()
	for i, record := range story {
		record.At = now + druid.Instant(i)
		done(t, a.Record(record))
		measure()
	}
	done(t, j.Close())
	return folder, lengths
}

func TestReadBack(t *testing.T) {
	folder, _ := tell(t)
	state, err := Read(folder)
	done(t, err)
	past := state.Unfinished()
	if past == nil {
		t.Fatal("no unfinished apply")
	}
	want := executor.Resume{Actions: map[string]executor.Progress{
		"rules":   {Started: true, Outcome: executor.Done},
		"kill":    {Started: true, Submitted: true, Task: "t1", Amounts: executor.Counts{Segments: 2, Bytes: 20, Files: 2}},
		"restore": {Started: true, Amounts: executor.Counts{Segments: 7, Bytes: -1, Files: -1}},
	}}
	if diff := cmp.Diff(want, past.Resume); diff != "" {
		t.Errorf("resume (-want +got):\n%s", diff)
	}
	if got := past.Tasks(); !slices.Equal(got, []string{"t1"}) {
		t.Errorf("tasks without an end: %v", got)
	}
	if past.BeganAt != now || past.LastAt != now+5 || past.Ended || state.Torn != 0 {
		t.Errorf("past %+v, torn %d", past, state.Torn)
	}
	j := opened(t, folder)
	defer j.Close()
	if p, err := j.Plan(past.Plan); err != nil || p.Digest != past.Plan {
		t.Errorf("the copy of the plan: %v", err)
	}
}

func TestNothingYet(t *testing.T) {
	state, err := Read(filepath.Join(t.TempDir(), "none"))
	if err != nil || state.Unfinished() != nil || len(state.Applies) != 0 {
		t.Errorf("Read: %+v, %v", state, err)
	}
}

func TestResumeGoesOnWithTheSameApply(t *testing.T) {
	folder, _ := tell(t)
	j := opened(t, folder)
	past := j.State().Unfinished()
	a, err := j.Resume(past, now+100)
	done(t, err)
	if a.ID() != past.ID {
		t.Errorf("resumed as %s, was %s", a.ID(), past.ID)
	}
	done(t, a.Record(executor.Record{At: now + 101, Step: executor.StepOutcome, Action: "kill", Outcome: executor.Done}))
	done(t, a.Record(executor.Record{At: now + 102, Step: executor.StepEnd, Complete: true}))
	done(t, j.Close())
	state, err := Read(folder)
	done(t, err)
	if len(state.Applies) != 1 || state.Unfinished() != nil || len(state.Applies[0].Tasks()) != 0 {
		t.Errorf("state %+v", state.Applies[0])
	}
}

func TestUnfinishedIsTheNewestApplyOnly(t *testing.T) {
	folder, _ := tell(t)
	for _, complete := range []bool{true, false} {
		j := opened(t, folder)
		a, err := j.Begin(document(t), now+1)
		done(t, err)
		done(t, a.Record(executor.Record{At: now + 2, Step: executor.StepEnd, Complete: complete}))
		done(t, j.Close())
		state, err := Read(folder)
		done(t, err)
		if got := state.Unfinished() != nil; got == complete {
			t.Errorf("complete %v: unfinished %v", complete, got)
		}
	}
	state, _ := Read(folder)
	ids := map[string]bool{}
	for _, past := range state.Applies {
		ids[past.ID] = true
	}
	if len(ids) != 3 {
		t.Errorf("%d ids of 3 applies", len(ids))
	}
	if tasks := state.Applies[0].Tasks(); !slices.Equal(tasks, []string{"t1"}) {
		t.Errorf("the older apply has forgotten its task: %v", tasks)
	}
}

// TestTruncatedAtEveryByte: whatever a crash leaves of the file, everything acknowledged before is read and the rest is
// reported.
func TestTruncatedAtEveryByte(t *testing.T) {
	folder, lengths := tell(t)
	whole, err := os.ReadFile(filepath.Join(folder, journalName))
	done(t, err)
	for size := range int64(len(whole)) + 1 {
		acknowledged, kept := int64(0), int64(0)
		for _, length := range lengths {
			if length <= size {
				acknowledged, kept = acknowledged+1, length
			}
		}
		state, err := readState(bytes.NewReader(whole[:size]))
		if err != nil || state.last != acknowledged || state.Torn != size-kept {
			t.Fatalf("%d bytes: %+v, %v; want %d records and %d torn bytes", size, state, err, acknowledged, size-kept)
		}
		if slices.Contains(lengths, size-1) || slices.Contains(lengths, size) || slices.Contains(lengths, size+1) {
			mended(t, whole[:size], acknowledged)
		}
	}
}

// mended: the torn rest is cut off, and the next apply goes on from there.
func mended(t *testing.T, left []byte, acknowledged int64) {
	t.Helper()
	folder := t.TempDir()
	done(t, os.WriteFile(filepath.Join(folder, journalName), left, 0o600))
	j := opened(t, folder)
	_, err := j.Begin(document(t), now)
	done(t, err)
	done(t, j.Close())
	if state, err := Read(folder); err != nil || state.Torn != 0 || state.last != acknowledged+1 {
		t.Fatalf("%d bytes, then another apply: %v, %+v", len(left), err, state)
	}
}

func TestZerosOfAPowerCutAreTorn(t *testing.T) {
	folder, lengths := tell(t)
	path := filepath.Join(folder, journalName)
	whole, err := os.ReadFile(path)
	done(t, err)
	last := lengths[len(lengths)-2]
	for i := last + 4; i < last+20; i++ {
		whole[i] = 0
	}
	done(t, os.WriteFile(path, whole, 0o600))
	state, err := Read(folder)
	if err != nil || state.last != int64(len(lengths)-1) || state.Torn != int64(len(whole))-last {
		t.Errorf("Read: %+v, %v", state, err)
	}
}

func TestDamageIsAnError(t *testing.T) {
	folder, lengths := tell(t)
	path := filepath.Join(folder, journalName)
	whole, err := os.ReadFile(path)
	done(t, err)
	lines := bytes.SplitAfter(whole, []byte("\n"))
	lines = lines[:len(lines)-1]
	join := func(part ...[]byte) []byte { return slices.Concat(part...) }
	cases := map[string][]byte{
		"a line is missing":       join(lines[0], lines[2], lines[3]),
		"the first is missing":    join(lines[1:]...),
		"two are swapped":         join(lines[0], lines[2], lines[1], lines[3]),
		"a line twice":            join(lines[0], lines[1], lines[1]),
		"an empty line":           join(lines[0], []byte("\n"), lines[1]),
		"text in the middle":      join(lines[0], []byte("hello\n"), lines[1]),
		"zeros in the middle":     join(lines[0], make([]byte, 100), []byte("\n"), lines[1]),
		"half a line in between":  join(lines[0], lines[1][:20], lines[2]),
		"the last line is edited": bytes.Replace(whole, []byte(`"segments":7`), []byte(`"segments":8`), 1),
	}
	for name, content := range cases {
		t.Run(name, func(t *testing.T) {
			done(t, os.WriteFile(path, content, 0o600))
			if _, err := Read(folder); !errors.Is(err, errDamaged) {
				t.Errorf("Read: %v, want %v", err, errDamaged)
			}
			if _, err := Open(folder, now); !errors.Is(err, errDamaged) {
				t.Errorf("Open: %v, want %v", err, errDamaged)
			}
			if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, content) {
				t.Error("a damaged journal was changed")
			}
		})
	}
	t.Run("any bit", func(t *testing.T) {
		for i := range lengths[len(lengths)-1] - 1 {
			flipped := slices.Clone(whole)
			flipped[i] ^= 1 << (i % 8)
			if flipped[i] == 0 || flipped[i] == '\n' {
				continue
			}
			if _, err := readState(bytes.NewReader(flipped)); !errors.Is(err, errDamaged) {
				t.Fatalf("byte %d flipped: %v", i, err)
			}
		}
	})
}

func TestLock(t *testing.T) {
	folder := t.TempDir()
	j := opened(t, folder)
	_, err := Open(folder, now+1)
	var locked *LockedError
	if !errors.Is(err, ErrLocked) || !errors.As(err, &locked) {
		t.Fatalf("second Open: %v, want %v", err, ErrLocked)
	}
	host, _ := os.Hostname()
	if want := (Holder{os.Getpid(), host, now}); locked.Holder != want {
		t.Errorf("holder %+v, want %+v", locked.Holder, want)
	}
	for _, word := range []string{fmt.Sprint(os.Getpid()), host, now.String()} {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%q does not say %s", err, word)
		}
	}
	done(t, j.Close())
	j = opened(t, folder)
	done(t, j.Close())
}

func TestLockWithoutHolder(t *testing.T) {
	folder := t.TempDir()
	j := opened(t, folder)
	defer j.Close()
	done(t, os.WriteFile(filepath.Join(folder, lockName), []byte("{"), 0o600))
	if _, err := Open(folder, now); !errors.Is(err, ErrLocked) {
		t.Errorf("Open: %v, want %v", err, ErrLocked)
	}
}

func TestManifests(t *testing.T) {
	folder, _ := tell(t)
	j := opened(t, folder)
	defer j.Close()
	a, err := j.Begin(document(t), now)
	done(t, err)
	want := executor.Manifest{At: now, Action: "kill", Datasource: "wiki",
		Task:    plan.Task{ID: "t1", Interval: druid.Interval{Start: 0, End: 1}, Versions: []string{"v"}, Limit: 1, BatchSize: 1, MaxUsedStatusLastUpdated: now},
		Victims: []executor.Victim{{ID: "wiki_x", Bytes: 12, LoadSpec: `{"type":"local"}`}, {ID: "wiki_y", Bytes: -1}}}
	done(t, a.Manifest(want))
	got, err := j.Manifests(a.ID())
	done(t, err)
	if diff := cmp.Diff([]executor.Manifest{want}, got); diff != "" {
		t.Errorf("manifests (-want +got):\n%s", diff)
	}
	for _, id := range []string{"", "..", "../t", "a/b", `a\b`, ".hidden"} {
		want.Task.ID = id
		if err := a.Manifest(want); err == nil {
			t.Errorf("task id %q was accepted as a file name", id)
		}
	}
	if _, err := j.Manifests("../plans"); err == nil {
		t.Error("an apply outside the folder was accepted")
	}
	if none, err := j.Manifests("none"); err != nil || len(none) != 0 {
		t.Errorf("manifests of an apply without any: %v, %v", none, err)
	}
}

func TestOwnerAlone(t *testing.T) {
	folder, _ := tell(t)
	j := opened(t, folder)
	a, err := j.Begin(document(t), now)
	done(t, err)
	done(t, a.Manifest(executor.Manifest{Task: plan.Task{ID: "t"}}))
	done(t, j.Close())
	done(t, filepath.Walk(folder, func(path string, info os.FileInfo, err error) error {
		if want := os.FileMode(0o600); err == nil && !info.IsDir() && info.Mode().Perm() != want {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		if err == nil && info.IsDir() && info.Mode().Perm() != 0o700 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		return err
	}))
}
