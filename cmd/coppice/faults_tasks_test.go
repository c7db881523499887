package main

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"coppice/internal/druid"
	"coppice/internal/sandbox"

	"github.com/google/go-cmp/cmp"
)

// mishap is something that goes wrong in the cluster itself while a plan is applied.
type mishap struct {
	name string
	// set prepares it.
	set  func(s *stage)
	code exitCode
	// other: what somebody else did stays, so the end is not that of an undisturbed apply.
	other bool
	// mend ends it, where nothing else could.
	mend func(s *stage)
}

func (at spot) is(method, suffix string) bool {
	return at.method == method && strings.HasSuffix(at.path, suffix)
}

// at does something when the n-th request of its kind arrives.
func (s *stage) at(method, suffix string, n int, do func()) {
	s.wire.before = func(at spot, _ *http.Request) (*http.Response, error) {
		if at.is(method, suffix) {
			if n--; n == 0 {
				do()
			}
		}
		return nil, nil
	}
}

// behind does something behind the n-th request of its kind.
func (s *stage) behind(method, suffix string, n int, do func(at spot)) {
	s.wire.after = func(at spot, _ *http.Request) (*http.Response, error) {
		if at.is(method, suffix) {
			if n--; n == 0 {
				do(at)
			}
		}
		return nil, nil
	}
}

// answerWith replaces every answer of a kind.
func (s *stage) answerWith(method, suffix string, answer func(*http.Request) (*http.Response, error)) {
	s.wire.after = func(at spot, r *http.Request) (*http.Response, error) {
		if at.is(method, suffix) {
			return answer(r)
		}
		return nil, nil
	}
}

func (s *stage) shutdownAll() {
	var tasks []struct{ ID, StatusCode string }
	try(s.t, json.Unmarshal([]byte(s.ask("/druid/indexer/v1/tasks?type=kill")), &tasks))
	for _, task := range tasks {
		if task.StatusCode == "RUNNING" {
			s.send("POST", "/druid/indexer/v1/task/"+task.ID+"/shutdown", "{}")
		}
	}
}

func (s *stage) lock(name string, ago int) {
	_, err := s.box.Lock(sandbox.Lock{TaskID: "ingestion", DataSource: name, Interval: agoInterval(ago)})
	try(s.t, err)
}

// postRules is somebody else's change of a rule list.
func (s *stage) postRules(name, list string) {
	s.rulesEdited = true
	s.send("POST", "/druid/coordinator/v1/rules/"+name, list)
}

const (
	toRules = "/rules/narrow"
	toTask  = "/indexer/v1/task"
	report  = `{"killUnusedSegments":{"type":"killUnusedSegments","taskId":"x","payload":{"numSegmentsKilled":0,"numBatchesProcessed":1}}}`
	unknown = "Cannot find any task with id: [x]"
)

var forgets = status(404, "text/plain", unknown)

var mishaps = []mishap{
	{"a task is ended by somebody", func(s *stage) { s.behind("POST", toTask, 1, func(spot) { s.shutdownAll() }) }, exitError, false, nil},
	{"a task waits for a lock for ever", func(s *stage) {
		s.at("POST", toTask, 4, func() { s.lock("plain", 95) })
	}, exitPartial, true, nil},
	{"somebody locks what is to be deleted next", func(s *stage) {
		s.at("POST", toTask, 1, func() { s.lock("plain", 95) })
	}, exitPartial, true, nil},
	{"somebody locks what is to be marked", func(s *stage) {
		s.at("POST", "/rules/widen", 1, func() { s.lock("widen", 30) })
	}, exitPartial, true, nil},
	{"a restored segment is marked unused while tasks are sent", func(s *stage) {
		s.at("POST", toTask, 2, func() {
			s.othersAct = true
			s.send("POST", "/druid/indexer/v1/datasources/widen/markUnused",
				`{"segmentIds":["`+druid.SegmentID{DataSource: "widen", Interval: agoInterval(30), Version: "1"}.String()+`"]}`)
		})
	}, exitDifference, true, nil},
	{"rules are edited behind the last task", func(s *stage) {
		s.at("POST", toTask, 6, func() { s.postRules("narrow", loadFor("P50D")) })
	}, exitDifference, true, nil},
	{"a worker is never free", func(s *stage) {
		s.at("POST", toTask, 1, func() {
			for _, id := range []string{"a", "b", "c"} {
				try(s.t, s.box.StartTask(id, "compact", "orders"))
			}
		})
	}, exitPartial, false, func(s *stage) {
		for _, id := range []string{"a", "b", "c"} {
			try(s.t, s.box.EndTask(id, true))
		}
	}},
	{"somebody else's kill task comes and stays", func(s *stage) { s.at("POST", toTask, 2, s.othersKill) }, exitPartial, false,
		func(s *stage) { try(s.t, s.box.EndTask(aKillOfOthers, true)) }},
	{"a report of fewer files than rows", func(s *stage) {
		s.answerWith("GET", "/reports", status(200, "application/json", report))
	}, exitDifference, false, nil},
	{"no reports", func(s *stage) { s.answerWith("GET", "/reports", forgets) }, exitDone, false, nil},
	{"the Overlord forgets every task", func(s *stage) { s.answerWith("GET", "/status", forgetsTasks) }, exitDone, false, nil},
	{"the Overlord loses a task", func(s *stage) {
		s.behind("POST", toTask, 1, func(spot) { s.shutdownAll(); s.answerWith("GET", "/status", forgetsTasks) })
	}, exitError, false, nil},
	{"marks are done by half", func(s *stage) {
		s.wire.before = func(at spot, r *http.Request) (*http.Response, error) {
			if at.is("POST", "/markUsed") {
				s.halve(r)
			}
			return nil, nil
		}
	}, exitDifference, false, nil},
	{"rules are edited before they are read again", func(s *stage) {
		s.at("GET", toRules, 3, func() { s.postRules("narrow", loadFor("P50D")) })
	}, exitStale, false, nil},
	{"rules are edited behind the posting", func(s *stage) {
		s.behind("POST", toRules, 1, func(spot) { s.postRules("narrow", loadFor("P50D")) })
	}, exitDifference, false, nil},
	{"rules are edited while tasks are sent", func(s *stage) {
		s.at("POST", toTask, 2, func() { s.postRules("narrow", loadFor("P50D")) })
	}, exitStale, false, nil},
	{"the default rules are edited", func(s *stage) {
		s.at("POST", toTask, 2, func() { s.postRules("_default", loadFor("P500D")) })
	}, exitStale, true, nil},
	{"the Coordinator runs no rules", func(s *stage) {
		s.at("POST", toRules, 1, func() { s.send("POST", "/druid/coordinator/v1/config", `{"pauseCoordination":true}`) })
	}, exitPartial, true, nil},
	{"a victim is used again", func(s *stage) {
		s.at("GET", toRules, 5, func() { s.useAgain("narrow", "narrow_2026-08-10T00:00:00.000Z_2026-08-11T00:00:00.000Z_1") })
	}, exitDifference, true, nil},
	{"a row comes into reach", func(s *stage) {
		s.at("GET", toRules, 5, func() {
			late := unusedDay("narrow", 101, "1", 0)
			late.Partition, late.ShardSpec = 7, `{"type":"numbered","partitionNum":7,"partitions":1}`
			try(s.t, s.box.AddSegments(late))
		})
	}, exitStale, true, nil},
}

func (s *stage) useAgain(name, id string) {
	s.othersAct = true
	s.send("POST", "/druid/indexer/v1/datasources/"+name+"/markUsed", `{"segmentIds":["`+id+`"]}`)
}

// forgetsTasks answers for tasks only: the Coordinator's own status is another path.
func forgetsTasks(r *http.Request) (*http.Response, error) {
	if !strings.Contains(r.URL.Path, "/task/") {
		return nil, nil
	}
	return forgets(r)
}

// halve lets only the first of the ids arrive.
func (s *stage) halve(r *http.Request) {
	var body struct {
		IDs []string `json:"segmentIds"`
	}
	try(s.t, json.NewDecoder(r.Body).Decode(&body))
	body.IDs = body.IDs[:1]
	text, err := json.Marshal(body)
	try(s.t, err)
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader(string(text))), int64(len(text))
}

// TestMishaps: each ends with its exit code, an honest report, and, where nobody else's doing stays, the same end.
func TestMishaps(t *testing.T) {
	_, end := undisturbed(t)
	for _, c := range mishaps {
		t.Run(c.name, func(t *testing.T) {
			s := newStage(t)
			path, made := s.plan()
			c.set(s)
			code, m := s.coppice("apply", "--json", path)
			s.wire.quiet()
			if code != c.code {
				t.Errorf("exit %d, want %d\n%s%s", code, c.code, &m.out, &m.errs)
			}
			s.honest(made, code, m)
			if c.mend != nil {
				c.mend(s)
			}
			if c.other {
				s.settle()
				s.sound()
				return
			}
			s.ends(end)
		})
	}
}

// TestMishapsInWords keeps what people read of some mishaps.
func TestMishapsInWords(t *testing.T) {
	for _, name := range []string{"a task is ended by somebody", "a report of fewer files than rows", "rules are edited behind the posting",
		"a task waits for a lock for ever", "marks are done by half"} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			path, _ := s.plan()
			for _, c := range mishaps {
				if c.name == name {
					c.set(s)
				}
			}
			_, m := s.coppice("apply", path)
			golden(t, strings.ReplaceAll(name, " ", "_"), digests.ReplaceAllString(m.out.String(), "plan (digest)"))
		})
	}
}

// digests differ from run to run: the place of the files is part of what was seen.
var digests = regexp.MustCompile(`plan [0-9a-f]{12}`)

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", "faults", name+".txt")
	if *updateScripts {
		try(t, os.MkdirAll(filepath.Dir(file), 0o755))
		try(t, os.WriteFile(file, []byte(got), 0o644))
	}
	want, err := os.ReadFile(file)
	try(t, err)
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("-want +got (go test -update rewrites):\n%s", diff)
	}
}

// TestRestarts: Coordinator and Overlord are started again at every kind of request, and at every one that changes
// something; nobody notices.
func TestRestarts(t *testing.T) {
	spots, end := undisturbed(t)
	seen := map[string]bool{}
	for _, at := range spots {
		if shape := shapeOf(at); seen[shape] && !at.write() {
			continue
		} else {
			seen[shape] = true
		}
		t.Run(at.String(), func(t *testing.T) {
			s := newStage(t)
			path, made := s.plan()
			s.wire.count = map[string]int{}
			s.wire.before = func(now spot, _ *http.Request) (*http.Response, error) {
				if now == at {
					s.restart()
				}
				return nil, nil
			}
			code, m := s.coppice("apply", "--json", path)
			if code != exitDone {
				t.Errorf("exit %d\n%s%s", code, &m.out, &m.errs)
			}
			s.honest(made, code, m)
			s.ends(end)
		})
	}
}
