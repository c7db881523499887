package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"

	"coppice/internal/druid"
)

// The states of a task. The first three are RUNNING in Druid's statusCode.
const (
	waiting = "WAITING" // for its lock
	pending = "PENDING" // for a task slot; the lock is held
	running = "RUNNING"
	success = "SUCCESS"
	failed  = "FAILED"
)

// task is a task that the Overlord has seen. None is ever forgotten, so an id is spent for ever.
type task struct {
	ID         string          `json:"id"`
	Type       string          `json:"type"`
	DataSource string          `json:"datasource"`
	CreatedAt  string          `json:"created"`
	State      string          `json:"state"`
	Error      *string         `json:"error,omitempty"`
	Payload    json.RawMessage `json:"payload"`
	// StartedAt is the time in milliseconds at which it got its lock and slot.
	StartedAt int64 `json:"started,omitempty"`
	Duration  int64 `json:"duration,omitempty"`
	// Kill is set for kill tasks; the others end only when somebody ends them.
	Kill   *kill       `json:"kill,omitempty"`
	Report *killReport `json:"report,omitempty"`
}

func (t *task) done() bool { return t.State == success || t.State == failed }

func (s *Sandbox) findTask(id string) *task {
	for _, t := range s.state.Tasks {
		if t.ID == id {
			return t
		}
	}
	return nil
}

// taskName makes an id as Druid does: type, datasource, eight letters, and the time.
func (s *Sandbox) taskName(kind, dataSource string, now druid.Instant, parts ...string) string {
	random := rand.New(rand.NewPCG(uint64(s.state.nextSerial()), uint64(now)))
	letters := make([]byte, 8)
	for i := range letters {
		letters[i] = byte('a' + random.IntN(16))
	}
	words := append([]string{kind, dataSource, string(letters)}, parts...)
	return strings.Join(append(words, now.String()), "_")
}

// submit accepts kill tasks; the sandbox has nothing that could run others.
func (c *call) submit() answer {
	var first json.RawMessage
	if failed := c.decode(&first); failed != nil {
		return *failed
	}
	if first == nil || string(first) == "null" {
		return jetty(c.request.URL.Path, "java.lang.NullPointerException", `Cannot invoke "org.apache.druid.indexing.common.task.Task.getDestinationResource()" because "task" is null`)
	}
	var head struct {
		Type string `json:"type"`
		ID   string `json:"id"`
	}
	if err := json.Unmarshal(first, &head); err != nil {
		return problem(http.StatusBadRequest, "Cannot deserialize value: "+err.Error())
	}
	switch head.Type {
	case "kill":
		k, err := parseKill(first)
		if err != nil {
			return problem(http.StatusBadRequest, err.Error())
		}
		return c.accept(k)
	case "":
		return problem(http.StatusBadRequest, "Could not resolve subtype of [simple type, class org.apache.druid.indexing.common.task.Task]: missing type id property 'type'")
	}
	return problem(http.StatusBadRequest, "Please make sure to load all the necessary extensions and jars with type '"+head.Type+
		"' on 'druid/coordinator' service. Could not resolve type id '"+head.Type+"' as a subtype of `org.apache.druid.indexing.common.task.Task` known type ids = [kill]")
}

func (c *call) accept(k *kill) answer {
	if k.ID == "" {
		k.ID = c.taskName("kill", k.DataSource, c.now, k.Interval.Start.String(), k.Interval.End.String())
	}
	if c.findTask(k.ID) != nil {
		return druidException("entryAlreadyExists", "Task["+k.ID+"] already exists")
	}
	c.state.Tasks = append(c.state.Tasks, &task{
		ID: k.ID, Type: "kill", DataSource: k.DataSource, CreatedAt: c.now.String(), State: waiting, Payload: k.payload(), Kill: k,
	})
	c.dirty = true
	return ok(map[string]string{"task": k.ID})
}

// killInterval is the Coordinator's short form: no versions, no cut-off, and the answer does not tell the id.
func (c *call) killInterval() answer {
	interval, err := splitInterval(c.names[1])
	if err != nil {
		return jetty(c.request.URL.Path, "org.apache.druid.error.DruidException", invalidInterval(c.names[1]))
	}
	if interval.Empty() {
		return object(http.StatusInternalServerError, map[string]string{"error": "Exception occurred. Are you sure you have an indexing service?", "message": "interval empty"})
	}
	id := c.taskName("api-issued_kill", c.names[0], c.now, interval.Start.String(), interval.End.String())
	c.accept(&kill{ID: id, DataSource: c.names[0], Interval: interval, BatchSize: defaultBatch})
	a := empty(http.StatusOK)
	a.kind = jsonKind
	return a
}

// progressTasks moves tasks on, oldest first: waiting ones to a lock, those with a lock to a slot, running kills to
// their end.
func (s *Sandbox) progressTasks(now druid.Instant) {
	for _, t := range s.state.Tasks {
		if t.Kill == nil || t.done() {
			continue
		}
		if t.State == waiting && s.acquire(t.Kill.lock(now)) {
			t.State = pending
		}
		if t.State == pending && s.running() < s.options.Capacity {
			t.State, t.StartedAt = running, int64(now)
			s.dirty = true
		}
		if t.State == running && now-druid.Instant(t.StartedAt) >= millis(s.options.TaskTime) {
			s.finish(t, now)
		}
	}
}

func (s *Sandbox) running() (count int) {
	for _, t := range s.state.Tasks {
		if t.State == running {
			count++
		}
	}
	return count
}

func (s *Sandbox) finish(t *task, now druid.Instant) {
	report, err := s.kill(t.Kill)
	t.Duration = max(1, int64(now)-t.StartedAt)
	if err != nil {
		t.fail(err.Error())
	} else {
		t.State, t.Report = success, &report
	}
	s.release(t.ID)
}

func (t *task) fail(why string) { t.State, t.Error = failed, &why }

// startTask puts a task of another kind among the running ones.
func (s *Sandbox) startTask(id, kind, dataSource string, now druid.Instant) error {
	if s.findTask(id) != nil {
		return fmt.Errorf("start task %s: the id is spent", id)
	}
	payload, err := json.Marshal(map[string]string{"type": kind, "id": id, "dataSource": dataSource})
	if err != nil {
		return fmt.Errorf("start task %s: %w", id, err)
	}
	s.state.Tasks = append(s.state.Tasks, &task{
		ID: id, Type: kind, DataSource: dataSource, CreatedAt: now.String(), State: running, StartedAt: int64(now), Payload: payload,
	})
	return nil
}

// StartTask adds a running task of another kind, without a lock, until EndTask.
func (s *Sandbox) StartTask(id, kind, dataSource string) error {
	return s.change(func(now druid.Instant) error { return s.startTask(id, kind, dataSource, now) })
}

// EndTask ends a task that Lock or StartTask started; its locks go.
func (s *Sandbox) EndTask(id string, succeeded bool) error {
	return s.change(func(now druid.Instant) error {
		t := s.findTask(id)
		if t == nil || t.done() {
			return errors.New("end task " + id + ": it does not run")
		}
		t.Duration = max(1, int64(now)-t.StartedAt)
		if t.State = success; !succeeded {
			t.fail("ended")
		}
		s.release(id)
		return nil
	})
}
