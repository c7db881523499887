package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"coppice/internal/druid"
)

// Variables of a process that is to be killed. A shipped process knows none of them.
const (
	// mortal is set in such a process, and is its time in milliseconds.
	mortal = "TEST_MORTAL"
	// lastRecord is the number of the journal's record after which the process kills itself; 0 is never.
	lastRecord = "TEST_LAST_RECORD"
	// clockHeader tells the cluster the time of the process.
	clockHeader = "X-Test-Clock"
)

// init turns the test binary into the program when it is started as a process that is to be killed.
func init() {
	if os.Getenv(mortal) == "" {
		return
	}
	p, stop := system()
	m := newMortality()
	p.now, p.wait, p.network = m.now, m.wait, m
	code := run(context.Background(), p)
	stop()
	os.Exit(int(code))
}

// mortality is the clock and the network of a process that is to be killed.
type mortality struct {
	clock   testClock
	journal string
	last    int
}

func newMortality() *mortality {
	m := &mortality{journal: os.Getenv(mortal + "_JOURNAL")}
	millis, _ := strconv.ParseInt(os.Getenv(mortal), 10, 64)
	m.clock.millis.Store(millis)
	m.last, _ = strconv.Atoi(os.Getenv(lastRecord))
	return m
}

// due kills the process, as nothing else can, once its last record is on disk.
func (m *mortality) due() {
	if m.last == 0 {
		return
	}
	if text, err := os.ReadFile(m.journal); err == nil && bytes.Count(text, []byte("\n")) >= m.last {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	}
}

func (m *mortality) now() druid.Instant {
	m.due()
	return m.clock.now()
}

func (m *mortality) wait(ctx context.Context, d time.Duration) error {
	m.due()
	return m.clock.wait(ctx, d)
}

// RoundTrip implements http.RoundTripper.
func (m *mortality) RoundTrip(r *http.Request) (*http.Response, error) {
	m.due()
	r = r.Clone(r.Context())
	r.Header.Set(clockHeader, strconv.FormatInt(int64(m.clock.now()), 10))
	return http.DefaultTransport.RoundTrip(r)
}

// crashStage is a stage whose cluster is reached over a connection. Its tasks run for so long that whoever takes over
// from a process that died meets them, also after waiting for the rules to be polled.
func crashStage(t *testing.T) *stage {
	t.Helper()
	s := stageWith(t, 65*time.Second)
	server := httptest.NewServer(s.wire)
	t.Cleanup(server.Close)
	text := strings.Replace(faultsConfig, "http://druid.invalid", server.URL, 1)
	try(t, os.WriteFile(filepath.Join(s.dir, "main.hcl"), []byte(text), 0o600))
	return s
}

// ServeHTTP implements http.Handler: what RoundTrip does, for another process.
func (w *wire) ServeHTTP(to http.ResponseWriter, r *http.Request) {
	if millis, err := strconv.ParseInt(r.Header.Get(clockHeader), 10, 64); err == nil && millis > w.stage.clock.millis.Load() {
		w.stage.clock.millis.Store(millis)
	}
	response, err := w.RoundTrip(r)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	to.Header()["Date"] = nil // it would be that of the machine's clock
	maps.Copy(to.Header(), response.Header)
	to.WriteHeader(response.StatusCode)
	_, _ = io.Copy(to, response.Body)
}

// death says when the process that applies a plan is killed: when a request arrives, when its work is done and its
// answer is not sent yet, or when a record of the journal is on disk.
type death struct {
	at     spot
	after  bool
	record int
}

func (d death) String() string {
	switch {
	case d.record > 0:
		return fmt.Sprintf("record %d", d.record)
	case d.after:
		return "after " + d.at.String()
	}
	return "before " + d.at.String()
}

// perish applies a plan in a process of its own, which is killed.
func (s *stage) perish(path string, d death) {
	s.t.Helper()
	child := exec.Command(os.Args[0], "-C", s.dir, "apply", path)
	child.Env = append(os.Environ(), fmt.Sprintf("%s=%d", mortal, s.clock.millis.Load()), fmt.Sprintf("%s=%d", lastRecord, d.record),
		mortal+"_JOURNAL="+filepath.Join(s.dir, ".coppice", "journal.jsonl"), "COPPICE_AUTHOR=tester")
	var said bytes.Buffer
	child.Stdout, child.Stderr = &said, &said
	kill := func(at spot, _ *http.Request) (*http.Response, error) {
		if at != d.at {
			return nil, nil
		}
		_ = child.Process.Kill()
		return nil, http.ErrAbortHandler
	}
	var err error
	s.wire.alone(func() {
		s.wire.count, s.wire.spots = map[string]int{}, nil
		if d.after {
			s.wire.after = kill
		} else {
			s.wire.before = kill
		}
		err = child.Start()
	})
	if err == nil {
		err = child.Wait()
	}
	s.wire.quiet()
	if status, ok := child.ProcessState.Sys().(syscall.WaitStatus); !ok || !status.Signaled() || status.Signal() != syscall.SIGKILL {
		s.t.Fatalf("the process was not killed: %v\n%s", err, &said)
	}
}

// fork is a second stage in the same state, on copies of its folders.
func (s *stage) fork() *stage {
	s.t.Helper()
	dir := memoryFolder(s.t)
	try(s.t, s.box.Tick()) // writes its state
	try(s.t, os.CopyFS(dir, os.DirFS(s.dir)))
	f := &stage{t: s.t, dir: dir, boxDir: filepath.Join(dir, "box"), clock: startClock(), approved: maps.Clone(s.approved), applies: s.applies,
		taskTime: s.taskTime}
	f.clock.millis.Store(s.clock.millis.Load())
	f.wire = newWire(f)
	f.wire.died, f.wire.submitted, f.wire.rows = maps.Clone(s.wire.died), maps.Clone(s.wire.submitted), maps.Clone(s.wire.rows)
	f.open()
	s.t.Cleanup(func() { _ = f.box.Close() })
	return f
}

// left is everything that a process which takes over will find, but for times.
func (s *stage) left() string {
	s.t.Helper()
	journal, err := os.ReadFile(filepath.Join(s.dir, ".coppice", "journal.jsonl"))
	if err != nil && !os.IsNotExist(err) {
		s.t.Fatal(err)
	}
	var tasks []struct{ ID, StatusCode, RunnerStatusCode string }
	try(s.t, json.Unmarshal([]byte(s.ask("/druid/indexer/v1/tasks")), &tasks))
	return fmt.Sprint(bytes.Count(journal, []byte("\n")), s.wire.rows, s.ask("/druid/coordinator/v1/rules"), tasks)
}

// deaths are all moments of the apply of an undisturbed stage.
func deaths(t *testing.T) (all []death, end string) {
	t.Helper()
	s := crashStage(t)
	path, _ := s.plan()
	s.wire.count, s.wire.spots = map[string]int{}, nil
	if code, m := s.coppice("apply", path); code != exitDone {
		t.Fatalf("apply ended with %d\n%s%s", code, &m.out, &m.errs)
	}
	for _, at := range s.wire.spots {
		all = append(all, death{at: at})
		if at.write() {
			all = append(all, death{at: at, after: true})
		}
	}
	journal, err := os.ReadFile(filepath.Join(s.dir, ".coppice", "journal.jsonl"))
	try(t, err)
	for n := 1; n < bytes.Count(journal, []byte("\n")); n++ {
		all = append(all, death{record: n})
	}
	s.settle()
	s.sound()
	return all, s.picture()
}

// TestKilledAnywhere: the process is killed at every request and every record. A resumed apply, and likewise a new plan,
// comes to the same end; no task is accepted twice and nothing dies that was not approved.
func TestKilledAnywhere(t *testing.T) {
	all, end := deaths(t)
	var followed sync.Map
	t.Logf("%d moments", len(all))
	for _, d := range all {
		t.Run(d.String(), func(t *testing.T) {
			t.Parallel()
			killedAt(t, d, end, &followed)
		})
	}
}

// killedAt does not follow what a death leaves behind when another one left the same.
func killedAt(t *testing.T, d death, end string, followed *sync.Map) {
	s := crashStage(t)
	path, _ := s.plan()
	s.perish(path, d)
	if _, known := followed.LoadOrStore(s.left(), true); known {
		s.sound()
		return
	}
	again := s.fork()
	if code, m := s.coppice("apply", "--resume"); code != exitDone {
		t.Errorf("apply --resume ended with %d\n%s%s", code, &m.out, &m.errs)
	}
	for task, n := range s.wire.submitted {
		if n > 1 {
			t.Errorf("task %s was sent %d times", task, n)
		}
	}
	s.ends(end)
	again.ends(end)
}

// ends settles, and wants the end of an undisturbed apply.
func (s *stage) ends(end string) {
	s.t.Helper()
	s.settle()
	s.sound()
	if got := s.picture(); got != end {
		s.t.Errorf("the end is another one:\n%s\nwant:\n%s", got, end)
	}
}
