package druidapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"coppice/internal/druid"
)

// SubmitKill sends a kill task. The error wraps druid.ErrTaskExists when the Overlord has seen the id before, in
// whatever state that task is or ended.
func (c *Client) SubmitKill(ctx context.Context, task druid.KillTask) error {
	if task.Versions == nil {
		task.Versions = []string{} // absent would mean all versions
	}
	body, err := json.Marshal(struct {
		Type       string                     `json:"type"`
		ID         string                     `json:"id"`
		DataSource string                     `json:"dataSource"`
		Interval   string                     `json:"interval"`
		Versions   []string                   `json:"versions"`
		BatchSize  int                        `json:"batchSize"`
		Limit      int                        `json:"limit"`
		Marked     string                     `json:"maxUsedStatusLastUpdatedTime"`
		Context    map[string]json.RawMessage `json:"context,omitempty"`
	}{"kill", task.ID, task.DataSource, task.Interval.String(), task.Versions, task.BatchSize, task.Limit,
		task.MaxUsedStatusLastUpdated.String(), task.Context})
	if err != nil {
		return fmt.Errorf("submit kill task %s: %w", task.ID, err)
	}
	r := request{method: http.MethodPost, role: overlordRole, path: overlordAPI + "/task", body: body, needs: "WRITE on DATASOURCE " + task.DataSource}
	var answer struct{ Task string }
	err = c.decode(ctx, r, &answer)
	switch {
	case exists(err):
		err = fmt.Errorf("%w (%v)", druid.ErrTaskExists, err)
	case err == nil && answer.Task != task.ID:
		err = &AnswerError{r.method, r.path, fmt.Sprintf("the Overlord took the task as %q", answer.Task)}
	}
	return wrapped("submit kill task "+task.ID, err)
}

// exists recognises how Druid refuses a used id: by an error code since 29, before that in words.
func exists(err error) bool {
	var status *StatusError
	if !errors.As(err, &status) || status.Code != http.StatusBadRequest {
		return false
	}
	return strings.Contains(status.Body, "entryAlreadyExists") || strings.Contains(status.Body, "already exists")
}

// KillTasks are the kill tasks that wait, are pending or run, of all datasources that the user may read. A task that goes
// on while it is asked is in its later state.
func (c *Client) KillTasks(ctx context.Context) ([]druid.TaskStatus, error) {
	var found []druid.TaskStatus
	place := map[string]int{}
	for _, state := range []string{"waiting", "pending", "running"} {
		var tasks []task
		r := request{method: http.MethodGet, role: overlordRole, path: overlordAPI + "/tasks", query: url.Values{"state": {state}, "type": {"kill"}},
			needs: "READ on every DATASOURCE", read: true}
		if err := c.decode(ctx, r, &tasks); err != nil {
			return nil, wrapped("read kill tasks", err)
		}
		for _, t := range tasks {
			if t.ID == "" {
				return nil, wrapped("read kill tasks", &AnswerError{r.method, r.path, "a task has no id"})
			}
			if t.Type != "" && t.Type != "kill" {
				continue
			}
			n, known := place[t.ID]
			if !known {
				n = len(found)
				place[t.ID] = n
				found = append(found, druid.TaskStatus{ID: t.ID})
			}
			found[n].State = activeStates[state]
		}
	}
	return found, nil
}

var activeStates = map[string]druid.TaskState{"waiting": druid.TaskWaiting, "pending": druid.TaskPending, "running": druid.TaskRunning}

// TaskStatus asks for the state of a task; TaskUnknown when the Overlord does not know it.
func (c *Client) TaskStatus(ctx context.Context, id string) (druid.TaskStatus, error) {
	var answer struct {
		Status *struct{ ID, StatusCode, RunnerStatusCode, ErrorMsg string }
	}
	r := request{method: http.MethodGet, role: overlordRole, path: overlordAPI + "/task/" + part(id) + "/status",
		needs: "READ on the task's DATASOURCE", read: true}
	err := c.decode(ctx, r, &answer)
	if isCode(err, http.StatusNotFound) || err == nil && answer.Status == nil {
		return druid.TaskStatus{ID: id, State: druid.TaskUnknown}, nil
	}
	if err != nil {
		return druid.TaskStatus{}, wrapped("ask for task "+id, err)
	}
	if answer.Status.ID != id {
		return druid.TaskStatus{}, fmt.Errorf("ask for task %s: the answer is about %q", id, answer.Status.ID)
	}
	state, ok := taskState(answer.Status.StatusCode, answer.Status.RunnerStatusCode)
	if !ok {
		return druid.TaskStatus{}, fmt.Errorf("ask for task %s: its state %q is not known", id, answer.Status.StatusCode)
	}
	return druid.TaskStatus{ID: id, State: state, Error: answer.Status.ErrorMsg}, nil
}

// taskState reads both codes: a finished task still says WAITING in the second.
func taskState(status, runner string) (state druid.TaskState, ok bool) {
	switch status {
	case "SUCCESS":
		return druid.TaskSucceeded, true
	case "FAILED":
		return druid.TaskFailed, true
	case "RUNNING":
		switch runner {
		case "WAITING":
			return druid.TaskWaiting, true
		case "PENDING":
			return druid.TaskPending, true
		}
		return druid.TaskRunning, true
	}
	return druid.TaskUnknown, false
}

// KillReport reads what a kill task that succeeded reports; ok is false when Druid has no report of it.
func (c *Client) KillReport(ctx context.Context, id string) (report druid.KillReport, ok bool, err error) {
	var answer struct {
		KillUnusedSegments *struct {
			Payload struct{ NumSegmentsKilled, NumBatchesProcessed *int }
		}
	}
	r := request{method: http.MethodGet, role: overlordRole, path: overlordAPI + "/task/" + part(id) + "/reports",
		needs: "READ on the task's DATASOURCE", read: true}
	err = c.decode(ctx, r, &answer)
	if isCode(err, http.StatusNotFound) {
		return druid.KillReport{}, false, nil
	}
	if err != nil {
		return druid.KillReport{}, false, wrapped("read the report of task "+id, err)
	}
	if answer.KillUnusedSegments == nil || answer.KillUnusedSegments.Payload.NumSegmentsKilled == nil {
		return druid.KillReport{}, false, nil
	}
	report.Segments = *answer.KillUnusedSegments.Payload.NumSegmentsKilled
	if batches := answer.KillUnusedSegments.Payload.NumBatchesProcessed; batches != nil {
		report.Batches = *batches
	}
	return report, true, nil
}

// Shutdown ends a task. A second time, or for a finished task, Druid does nothing and says yes.
func (c *Client) Shutdown(ctx context.Context, id string) error {
	r := request{method: http.MethodPost, role: overlordRole, path: overlordAPI + "/task/" + part(id) + "/shutdown",
		needs: "WRITE on the task's DATASOURCE"}
	_, _, err := c.whole(ctx, r)
	return wrapped("end task "+id, err)
}
