package sandbox

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"coppice/internal/druid"
)

// location is where a task runs.
type location struct {
	Host    *string `json:"host"`
	Port    int     `json:"port"`
	TLSPort int     `json:"tlsPort"`
}

type taskStatus struct {
	ID                 string   `json:"id"`
	GroupID            string   `json:"groupId"`
	Type               string   `json:"type"`
	CreatedTime        string   `json:"createdTime"`
	QueueInsertionTime string   `json:"queueInsertionTime"`
	StatusCode         string   `json:"statusCode"`
	Status             string   `json:"status"`
	RunnerStatusCode   string   `json:"runnerStatusCode"`
	Duration           int64    `json:"duration"`
	Location           location `json:"location"`
	DataSource         string   `json:"dataSource"`
	ErrorMsg           *string  `json:"errorMsg"`
}

// statusOf is a task's status. A finished one says WAITING or NONE as runnerStatusCode, depending on who asks.
func statusOf(t *task, finished string) taskStatus {
	status := taskStatus{
		ID: t.ID, GroupID: t.ID, Type: t.Type, CreatedTime: t.CreatedAt, QueueInsertionTime: druid.Instant(0).String(),
		StatusCode: running, Status: running, RunnerStatusCode: t.State, Duration: -1, Location: whereabouts(t),
		DataSource: t.DataSource, ErrorMsg: t.Error,
	}
	if t.done() {
		status.StatusCode, status.Status, status.RunnerStatusCode, status.Duration = t.State, t.State, finished, t.Duration
	}
	return status
}

func whereabouts(t *task) location {
	if t.StartedAt == 0 {
		return location{Port: -1, TLSPort: -1}
	}
	host := "127.0.0.1"
	return location{Host: &host, Port: 8091, TLSPort: -1}
}

// asked finds the task of the path; failed is the answer when nobody knows it.
func (c *call) asked() (t *task, failed *answer) {
	if t = c.findTask(c.names[0]); t == nil {
		a := plain(http.StatusNotFound, "Cannot find any task with id: ["+c.names[0]+"]")
		return nil, &a
	}
	return t, nil
}

func (c *call) taskPayload() answer {
	t, failed := c.asked()
	if failed != nil {
		return *failed
	}
	return ok(struct {
		Task    string          `json:"task"`
		Payload json.RawMessage `json:"payload"`
	}{t.ID, t.Payload})
}

func (c *call) taskStatus() answer {
	t, failed := c.asked()
	if failed != nil {
		return *failed
	}
	return ok(struct {
		Task   string     `json:"task"`
		Status taskStatus `json:"status"`
	}{t.ID, statusOf(t, waiting)})
}

// taskReport exists for tasks that succeeded.
func (c *call) taskReport() answer {
	t, failed := c.asked()
	if failed != nil {
		return *failed
	}
	if t.Report == nil {
		return plain(http.StatusNotFound, "No task reports were found for this task. The task may not exist, or it may not have completed yet.")
	}
	return ok(map[string]any{"killUnusedSegments": struct {
		Type    string      `json:"type"`
		TaskID  string      `json:"taskId"`
		Payload *killReport `json:"payload"`
	}{"killUnusedSegments", t.ID, t.Report}})
}

// shutdown ends a task by force. Of a finished one it changes nothing and answers the same.
func (c *call) shutdown() answer {
	t, failed := c.asked()
	if failed != nil {
		return *failed
	}
	if !t.done() {
		t.fail("Shutdown request from user")
		t.Duration = -1
		c.release(t.ID)
	}
	return ok(map[string]string{"task": t.ID})
}

// taskStatuses leaves unknown ids out.
func (c *call) taskStatuses() answer {
	var ids []string
	if failed := c.decode(&ids); failed != nil {
		return *failed
	}
	type short struct {
		ID       string   `json:"id"`
		Status   string   `json:"status"`
		Duration int64    `json:"duration"`
		ErrorMsg *string  `json:"errorMsg"`
		Location location `json:"location"`
	}
	found := map[string]short{}
	for _, id := range ids {
		if t := c.findTask(id); t != nil {
			status := statusOf(t, waiting)
			found[id] = short{t.ID, status.Status, status.Duration, t.Error, status.Location}
		}
	}
	return ok(found)
}

// tasks lists by state, datasource and type; finished ones first, newest first.
func (c *call) tasks() answer { return c.tasksOf(c.query.Get("state")) }

func tasksIn(state string) func(*call) answer {
	return func(c *call) answer { return c.tasksOf(state) }
}

func (c *call) tasksOf(state string) answer {
	state = strings.ToLower(state)
	if !slices.Contains([]string{"", "pending", "waiting", "running", "complete"}, state) {
		return plain(http.StatusBadRequest, "Invalid task state["+c.query.Get("state")+"]. Must be one of [pending, waiting, running, complete].")
	}
	complete, active := []taskStatus{}, []taskStatus{}
	for _, t := range c.state.Tasks {
		name, kind := c.query.Get("datasource"), c.query.Get("type")
		if name != "" && name != t.DataSource || kind != "" && kind != t.Type {
			continue
		}
		switch {
		case t.done() && (state == "" || state == "complete"):
			complete = append(complete, statusOf(t, "NONE"))
		case !t.done() && (state == "" || strings.EqualFold(state, t.State)):
			active = append(active, statusOf(t, "NONE"))
		}
	}
	slices.Reverse(complete)
	if most, err := strconv.Atoi(c.query.Get("max")); err == nil && most >= 0 && most < len(complete) {
		complete = complete[:most]
	}
	return ok(append(complete, active...))
}

func (c *call) capacity() answer {
	return ok(struct {
		Current int `json:"currentClusterCapacity"`
		Maximum int `json:"maximumCapacityWithAutoScale"`
		Used    int `json:"usedClusterCapacity"`
	}{c.options.Capacity, -1, c.running()})
}

// workers is one worker, at the sandbox's own address: it answers there for itself.
func (c *call) workers() answer {
	type worker struct {
		Scheme   string `json:"scheme"`
		Host     string `json:"host"`
		IP       string `json:"ip"`
		Capacity int    `json:"capacity"`
		Version  string `json:"version"`
		Category string `json:"category"`
	}
	tasks := []string{}
	for _, t := range c.state.Tasks {
		if t.State == running {
			tasks = append(tasks, t.ID)
		}
	}
	return ok([]map[string]any{{
		"worker":           worker{"http", c.request.Host, "localhost", c.options.Capacity, "0", "_default_worker_category"},
		"currCapacityUsed": len(tasks), "currParallelIndexCapacityUsed": 0, "availabilityGroups": tasks,
		"runningTasks": tasks, "lastCompletedTaskTime": c.now.String(),
	}})
}
