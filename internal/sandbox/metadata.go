package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"coppice/internal/druid"
)

// dataSources lists the datasources with used segments in the view, or all in the table.
func (c *call) dataSources() answer {
	if !c.query.Has("includeUnused") && !c.query.Has("includeDisabled") {
		if c.query.Has("full") {
			return ok(c.describeAll())
		}
		return ok(append([]string{}, c.seenNames()...))
	}
	names := []string{}
	for name, rows := range c.state.index {
		if len(rows) > 0 {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return ok(names)
}

func (c *call) seenNames() []string {
	if c.view == nil {
		return nil
	}
	return c.view.names
}

type description struct {
	Name       string            `json:"name"`
	Properties map[string]string `json:"properties"`
	Segments   []payload         `json:"segments"`
}

func (c *call) describe(name string) description {
	return description{name, map[string]string{"created": c.view.at.String()}, c.payloads(c.seenRows(name))}
}

func (c *call) describeAll() []description {
	all := []description{}
	for _, name := range c.seenNames() {
		all = append(all, c.describe(name))
	}
	return all
}

func (c *call) dataSource() answer {
	if c.seenRows(c.names[0]) == nil {
		return missing()
	}
	return ok(c.describe(c.names[0]))
}

// missing is 404 with an empty body, as resource methods answer it.
func missing() answer {
	a := empty(http.StatusNotFound)
	a.kind = jsonKind
	return a
}

// seenRows are the used segments in view, nil when the datasource has none.
func (c *call) seenRows(name string) (rows []*row) {
	if c.view == nil {
		return nil
	}
	for _, segment := range c.view.segments[name] {
		rows = append(rows, segment.row)
	}
	return rows
}

func (c *call) segmentsOf() answer {
	rows := c.seenRows(c.names[0])
	if rows == nil {
		return missing()
	}
	return c.listed(rows)
}

// segmentsWithin reads the table, not the view: used segments that overlap one of the intervals.
func (c *call) segmentsWithin() answer {
	var given []string
	if first, err := firstValue(c.body); err != nil || json.Unmarshal(first, &given) != nil || len(given) == 0 {
		return jetty(c.request.URL.Path, "org.apache.druid.java.util.common.IAE", "null/empty intervals")
	}
	intervals := make([]druid.Interval, len(given))
	for i, text := range given {
		var err error
		if intervals[i], err = druid.ParseInterval(text); err != nil {
			return problem(http.StatusBadRequest, fmt.Sprintf("%s (through reference chain: java.util.ArrayList[%d])", invalidInterval(text), i))
		}
	}
	rows := []*row{}
	for _, r := range c.state.rows(c.names[0]) {
		if r.Used && slices.ContainsFunc(intervals, r.interval.Overlaps) {
			rows = append(rows, r)
		}
	}
	return c.listed(rows)
}

// listed answers ids, or whole segments with ?full.
func (c *call) listed(rows []*row) answer {
	if c.query.Has("full") {
		return ok(c.payloads(rows))
	}
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	return ok(ids)
}

func (c *call) payloads(rows []*row) []payload {
	list := make([]payload, len(rows))
	for i, r := range rows {
		list[i] = c.payload(r)
	}
	return list
}

// segment finds one segment by id. While the datasource has nothing used in view it answers 404 to every id.
func (c *call) segment() answer {
	name, id := c.names[0], c.names[1]
	if c.seenRows(name) == nil {
		return missing()
	}
	if _, err := druid.ParseSegmentID(name, id); err != nil {
		message := "Could not parse segment ID[" + id + "] for datasource[" + name + "]"
		return jetty(c.request.URL.Path, "org.apache.druid.error.DruidException", message)
	}
	for _, r := range c.seenRows(name) {
		if r.ID == id {
			return ok(c.payload(r))
		}
	}
	if r := c.state.find(name, id); r != nil && (r.Used || c.query.Get("includeUnused") == "true") {
		return ok(c.payload(r))
	}
	return missing()
}

// overshadowing is a segment of the list with ?includeOvershadowedStatus.
type overshadowing struct {
	Overshadowed      bool   `json:"overshadowed"`
	ReplicationFactor *int   `json:"replicationFactor"`
	NumRows           *int64 `json:"numRows"`
	Realtime          bool   `json:"realtime"`
	payload
}

// allSegments lists the used segments in view, of the datasources asked for or of all.
func (c *call) allSegments() answer {
	judged := c.query.Has("includeOvershadowedStatus")
	if c.query.Has("includeRealtimeSegments") && !judged {
		a := empty(http.StatusBadRequest)
		a.kind = jsonKind
		return a
	}
	wanted := c.query["datasources"]
	bare, statuses := []payload{}, []overshadowing{}
	for _, name := range c.seenNames() {
		if len(wanted) > 0 && !slices.Contains(wanted, name) {
			continue
		}
		for _, segment := range c.view.segments[name] {
			if judged {
				statuses = append(statuses, c.withStatus(segment))
				continue
			}
			bare = append(bare, c.payload(segment.row))
		}
	}
	if judged {
		return ok(statuses)
	}
	return ok(bare)
}

func (c *call) withStatus(segment *seen) overshadowing {
	o := overshadowing{Overshadowed: segment.overshadowed, payload: c.payload(segment.row)}
	if factor, known := c.replicas[segment.row.ID]; known {
		o.ReplicationFactor = &factor
	}
	return o
}

// splitInterval accepts start_end besides start/end, as path and query parameters do.
func splitInterval(given string) (druid.Interval, error) {
	return druid.ParseInterval(strings.Replace(given, "_", "/", 1))
}
