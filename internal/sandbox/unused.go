package sandbox

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"coppice/internal/druid"
)

// unusedSegment is an element of the list of unused segments.
type unusedSegment struct {
	DataSegment               payload `json:"dataSegment"`
	CreatedDate               string  `json:"createdDate"`
	UsedStatusLastUpdatedDate string  `json:"usedStatusLastUpdatedDate"`
	Used                      bool    `json:"used"`
	SchemaFingerprint         *string `json:"schemaFingerprint"`
	NumRows                   *int64  `json:"numRows"`
	UpgradedFromSegmentID     *string `json:"upgradedFromSegmentId"`
}

// unusedQuery is the request for a page of unused segments.
type unusedQuery struct {
	interval *druid.Interval
	limit    int
	last     string
	order    string
}

// unusedSegments lists straight from the table, in the order of insertion unless sorted. For a NULL stamp Druid 33
// prints the time of the request; upgradedFromSegmentId is never filled.
func (c *call) unusedSegments() answer {
	q, failed := c.unusedQuery()
	if failed != nil {
		return *failed
	}
	list := []unusedSegment{}
	for _, r := range q.page(c.state.rows(c.names[0])) {
		stamp := c.now.String()
		if r.MarkedAt != nil {
			stamp = *r.MarkedAt
		}
		list = append(list, unusedSegment{DataSegment: c.payload(r), CreatedDate: r.CreatedAt, UsedStatusLastUpdatedDate: stamp})
	}
	return ok(list)
}

func (c *call) unusedQuery() (q unusedQuery, failed *answer) {
	refuse := func(message string) (unusedQuery, *answer) {
		a := druidException("invalidInput", message)
		return q, &a
	}
	if given := c.query.Get("interval"); given != "" {
		interval, err := splitInterval(given)
		if err != nil {
			return refuse(invalidInterval(given))
		}
		q.interval = &interval
	}
	if given := c.query.Get("limit"); given != "" {
		limit, err := strconv.ParseInt(given, 10, 32)
		if err != nil {
			a := empty(http.StatusNotFound)
			return q, &a
		}
		if limit < 0 {
			return refuse("Invalid limit[" + given + "] specified. Limit must be > 0.")
		}
		q.limit = int(limit)
	}
	if q.last = c.query.Get("lastSegmentId"); q.last != "" {
		if _, err := druid.ParseSegmentID(c.names[0], q.last); err != nil {
			return refuse("Invalid lastSegmentId[" + q.last + "] specified.")
		}
	}
	if q.order = strings.ToUpper(c.query.Get("sortOrder")); q.order != "" && q.order != "ASC" && q.order != "DESC" {
		return refuse("Unexpected value[" + c.query.Get("sortOrder") + "] for SortOrder. Possible values are: [ASC, DESC]")
	}
	return q, nil
}

// page does first what Druid does in SQL, the limit included, and then drops what is not inside the interval: a page
// may be short without being the last.
func (q unusedQuery) page(rows []*row) []*row {
	var found []*row
	for _, r := range rows {
		if !r.Used && q.passes(r) && (q.interval == nil || reachesInText(*q.interval, r)) {
			found = append(found, r)
		}
	}
	if q.order != "" {
		slices.SortFunc(found, byID)
	}
	if q.order == "DESC" {
		slices.Reverse(found)
	}
	if q.limit > 0 && len(found) > q.limit {
		found = found[:q.limit]
	}
	if q.interval == nil {
		return found
	}
	return slices.DeleteFunc(found, func(r *row) bool { return !q.interval.Contains(r.interval) })
}

// passes is the comparison with lastSegmentId: on from it in the order asked for.
func (q unusedQuery) passes(r *row) bool {
	if q.last == "" {
		return true
	}
	after := druid.CompareVersions(r.ID, q.last)
	return after > 0 && q.order != "DESC" || after < 0 && q.order == "DESC"
}

// The years within which instants sort as their texts do (DateTimes.COMPARE_DATE_AS_STRING_INTERVAL).
var textYears = mustInterval("0000-01-01/9999-12-31")

func mustInterval(text string) druid.Interval {
	i, err := druid.ParseInterval(text)
	if err != nil {
		panic("not an interval: " + text) // a constant of this file
	}
	return i
}

// reachesInText is the condition in SQL: texts compared, and only when the interval's own years allow it. What does not
// lie inside is sorted out afterwards, when a limit has been applied.
func reachesInText(interval druid.Interval, r *row) bool {
	if interval.Start < textYears.Start || interval.End > textYears.End {
		return true
	}
	return r.interval.Start.String() >= interval.Start.String() && r.interval.End.String() <= interval.End.String()
}
