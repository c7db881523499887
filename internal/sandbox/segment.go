package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"

	"coppice/internal/druid"
)

// Segment is a row to add to the segments table, and its file.
type Segment struct {
	DataSource string
	Interval   druid.Interval
	Version    string
	// ShardSpec is Druid's JSON, such as {"type":"numbered","partitionNum":0,"partitions":2}. Empty means numbered,
	// with Partition, of one core partition.
	ShardSpec string
	// Partition is the partition number in the id. With a ShardSpec it must be the same number, which is not checked:
	// rows that contradict themselves can be added.
	Partition int32
	Used      bool
	// CreatedAt and MarkedAt default to the present when zero. A MarkedAt of druid.NoInstant is a NULL column.
	CreatedAt, MarkedAt druid.Instant
	// Bytes is the size of the file to write, and what the payload says. Zero means 1,000.
	Bytes int64
	// UpgradedFrom is the column upgraded_from_segment_id; empty means NULL.
	UpgradedFrom string
	// FileOf is the id of a segment of the same datasource whose file this one shares; then nothing is written.
	FileOf string
	// LoadSpec is Druid's JSON of a place that is not in this deep storage; then nothing is written.
	LoadSpec string
}

// row is a row of the segments table.
type row struct {
	ID         string `json:"id"`
	DataSource string `json:"datasource"`
	Interval   string `json:"interval"`
	Version    string `json:"version"`
	Partition  int32  `json:"partition"`
	Used       bool   `json:"used"`
	CreatedAt  string `json:"created_date"`
	// MarkedAt is used_status_last_updated as text, since that is how Druid compares it; nil is NULL.
	MarkedAt     *string         `json:"used_status_last_updated"`
	UpgradedFrom string          `json:"upgraded_from_segment_id,omitempty"`
	ShardSpec    json.RawMessage `json:"shard_spec"`
	// File is the folder of the files below deep storage, with slashes; empty when LoadSpec says where they are.
	File     string          `json:"file,omitempty"`
	LoadSpec json.RawMessage `json:"load_spec,omitempty"`
	Bytes    int64           `json:"bytes"`

	// Parsed from the texts above.
	interval druid.Interval
	shard    druid.ShardSpec
}

// settle fills the parsed fields.
func (r *row) settle() (err error) {
	if r.interval, err = druid.ParseInterval(r.Interval); err != nil {
		return err
	}
	r.shard, err = druid.ParseShardSpec(r.ShardSpec)
	return err
}

// mark sets the used column as an UPDATE of Druid does: the stamp moves even when the value stays.
func (r *row) mark(used bool, now druid.Instant) {
	stamp := now.String()
	r.Used, r.MarkedAt = used, &stamp
}

func (r *row) tombstone() bool { return r.shard.Kind == druid.ShardTombstone }

// AddSegment adds one segment, as a foreign writer would with SQL: the Coordinator sees it at its next poll.
func (s *Sandbox) AddSegment(segment Segment) (druid.SegmentID, error) {
	id := druid.SegmentID{DataSource: segment.DataSource, Interval: segment.Interval, Version: segment.Version, Partition: segment.Partition}
	return id, s.AddSegments(segment)
}

// AddSegments adds rows and writes their files. Rows before the first wrong one stay.
func (s *Sandbox) AddSegments(segments ...Segment) error {
	return s.change(func(now druid.Instant) error {
		for _, segment := range segments {
			if err := s.insert(segment, now); err != nil {
				return errors.Join(err, s.save())
			}
		}
		return nil
	})
}

// DeleteRows removes rows by id without touching files, as an SQL DELETE would, and returns how many there were.
func (s *Sandbox) DeleteRows(dataSource string, ids ...string) (int, error) {
	gone := map[*row]bool{}
	err := s.change(func(druid.Instant) error {
		for _, id := range ids {
			if r := s.state.find(dataSource, id); r != nil {
				gone[r] = true
			}
		}
		s.state.remove(gone)
		return nil
	})
	return len(gone), err
}

func (s *Sandbox) insert(segment Segment, now druid.Instant) error {
	r, err := newRow(segment, now)
	if err != nil {
		return fmt.Errorf("add segment of %s: %w", segment.DataSource, err)
	}
	if s.state.find(r.DataSource, r.ID) != nil {
		return fmt.Errorf("add segment %s: it is there already", r.ID)
	}
	if err := s.place(r, segment); err != nil {
		return fmt.Errorf("add segment %s: %w", r.ID, err)
	}
	s.dirty = true
	s.state.Segments = append(s.state.Segments, r)
	s.state.register(r)
	return nil
}

func newRow(segment Segment, now druid.Instant) (*row, error) {
	if segment.DataSource == "" || segment.Interval.Empty() {
		return nil, errors.New("datasource and interval are needed")
	}
	id := druid.SegmentID{DataSource: segment.DataSource, Interval: segment.Interval, Version: segment.Version, Partition: segment.Partition}
	shard := segment.ShardSpec
	if shard == "" {
		shard = fmt.Sprintf(`{"type":"numbered","partitionNum":%d,"partitions":1}`, segment.Partition)
	}
	r := &row{
		ID: id.String(), DataSource: segment.DataSource, Interval: segment.Interval.String(), Version: segment.Version,
		Partition: segment.Partition, Used: segment.Used, CreatedAt: orNow(segment.CreatedAt, now).String(),
		UpgradedFrom: segment.UpgradedFrom, ShardSpec: json.RawMessage(shard), Bytes: segment.Bytes,
	}
	if segment.MarkedAt.Known() {
		stamp := orNow(segment.MarkedAt, now).String()
		r.MarkedAt = &stamp
	}
	if r.Bytes == 0 {
		r.Bytes = 1000
	}
	return r, r.settle()
}

func orNow(t, now druid.Instant) druid.Instant {
	if t == 0 {
		return now
	}
	return t
}

// place decides where the row's files are, and writes them when they are its own.
func (s *Sandbox) place(r *row, segment Segment) error {
	switch {
	case segment.LoadSpec != "":
		r.LoadSpec = json.RawMessage(segment.LoadSpec)
		if !json.Valid(r.LoadSpec) {
			return errors.New("the load spec is not JSON")
		}
	case segment.FileOf != "":
		other := s.state.find(r.DataSource, segment.FileOf)
		if other == nil {
			return fmt.Errorf("there is no segment %s to share a file with", segment.FileOf)
		}
		r.File, r.LoadSpec = other.File, other.LoadSpec
	case r.tombstone():
		r.LoadSpec, r.Bytes = json.RawMessage(`{"path":null,"type":"tombstone"}`), 1
	default:
		r.File = segmentFolder(r)
		return s.writeFiles(r)
	}
	return nil
}

// payload is the DataSegment JSON as Druid prints it.
type payload struct {
	DataSource    string          `json:"dataSource"`
	Interval      string          `json:"interval"`
	Version       string          `json:"version"`
	LoadSpec      json.RawMessage `json:"loadSpec"`
	Dimensions    string          `json:"dimensions"`
	Metrics       string          `json:"metrics"`
	ShardSpec     json.RawMessage `json:"shardSpec"`
	BinaryVersion *int            `json:"binaryVersion"`
	Size          int64           `json:"size"`
	Identifier    string          `json:"identifier"`
}

func (s *Sandbox) payload(r *row) payload {
	p := payload{
		DataSource: r.DataSource, Interval: r.Interval, Version: r.Version, LoadSpec: s.loadSpec(r),
		ShardSpec: r.ShardSpec, Size: r.Bytes, Identifier: r.ID,
	}
	if !r.tombstone() {
		nine := 9
		p.BinaryVersion, p.Dimensions = &nine, "channel,page,user"
	}
	return p
}

// loadSpec names the files by their absolute path, as local deep storage does, so a moved directory goes on working.
func (s *Sandbox) loadSpec(r *row) json.RawMessage {
	if r.File == "" {
		return r.LoadSpec
	}
	text, _ := json.Marshal(filepath.Join(s.deepStorage(r.File), indexFolder)) // a string always marshals
	return json.RawMessage(`{"type":"local","path":` + string(text) + `}`)
}

// Row is what the table says of a segment, for checks.
type Row struct {
	ID   string
	Used bool
	// MarkedAt is the text of used_status_last_updated; empty for NULL.
	MarkedAt string
}

// Rows lists the rows of a datasource in the order of insertion, with the marks of a rule run only once that ran.
func (s *Sandbox) Rows(dataSource string) []Row {
	s.mu.Lock()
	defer s.mu.Unlock()
	var rows []Row
	for _, r := range s.state.rows(dataSource) {
		row := Row{ID: r.ID, Used: r.Used}
		if r.MarkedAt != nil {
			row.MarkedAt = *r.MarkedAt
		}
		rows = append(rows, row)
	}
	return rows
}
