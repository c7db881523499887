package druidapi

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"coppice/internal/druid"
)

// Address is the configured address of the Coordinator: scheme, host, port and path, without credentials.
func (c *Client) Address() string { return c.coordinator }

// Version is the lowest version among Coordinator, Overlord and those workers that answer, which carry tasks out. Behind
// a Router the first two are asked through it, since its own version says nothing about them.
func (c *Client) Version(ctx context.Context) (string, error) {
	versions, err := c.versions(ctx)
	if err != nil {
		return "", wrapped("read the version", err)
	}
	return slices.MinFunc(append(versions, c.workerVersions(ctx)...), compareVersions), nil
}

func (c *Client) versions(ctx context.Context) ([]string, error) {
	proxied, err := c.versionAt(ctx, c.coordinator, "/proxy/coordinator/status")
	if err == nil {
		overlord, err := c.versionAt(ctx, c.coordinator, "/proxy/overlord/status")
		return []string{proxied, overlord}, err
	}
	if !isCode(err, http.StatusNotFound) && !isCode(err, http.StatusMethodNotAllowed) {
		// A Router whose proxy may not be used; its own version must not stand in for the others'.
		return nil, err
	}
	coordinator, err := c.versionAt(ctx, c.coordinator, "/status")
	if err != nil {
		return nil, err
	}
	base, err := c.base(ctx, overlordRole)
	if err != nil || base == c.coordinator {
		return []string{coordinator}, err
	}
	overlord, err := c.versionAt(ctx, base, "/status")
	return []string{coordinator, overlord}, err
}

func (c *Client) versionAt(ctx context.Context, base, path string) (string, error) {
	var answer struct{ Version string }
	r := request{method: http.MethodGet, at: base, path: path, needs: "READ on STATE", read: true}
	if err := c.decode(ctx, r, &answer); err != nil {
		return "", err
	}
	if len(versionNumbers(answer.Version)) == 0 {
		return "", &AnswerError{r.method, base + path, fmt.Sprintf("%q is not a version", answer.Version)}
	}
	return answer.Version, nil
}

func compareVersions(a, b string) int { return slices.Compare(versionNumbers(a), versionNumbers(b)) }

// versionNumbers reads "33.0.0" and "34.0.0-SNAPSHOT".
func versionNumbers(text string) []int {
	text, _, _ = strings.Cut(text, "-")
	var numbers []int
	for part := range strings.SplitSeq(text, ".") {
		n, err := strconv.Atoi(part)
		if err != nil {
			return nil
		}
		numbers = append(numbers, n)
	}
	return numbers
}

// Tiers names the tiers of live Historicals, in no order and possibly more than once.
func (c *Client) Tiers(ctx context.Context) ([]string, error) {
	var servers []struct{ Tier, Type string }
	r := request{method: http.MethodGet, path: coordinatorAPI + "/servers", query: url.Values{"simple": {""}}, needs: "READ on STATE", read: true}
	if err := c.decode(ctx, r, &servers); err != nil {
		return nil, wrapped("read servers", err)
	}
	tiers := []string{}
	for _, server := range servers {
		if server.Type == "historical" {
			tiers = append(tiers, server.Tier)
		}
	}
	return tiers, nil
}

// Duties returns the Coordinator's groups of duties; known is false before Druid 32, which does not show them.
func (c *Client) Duties(ctx context.Context) (groups []druid.DutyGroup, known bool, err error) {
	var answer struct {
		DutyGroups []struct {
			Name, Period             string
			LastRunStart, LastRunEnd *string
		}
	}
	r := request{method: http.MethodGet, path: coordinatorAPI + "/duties", needs: "READ on STATE", read: true}
	err = c.decode(ctx, r, &answer)
	if isCode(err, http.StatusNotFound) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, wrapped("read duties", err)
	}
	for _, group := range answer.DutyGroups {
		groups = append(groups, druid.DutyGroup{Name: group.Name, PeriodMillis: millis(group.Period),
			LastRunStart: stamp(group.LastRunStart), LastRunEnd: stamp(group.LastRunEnd)})
	}
	return groups, true, nil
}

// millis reads a duration such as PT60S; 0 when it cannot be read.
func millis(text string) int64 {
	period, err := druid.ParsePeriod(text)
	if err != nil {
		return 0
	}
	end, err := period.After(0)
	if err != nil {
		return 0
	}
	return int64(end)
}

// Paused reports whether the dynamic configuration pauses all duties.
func (c *Client) Paused(ctx context.Context) (bool, error) {
	var config struct{ PauseCoordination bool }
	r := request{method: http.MethodGet, path: coordinatorAPI + "/config", needs: "READ on CONFIG", read: true}
	err := c.decode(ctx, r, &config)
	return config.PauseCoordination, wrapped("read the dynamic configuration", err)
}

// Served is the newest moment that the Coordinator's own clock has told; NoInstant when it told none.
func (c *Client) Served() druid.Instant {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.served
}

// stamp is NoInstant for everything but a moment.
func stamp(text *string) druid.Instant {
	if text == nil {
		return druid.NoInstant
	}
	at, err := druid.ParseInstant(*text)
	if err != nil {
		return druid.NoInstant
	}
	return at
}
