package sandbox

import (
	"net/http"
	"slices"
	"strings"

	"coppice/internal/druid"
)

// marking is the body of markUsed and markUnused (SegmentsToUpdateFilter).
type marking struct {
	interval *druid.Interval
	versions *[]string
	ids      []string
}

const badMarking = "Invalid request payload. Specify either 'interval' or 'segmentIds', but not both. " +
	"Optionally, include 'versions' only when 'interval' is provided."

func (c *call) marking() (m marking, failed *answer) {
	refuse := func(a answer) (marking, *answer) { a = declared(a); return m, &a }
	var body struct {
		Interval   *string   `json:"interval"`
		SegmentIDs *[]string `json:"segmentIds"`
		Versions   *[]string `json:"versions"`
	}
	if failed := c.decode(&body); failed != nil {
		return m, failed
	}
	if body.Interval != nil {
		interval, err := druid.ParseInterval(*body.Interval)
		if err != nil {
			return refuse(problem(http.StatusBadRequest, invalidInterval(*body.Interval)+
				` (through reference chain: org.apache.druid.server.http.SegmentsToUpdateFilter["interval"])`))
		}
		m.interval = &interval
	}
	if body.SegmentIDs != nil {
		m.ids = *body.SegmentIDs
	}
	m.versions = body.Versions
	if (m.interval != nil) == (len(m.ids) > 0) || len(m.ids) > 0 && m.versions != nil {
		return refuse(text(http.StatusBadRequest, badMarking))
	}
	return m, nil
}

// takes says whether the form with an interval concerns a row: contained, and of the versions given. An empty list of
// versions takes nothing.
func (m marking) takes(r *row) bool {
	return m.interval.Contains(r.interval) && m.takesVersion(r)
}

func (m marking) takesVersion(r *row) bool {
	return m.versions == nil || slices.Contains(*m.versions, r.Version)
}

// changed is the answer of every marking call.
func (c *call) changed(count int) answer {
	if count > 0 {
		c.dirty = true
	}
	return ok(struct {
		Count   int  `json:"numChangedSegments"`
		Changed bool `json:"segmentStateChanged"`
	}{count, count > 0})
}

func (c *call) markAll(rows []*row, used bool) answer {
	for _, r := range rows {
		r.mark(used, c.now)
	}
	return c.changed(len(rows))
}

// markUnused by interval touches used rows only. By ids it touches every row it finds, so that one which is unused
// already gets a new stamp, and ids that are not of this datasource are ignored.
func (c *call) markUnused() answer {
	m, failed := c.marking()
	if failed != nil {
		return *failed
	}
	var rows []*row
	if m.interval != nil {
		for _, r := range c.state.rows(c.names[0]) {
			if r.Used && m.takes(r) {
				rows = append(rows, r)
			}
		}
		return c.markAll(rows, false)
	}
	for _, id := range distinct(m.ids) {
		if r := c.state.find(c.names[0], id); r != nil {
			rows = append(rows, r)
		}
	}
	return c.markAll(rows, false)
}

func distinct(ids []string) []string {
	sorted := slices.Clone(ids)
	slices.Sort(sorted)
	return slices.Compact(sorted)
}

// markUsed skips what would be overshadowed. With versions, only rows of those take part in that judgement, so a row
// beneath a used one of another version comes back.
func (c *call) markUsed() answer {
	m, failed := c.marking()
	if failed != nil {
		return *failed
	}
	if m.interval == nil {
		return c.markUsedByID(m.ids)
	}
	var used, candidates []*row
	for _, r := range c.state.rows(c.names[0]) {
		switch {
		case r.Used && m.interval.Overlaps(r.interval) && m.takesVersion(r):
			used = append(used, r)
		case !r.Used && m.takes(r):
			candidates = append(candidates, r)
		}
	}
	return c.markVisible(used, candidates)
}

// markUsedByID changes nothing at all when one id is wrong.
func (c *call) markUsedByID(ids []string) answer {
	name := c.names[0]
	var strange, unknown []string
	var candidates []*row
	for _, id := range distinct(ids) {
		r := c.state.find(name, id)
		if _, err := druid.ParseSegmentID(name, id); err != nil {
			strange = append(strange, id)
		} else if r == nil {
			unknown = append(unknown, id)
		} else if !r.Used {
			candidates = append(candidates, r)
		}
	}
	list := func(ids []string) string {
		return "segment IDs[[" + strings.Join(ids, ", ") + "]] for datasource[" + name + "]"
	}
	if strange != nil {
		return declared(druidException("invalidInput", "Could not parse "+list(strange)))
	}
	if unknown != nil {
		return declared(druidException("invalidInput", "Could not find "+list(unknown)))
	}
	return c.markVisible(c.usedRows(name), candidates)
}

func (c *call) usedRows(name string) (used []*row) {
	for _, r := range c.state.rows(name) {
		if r.Used {
			used = append(used, r)
		}
	}
	return used
}

func (c *call) markVisible(used, candidates []*row) answer {
	hidden, err := overshadowed(append(used[:len(used):len(used)], candidates...))
	if err != nil {
		a := object(http.StatusInternalServerError, map[string]string{"error": "Server error", "message": clash(err)})
		return declared(a)
	}
	return c.markAll(slices.DeleteFunc(candidates, func(r *row) bool { return hidden[r] }), true)
}

func (c *call) markAllUsed() answer {
	var candidates []*row
	for _, r := range c.state.rows(c.names[0]) {
		if !r.Used {
			candidates = append(candidates, r)
		}
	}
	return c.markVisible(c.usedRows(c.names[0]), candidates)
}

func (c *call) markAllUnused() answer { return c.markAll(c.usedRows(c.names[0]), false) }

// markOneUsed asks nothing: an overshadowed row becomes used, a used one gets a new stamp.
func (c *call) markOneUsed() answer { return c.markOne(true) }

func (c *call) markOneUnused() answer { return c.markOne(false) }

func (c *call) markOne(used bool) answer {
	name, id := c.names[0], c.names[1]
	if _, err := druid.ParseSegmentID(name, id); err != nil && !used { // the other way it is just unknown
		return text(http.StatusBadRequest, "Could not parse Segment ID["+id+"] for DataSource["+name+"]")
	}
	if r := c.state.find(name, id); r != nil {
		return c.markAll([]*row{r}, used)
	}
	return c.markAll(nil, used)
}

// proxied is a deprecated path of the Coordinator. It asks the Overlord without an Accept header, so on Druid 33 it
// fails whatever the client sends, with the work done.
func proxied(serve func(*call) answer) func(*call) answer {
	return func(c *call) answer {
		a := serve(c)
		if a.status >= http.StatusInternalServerError || a.status == http.StatusOK {
			return object(http.StatusInternalServerError, map[string]string{
				"error":   "Unknown server error",
				"message": "org.apache.druid.rpc.HttpResponseException: Server error [500 Internal Server Error]; no body",
			})
		}
		return a
	}
}

// deleteDataSource marks all unused, or with ?kill=true&interval= submits a kill task: both are deprecated.
func (c *call) deleteDataSource() answer {
	if c.query.Get("kill") != "true" {
		return c.markAllUnused()
	}
	c.names = append(c.names, c.query.Get("interval"))
	return c.killInterval()
}
