package sandbox

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"coppice/internal/druid"
)

// defaultBatch is the batchSize of a kill task that does not give one.
const defaultBatch = 100

// kill is a kill task as it was asked for.
type kill struct {
	ID         string         `json:"id"`
	DataSource string         `json:"datasource"`
	Interval   druid.Interval `json:"interval"`
	// Versions is nil for all versions; an empty list takes none.
	Versions  []string `json:"versions"`
	BatchSize int      `json:"batch_size"`
	// Limit is 0 for none.
	Limit int `json:"limit,omitempty"`
	// CutOff is maxUsedStatusLastUpdatedTime as Druid prints it, with the offset that was sent: it is compared as
	// text. Empty is none.
	CutOff  string                     `json:"cut_off,omitempty"`
	Context map[string]json.RawMessage `json:"context"`
}

const killClass = "Cannot construct instance of `org.apache.druid.indexing.common.task.KillUnusedSegmentsTask`, problem: "

// parseKill reads the body of a kill task with Druid's checks. The error is what Druid answers.
func parseKill(data []byte) (*kill, error) {
	var body struct {
		ID         *string                    `json:"id"`
		DataSource string                     `json:"dataSource"`
		Interval   *string                    `json:"interval"`
		Versions   []string                   `json:"versions"`
		BatchSize  json.RawMessage            `json:"batchSize"`
		Limit      json.RawMessage            `json:"limit"`
		CutOff     json.RawMessage            `json:"maxUsedStatusLastUpdatedTime"`
		Context    map[string]json.RawMessage `json:"context"`
	}
	if err := json.Unmarshal(data, &body); err != nil {
		return nil, refuse("Cannot deserialize value: " + err.Error())
	}
	k := &kill{DataSource: body.DataSource, Versions: body.Versions, Context: body.Context}
	if body.ID != nil {
		if k.ID = *body.ID; k.ID == "" {
			return nil, refuse(killClass + "Invalid value for field [task ID]: must not be null")
		}
		if strings.Contains(k.ID, "/") {
			return nil, refuse(killClass + "Invalid value for field [task ID]: Value [" + k.ID + "] cannot contain '/'.")
		}
	}
	switch {
	case k.DataSource == "":
		return nil, refuse(killClass + "dataSource")
	case body.Interval == nil:
		return nil, refuse(killClass + "interval")
	}
	return k, k.parseRest(*body.Interval, body.BatchSize, body.Limit, body.CutOff)
}

func (k *kill) parseRest(interval string, batchSize, limit, cutOff json.RawMessage) (err error) {
	if k.Interval, err = druid.ParseInterval(interval); err != nil {
		return refuse(invalidInterval(interval) + ` (through reference chain: org.apache.druid.indexing.common.task.KillUnusedSegmentsTask["interval"])`)
	}
	if k.Interval.Empty() {
		return refuse(killClass + "interval empty")
	}
	if k.BatchSize, err = positive("batchSize", batchSize, defaultBatch); err != nil {
		return err
	}
	if k.Limit, err = positive("limit", limit, 0); err != nil {
		return err
	}
	k.CutOff, err = parseCutOff(cutOff)
	return err
}

// positive reads a number, also one written as a string.
func positive(name string, raw json.RawMessage, absent int) (int, error) {
	if raw == nil || string(raw) == "null" {
		return absent, nil
	}
	number, err := strconv.Atoi(strings.Trim(string(raw), `"`))
	if err != nil {
		return 0, refuse("Cannot deserialize value of type `java.lang.Integer` from " + string(raw) + ": not a valid `java.lang.Integer` value")
	}
	if number <= 0 {
		return 0, refuse(fmt.Sprintf("%s%s[%d] must be a positive integer.", killClass, name, number))
	}
	return number, nil
}

// parseCutOff prints the instant in the offset in which it was written. Druid keeps the offset and then compares texts,
// so +02:00 moves the cut-off: an hour before the marking time can still take the segment.
func parseCutOff(raw json.RawMessage) (string, error) {
	if raw == nil || string(raw) == "null" {
		return "", nil
	}
	var given string
	if err := json.Unmarshal(raw, &given); err != nil {
		return "", refuse("Invalid format: " + string(raw))
	}
	at, err := druid.ParseInstant(given)
	if err != nil {
		return "", refuse(`Invalid format: "` + given + `" (through reference chain: org.apache.druid.indexing.common.task.KillUnusedSegmentsTask["maxUsedStatusLastUpdatedTime"])`)
	}
	offset, minutes := writtenOffset(given)
	if minutes == 0 {
		return at.String(), nil
	}
	local := at + druid.Instant(minutes*60*1000)
	return strings.TrimSuffix(local.String(), "Z") + offset, nil
}

// writtenOffset finds +hh:mm or -hh:mm at the end of a date-time.
func writtenOffset(text string) (offset string, minutes int) {
	if len(text) < 6 {
		return "", 0
	}
	offset = text[len(text)-6:]
	hours, err1 := strconv.Atoi(offset[1:3])
	rest, err2 := strconv.Atoi(offset[4:])
	if err1 != nil || err2 != nil || offset[3] != ':' || offset[0] != '+' && offset[0] != '-' || !strings.Contains(text, "T") {
		return "", 0
	}
	minutes = hours*60 + rest
	if offset[0] == '-' {
		minutes = -minutes
	}
	return offset, minutes
}

// payload is the task as the Overlord prints it.
func (k *kill) payload() json.RawMessage {
	type resource struct {
		Group    string `json:"availabilityGroup"`
		Capacity int    `json:"requiredCapacity"`
	}
	context := map[string]json.RawMessage{
		"forceTimeChunkLock": json.RawMessage("true"), "useLineageBasedSegmentAllocation": json.RawMessage("true"),
	}
	for name, value := range k.Context {
		context[name] = value
	}
	var limit *int
	if k.Limit > 0 {
		limit = &k.Limit
	}
	var cutOff *string
	if k.CutOff != "" {
		cutOff = &k.CutOff
	}
	return object(200, struct {
		Type       string                     `json:"type"`
		ID         string                     `json:"id"`
		DataSource string                     `json:"dataSource"`
		Interval   string                     `json:"interval"`
		Versions   []string                   `json:"versions"`
		Context    map[string]json.RawMessage `json:"context"`
		BatchSize  int                        `json:"batchSize"`
		Limit      *int                       `json:"limit"`
		CutOff     *string                    `json:"maxUsedStatusLastUpdatedTime"`
		GroupID    string                     `json:"groupId"`
		Resource   resource                   `json:"resource"`
	}{"kill", k.ID, k.DataSource, k.Interval.String(), k.Versions, context, k.BatchSize, limit, cutOff, k.ID, resource{k.ID, 1}}).body
}

// lock is the lock that the task needs before it starts: its whole interval, of the lowest priority unless told.
func (k *kill) lock(now druid.Instant) *Lock {
	l := &Lock{TaskID: k.ID, DataSource: k.DataSource, Interval: k.Interval, Type: "EXCLUSIVE", Version: now.String()}
	if string(k.Context["useConcurrentLocks"]) == "true" {
		l.Type = "REPLACE"
	}
	if kind := strings.Trim(string(k.Context["taskLockType"]), `"`); kind != "" {
		l.Type = kind
	}
	if priority, err := strconv.Atoi(string(k.Context["priority"])); err == nil {
		l.Priority = priority
	}
	return l
}
