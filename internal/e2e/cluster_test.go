package e2e

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lib/pq"

	"coppice/internal/druidkit"
)

const (
	coordinator = "/druid/coordinator/v1"
	overlord    = "/druid/indexer/v1"
)

// The versions that are tested. The older one has the whole suite, the newer one the predictions.
const older, newer = "33.0.0", "37.0.0"

// keepAll keeps everything used, and nobody tries to load it: most segments of the tests have no real files.
const keepAll = `[{"type":"loadForever","tieredReplicants":{}}]`

// world is a real cluster as one test sees it.
type world struct {
	*testing.T
	*druidkit.Cluster
	store *sql.DB
}

var prepared sync.Map // a *sync.Once by version

// realWorld is the shared cluster of a version. It skips unless real parts are required.
func realWorld(t *testing.T, version string) *world {
	t.Helper()
	w := &world{T: t, Cluster: druidkit.Start(t, druidkit.Options{Version: version})}
	var err error
	if w.store, err = sql.Open("postgres", w.DSN); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.store.Close() })
	once, _ := prepared.LoadOrStore(version, &sync.Once{})
	once.(*sync.Once).Do(func() {
		w.setRules("_default", keepAll)
		w.exec(`CREATE ROLE e2e_reader LOGIN`)
		w.exec(`GRANT pg_read_all_data TO e2e_reader`)
		w.exec(`REVOKE EXECUTE ON FUNCTION pg_try_advisory_lock(int, int) FROM PUBLIC`)
		// As it is in a table that was upgraded from before Druid 28.
		w.exec(`ALTER TABLE druid_segments ALTER COLUMN used_status_last_updated DROP NOT NULL`)
	})
	return w
}

// reader is the store for a role that may read and nothing else, not even take the lock of an apply: so that the tests can
// apply at the same time, each to its own datasources.
func (w *world) reader() string {
	w.Helper()
	u, err := url.Parse(w.DSN)
	if err != nil {
		w.Fatal(err)
	}
	u.User = url.User("e2e_reader")
	return u.String()
}

// exec runs a statement in the metadata store.
func (w *world) exec(statement string, arguments ...any) {
	w.Helper()
	if _, err := w.store.ExecContext(w.Context(), statement, arguments...); err != nil {
		w.Fatalf("%s: %v", statement, err)
	}
}

// row is what the segments table holds of a segment.
type row struct {
	ID       string
	Used     bool
	MarkedAt string
}

// rows reads the rows of datasources, by id.
func (w *world) rows(dataSources ...string) []row {
	w.Helper()
	found, err := w.store.QueryContext(w.Context(),
		`SELECT id, used, coalesce(used_status_last_updated, '') FROM druid_segments WHERE datasource = ANY ($1) ORDER BY id`, pq.Array(dataSources))
	if err != nil {
		w.Fatal(err)
	}
	defer found.Close()
	var rows []row
	for found.Next() {
		var r row
		if err := found.Scan(&r.ID, &r.Used, &r.MarkedAt); err != nil {
			w.Fatal(err)
		}
		rows = append(rows, r)
	}
	if err := found.Err(); err != nil {
		w.Fatal(err)
	}
	return rows
}

// ids are those of the rows with that state.
func ids(rows []row, used bool) []string {
	list := []string{}
	for _, r := range rows {
		if r.Used == used {
			list = append(list, r.ID)
		}
	}
	return list
}

// files are the segments of a datasource in deep storage, as folders below the datasource's own.
func (w *world) files(dataSource string) []string {
	w.Helper()
	root := filepath.Join(w.DeepStorage, dataSource)
	found := map[string]bool{}
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			segment, err := filepath.Rel(root, filepath.Dir(filepath.Dir(name)))
			found[segment] = true
			return err
		}
		return err
	})
	if err != nil && !os.IsNotExist(err) {
		w.Fatal(err)
	}
	list := []string{}
	for folder := range found {
		list = append(list, folder)
	}
	slices.Sort(list)
	return list
}

// ask sends a request that must be answered with 200, and decodes the answer when asked to.
func (w *world) ask(method, path, body string, into any) {
	w.Helper()
	status, text := w.send(method, path, body)
	if status != http.StatusOK {
		w.Fatalf("%s %s: %d %s", method, path, status, text)
	}
	if into == nil {
		return
	}
	if err := json.Unmarshal([]byte(text), into); err != nil {
		w.Fatalf("%s %s: %v in %s", method, path, err, text)
	}
}

func (w *world) send(method, path, body string) (status int, text string) {
	w.Helper()
	request, err := http.NewRequestWithContext(w.Context(), method, w.Coordinator+path, strings.NewReader(body))
	if err != nil {
		w.Fatal(err)
	}
	request.Header.Set("Accept", "application/json, */*")
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		w.Fatal(err)
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(answer.Body)
	if err != nil {
		w.Fatal(err)
	}
	return answer.StatusCode, string(data)
}

// setRules posts a list. Two posts in one millisecond collide in Druid's table, which it answers with 500.
func (w *world) setRules(key, list string) {
	w.Helper()
	w.until("the rules of "+key+" are taken", 10*time.Second, func() bool {
		status, text := w.send(http.MethodPost, coordinator+"/rules/"+key, list)
		if status != http.StatusOK && status != http.StatusInternalServerError {
			w.Fatalf("rules of %s: %d %s\n%s", key, status, text, list)
		}
		return status == http.StatusOK
	})
}

// configure changes the Coordinator's dynamic configuration.
func (w *world) configure(name string, value any) {
	w.Helper()
	body, err := json.Marshal(map[string]any{name: value})
	if err != nil {
		w.Fatal(err)
	}
	w.ask(http.MethodPost, coordinator+"/config", string(body), nil)
}

// pause is how long to wait between two looks.
const pause = 100 * time.Millisecond

// until polls for a state.
func (w *world) until(what string, limit time.Duration, reached func() bool) {
	w.Helper()
	for end := time.Now().Add(limit); !reached(); time.Sleep(pause) {
		if time.Now().After(end) {
			w.Fatalf("not reached within %s: %s", limit, what)
		}
	}
}

// served are the segments in the Coordinator's snapshot, each with whether it is overshadowed.
func (w *world) served(dataSources ...string) map[string]bool {
	w.Helper()
	var list []struct {
		Identifier   string
		Overshadowed bool
	}
	w.ask(http.MethodGet, coordinator+"/metadata/segments?includeOvershadowedStatus&datasources="+strings.Join(dataSources, "&datasources="), "", &list)
	found := map[string]bool{}
	for _, s := range list {
		found[s.Identifier] = s.Overshadowed
	}
	return found
}

// ruleRun is when the Coordinator's rules were last run to the end.
func (w *world) ruleRun() string {
	w.Helper()
	var duties struct {
		DutyGroups []struct{ Name, LastRunEnd string }
	}
	w.ask(http.MethodGet, coordinator+"/duties", "", &duties)
	for _, group := range duties.DutyGroups {
		if group.Name == "HistoricalManagementDuties" {
			return group.LastRunEnd
		}
	}
	return ""
}

// settled waits until the used rows of the datasources have stayed the same over three runs of the rules: a run works on
// what was polled up to a second before, and each may uncover what the next one judges.
func (w *world) settled(dataSources ...string) []row {
	w.Helper()
	rows, run, same := w.rows(dataSources...), w.ruleRun(), 0
	w.until("nothing changes any more", 90*time.Second, func() bool {
		now := w.ruleRun()
		if now == run {
			return false
		}
		run = now
		if again := w.rows(dataSources...); !slices.Equal(again, rows) {
			rows, same = again, 0
		} else {
			same++
		}
		return same == 3
	})
	return rows
}

// named counts how often a name was given, since tests may be run several times in a row.
var named sync.Map

// name is a datasource of the test's own, from its name.
func (w *world) name() string {
	name := "e2e_" + strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(w.Name(), "Test"), "/", "_"))
	count, _ := named.LoadOrStore(name, new(atomic.Int64))
	if n := count.(*atomic.Int64).Add(1); n > 1 {
		name = fmt.Sprintf("%s_%d", name, n)
	}
	return name
}

// day is the day so many days before today, as a date.
func day(before int) string { return time.Now().UTC().AddDate(0, 0, -before).Format(time.DateOnly) }

// instant is a moment so many days ago, as Druid writes it.
func instant(before int) string {
	return time.Now().UTC().AddDate(0, 0, -before).Format("2006-01-02T15:04:05.000Z")
}

// dayOf is the interval of a day.
func dayOf(before int) string {
	return fmt.Sprintf("%sT00:00:00.000Z/%sT00:00:00.000Z", day(before), day(before-1))
}
