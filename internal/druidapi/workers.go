package druidapi

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"sync"
	"time"
)

// Workers carry kill tasks out, so a worker that is older than the Overlord may ignore what a task says.
const (
	// maxWorkers bounds how many are asked, workersAtOnce how many at the same time.
	maxWorkers, workersAtOnce = 100, 10
	// workersWait is how long all of them have to answer.
	workersWait = 3 * time.Second
	maxStatus   = 1 << 20
)

// workerVersions are those of the workers that answer. Their addresses come from the Overlord and not from the
// configuration, so no credentials are sent there, and what cannot be read does not count.
func (c *Client) workerVersions(ctx context.Context) []string {
	ctx, cancel := context.WithTimeout(ctx, workersWait)
	defer cancel()
	addresses := c.workers(ctx)
	found := make([]string, len(addresses))
	var group sync.WaitGroup
	slots := make(chan struct{}, workersAtOnce)
	for i, address := range addresses {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			found[i] = c.workerVersion(ctx, address)
		})
	}
	group.Wait()
	var versions []string
	for _, version := range found {
		if len(versionNumbers(version)) > 0 {
			versions = append(versions, version)
		}
	}
	return versions
}

// workers are the addresses of the first maxWorkers workers that the Overlord lists; none when it lists none, as where
// tasks are pods of their own. It is asked once: an Overlord without workers answers with an error.
func (c *Client) workers(ctx context.Context) []string {
	base, err := c.base(ctx, overlordRole)
	if err != nil {
		return nil
	}
	var listed []struct {
		Worker struct{ Scheme, Host string }
	}
	r := request{method: http.MethodGet, path: overlordAPI + "/workers", needs: "READ on STATE", read: true}
	if err := c.ask(ctx, r, base, &listed); err != nil {
		c.log.Debug("the workers are not known", "reason", err)
		return nil
	}
	var addresses []string
	for _, l := range listed {
		address, err := baseURL("worker", l.Worker.Scheme+"://"+l.Worker.Host)
		if err == nil && len(addresses) < maxWorkers {
			addresses = append(addresses, address)
		}
	}
	return addresses
}

// workerVersion is empty when the worker does not answer.
func (c *Client) workerVersion(ctx context.Context, address string) string {
	var answer struct{ Version string }
	r := request{method: http.MethodGet, path: "/status", anonymous: true, read: true}
	if err := c.ask(ctx, r, address, &answer); err != nil {
		c.log.Debug("a worker does not say its version", "worker", address, "reason", err)
	}
	return answer.Version
}

// ask reads a JSON answer of moderate length in one attempt.
func (c *Client) ask(ctx context.Context, r request, base string, into any) error {
	got, err := c.follow(ctx, r, base+r.path)
	if err != nil {
		return err
	}
	defer got.Close()
	body, err := io.ReadAll(io.LimitReader(got, maxStatus))
	if err != nil {
		return err
	}
	return json.Unmarshal(body, into)
}
