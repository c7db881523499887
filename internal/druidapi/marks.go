package druidapi

import (
	"context"
	"encoding/json"
	"net/http"

	"coppice/internal/druid"
)

// MarkUsed marks exactly these segments used and returns how many rows Druid says it changed: those that would be
// overshadowed are skipped in silence, and one unknown id makes Druid refuse them all.
func (c *Client) MarkUsed(ctx context.Context, dataSource string, ids []druid.SegmentID) (changed int, err error) {
	changed, err = c.mark(ctx, dataSource, "markUsed", ids)
	return changed, wrapped("mark segments of "+dataSource+" used", err)
}

// MarkUnused marks exactly these segments unused. Ids that are unused already are marked anew, which starts their
// grace again, so the caller names only used ones.
func (c *Client) MarkUnused(ctx context.Context, dataSource string, ids []druid.SegmentID) (changed int, err error) {
	changed, err = c.mark(ctx, dataSource, "markUnused", ids)
	return changed, wrapped("mark segments of "+dataSource+" unused", err)
}

// mark asks the Overlord, which has these calls since Druid 32; before, the Coordinator has them. A 404 is sent by a
// service that does not know the path, so nothing was done then.
func (c *Client) mark(ctx context.Context, dataSource, verb string, ids []druid.SegmentID) (int, error) {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = id.String()
	}
	body, err := json.Marshal(map[string][]string{"segmentIds": texts})
	if err != nil {
		return 0, err
	}
	path := "/datasources/" + part(dataSource) + "/" + verb
	r := request{method: http.MethodPost, role: overlordRole, path: overlordAPI + path, body: body, needs: "WRITE on DATASOURCE " + dataSource}
	answer, from, err := c.whole(ctx, r)
	if isCode(err, http.StatusNotFound) {
		r.role, r.path = coordinatorRole, coordinatorAPI+path
		answer, from, err = c.whole(ctx, r)
	}
	if err != nil {
		return 0, err
	}
	return countOf(answer, from)
}

// countOf reads the number of changed rows. An empty answer is 204: the datasource is not known, nothing changed.
func countOf(answer []byte, from string) (int, error) {
	if len(answer) == 0 {
		return 0, nil
	}
	var counted struct {
		NumChangedSegments *int
	}
	if err := json.Unmarshal(answer, &counted); err != nil || counted.NumChangedSegments == nil {
		return 0, &AnswerError{http.MethodPost, from, describe(answer, err) + "; how many segments were changed is not known"}
	}
	return *counted.NumChangedSegments, nil
}
