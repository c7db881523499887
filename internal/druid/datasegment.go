package druid

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// DataSegment is what Druid writes of a segment into the payload column and into its API's answers
// (org.apache.druid.timeline.DataSegment), reduced to what retention needs.
type DataSegment struct {
	ID SegmentID
	// Bytes is the size in deep storage; Druid takes an absent size as 0.
	Bytes int64
	// LoadSpec is the JSON object that says where the files are, byte for byte. It belongs to the caller's input.
	LoadSpec json.RawMessage
	Shard    ShardSpec
}

// ParseDataSegment reads the JSON of one segment. Fields that retention does not need are skipped; of a key that is
// written twice the last one counts, as in Jackson. A segment without dataSource, interval, version or loadSpec is an
// error, since Druid cannot use such a row either.
func ParseDataSegment(data []byte) (DataSegment, error) {
	var r SegmentReader
	return r.Read(data)
}

// SegmentReader reads many segments, and remembers the few shard specs that nearly all of them have. It is for one
// goroutine; the zero value is ready.
type SegmentReader struct {
	// Expected is what the next segment is believed to be: where it has the same texts, these are used instead of new ones.
	Expected SegmentID

	shards map[string]ShardSpec
}

// knownShards bounds what a reader remembers: borders of ranges differ from segment to segment.
const knownShards = 4096

// Read is ParseDataSegment.
func (r *SegmentReader) Read(data []byte) (DataSegment, error) {
	var fields segmentFields
	if !plainFields(data, fields.take) {
		if !json.Valid(data) {
			return DataSegment{}, errors.New("not valid JSON")
		}
		fields = segmentFields{}
		if err := eachField(data, fields.take); err != nil {
			return DataSegment{}, err
		}
	}
	return fields.segment(r)
}

// shard is ParseShardSpec.
func (r *SegmentReader) shard(data []byte) (ShardSpec, error) {
	if known, ok := r.shards[string(data)]; ok {
		return known, nil
	}
	read, err := ParseShardSpec(data)
	if err != nil {
		return ShardSpec{}, err
	}
	if r.shards == nil || len(r.shards) >= knownShards {
		r.shards = map[string]ShardSpec{}
	}
	r.shards[string(data)] = read
	return read, nil
}

// segmentFields are the raw values of the keys that are needed; nil when absent.
type segmentFields struct {
	dataSource, interval, version, loadSpec, shardSpec, size []byte
}

func (f *segmentFields) take(key, value []byte) {
	switch string(key) {
	case "dataSource":
		f.dataSource = value
	case "interval":
		f.interval = value
	case "version":
		f.version = value
	case "loadSpec":
		f.loadSpec = value
	case "shardSpec":
		f.shardSpec = value
	case "size":
		f.size = value
	}
}

func (f *segmentFields) segment(r *SegmentReader) (DataSegment, error) {
	s := DataSegment{LoadSpec: f.loadSpec}
	var ok bool
	if s.ID.DataSource, ok = expectedString(f.dataSource, r.Expected.DataSource); !ok {
		return DataSegment{}, errors.New("dataSource is not a text")
	}
	if s.ID.Version, ok = expectedString(f.version, r.Expected.Version); !ok {
		return DataSegment{}, errors.New("version is not a text")
	}
	var err error
	if s.ID.Interval, err = plainInterval(f.interval); err != nil {
		return DataSegment{}, err
	}
	if s.Shard, err = r.shard(f.shardSpec); err != nil {
		return DataSegment{}, fmt.Errorf("shardSpec: %w", err)
	}
	s.ID.Partition = s.Shard.Partition
	if f.size != nil && string(f.size) != "null" {
		if s.Bytes, err = strconv.ParseInt(string(f.size), 10, 64); err != nil || s.Bytes < 0 {
			return DataSegment{}, fmt.Errorf("size %s is not a number of bytes", f.size)
		}
	}
	if len(f.loadSpec) == 0 || f.loadSpec[0] != '{' {
		return DataSegment{}, errors.New("loadSpec is missing")
	}
	return s, nil
}

// plainInterval reads an interval in quotes, at once where it is written as Druid writes it.
func plainInterval(raw []byte) (Interval, error) {
	const half = len(`"2026-01-01T00:00:00.000Z`)
	if len(raw) == 2*half+1 && raw[0] == '"' && raw[half] == '/' {
		start, started := StoredInstant(raw[1:half])
		end, ended := StoredInstant(raw[half+1 : 2*half])
		if started && ended && start <= end {
			return Interval{start, end}, nil
		}
	}
	text, ok := plainString(raw)
	if !ok {
		return Interval{}, errors.New("interval is not a text")
	}
	interval, err := ParseInterval(text)
	if err != nil {
		return Interval{}, fmt.Errorf("interval: %w", err)
	}
	return interval, nil
}

// expectedString is plainString that returns the expected text itself where that is what raw says.
func expectedString(raw []byte, expected string) (text string, ok bool) {
	if n := len(expected); len(raw) == n+2 && raw[0] == '"' && string(raw[1:n+1]) == expected && strings.IndexByte(expected, '\\') < 0 {
		return expected, true
	}
	return plainString(raw)
}

// plainString decodes a JSON string; ok is false for every other value, absent and null included.
func plainString(raw []byte) (text string, ok bool) {
	if len(raw) < 2 || raw[0] != '"' {
		return "", false
	}
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(raw[1 : len(raw)-1]), true
	}
	if err := json.Unmarshal(raw, &text); err != nil {
		return "", false
	}
	return text, true
}

// eachField calls visit for every key of the object, which must be valid JSON; key and value are parts of data. A key
// that is written with escapes is decoded first.
func eachField(data []byte, visit func(key, value []byte)) error {
	at := skipSpace(data, 0)
	if at >= len(data) || data[at] != '{' {
		return errors.New("not a JSON object")
	}
	at = skipSpace(data, at+1)
	for data[at] != '}' {
		end := valueEnd(data, at)
		key := data[at+1 : end-1]
		if bytes.IndexByte(key, '\\') >= 0 {
			text, _ := plainString(data[at:end])
			key = []byte(text)
		}
		at = skipSpace(data, skipSpace(data, end)+1) // behind the colon
		end = valueEnd(data, at)
		visit(key, data[at:end])
		if at = skipSpace(data, end); data[at] == ',' {
			at = skipSpace(data, at+1)
		}
	}
	return nil
}

func skipSpace(data []byte, at int) int {
	for at < len(data) && (data[at] == ' ' || data[at] == '\n' || data[at] == '\t' || data[at] == '\r') {
		at++
	}
	return at
}

// valueEnd returns the position behind the value that starts at at, in valid JSON.
func valueEnd(data []byte, at int) int {
	switch data[at] {
	case '"':
		return stringEnd(data, at)
	case '{', '[':
		return groupEnd(data, at)
	}
	for at < len(data) && !bytes.ContainsRune([]byte(",]} \n\t\r"), rune(data[at])) {
		at++
	}
	return at
}

func stringEnd(data []byte, at int) int {
	for at++; data[at] != '"'; at++ {
		if data[at] == '\\' {
			at++
		}
	}
	return at + 1
}

func groupEnd(data []byte, at int) int {
	for depth := 0; ; at++ {
		switch data[at] {
		case '"':
			at = stringEnd(data, at) - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return at + 1
			}
		}
	}
}
