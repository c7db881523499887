package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
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

// killReport is what a kill task says that it did. Segments whose files were kept for another one do not count.
type killReport struct {
	Segments int `json:"numSegmentsKilled"`
	Batches  int `json:"numBatchesProcessed"`
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
		return nil, fmt.Errorf("Cannot deserialize value: %w", err)
	}
	k := &kill{DataSource: body.DataSource, Versions: body.Versions, Context: body.Context}
	if body.ID != nil {
		if k.ID = *body.ID; k.ID == "" {
			return nil, errors.New(killClass + "Invalid value for field [task ID]: must not be null")
		}
		if strings.Contains(k.ID, "/") {
			return nil, errors.New(killClass + "Invalid value for field [task ID]: Value [" + k.ID + "] cannot contain '/'.")
		}
	}
	switch {
	case k.DataSource == "":
		return nil, errors.New(killClass + "dataSource")
	case body.Interval == nil:
		return nil, errors.New(killClass + "interval")
	}
	return k, k.parseRest(*body.Interval, body.BatchSize, body.Limit, body.CutOff)
}

func (k *kill) parseRest(interval string, batchSize, limit, cutOff json.RawMessage) (err error) {
	if k.Interval, err = druid.ParseInterval(interval); err != nil {
		return errors.New(invalidInterval(interval) + ` (through reference chain: org.apache.druid.indexing.common.task.KillUnusedSegmentsTask["interval"])`)
	}
	if k.Interval.Empty() {
		return errors.New(killClass + "interval empty")
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
		return 0, fmt.Errorf("Cannot deserialize value of type `java.lang.Integer` from %s: not a valid `java.lang.Integer` value", raw)
	}
	if number <= 0 {
		return 0, fmt.Errorf("%s%s[%d] must be a positive integer.", killClass, name, number)
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
		return "", fmt.Errorf("Invalid format: %s", raw)
	}
	at, err := druid.ParseInstant(given)
	if err != nil {
		return "", fmt.Errorf(`Invalid format: "%s" (through reference chain: org.apache.druid.indexing.common.task.KillUnusedSegmentsTask["maxUsedStatusLastUpdatedTime"])`, given)
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

// kill deletes what the task reaches, batch by batch. In each batch the rows go first, then the files that nobody else
// uses; a batch with a segment of a version later than the lock's goes not at all and ends the task.
func (s *Sandbox) kill(k *kill) (killReport, error) {
	var report killReport
	protected := s.usedFiles(k)
	for {
		size := k.BatchSize
		if k.Limit > 0 {
			if size = min(size, k.Limit-report.Segments); size <= 0 || report.Batches >= (k.Limit+k.BatchSize-1)/k.BatchSize {
				return report, nil
			}
		}
		batch := s.reach(k, size)
		if err := s.coveredByLock(k, batch); err != nil {
			return report, err
		}
		deleted, err := s.nuke(k.DataSource, batch, protected)
		if err != nil {
			return report, err
		}
		report.Batches++
		report.Segments += deleted
		if len(batch) == 0 {
			return report, nil
		}
	}
}

// reach is what the task takes next: unused rows that lie wholly inside its interval, of its versions, and, with a
// cut-off, that have a marking time not after it.
func (s *Sandbox) reach(k *kill, most int) (batch []*row) {
	for _, r := range s.state.rows(k.DataSource) {
		inside := k.Interval.Start <= r.interval.Start && r.interval.End <= k.Interval.End
		if r.Used || !inside || k.Versions != nil && !slices.Contains(k.Versions, r.Version) {
			continue
		}
		if k.CutOff != "" && (r.MarkedAt == nil || *r.MarkedAt > k.CutOff) {
			continue
		}
		if batch = append(batch, r); len(batch) == most {
			return batch
		}
	}
	return batch
}

func (s *Sandbox) coveredByLock(k *kill, batch []*row) error {
	i := slices.IndexFunc(s.state.Locks, func(l *Lock) bool { return l.TaskID == k.ID && !l.Revoked })
	for _, r := range batch {
		if i < 0 || druid.CompareVersions(r.Version, s.state.Locks[i].Version) > 0 {
			return fmt.Errorf("Locks for task[%s] can't cover segments[%s]", k.ID, r.ID)
		}
	}
	return nil
}

// usedFiles are the places of the used segments that overlap the task's interval: looked up once, at the start.
func (s *Sandbox) usedFiles(k *kill) map[string]bool {
	files := map[string]bool{}
	for _, r := range s.state.rows(k.DataSource) {
		if r.Used && r.interval.Overlaps(k.Interval) {
			files[string(s.loadSpec(r))] = true
		}
	}
	return files
}

// nuke deletes the rows of a batch and then the files of those that share them with no remaining row, by lineage, and
// with no used segment, by place. The last sharer to be killed takes the file along.
func (s *Sandbox) nuke(dataSource string, batch []*row, protected map[string]bool) (deleted int, err error) {
	gone := map[*row]bool{}
	for _, r := range batch {
		gone[r] = true
	}
	s.state.remove(gone)
	s.dirty = true
	shared := map[string]bool{}
	for _, r := range s.state.rows(dataSource) {
		shared[r.root()] = true
	}
	for _, r := range batch {
		if shared[r.root()] || protected[string(s.loadSpec(r))] {
			continue
		}
		if err := s.deleteFiles(r); err != nil {
			return deleted, err
		}
		deleted++
	}
	return deleted, nil
}

// root is the id of the segment that first had the row's file.
func (r *row) root() string {
	if r.UpgradedFrom != "" {
		return r.UpgradedFrom
	}
	return r.ID
}
