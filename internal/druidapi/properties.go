package druidapi

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// LeaderElsewhereError says that the process to be asked is not the one at the configured address. Credentials go to
// configured addresses only, so it was not asked.
type LeaderElsewhereError struct {
	// Service is "Coordinator" or "Overlord", Setting the attribute of the configuration, Leader where the leader is.
	Service, Setting, Leader string
}

// Error says what to configure.
func (e *LeaderElsewhereError) Error() string {
	return fmt.Sprintf("the leading %s is %s, which is another address than the configured one and is not asked; "+
		"configure cluster.%s as the leader's own URL, or a Router's", e.Service, e.Leader, e.Setting)
}

// CoordinatorProperties are the static settings of the leading Coordinator (/status/properties). What is not set is not
// among them: Druid's defaults apply.
func (c *Client) CoordinatorProperties(ctx context.Context) (map[string]string, error) {
	found, err := c.leaderProperties(ctx, coordinatorRole)
	return found, wrapped("read the Coordinator's properties", err)
}

// OverlordProperties are those of the leading Overlord.
func (c *Client) OverlordProperties(ctx context.Context) (map[string]string, error) {
	found, err := c.leaderProperties(ctx, overlordRole)
	return found, wrapped("read the Overlord's properties", err)
}

// leaderProperties asks through the Router, which sends it on to the leader; its own properties say nothing. Any other
// process is asked for its properties only when it says that it is the leader.
func (c *Client) leaderProperties(ctx context.Context, r role) (map[string]string, error) {
	service, setting, api := "Coordinator", "coordinator", coordinatorAPI
	if r == overlordRole {
		service, setting, api = "Overlord", "overlord", overlordAPI
	}
	found, err := c.propertiesAt(ctx, c.coordinator, "/proxy/"+setting+"/status/properties")
	if !isCode(err, http.StatusNotFound) && !isCode(err, http.StatusMethodNotAllowed) {
		return found, err
	}
	base, err := c.base(ctx, r)
	if err != nil {
		return nil, err
	}
	body, _, err := c.whole(ctx, request{method: http.MethodGet, at: base, path: api + "/leader", accept: "*/*", read: true})
	if err != nil {
		return nil, err
	}
	leader, configured := leaderURL(body), leaderURL([]byte(base))
	if leader == nil || configured == nil || !sameAddress(leader, configured) {
		return nil, &LeaderElsewhereError{Service: service, Setting: setting, Leader: fmt.Sprintf("%q", firstWords(body))}
	}
	return c.propertiesAt(ctx, base, "/status/properties")
}

// leaderURL reads an address; nil when there is none, as while no leader is elected.
func leaderURL(text []byte) *url.URL {
	u, err := url.Parse(strings.Trim(strings.TrimSpace(string(text)), `"`))
	if err != nil || u.Host == "" || u.User != nil {
		return nil
	}
	return u
}

// propertiesAt believes only an answer with at least one setting of Druid in it: nothing set would read as all defaults.
func (c *Client) propertiesAt(ctx context.Context, base, path string) (map[string]string, error) {
	var found map[string]string
	r := request{method: http.MethodGet, at: base, path: path, needs: "READ on CONFIG", read: true}
	if err := c.decode(ctx, r, &found); err != nil {
		return nil, err
	}
	for name := range found {
		if strings.HasPrefix(name, "druid.") {
			return found, nil
		}
	}
	return nil, &AnswerError{r.method, base + path, "these are not the properties of a Druid process"}
}

// DynamicConfig is the Coordinator's dynamic configuration as the leader prints it, defaults filled in.
func (c *Client) DynamicConfig(ctx context.Context) ([]byte, error) {
	var config json.RawMessage
	r := request{method: http.MethodGet, path: coordinatorAPI + "/config", needs: "READ on CONFIG", read: true}
	err := c.decode(ctx, r, &config)
	return config, wrapped("read the dynamic configuration", err)
}

// TaskSlots is the number of task slots that the cluster has now.
func (c *Client) TaskSlots(ctx context.Context) (int, error) {
	var answer struct{ CurrentClusterCapacity *int }
	r := request{method: http.MethodGet, role: overlordRole, path: overlordAPI + "/totalWorkerCapacity", needs: "READ on CONFIG", read: true}
	err := c.decode(ctx, r, &answer)
	if err == nil && answer.CurrentClusterCapacity == nil {
		err = &AnswerError{r.method, r.path, "it does not say how many task slots there are"}
	}
	if err != nil {
		return 0, wrapped("read the number of task slots", err)
	}
	return *answer.CurrentClusterCapacity, nil
}
