package druidapi

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"

	"coppice/internal/druid"
)

// Claims returns what locks and tasks that wait work on, of the datasources named, in no order. Pending segments are
// not shown by Druid's API; the tasks that allocated them hold locks. An error means that the list is not complete.
func (c *Client) Claims(ctx context.Context, datasources []string) ([]druid.Claim, error) {
	if len(datasources) == 0 {
		return nil, nil
	}
	// Tasks first: one that gets its lock in between is then seen by its lock.
	claims, err := c.waitingClaims(ctx, datasources)
	if err != nil {
		return nil, wrapped("read tasks", err)
	}
	locks, err := c.locks(ctx, datasources)
	if err != nil {
		return nil, wrapped("read locks", err)
	}
	return append(claims, locks...), nil
}

// task is one element of the Overlord's lists of tasks.
type task struct{ ID, Type, DataSource string }

// waitingClaims are those of tasks that hold no lock yet. What a running task works on is seen in its locks.
func (c *Client) waitingClaims(ctx context.Context, datasources []string) ([]druid.Claim, error) {
	var claims []druid.Claim
	for _, state := range []string{"waiting", "pending"} {
		var tasks []task
		r := request{method: http.MethodGet, role: overlordRole, path: overlordAPI + "/tasks", query: url.Values{"state": {state}},
			needs: "READ on every DATASOURCE", read: true}
		if err := c.decode(ctx, r, &tasks); err != nil {
			return nil, err
		}
		for _, t := range tasks {
			if !slices.Contains(datasources, t.DataSource) {
				continue
			}
			intervals, err := c.taskIntervals(ctx, t.ID)
			if err != nil {
				return nil, err
			}
			for _, interval := range intervals {
				claims = append(claims, druid.Claim{DataSource: t.DataSource, Interval: interval, Kind: druid.ClaimTask, By: t.ID})
			}
		}
	}
	return claims, nil
}

func (c *Client) taskIntervals(ctx context.Context, id string) ([]druid.Interval, error) {
	var answer struct{ Payload json.RawMessage }
	r := request{method: http.MethodGet, role: overlordRole, path: overlordAPI + "/task/" + part(id), needs: "READ on the task's DATASOURCE", read: true}
	err := c.decode(ctx, r, &answer)
	if isCode(err, http.StatusNotFound) {
		return nil, nil // gone meanwhile
	}
	return druid.TaskIntervals(answer.Payload), err
}

// lockFilter asks for the locks of one datasource, whatever their priority.
type lockFilter struct {
	DataSource string `json:"datasource"`
	Priority   int32  `json:"priority"`
}

func (c *Client) locks(ctx context.Context, datasources []string) ([]druid.Claim, error) {
	filters := make([]lockFilter, len(datasources))
	for i, name := range datasources {
		filters[i] = lockFilter{name, math.MinInt32}
	}
	body, err := json.Marshal(filters)
	if err != nil {
		return nil, err
	}
	var answer struct{ DatasourceToLocks map[string][]json.RawMessage }
	r := request{method: http.MethodPost, role: overlordRole, path: overlordAPI + "/activeLocks", body: body, needs: "READ on every DATASOURCE", read: true}
	err = c.decode(ctx, r, &answer)
	switch {
	case isCode(err, http.StatusNotFound), isCode(err, http.StatusMethodNotAllowed):
		return c.lockedIntervals(ctx, body) // before Druid 31
	case err != nil:
		return nil, err
	case answer.DatasourceToLocks == nil:
		return nil, &AnswerError{r.method, r.path, "the answer has no datasourceToLocks"}
	}
	var claims []druid.Claim
	for name, locks := range answer.DatasourceToLocks {
		for _, raw := range locks {
			claim, holds, err := druid.ParseLock(raw, "")
			if err != nil {
				return nil, fmt.Errorf("a lock of %s: %w", name, err)
			}
			if claim.DataSource = name; holds {
				claims = append(claims, claim)
			}
		}
	}
	return claims, nil
}

func (c *Client) lockedIntervals(ctx context.Context, body []byte) ([]druid.Claim, error) {
	var answer map[string][]string
	r := request{method: http.MethodPost, role: overlordRole, path: overlordAPI + "/lockedIntervals/v2", body: body, needs: "READ on every DATASOURCE", read: true}
	if err := c.decode(ctx, r, &answer); err != nil {
		return nil, err
	}
	var claims []druid.Claim
	for name, intervals := range answer {
		for _, text := range intervals {
			claim := druid.Claim{DataSource: name, Interval: druid.Eternity, Kind: druid.ClaimLock, By: "a running task"}
			if interval, err := druid.ParseInterval(text); err == nil {
				claim.Interval = interval
			}
			claims = append(claims, claim)
		}
	}
	return claims, nil
}
