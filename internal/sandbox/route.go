package sandbox

import (
	"io"
	"net/http"
	"net/url"
	"strings"

	"coppice/internal/druid"
)

const (
	coordinatorPath = "/druid/coordinator/v1"
	overlordPath    = "/druid/indexer/v1"

	// maxBody is far above any request that makes sense: a million segment ids.
	maxBody = 256 << 20
)

// call is one request with what its handler needs.
type call struct {
	*Sandbox
	request *http.Request
	query   url.Values
	body    []byte
	now     druid.Instant
	// names are the parts of the path that the pattern leaves open, unescaped, in order.
	names []string
}

// route is one endpoint. Patterns have * for one open part.
type route struct {
	method, pattern string
	serve           func(*call) answer
	// undeclared: see answer.withoutAccept.
	undeclared bool
}

// routes are in order of preference: a fixed word comes before an open part, as in JAX-RS.
var routes = []route{
	{method: "GET", pattern: "/status", serve: (*call).status},
	{method: "GET", pattern: "/status/health", serve: (*call).health},
	{method: "GET", pattern: "/status/properties", serve: (*call).properties},

	{method: "GET", pattern: coordinatorPath + "/leader", serve: (*call).leader},
	{method: "GET", pattern: coordinatorPath + "/isLeader", serve: (*call).isLeader},
	{method: "GET", pattern: coordinatorPath + "/tiers", serve: (*call).tiers},
	{method: "GET", pattern: coordinatorPath + "/servers", serve: (*call).servers},
	{method: "GET", pattern: coordinatorPath + "/loadstatus", serve: (*call).loadStatus},
	{method: "GET", pattern: coordinatorPath + "/duties", serve: (*call).duties},

	{method: "GET", pattern: coordinatorPath + "/rules", serve: (*call).allRules},
	{method: "GET", pattern: coordinatorPath + "/rules/history", serve: (*call).ruleHistory},
	{method: "GET", pattern: coordinatorPath + "/rules/*", serve: (*call).rules},
	{method: "POST", pattern: coordinatorPath + "/rules/*", serve: (*call).setRules, undeclared: true},
	{method: "GET", pattern: coordinatorPath + "/rules/*/history", serve: (*call).ruleHistory},
	{method: "GET", pattern: coordinatorPath + "/config", serve: (*call).config},
	{method: "POST", pattern: coordinatorPath + "/config", serve: (*call).setConfig},
	{method: "GET", pattern: coordinatorPath + "/config/history", serve: (*call).configHistory},

	{method: "GET", pattern: coordinatorPath + "/metadata/datasources", serve: (*call).dataSources},
	{method: "GET", pattern: coordinatorPath + "/metadata/datasources/*", serve: (*call).dataSource},
	{method: "GET", pattern: coordinatorPath + "/metadata/datasources/*/segments", serve: (*call).segmentsOf},
	{method: "POST", pattern: coordinatorPath + "/metadata/datasources/*/segments", serve: (*call).segmentsWithin},
	{method: "GET", pattern: coordinatorPath + "/metadata/datasources/*/segments/*", serve: (*call).segment},
	{method: "GET", pattern: coordinatorPath + "/metadata/datasources/*/unusedSegments", serve: (*call).unusedSegments},
	{method: "GET", pattern: coordinatorPath + "/metadata/segments", serve: (*call).allSegments},

	{method: "POST", pattern: overlordPath + "/datasources/*", serve: (*call).markAllUsed, undeclared: true},
	{method: "DELETE", pattern: overlordPath + "/datasources/*", serve: (*call).markAllUnused},
	{method: "POST", pattern: overlordPath + "/datasources/*/markUsed", serve: (*call).markUsed, undeclared: true},
	{method: "POST", pattern: overlordPath + "/datasources/*/markUnused", serve: (*call).markUnused},
	{method: "POST", pattern: overlordPath + "/datasources/*/segments/*", serve: (*call).markOneUsed, undeclared: true},
	{method: "DELETE", pattern: overlordPath + "/datasources/*/segments/*", serve: (*call).markOneUnused, undeclared: true},

	// The Coordinator's own are deprecated and go on to the Overlord, without an Accept header.
	{method: "POST", pattern: coordinatorPath + "/datasources/*", serve: proxied((*call).markAllUsed)},
	{method: "DELETE", pattern: coordinatorPath + "/datasources/*", serve: (*call).deleteDataSource},
	{method: "POST", pattern: coordinatorPath + "/datasources/*/markUsed", serve: proxied((*call).markUsed)},
	{method: "POST", pattern: coordinatorPath + "/datasources/*/markUnused", serve: (*call).markUnused},
	{method: "POST", pattern: coordinatorPath + "/datasources/*/segments/*", serve: proxied((*call).markOneUsed)},
	{method: "DELETE", pattern: coordinatorPath + "/datasources/*/segments/*", serve: proxied((*call).markOneUnused)},
	{method: "DELETE", pattern: coordinatorPath + "/datasources/*/intervals/*", serve: (*call).killInterval},

	{method: "GET", pattern: overlordPath + "/leader", serve: (*call).leader},
	{method: "GET", pattern: overlordPath + "/isLeader", serve: (*call).isLeader},
	{method: "GET", pattern: overlordPath + "/workers", serve: (*call).workers},
	{method: "GET", pattern: overlordPath + "/totalWorkerCapacity", serve: (*call).capacity},
	{method: "POST", pattern: overlordPath + "/task", serve: (*call).submit},
	{method: "GET", pattern: overlordPath + "/task/*", serve: (*call).taskPayload},
	{method: "GET", pattern: overlordPath + "/task/*/status", serve: (*call).taskStatus},
	{method: "GET", pattern: overlordPath + "/task/*/reports", serve: (*call).taskReport},
	{method: "POST", pattern: overlordPath + "/task/*/shutdown", serve: (*call).shutdown},
	{method: "POST", pattern: overlordPath + "/taskStatus", serve: (*call).taskStatuses},
	{method: "GET", pattern: overlordPath + "/tasks", serve: (*call).tasks},
	{method: "GET", pattern: overlordPath + "/waitingTasks", serve: tasksIn("waiting")},
	{method: "GET", pattern: overlordPath + "/pendingTasks", serve: tasksIn("pending")},
	{method: "GET", pattern: overlordPath + "/runningTasks", serve: tasksIn("running")},
	{method: "GET", pattern: overlordPath + "/completeTasks", serve: tasksIn("complete")},
	{method: "POST", pattern: overlordPath + "/lockedIntervals/v2", serve: (*call).lockedIntervals},
	{method: "POST", pattern: overlordPath + "/activeLocks", serve: (*call).activeLocks},
}

// respond does the work of a request, faults included.
func (s *Sandbox) respond(r *http.Request) answer {
	fault := s.takeFault(r)
	if fault != nil && fault.Wait != nil {
		fault.Wait(r)
	}
	if fault != nil && !fault.AfterWork && fault.answers() {
		return fault.instead(empty(http.StatusOK))
	}
	body, err := readBody(r)
	if err != nil {
		return problem(http.StatusBadRequest, err.Error())
	}
	a := s.work(r, body)
	if fault != nil {
		return fault.instead(a)
	}
	return a
}

func readBody(r *http.Request) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	return io.ReadAll(io.LimitReader(r.Body, maxBody))
}

// work catches up with the clock, finds the endpoint and lets it answer.
func (s *Sandbox) work(r *http.Request, body []byte) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return text(http.StatusServiceUnavailable, "Service Unavailable")
	}
	c := &call{Sandbox: s, request: r, query: r.URL.Query(), body: body, now: s.options.Clock()}
	s.advance(c.now)
	a := c.dispatch()
	if err := s.save(); err != nil {
		return object(http.StatusInternalServerError, map[string]string{"error": "Server error", "message": err.Error()})
	}
	return a.withoutAccept(r)
}

func (c *call) dispatch() answer {
	path := c.request.URL.EscapedPath()
	var allowed []string
	for i := range routes {
		names, fits := match(routes[i].pattern, path)
		if !fits {
			continue
		}
		if routes[i].method != c.request.Method {
			allowed = append(allowed, routes[i].method)
			continue
		}
		c.names = names
		a := routes[i].serve(c)
		a.undeclared = routes[i].undeclared
		return a
	}
	if allowed != nil {
		a := empty(http.StatusMethodNotAllowed)
		a.header = http.Header{"Allow": {strings.Join(allowed, ",")}}
		return a
	}
	return notFound(path)
}

// notFound differs between the API, where Jersey answers, and other paths, where Jetty does.
func notFound(path string) answer {
	if strings.HasPrefix(path, "/druid/") || strings.HasPrefix(path, "/status/") {
		return empty(http.StatusNotFound)
	}
	quoted := string(object(http.StatusOK, path).body)
	return text(http.StatusNotFound, "{\n\"servlet\":\"default\",\n\"message\":\"Not Found\",\n\"url\":"+quoted+",\n\"status\":\"404\"\n}")
}

// match compares an escaped path with a pattern, part by part, and returns the open parts.
func match(pattern, path string) (names []string, fits bool) {
	wanted := strings.Split(pattern, "/")
	given := strings.Split(strings.TrimSuffix(path, "/"), "/")
	if len(wanted) != len(given) {
		return nil, false
	}
	for i, part := range wanted {
		if part != "*" {
			if part != given[i] {
				return nil, false
			}
			continue
		}
		name, err := url.PathUnescape(given[i])
		if err != nil || name == "" {
			return nil, false
		}
		names = append(names, name)
	}
	return names, true
}
