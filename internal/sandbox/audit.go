package sandbox

import (
	"net"
	"net/http"
	"strconv"
	"time"

	"coppice/internal/druid"
)

// auditEntry is a row of the audit table, in the shape of the API.
type auditEntry struct {
	Key       string    `json:"key"`
	Type      string    `json:"type"`
	AuditInfo auditInfo `json:"auditInfo"`
	Request   *struct{} `json:"request"`
	Payload   string    `json:"payload"`
	AuditTime string    `json:"auditTime"`
}

type auditInfo struct {
	Author   string `json:"author"`
	Identity string `json:"identity"`
	Comment  string `json:"comment"`
	IP       string `json:"ip"`
}

// record writes an audit row. Times of one key never repeat: real Druid answers 500 to two rule lists of one
// millisecond, which a test on a standing clock would meet all the time.
func (c *call) record(kind, key, payload string) {
	at := c.now
	for i := len(c.state.Audit) - 1; i >= 0; i-- {
		if e := c.state.Audit[i]; e.Type == kind && e.Key == key {
			if last, err := druid.ParseInstant(e.AuditTime); err == nil && last >= at {
				at = last + 1
			}
			break
		}
	}
	c.state.Audit = append(c.state.Audit, auditEntry{
		Key: key, Type: kind, Payload: payload, AuditTime: at.String(),
		AuditInfo: auditInfo{
			Author: c.request.Header.Get("X-Druid-Author"), Identity: "allowAll",
			Comment: c.request.Header.Get("X-Druid-Comment"), IP: remoteIP(c.request),
		},
	})
	c.dirty = true
}

func remoteIP(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// auditHistory is how far history reaches back when the request does not say (druid.audit.manager.auditHistoryMillis).
const auditHistory = druid.Instant(7 * 24 * time.Hour / time.Millisecond)

// history answers by interval (oldest first, ends included) or by count (newest first). An empty key means all.
func (c *call) history(kind, key string) answer {
	if c.query.Get("interval") == "" && c.query.Has("count") {
		return c.historyByCount(kind, key)
	}
	within := druid.Interval{Start: c.now - auditHistory, End: druid.MaxInstant}
	if given := c.query.Get("interval"); given != "" {
		var err error
		if within, err = druid.ParseInterval(given); err != nil {
			return jetty(c.request.URL.Path, "org.apache.druid.error.DruidException", invalidInterval(given))
		}
	}
	found := []auditEntry{}
	for _, e := range c.state.Audit {
		at, err := druid.ParseInstant(e.AuditTime)
		if err == nil && e.is(kind, key) && within.Start <= at && at <= within.End {
			found = append(found, e)
		}
	}
	return ok(found)
}

func (c *call) historyByCount(kind, key string) answer {
	count, err := strconv.Atoi(c.query.Get("count"))
	if err != nil {
		return empty(http.StatusNotFound) // as JAX-RS does with a query parameter of the wrong type
	}
	if count < 1 {
		return problem(http.StatusBadRequest, "Limit must be greater than zero!")
	}
	found := []auditEntry{}
	for i := len(c.state.Audit) - 1; i >= 0 && len(found) < count; i-- {
		if e := c.state.Audit[i]; e.is(kind, key) {
			found = append(found, e)
		}
	}
	return ok(found)
}

func (e auditEntry) is(kind, key string) bool { return e.Type == kind && (key == "" || e.Key == key) }
