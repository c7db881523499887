package contract

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"coppice/internal/druid"
)

const (
	coordinator = "/druid/coordinator/v1"
	overlord    = "/druid/indexer/v1"
)

// cluster is a Druid to be asked. What is not HTTP differs between the sandbox and the real one.
type cluster interface {
	client() *http.Client
	base() string
	// add writes rows into the segments table, and their files into deep storage.
	add(t *testing.T, segments ...segment)
	// remove deletes rows from the table.
	remove(t *testing.T, dataSource string, ids ...string)
	// rows reads the table.
	rows(t *testing.T, dataSource string) []row
	// files are the paths of the files of a datasource, below deep storage.
	files(t *testing.T, dataSource string) []string
	// folders are the names right below deep storage.
	folders(t *testing.T) map[string]bool
	// hold makes a task that holds an exclusive lock of priority 50, until release.
	hold(t *testing.T, dataSource string, interval string) (taskID string, release func())
	// pause lets a little time go by; patience is how many pauses are enough for anything that is to happen.
	pause()
	patience() int
}

// segment is a row to be; the rest follows from these.
type segment struct {
	dataSource, interval, version string
	partition, core               int
	used                          bool
	// markedAt is the text of the stamp; empty for the usual one, "NULL" for none.
	markedAt string
	// shardSpec replaces that of numbered.
	shardSpec string
	// upgradedFrom is an id, fileOf that of the segment whose file this one shares.
	upgradedFrom, fileOf string
}

// row is what the table holds.
type row struct {
	ID       string
	Used     bool
	MarkedAt string // empty for NULL
}

// usual is the stamp of a segment that says nothing else.
const usual = "2024-02-01T00:00:00.000Z"

func (s segment) id() string {
	i := mustInterval(s.interval)
	return druid.SegmentID{DataSource: s.dataSource, Interval: i, Version: s.version, Partition: int32(s.partition)}.String()
}

func (s segment) shard() string {
	if s.shardSpec != "" {
		return s.shardSpec
	}
	return fmt.Sprintf(`{"type":"numbered","partitionNum":%d,"partitions":%d}`, s.partition, max(s.core, 1))
}

func mustInterval(text string) druid.Interval {
	i, err := druid.ParseInterval(text)
	if err != nil {
		panic(err) // an interval of a test
	}
	return i
}

// days are segments of the first n days of January 2024, of one version, used.
func days(dataSource, version string, n int) []segment {
	var all []segment
	for d := 1; d <= n; d++ {
		interval := fmt.Sprintf("2024-01-%02d/P1D", d)
		all = append(all, segment{dataSource: dataSource, interval: interval, version: version, used: true})
	}
	return all
}

// The versions of the tests: instants of the past, so that locks cover them.
const v1, v2, v3 = "2024-02-01T00:00:00.000Z", "2024-02-02T00:00:00.000Z", "2024-02-03T00:00:00.000Z"

// talk is one test's conversation with one cluster.
type talk struct {
	*testing.T
	cluster
	// ds is the test's own datasource.
	ds string
}

// reply is an answer.
type reply struct {
	Status int
	Body   string
}

// onEach runs a test on the sandbox and on real Druid.
func onEach(t *testing.T, test func(*talk)) {
	t.Helper()
	name := strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(t.Name(), "Test"), "/", "_"))
	t.Run("sandbox", func(t *testing.T) { test(&talk{t, newSandbox(t), name}) })
	t.Run("druid", func(t *testing.T) { test(&talk{t, realDruid(t), name}) })
}

// send asks with JSON accepted; header lines ("Name: value") come on top, and "Name:" takes one away.
func (t *talk) send(method, path, body string, headers ...string) reply {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, t.base()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("Content-Type", "application/json")
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ":")
		if request.Header.Del(name); strings.TrimSpace(value) != "" {
			request.Header.Set(name, strings.TrimSpace(value))
		}
	}
	answer, err := t.client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{answer.StatusCode, string(data)}
}

func (t *talk) get(path string) reply { t.Helper(); return t.send("GET", path, "") }

func (t *talk) post(path, body string, headers ...string) reply {
	t.Helper()
	return t.send("POST", path, body, headers...)
}

// expect compares an answer; what says what was asked.
func (t *talk) expect(what string, got reply, status int, body string) {
	t.Helper()
	if diff := cmp.Diff(reply{status, body}, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// must asks for a 200 and decodes it.
func (t *talk) must(got reply, into any) {
	t.Helper()
	if got.Status != http.StatusOK {
		t.Fatalf("got %d %s, want 200", got.Status, got.Body)
	}
	if into == nil {
		return
	}
	if err := json.Unmarshal([]byte(got.Body), into); err != nil {
		t.Fatalf("%v in %s", err, got.Body)
	}
}

// until waits for a state.
func (t *talk) until(what string, reached func() bool) {
	t.Helper()
	for range t.patience() {
		if reached() {
			return
		}
		t.pause()
	}
	t.Fatalf("not reached in time: %s", what)
}

// usedIDs are the ids of the datasource's used rows, sorted.
func (t *talk) usedIDs() []string {
	t.Helper()
	used := []string{}
	for _, r := range t.rows(t.T, t.ds) {
		if r.Used {
			used = append(used, r.ID)
		}
	}
	slices.Sort(used)
	return used
}

func (t *talk) stamp(id string) string {
	t.Helper()
	for _, r := range t.rows(t.T, t.ds) {
		if r.ID == id {
			return r.MarkedAt
		}
	}
	t.Fatalf("there is no row %s", id)
	return ""
}

func ids(segments ...segment) []string {
	list := []string{}
	for _, s := range segments {
		list = append(list, s.id())
	}
	return sorted(list)
}

func sorted(list []string) []string {
	slices.Sort(list)
	return list
}

// asJSON prints a value as a request's body.
func asJSON(value any) string {
	data, err := json.Marshal(value)
	if err != nil {
		panic(err) // a value of a test
	}
	return string(data)
}

// seen waits until the Coordinator's snapshot has so many segments of the datasource.
func (t *talk) seen(count int) {
	t.Helper()
	t.until(fmt.Sprintf("%d segments of %s in the snapshot", count, t.ds), func() bool {
		var list []json.RawMessage
		t.must(t.get(coordinator+"/metadata/segments?datasources="+t.ds), &list)
		return len(list) == count
	})
}

// runs waits until the rules have been run, from start to end or to an exception, n times more.
func (t *talk) runs(n int) (last dutyGroup) {
	t.Helper()
	first := t.rulesRun().LastRunStart
	for range n {
		t.until("another run of the rules", func() bool {
			last = t.rulesRun()
			return last.LastRunStart > first
		})
		first = last.LastRunStart
	}
	return last
}

type dutyGroup struct {
	Name                     string
	LastRunStart, LastRunEnd string
}

func (t *talk) rulesRun() dutyGroup {
	t.Helper()
	var duties struct{ DutyGroups []dutyGroup }
	t.must(t.get(coordinator+"/duties"), &duties)
	for _, group := range duties.DutyGroups {
		if group.Name == "HistoricalManagementDuties" {
			return group
		}
	}
	t.Fatal("no HistoricalManagementDuties")
	return dutyGroup{}
}

// namesIn lists a folder.
func namesIn(t *testing.T, folder string) map[string]bool {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, entry := range entries {
		names[entry.Name()] = true
	}
	return names
}
