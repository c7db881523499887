package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"coppice/internal/druid"
	"coppice/internal/journal"
	"coppice/internal/plan"
	"coppice/internal/sandbox"
)

// faultsConfig declares three datasources of the cluster that faults happen to; orders is left alone.
const faultsConfig = `cluster "try" {
  coordinator = "http://druid.invalid"
}

guard {
  max_unused_percent = 100
}

policy "short" {
  kill {
    superseded_after = "P1D"
    expired_after    = "P30D"
    task {
      max_segments = 2
    }
  }
}

datasource "narrow" {
  policy = "short"
  retention {
    keep = "P30D"
  }
}

datasource "plain" {
  policy = "short"
}

datasource "widen" {
  policy = "short"
  retention {
    keep = "P60D"
  }
}
`

const dayOfTests druid.Instant = 86_400_000

// agoInterval is the day so many days before the day of the tests; the day of the tests is 0.
func agoInterval(ago int) druid.Interval {
	today := startOfTests - startOfTests%dayOfTests
	start := today - druid.Instant(ago)*dayOfTests
	return druid.Interval{Start: start, End: start + dayOfTests}
}

func usedDay(name string, ago int, version string) sandbox.Segment {
	i := agoInterval(ago)
	return sandbox.Segment{DataSource: name, Interval: i, Version: version, Used: true, CreatedAt: i.End, MarkedAt: i.End}
}

// unusedDay was marked so many days after its interval ended.
func unusedDay(name string, ago int, version string, after int) sandbox.Segment {
	s := usedDay(name, ago, version)
	s.Used, s.MarkedAt = false, s.Interval.End+druid.Instant(after)*dayOfTests+2000
	return s
}

// faultsStory is a bit of everything that apply does, in segments of a day:
//
//	narrow  posts rules that drop two used days, and deletes three expired days and two superseded versions
//	widen   posts rules that bring two days back, and deletes two expired days
//	plain   deletes three expired days in two tasks, and a superseded version beside one that stays, since a used row
//	        needs its file: only the list of versions tells them apart
//	orders  is not declared
func faultsStory() []sandbox.Segment {
	shares := unusedDay("plain", 3, "1", 1)
	sharing := usedDay("plain", 3, "2")
	sharing.FileOf = druid.SegmentID{DataSource: "plain", Interval: shares.Interval, Version: "1"}.String()
	return []sandbox.Segment{
		usedDay("narrow", 2, "1"), usedDay("narrow", 3, "3"), usedDay("narrow", 40, "1"), usedDay("narrow", 41, "1"),
		unusedDay("narrow", 3, "1", 0), unusedDay("narrow", 3, "2", 0), unusedDay("narrow", 20, "1", 14),
		unusedDay("narrow", 100, "1", 60), unusedDay("narrow", 101, "1", 60), unusedDay("narrow", 102, "1", 60),
		usedDay("widen", 2, "1"), unusedDay("widen", 30, "1", 20), unusedDay("widen", 31, "1", 20),
		unusedDay("widen", 120, "1", 20), unusedDay("widen", 121, "1", 20),
		usedDay("plain", 2, "1"), shares, sharing, unusedDay("plain", 3, "0", 1),
		unusedDay("plain", 90, "1", 60-30), unusedDay("plain", 91, "1", 60-30), unusedDay("plain", 95, "1", 60-30),
		usedDay("orders", 2, "1"), unusedDay("orders", 100, "1", 60),
	}
}

func loadFor(period string) string {
	return `[{"type":"loadByPeriod","period":"` + period + `","tieredReplicants":{"_default_tier":1}},{"type":"dropForever"}]`
}

// stage is a cluster, a configuration for it, and a clock that only waiting moves.
type stage struct {
	t *testing.T
	// dir holds the configuration and the state directory, box the sandbox.
	dir, boxDir string
	clock       *testClock
	box         *sandbox.Sandbox
	wire        *wire
	// approved are the victims of the plans that were handed to apply, by the task that may take them.
	approved map[string]map[string]bool
	applies  int
	// taskTime is how long a kill task runs.
	taskTime time.Duration
	// rulesEdited: somebody else has posted rules; othersAct: somebody else has done anything to segments.
	rulesEdited, othersAct bool
}

func (s *stage) sandboxOptions() sandbox.Options {
	return sandbox.Options{Clock: s.clock.now, TaskTime: s.taskTime}
}

func (s *stage) open() {
	s.t.Helper()
	var err error
	s.box, err = sandbox.Open(s.boxDir, s.sandboxOptions())
	try(s.t, err)
}

// memoryFolder is a folder in memory where there is one: thousands of journals are written, and what is tested here is
// not the disk.
func memoryFolder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "coppice")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// newStage has tasks that are seen running.
func newStage(t *testing.T) *stage {
	t.Helper()
	return stageWith(t, 3*time.Second)
}

func stageWith(t *testing.T, taskTime time.Duration) *stage {
	t.Helper()
	dir := memoryFolder(t)
	s := &stage{t: t, dir: dir, boxDir: filepath.Join(dir, "box"), clock: startClock(), approved: map[string]map[string]bool{},
		taskTime: taskTime}
	try(t, os.WriteFile(filepath.Join(dir, "main.hcl"), []byte(faultsConfig), 0o600))
	s.wire = newWire(s)
	s.open()
	t.Cleanup(func() { _ = s.box.Close() })
	for name, period := range map[string]string{"narrow": "P60D", "plain": "P30D", "widen": "P20D"} {
		try(t, s.box.SetRules(name, loadFor(period), "admin", "", startOfTests-200*dayOfTests))
	}
	try(t, s.box.AddSegments(faultsStory()...))
	s.wire.look()
	return s
}

// restart is what a Coordinator and Overlord do that are started again: their memory is gone, their store is there.
func (s *stage) restart() {
	try(s.t, s.box.Close())
	s.open()
}

// coppice runs a command.
func (s *stage) coppice(args ...string) (exitCode, *memoryProcess) {
	m := newMemoryProcess(append([]string{"-C", s.dir}, args...)...)
	m.clock, m.now, m.wait = s.clock, s.clock.now, s.clock.wait
	m.network = s.wire
	m.environment["COPPICE_AUTHOR"] = "tester"
	return run(context.Background(), &m.process), m
}

// plan saves a plan and notes what it approves.
func (s *stage) plan() (path string, made *plan.Plan) {
	s.t.Helper()
	s.applies++
	path = filepath.Join(s.dir, fmt.Sprintf("%d.plan", s.applies))
	if code, m := s.coppice("plan", "--out", path); code != exitDone && code != exitBlocked {
		s.t.Fatalf("plan ended with %d\n%s%s", code, &m.out, &m.errs)
	}
	made, err := journal.ReadPlan(path)
	try(s.t, err)
	for _, a := range made.Actions {
		if a.Kind == plan.KillTask {
			s.approve(a)
		}
	}
	return path, made
}

func (s *stage) approve(a *plan.Action) {
	if s.approved[a.Task.ID] == nil {
		s.approved[a.Task.ID] = map[string]bool{}
	}
	for _, r := range a.Runs {
		for id := range r.IDs(a.Datasource) {
			s.approved[a.Task.ID][id.String()] = true
		}
	}
}

// mayTake reports whether a task, or an earlier attempt of it, was approved to take a segment.
func (s *stage) mayTake(task, id string) bool {
	for base, ids := range s.approved {
		if (task == base || strings.HasPrefix(task, base+"-")) && ids[id] {
			return true
		}
	}
	return false
}

// settle plans and applies until nothing is left to do.
func (s *stage) settle() {
	s.t.Helper()
	last := "" // what the last apply said
	for range 6 {
		s.clock.millis.Add(200_000) // tasks that were left behind come to their end
		path, made := s.plan()
		if !anyOpen(made) {
			return
		}
		code, m := s.coppice("apply", path)
		last = fmt.Sprintf("%d\n%s%s", code, &m.out, &m.errs)
	}
	s.t.Errorf("there is still something to do after six applies, the last of which ended with %s", last)
}

// picture is everything that must be the same in the end: rows, rules, files.
func (s *stage) picture() string {
	s.t.Helper()
	try(s.t, s.box.Tick())
	s.wire.look()
	var b strings.Builder
	for _, name := range []string{"narrow", "orders", "plain", "widen"} {
		rows := s.box.Rows(name)
		slices.SortFunc(rows, func(a, b sandbox.Row) int { return strings.Compare(a.ID, b.ID) })
		for _, r := range rows {
			fmt.Fprintf(&b, "row %s used %v\n", r.ID, r.Used)
		}
		fmt.Fprintf(&b, "rules %s %s\n", name, s.ask("/druid/coordinator/v1/rules/"+name))
	}
	files, err := s.box.Files()
	try(s.t, err)
	for _, f := range files {
		fmt.Fprintf(&b, "file %s\n", f)
	}
	return b.String()
}

// ask reads from the cluster, past the wire.
func (s *stage) ask(path string) string {
	s.t.Helper()
	return string(s.send("GET", path, ""))
}

// send is somebody else's request.
func (s *stage) send(method, path, body string) []byte {
	s.t.Helper()
	request, err := http.NewRequest(method, "http://druid.invalid"+path, strings.NewReader(body))
	try(s.t, err)
	request.Header.Set("Accept", "application/json")
	request.Header.Set("Content-Type", "application/json")
	response, err := s.box.Transport().RoundTrip(request)
	try(s.t, err)
	answer, err := io.ReadAll(response.Body)
	try(s.t, err)
	if response.StatusCode >= 400 {
		s.t.Fatalf("%s %s: %d %s", method, path, response.StatusCode, answer)
	}
	return answer
}

// spot is one request of a run: the n-th of its method and path. Numbering all requests would not do, since some of
// them are sent side by side.
type spot struct {
	method, path string
	nth          int
}

func (at spot) String() string { return fmt.Sprintf("%s %s (%d)", at.method, at.path, at.nth) }

// write reports whether the request changes something when it is carried out.
func (at spot) write() bool {
	return at.method != http.MethodGet && !strings.HasSuffix(at.path, "Locks") && !strings.HasSuffix(at.path, "/v2") &&
		!strings.HasSuffix(at.path, "/segments") && !strings.HasSuffix(at.path, "/taskStatus")
}

// wire is the network between the program and the cluster. It lets requests through one by one, keeps watch over what
// they do, and has the faults.
type wire struct {
	stage *stage
	// turn is held by the request that is under way.
	turn  chan struct{}
	count map[string]int
	spots []spot
	// before and after are called around the work; an answer or an error of theirs takes the place of the real one.
	before, after func(spot, *http.Request) (*http.Response, error)
	// rows are those that were there at the last look, with their used column.
	rows map[string]bool
	// died counts rows that went, submitted the requests that brought a task to the Overlord.
	died, submitted map[string]int
	// foreign are kills of somebody else, whose victims are not ours to answer for.
	foreign []foreignKill
	trouble []string
	// ahead is how much the Coordinator's clock is ahead of the stage's; nil: its answers bear no date.
	ahead *druid.Instant
}

type foreignKill struct {
	dataSource string
	interval   druid.Interval
}

func newWire(s *stage) *wire {
	w := &wire{stage: s, turn: make(chan struct{}, 1), count: map[string]int{}, died: map[string]int{}, submitted: map[string]int{}}
	return w
}

// RoundTrip implements http.RoundTripper.
func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	w.turn <- struct{}{}
	held := true
	release := func() {
		if held {
			held = false
			<-w.turn
		}
	}
	defer release()
	key := r.Method + " " + r.URL.EscapedPath()
	w.count[key]++
	at := spot{r.Method, r.URL.EscapedPath(), w.count[key]}
	w.spots = append(w.spots, at)
	if w.before != nil {
		if response, err := w.before(at, r); response != nil || err != nil {
			return w.give(r, response, err, release)
		}
	}
	response, err := w.carry(r)
	if w.ahead != nil && err == nil {
		response.Header.Set("Date", time.UnixMilli(int64(w.stage.clock.now()+*w.ahead)).UTC().Format(http.TimeFormat))
	}
	if w.after != nil {
		if instead, wrong := w.after(at, r); instead != nil || wrong != nil {
			return w.give(r, instead, wrong, release)
		}
	}
	return response, err
}

// errHang stands for an answer that never comes.
var errHang = fmt.Errorf("hang")

func (w *wire) give(r *http.Request, response *http.Response, err error, release func()) (*http.Response, error) {
	if err == errHang {
		release()
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	return response, err
}

// carry brings a request to the sandbox and looks what it did.
func (w *wire) carry(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	response, err := w.stage.box.Transport().RoundTrip(r)
	if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/indexer/v1/task") {
		var task struct{ ID string }
		if json.Unmarshal(body, &task) == nil {
			w.submitted[task.ID]++
		}
	}
	w.look()
	return response, err
}

// look compares the rows with those of the last look. What went must have been unused, approved, or somebody else's
// victim.
func (w *wire) look() {
	now := map[string]bool{}
	for _, name := range []string{"narrow", "orders", "plain", "widen"} {
		for _, r := range w.stage.box.Rows(name) {
			now[r.ID] = r.Used
		}
	}
	for id, used := range w.rows {
		if _, there := now[id]; there {
			continue
		}
		w.died[id]++
		switch {
		case used:
			w.trouble = append(w.trouble, id+" was deleted while it was used")
		case w.died[id] > 1:
			w.trouble = append(w.trouble, id+" was deleted twice")
		case w.foreignTakes(id):
		case !w.someMayTake(id):
			w.trouble = append(w.trouble, id+" was deleted and not approved")
		case !w.stage.inManifest(id):
			w.trouble = append(w.trouble, id+" was deleted and is in no manifest")
		}
	}
	w.rows = now
}

// inManifest reports whether a manifest on disk names the segment.
func (s *stage) inManifest(id string) bool {
	files, err := filepath.Glob(filepath.Join(s.dir, ".coppice", "manifests", "*", "*.json"))
	return err == nil && slices.ContainsFunc(files, func(file string) bool {
		text, err := os.ReadFile(file)
		return err == nil && bytes.Contains(text, []byte(`"id": "`+id+`"`))
	})
}

// someMayTake reports whether a task that was really sent was approved to take the segment.
func (w *wire) someMayTake(id string) bool {
	for task := range w.submitted {
		if w.stage.mayTake(task, id) {
			return true
		}
	}
	return false
}

func (w *wire) foreignTakes(id string) bool {
	return slices.ContainsFunc(w.foreign, func(k foreignKill) bool {
		parsed, err := druid.ParseSegmentID(k.dataSource, id)
		return err == nil && k.interval.Contains(parsed.Interval)
	})
}

// alone does something while no request is on its way.
func (w *wire) alone(do func()) {
	w.turn <- struct{}{}
	defer func() { <-w.turn }()
	do()
}

// quiet takes all faults out.
func (w *wire) quiet() { w.alone(func() { w.before, w.after = nil, nil }) }

// sound fails the test with everything that must never happen.
func (s *stage) sound() {
	s.t.Helper()
	for _, trouble := range s.wire.trouble {
		s.t.Error(trouble)
	}
	s.filesOfUsed()
}

// filesOfUsed: a used row has its files.
func (s *stage) filesOfUsed() {
	s.t.Helper()
	var list []struct {
		Identifier string
		LoadSpec   struct{ Type, Path string }
	}
	try(s.t, json.Unmarshal([]byte(s.ask("/druid/coordinator/v1/metadata/segments")), &list))
	have, err := s.box.Files()
	try(s.t, err)
	for _, seen := range list {
		path, err := filepath.Rel(s.box.DeepStorage(), seen.LoadSpec.Path)
		try(s.t, err)
		if !slices.ContainsFunc(have, func(f string) bool { return strings.HasPrefix(f, filepath.ToSlash(path)+"/") }) {
			s.t.Errorf("%s is used and has no file", seen.Identifier)
		}
	}
}
