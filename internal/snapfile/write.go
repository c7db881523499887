package snapfile

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strconv"

	"coppice/internal/druid"
	"coppice/internal/snapshot"
)

// Write writes a finished snapshot, line by line.
func Write(w io.Writer, c *snapshot.Cluster) error {
	first, err := headerOf(c).print()
	if err != nil {
		return fmt.Errorf("write snapshot: %w", err)
	}
	out := bufio.NewWriterSize(w, 1<<16)
	if _, err := out.Write(first); err != nil {
		return fmt.Errorf("write snapshot: %w", err)
	}
	for _, d := range c.Datasources {
		if err := writeSegments(out, d); err != nil {
			return fmt.Errorf("write snapshot: %s: %w", d.Name, err)
		}
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write snapshot: %w", err)
	}
	return nil
}

func writeSegments(out *bufio.Writer, d *snapshot.Datasource) error {
	w := newLineWriter(d)
	var line []byte
	for i := range d.Segments {
		line = append(w.segment(line[:0], &d.Segments[i]), '\n')
		if _, err := out.Write(line); err != nil {
			return err
		}
	}
	return nil
}

// lineWriter writes the lines of one datasource; texts that repeat are quoted once.
type lineWriter struct {
	of     *snapshot.Datasource
	head   string
	shards []string
}

func newLineWriter(d *snapshot.Datasource) *lineWriter {
	w := &lineWriter{of: d, head: headOf(d.Name)}
	for i := range d.Shards {
		w.shards = append(w.shards, string(appendShard(nil, &d.Shards[i])))
	}
	return w
}

// headOf is how the lines of a datasource begin.
func headOf(dataSource string) string { return `{"datasource":` + quoted(dataSource) + `,"interval":"` }

// segment appends a row's line; keys that say nothing are left out, the others have this order.
func (w *lineWriter) segment(b []byte, s *snapshot.Segment) []byte {
	b = append(b, w.head...)
	b = appendInstant(b, s.Interval.Start)
	b = appendInstant(append(b, '/'), s.Interval.End)
	b = appendText(append(b, `","version":`...), w.of.Versions.At(s.Version))
	b = strconv.AppendInt(append(b, `,"partition":`...), int64(s.Partition), 10)
	b = strconv.AppendBool(append(b, `,"used":`...), s.Has(snapshot.Used))
	if s.CreatedAt.Known() {
		b = append(appendInstant(append(b, `,"created_at":"`...), s.CreatedAt), '"')
	}
	if s.MarkedAt.Known() {
		b = append(appendInstant(append(b, `,"marked_at":"`...), s.MarkedAt), '"')
	}
	if s.Has(snapshot.Details) {
		b = strconv.AppendInt(append(b, `,"bytes":`...), s.Bytes, 10)
		if s.File != snapshot.NoFile {
			b = append(appendFile(append(b, `,"file":"`...), s.File), '"')
		}
		b = append(append(b, `,"shard":`...), w.shards[s.Shard]...)
	}
	if s.Root > 0 {
		b = appendText(append(b, `,"root":`...), w.of.Roots[s.Root-1])
	}
	if s.Has(snapshot.Odd) {
		b = append(b, `,"odd":true`...)
	}
	return append(b, '}')
}

// appendInstant appends a known moment as Druid prints it.
func appendInstant(b []byte, t druid.Instant) []byte {
	b, _ = t.AppendText(b) // it never fails
	return b
}

const hexDigits = "0123456789abcdef"

// appendFile appends a fingerprint as 16 digits.
func appendFile(b []byte, file uint64) []byte {
	for shift := 60; shift >= 0; shift -= 4 {
		b = append(b, hexDigits[file>>shift&15])
	}
	return b
}

// shard is a shard spec as it stands in a line. Druid's own text is not kept, only what its timeline looks at.
type shard struct {
	Type      string `json:"type"`
	Partition int32  `json:"partition,omitempty"`
	HasCore   bool   `json:"has_core,omitempty"`
	// Core is the number of core partitions.
	Core       int32  `json:"core,omitempty"`
	Minor      int16  `json:"minor,omitempty"`
	AtomicSize int16  `json:"atomic_size,omitempty"`
	RootStart  int32  `json:"root_start,omitempty"`
	RootEnd    int32  `json:"root_end,omitempty"`
	Start      string `json:"start,omitempty"`
	End        string `json:"end,omitempty"`
}

func appendShard(b []byte, s *druid.ShardSpec) []byte {
	text, _ := json.Marshal(shard{s.Kind.String(), s.Partition, s.HasCore, s.CorePartitions, s.Minor, s.AtomicSize, s.RootStart,
		s.RootEnd, s.Start, s.End}) // numbers and texts alone: it never fails
	return append(b, text...)
}

// plain reports whether a text stands in JSON as it is.
func plain[T string | []byte](text T) bool {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

func appendText(b []byte, text string) []byte {
	if plain(text) {
		return append(append(append(b, '"'), text...), '"')
	}
	return append(b, quoted(text)...)
}

func quoted(text string) string {
	b, _ := json.Marshal(text) // a text never fails
	return string(b)
}
