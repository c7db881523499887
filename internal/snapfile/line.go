package snapfile

import (
	"encoding/json"
	"errors"
	"fmt"

	"coppice/internal/druid"
	"coppice/internal/snapshot"
)

// parts are what a segment's line says.
type parts struct {
	// object says that the line is a JSON object at all, so that its datasource is known.
	object              bool
	datasource          string
	interval            druid.Interval
	version             string
	partition           int32
	flags               snapshot.Flags
	createdAt, markedAt druid.Instant
	bytes               int64
	file                uint64
	shard, root         string // empty: absent
}

// segmentLine is the same as JSON; what a line must have is a pointer.
type segmentLine struct {
	Datasource string          `json:"datasource"`
	Interval   *druid.Interval `json:"interval"`
	Version    *string         `json:"version"`
	Partition  *int32          `json:"partition"`
	Used       *bool           `json:"used"`
	CreatedAt  *druid.Instant  `json:"created_at"`
	MarkedAt   *druid.Instant  `json:"marked_at"`
	Bytes      *int64          `json:"bytes"`
	File       string          `json:"file"`
	Shard      json.RawMessage `json:"shard"`
	Root       string          `json:"root"`
	Odd        bool            `json:"odd"`
}

// parse reads any line; the scanner reads most of them faster.
func (p *parts) parse(line []byte) error {
	var l segmentLine
	if err := json.Unmarshal(line, &l); err != nil {
		return fmt.Errorf("bad segment: %w", err)
	}
	if *p = (parts{object: true, datasource: l.Datasource}); l.check() != nil {
		return l.check()
	}
	*p = parts{object: true, datasource: l.Datasource, interval: *l.Interval, version: *l.Version, partition: *l.Partition,
		createdAt: known(l.CreatedAt), markedAt: known(l.MarkedAt), root: l.Root}
	if *l.Used {
		p.flags |= snapshot.Used
	}
	if l.Odd {
		p.flags |= snapshot.Odd
	}
	if l.Shard == nil || string(l.Shard) == "null" {
		return nil
	}
	p.shard, p.bytes = string(l.Shard), *l.Bytes
	if l.File == "" {
		return nil
	}
	file, ok := parseFile([]byte(l.File))
	if p.file = file; !ok {
		return fmt.Errorf("bad segment: file is %q, and 16 hexadecimal digits above 0 are expected", l.File)
	}
	return nil
}

// row is the row without what refers to lists.
func (p *parts) row() snapshot.Segment {
	s := snapshot.Segment{Interval: p.interval, MarkedAt: p.markedAt, CreatedAt: p.createdAt, Bytes: snapshot.UnknownBytes,
		Partition: p.partition, Flags: p.flags}
	if p.shard != "" {
		s.Flags |= snapshot.Details
		s.Bytes, s.File = p.bytes, p.file
	}
	return s
}

func (l *segmentLine) check() error {
	for _, required := range []struct {
		name  string
		there bool
	}{{"interval", l.Interval != nil}, {"version", l.Version != nil}, {"partition", l.Partition != nil}, {"used", l.Used != nil},
		{"bytes", l.Bytes != nil || l.Shard == nil || string(l.Shard) == "null"}} {
		if !required.there {
			return fmt.Errorf("bad segment: %s is missing", required.name)
		}
	}
	if *l.Partition < 0 {
		return errors.New("bad segment: partition is below 0")
	}
	return nil
}

const fileSize = 16

// digits are the values of hexadecimal digits, as the writer writes them, and 0xff for every other byte.
var digits = func() (values [256]byte) {
	for i := range values {
		values[i] = 0xff
	}
	for i := range hexDigits {
		values[hexDigits[i]] = byte(i)
	}
	return values
}()

// parseFile reads 16 digits as appendFile writes them, without a branch for each; strconv takes several times as long.
func parseFile(text []byte) (file uint64, ok bool) {
	if len(text) != fileSize {
		return 0, false
	}
	all := byte(0)
	for i := range fileSize {
		digit := digits[text[i]]
		all |= digit
		file = file<<4 | uint64(digit&15)
	}
	return file, all < 16 && file != snapshot.NoFile
}

func parseShard(text []byte) (druid.ShardSpec, error) {
	var s shard
	if err := json.Unmarshal(text, &s); err != nil {
		return druid.ShardSpec{}, fmt.Errorf("bad segment: shard: %w", err)
	}
	kind, ok := druid.ParseShardKind(s.Type)
	if !ok {
		// A type of a later version cannot be judged here, and what cannot be judged is kept.
		return druid.ShardSpec{Kind: druid.ShardUnknown}, nil
	}
	return druid.ShardSpec{Kind: kind, HasCore: s.HasCore, Minor: s.Minor, AtomicSize: s.AtomicSize, Partition: s.Partition,
		CorePartitions: s.Core, RootStart: s.RootStart, RootEnd: s.RootEnd, Start: s.Start, End: s.End}, nil
}
