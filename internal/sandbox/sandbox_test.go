package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"coppice/internal/druid"
)

// world is a sandbox with a clock that stands still until it is moved.
type world struct {
	*testing.T
	*Sandbox
	dir string
	now *atomic.Int64
}

const overlord, coordinator = overlordPath, coordinatorPath

func open(t *testing.T, options Options) *world {
	t.Helper()
	w := &world{T: t, dir: t.TempDir(), now: new(atomic.Int64)}
	w.now.Store(int64(at("2026-11-20T09:00:00.000Z")))
	w.reopen(options)
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

func (w *world) reopen(options Options) {
	w.Helper()
	options.Clock = func() druid.Instant { return druid.Instant(w.now.Load()) }
	var err error
	if w.Sandbox, err = Open(w.dir, options); err != nil {
		w.Fatal(err)
	}
}

func at(text string) druid.Instant {
	t, err := druid.ParseInstant(text)
	if err != nil {
		panic(err) // an instant of a test
	}
	return t
}

func (w *world) pass(d time.Duration) { w.now.Add(d.Milliseconds()) }

func (w *world) ask(method, path, body string) (status int, answer string) {
	w.Helper()
	request, err := http.NewRequestWithContext(w.Context(), method, "http://sandbox"+path, strings.NewReader(body))
	if err != nil {
		w.Fatal(err)
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("Content-Type", "application/json")
	response, err := (&http.Client{Transport: w.Transport()}).Do(request)
	if err != nil {
		w.Fatal(err)
	}
	data, err := io.ReadAll(response.Body)
	if err != nil {
		w.Fatal(err)
	}
	return response.StatusCode, string(data)
}

func (w *world) post(path, body string) string {
	w.Helper()
	status, answer := w.ask("POST", path, body)
	if status != http.StatusOK {
		w.Fatalf("POST %s: got %d %s", path, status, answer)
	}
	return answer
}

func (w *world) get(path string) string {
	w.Helper()
	status, answer := w.ask("GET", path, "")
	if status != http.StatusOK {
		w.Fatalf("GET %s: got %d %s", path, status, answer)
	}
	return answer
}

// january is a segment of a day of January 2024.
func january(date int, version string, used bool) Segment {
	start := at("2024-01-01T00:00:00Z") + druid.Instant(date-1)*day
	return Segment{DataSource: "d", Interval: druid.Interval{Start: start, End: start + day}, Version: version, Used: used, MarkedAt: start + 30*day}
}

func (w *world) add(segments ...Segment) {
	w.Helper()
	if err := w.AddSegments(segments...); err != nil {
		w.Fatal(err)
	}
}

func (w *world) used() (count int) {
	for _, r := range w.Rows("d") {
		if r.Used {
			count++
		}
	}
	return count
}

func (w *world) wantFiles(want int) {
	w.Helper()
	files, err := w.Files()
	if err != nil || len(files) != want {
		w.Errorf("files: got %v, %v, want %d", files, err, want)
	}
}

func TestStateSurvives(t *testing.T) {
	w := open(t, Options{})
	w.add(january(1, "1", true), january(2, "1", false))
	w.post(coordinator+"/rules/d", `[{"type":"loadForever"}]`)
	w.post(overlord+"/task", `{"type":"kill","id":"k","dataSource":"d","interval":"2020/2021"}`)
	if _, err := w.Lock(Lock{TaskID: "l", DataSource: "d", Interval: january(1, "", false).Interval}); err != nil {
		t.Fatal(err)
	}
	rules, rows := w.get(coordinator+"/rules"), w.Rows("d")
	tasks, history := w.get(overlord+"/tasks"), w.get(coordinator+"/rules/history?count=9")
	locks := w.post(overlord+"/activeLocks", `[{"datasource":"d"}]`)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := w.Tick(); !errors.Is(err, ErrClosed) {
		t.Errorf("Tick of a closed sandbox: got %v", err)
	}
	w.reopen(Options{})
	for name, pair := range map[string][2]string{
		"rules": {rules, w.get(coordinator + "/rules")}, "tasks": {tasks, w.get(overlord + "/tasks")},
		"history": {history, w.get(coordinator + "/rules/history?count=9")}, "locks": {locks, w.post(overlord+"/activeLocks", `[{"datasource":"d"}]`)},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: got %s after the restart, want %s", name, pair[1], pair[0])
		}
	}
	if got := w.Rows("d"); !slices.Equal(got, rows) {
		t.Errorf("rows: got %v, want %v", got, rows)
	}
	w.wantFiles(2)
}

func TestOneProcess(t *testing.T) {
	w := open(t, Options{})
	if _, err := Open(w.dir, Options{}); !errors.Is(err, ErrInUse) {
		t.Errorf("a second Open: got %v, want ErrInUse", err)
	}
	forked, err := syscall.Dup(int(w.lock.Fd())) // as a process has it that has yet to become another program
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(forked)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Errorf("a second Close: got %v", err)
	}
	w.reopen(Options{})
}

func TestOpenRefusesStrangeState(t *testing.T) {
	for name, c := range map[string]struct{ content, want string }{
		"not JSON":     {"{", "read state.json"},
		"later format": {`{"format":2}`, "format 2, but this version reads format 1"},
		"bad interval": {`{"format":1,"segments":[{"id":"x","interval":"nonsense"}]}`, "segment x"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, stateFile), []byte(c.content), 0o644); err != nil {
				t.Fatal(err)
			}
			_, err := Open(dir, Options{})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("Open: got %v, want %q", err, c.want)
			}
			if _, err := Open(dir, Options{}); errors.Is(err, ErrInUse) {
				t.Error("the failed Open kept the lock")
			}
		})
	}
}

// TestCatchUp: a month between two requests is a month of runs.
func TestCatchUp(t *testing.T) {
	w := open(t, Options{})
	w.post(coordinator+"/rules/d", `[{"type":"loadByPeriod","period":"P1M","tieredReplicants":{}},{"type":"dropForever"}]`)
	below, above := january(1, "1", true), january(1, "2", true)
	for _, s := range []*Segment{&below, &above} {
		s.Interval.Start += 1042 * day // 2026-11-08
		s.Interval.End = s.Interval.Start + day
	}
	w.add(below, above)
	w.pass(3 * time.Second)
	w.get("/status/health")
	if got := w.used(); got != 2 {
		t.Fatalf("used after three seconds: got %d, want 2", got)
	}
	w.pass(16 * time.Minute)
	w.get("/status/health")
	if got := w.used(); got != 1 {
		t.Fatalf("used after the clean-up: got %d, want the upper one", got)
	}
	w.pass(60 * 24 * time.Hour)
	w.get("/status/health")
	if got := w.used(); got != 0 {
		t.Errorf("used after two months: got %d, want 0", got)
	}
}

// TestCleanUpWaitsForServing: with replicas wanted, what hides must be served first, one run after it was assigned.
func TestCleanUpWaitsForServing(t *testing.T) {
	w := open(t, Options{})
	w.post(coordinator+"/config", `{"millisToWaitBeforeDeleting":0}`)
	w.add(january(1, "1", true), january(1, "2", true))
	for run, want := range []int{2, 1} {
		if err := w.Tick(); err != nil {
			t.Fatal(err)
		}
		if got := w.used(); got != want {
			t.Errorf("used after run %d: got %d, want %d", run+1, got, want)
		}
	}
}

func TestPausedCoordination(t *testing.T) {
	w := open(t, Options{})
	w.add(january(1, "1", true))
	w.post(coordinator+"/rules/d", `[{"type":"dropForever"}]`)
	w.post(coordinator+"/config", `{"pauseCoordination":true}`)
	w.pass(time.Hour)
	w.get("/status/health")
	if got := w.used(); got != 1 {
		t.Errorf("paused: got %d used, want 1", got)
	}
	w.post(coordinator+"/config", `{"pauseCoordination":false}`)
	w.get("/status/health")
	if got := w.used(); got != 0 {
		t.Errorf("going on: got %d used, want 0", got)
	}
}

// TestTaskStates: waiting for a lock, for a slot, running for a while, done.
func TestTaskStates(t *testing.T) {
	w := open(t, Options{TaskTime: 10 * time.Second, Capacity: 1})
	w.add(january(1, "1", false), january(2, "1", false))
	w.post(overlord+"/task", `{"type":"kill","id":"one","dataSource":"d","interval":"2024-01-01/2024-01-02"}`)
	w.post(overlord+"/task", `{"type":"kill","id":"two","dataSource":"d","interval":"2024-01-02/2024-01-03"}`)
	w.post(overlord+"/task", `{"type":"kill","id":"three","dataSource":"d","interval":"2024-01-01/2024-01-03"}`)
	states := func() (all [3]string) {
		for i, id := range []string{"one", "two", "three"} {
			var answer struct{ Status taskStatus }
			if err := json.Unmarshal([]byte(w.get(overlord+"/task/"+id+"/status")), &answer); err != nil {
				t.Fatal(err)
			}
			all[i] = answer.Status.StatusCode + "/" + answer.Status.RunnerStatusCode
		}
		return all
	}
	const isRunning, isPending, isWaiting, isDone = "RUNNING/RUNNING", "RUNNING/PENDING", "RUNNING/WAITING", "SUCCESS/WAITING"
	for i, want := range [][3]string{
		{isRunning, isPending, isWaiting}, {isDone, isRunning, isWaiting}, {isDone, isDone, isRunning}, {isDone, isDone, isDone},
	} {
		if got := states(); got != want {
			t.Errorf("step %d: got %v, want %v", i, got, want)
		}
		w.pass(10 * time.Second)
	}
	w.wantFiles(0)
}

// TestFilesOutside: a load spec that points elsewhere, and names that would, harm nothing.
func TestFilesOutside(t *testing.T) {
	w := open(t, Options{})
	precious := filepath.Join(t.TempDir(), "index")
	if err := os.MkdirAll(precious, 0o755); err != nil {
		t.Fatal(err)
	}
	elsewhere := january(1, "1", false)
	elsewhere.LoadSpec = `{"type":"local","path":"` + precious + `"}`
	w.add(elsewhere)
	w.post(overlord+"/task", `{"type":"kill","dataSource":"d","interval":"2024/2025"}`)
	w.get("/status/health")
	if _, err := os.Stat(precious); err != nil || len(w.Rows("d")) != 0 {
		t.Errorf("after the kill: %v, rows %v", err, w.Rows("d"))
	}
	climbing := january(1, "../../../../x", false)
	if err := w.AddSegments(climbing); err == nil {
		t.Error("a version with dots was placed")
	}
}

func TestAddSegmentsRefuses(t *testing.T) {
	w := open(t, Options{})
	w.add(january(1, "1", true))
	for name, s := range map[string]Segment{
		"twice":         january(1, "1", true),
		"no datasource": {Interval: january(1, "", true).Interval},
		"no interval":   {DataSource: "d"},
		"no sharer":     {DataSource: "d", Interval: january(2, "", true).Interval, FileOf: "nobody"},
		"bad load spec": {DataSource: "d", Interval: january(2, "", true).Interval, LoadSpec: "{"},
	} {
		if err := w.AddSegments(s); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if got := len(w.Rows("d")); got != 1 {
		t.Errorf("rows: got %d, want 1", got)
	}
}

func TestQuickstart(t *testing.T) {
	w := open(t, Options{})
	began := time.Now()
	if err := Seed(w.Sandbox, "quickstart", druid.Instant(w.now.Load())); err != nil {
		t.Fatal(err)
	}
	t.Logf("seeded in %v", time.Since(began))
	before, err := w.BytesOnDisk()
	if err != nil || before < 20e6 || before > 60e6 {
		t.Errorf("bytes on disk: got %d, %v", before, err)
	}
	rows := w.Rows("wikipedia")
	w.pass(time.Minute)
	w.get("/status/health")
	if got := w.Rows("wikipedia"); !slices.Equal(got, rows) {
		t.Error("the story does not stand still: the rules in force changed it")
	}
	unused := 0
	for _, r := range rows {
		if !r.Used {
			unused++
		}
		if r.MarkedAt > druid.Instant(w.now.Load()).String() {
			t.Errorf("%s was marked in the future: %s", r.ID, r.MarkedAt)
		}
	}
	if unused != 70+30+1 || len(rows)-unused != 59 {
		t.Errorf("got %d unused of %d, want 101 of 160", unused, len(rows))
	}
	if err := Seed(w.Sandbox, "quickstart", 0); err == nil {
		t.Error("a second seed was accepted")
	}
	if err := Seed(open(t, Options{}).Sandbox, "nope", 0); err == nil {
		t.Error("an unknown story was accepted")
	}
}

func TestServe(t *testing.T) {
	w := open(t, Options{})
	ctx, cancel := context.WithCancel(t.Context())
	urls, ended := make(chan string, 1), make(chan error, 1)
	go func() { ended <- w.Serve(ctx, "127.0.0.1:0", func(url string) { urls <- url }) }()
	url := <-urls
	response, err := http.Get(url + coordinator + "/leader")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if body, err := io.ReadAll(response.Body); err != nil || string(body) != url {
		t.Errorf("leader: got %s, %v, want %s", body, err, url)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("Serve: %v", err)
	}
	if err := w.Serve(t.Context(), "0.0.0.0:0", nil); err == nil || !strings.Contains(err.Error(), "not an address of this machine alone") {
		t.Errorf("Serve for everybody: got %v", err)
	}
}
