package druidapi

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"coppice/internal/druid"
)

// Used streams the used segments of the Coordinator's snapshot, overshadowed ones included: of the datasources named,
// or of all when there are none. The snapshot is up to a poll old (a minute by default). Record and payload are valid
// during the call only. Segments that cannot be understood go to odd.
func (c *Client) Used(ctx context.Context, datasources []string, row func(*druid.SegmentRecord) error,
	odd func(druid.OddRecord) error) error {
	// The parameter without a value is how Druid wants it.
	query := url.Values{"includeOvershadowedStatus": {""}}
	for _, name := range datasources {
		query.Add("datasources", name)
	}
	r := request{method: http.MethodGet, path: coordinatorAPI + "/metadata/segments", query: query, needs: "READ on every DATASOURCE", read: true}
	err := c.each(ctx, r, usedElements(row, odd))
	if isCode(err, http.StatusNotFound) {
		err = fmt.Errorf("%w; every Druid has this list: is cluster.coordinator the address of a Coordinator or Router, without a path behind it?", err)
	}
	return wrapped("read used segments", err)
}

// usedElements hands the elements of a list of used segments over.
func usedElements(row func(*druid.SegmentRecord) error, odd func(druid.OddRecord) error) func(element []byte) error {
	var reader druid.SegmentReader
	var segment druid.DataSegment
	record := druid.SegmentRecord{Used: true, MarkedAt: druid.NoInstant, CreatedAt: druid.NoInstant, Data: &segment}
	return func(element []byte) (err error) {
		if segment, err = reader.Read(element); err == nil {
			record.ID = segment.ID
			return row(&record)
		}
		if !json.Valid(element) {
			return err
		}
		return odd(*oddElement(element, "", err))
	}
}

// oddElement tells what can be told of an element that cannot be understood.
func oddElement(element []byte, dataSource string, reason error) *druid.OddRecord {
	var names struct{ DataSource, Interval, Identifier string }
	_ = json.Unmarshal(element, &names) // what it cannot read stays empty
	odd := &druid.OddRecord{DataSource: names.DataSource, ID: names.Identifier, Reason: "it cannot be read: " + reason.Error()}
	if dataSource != "" {
		odd.DataSource = dataSource
	}
	if interval, err := druid.ParseInterval(names.Interval); err == nil {
		odd.Interval = interval
	}
	return odd
}

// UnusedPage is how many segments one request for unused ones asks for.
const UnusedPage = 5000

// ErrNoUnusedList says that this Druid (before 29) does not list unused segments.
var ErrNoUnusedList = fmt.Errorf("this Druid does not list unused segments (Druid %d and later do); add the metadata store to the cluster block",
	druid.ListsUnused.Since)

// Unused streams the unused segments of a datasource, page by page in the order of their ids. A page can be short
// without being the last, so only an empty one ends the list. Times of marking that are not older than the request
// are not known: Druid 33 prints the present moment for NULL.
func (c *Client) Unused(ctx context.Context, datasource string, asked druid.Instant, row func(*druid.SegmentRecord) error,
	odd func(druid.OddRecord) error) error {
	p := unusedPages{client: c, datasource: datasource, asked: c.earliest(asked), row: row, odd: odd, lasts: map[string]bool{}}
	for {
		more, err := p.next(ctx)
		if isCode(err, http.StatusNotFound) {
			err = ErrNoUnusedList
		}
		if err != nil {
			return wrapped("read unused segments of "+datasource, err)
		}
		if !more {
			return nil
		}
	}
}

// earliest is a moment that surely lies before whatever the Coordinator prints for "now" in a later answer, whether
// its clock or ours is ahead.
func (c *Client) earliest(asked druid.Instant) druid.Instant {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.served.Known() {
		return min(asked, c.served)
	}
	return asked
}

type unusedPages struct {
	client     *Client
	datasource string
	asked      druid.Instant
	row        func(*druid.SegmentRecord) error
	odd        func(druid.OddRecord) error
	reader     druid.SegmentReader
	last       string
	// lasts are the last ids of all pages: one that comes again means that paging goes in a circle. The order of ids is
	// the database's, so comparing them here would prove nothing.
	lasts map[string]bool
}

func (p *unusedPages) next(ctx context.Context) (more bool, err error) {
	query := url.Values{"limit": {strconv.Itoa(UnusedPage)}, "sortOrder": {"ASC"}}
	if p.last != "" {
		query.Set("lastSegmentId", p.last)
	}
	r := request{method: http.MethodGet, path: coordinatorAPI + "/metadata/datasources/" + part(p.datasource) + "/unusedSegments",
		query: query, needs: "READ on DATASOURCE " + p.datasource, read: true}
	count, last := 0, ""
	err = p.client.each(ctx, r, func(element []byte) error {
		id, err := p.element(element)
		count, last = count+1, id
		return err
	})
	if err != nil || count == 0 {
		return false, err
	}
	if last == "" || p.lasts[last] {
		return false, fmt.Errorf("paging does not advance: a page of %d segments ends with %q again", count, last)
	}
	p.last, p.lasts[last] = last, true
	return true, nil
}

// element hands one segment over and returns its id.
func (p *unusedPages) element(element []byte) (id string, err error) {
	listed, err := druid.ParseListedSegment(element)
	if err != nil {
		return "", fmt.Errorf("an element of the list cannot be read: %w", err)
	}
	payload := listed.Payload
	if payload == nil {
		payload = element // Druid 29 has no envelope, and no time of marking
	}
	segment, err := p.reader.Read(payload)
	if err != nil {
		odd := oddElement(payload, p.datasource, err)
		return odd.ID, p.odd(*odd)
	}
	id = segment.ID.String()
	if segment.ID.DataSource != p.datasource {
		return id, fmt.Errorf("the list holds %s, which is of another datasource", id)
	}
	record := druid.SegmentRecord{ID: segment.ID, MarkedAt: listed.MarkedAt, CreatedAt: listed.CreatedAt, Root: listed.Root, Data: &segment}
	if record.MarkedAt >= p.asked {
		record.MarkedAt = druid.NoInstant
	}
	return id, p.row(&record)
}

// UsedSegments lists the used segments of a datasource that overlap the interval, as the metadata store has them now.
// They are read whole, since an id alone does not always tell version from partition.
func (c *Client) UsedSegments(ctx context.Context, dataSource string, interval druid.Interval) ([]druid.SegmentID, error) {
	var ids []druid.SegmentID
	err := c.UsedNow(ctx, dataSource, interval, func(r *druid.SegmentRecord) error {
		ids = append(ids, r.ID)
		return nil
	}, func(odd druid.OddRecord) error {
		return fmt.Errorf("a segment cannot be read: %s: %s", odd.ID, odd.Reason)
	})
	if err != nil {
		return nil, err
	}
	return ids, nil
}

// UsedNow streams the same with their payloads, as Used does.
func (c *Client) UsedNow(ctx context.Context, dataSource string, interval druid.Interval, row func(*druid.SegmentRecord) error,
	odd func(druid.OddRecord) error) error {
	body, err := json.Marshal([]string{interval.String()})
	if err != nil {
		return err
	}
	r := request{method: http.MethodPost, path: coordinatorAPI + "/metadata/datasources/" + part(dataSource) + "/segments",
		query: url.Values{"full": {""}}, body: body, needs: "READ on DATASOURCE " + dataSource, read: true}
	return wrapped("read used segments of "+dataSource, c.each(ctx, r, usedElements(row, odd)))
}

// SnapshotIDs lists the ids of a datasource's used segments in the Coordinator's snapshot; none when the snapshot has
// no such datasource.
func (c *Client) SnapshotIDs(ctx context.Context, dataSource string) ([]string, error) {
	r := request{method: http.MethodGet, path: coordinatorAPI + "/metadata/datasources/" + part(dataSource) + "/segments",
		needs: "READ on DATASOURCE " + dataSource, read: true}
	var ids []string
	err := c.each(ctx, r, func(element []byte) error {
		var id string
		if err := json.Unmarshal(element, &id); err != nil {
			return err
		}
		ids = append(ids, id)
		return nil
	})
	if isCode(err, http.StatusNotFound) {
		return nil, nil
	}
	return ids, wrapped("read segment ids of "+dataSource, err)
}

// Datasources names every datasource that has a row in the segments table and that the user may read.
func (c *Client) Datasources(ctx context.Context) ([]string, error) {
	var names []string
	r := request{method: http.MethodGet, path: coordinatorAPI + "/metadata/datasources", query: url.Values{"includeUnused": {""}},
		needs: "READ on every DATASOURCE", read: true}
	err := c.decode(ctx, r, &names)
	return names, wrapped("read datasources", err)
}

func wrapped(doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}
