package snapfile

import (
	"errors"
	"fmt"
	"io"

	"coppice/internal/druid"
	"coppice/internal/snapshot"
)

// ErrCutShort: the file ends before all that its header announces.
var ErrCutShort = errors.New("the snapshot was cut short")

// LineError says which line of a file cannot be read.
type LineError struct {
	// Line counts from 1, in the text that was compressed.
	Line int
	Err  error
}

// Error implements error.
func (e *LineError) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }

// Unwrap gives the reason.
func (e *LineError) Unwrap() error { return e.Err }

// Read reads what Write writes. The snapshot that it returns is finished, as if it had been collected just now.
func Read(r io.Reader) (*snapshot.Cluster, error) {
	in := &reader{lines: lines{from: r}}
	if err := in.read(); err != nil {
		return nil, fmt.Errorf("read snapshot: %w", &LineError{in.lines.number, err})
	}
	in.cluster.Finish()
	return in.cluster, nil
}

// reader follows a file from line to line.
type reader struct {
	lines   lines
	header  *header
	cluster *snapshot.Cluster
}

func (r *reader) read() error {
	first, err := r.lines.next()
	if err == io.EOF {
		return ErrNotSnapshot
	}
	if err != nil {
		return err
	}
	if r.header, err = parseHeader([]byte(first)); err != nil {
		return err
	}
	r.cluster = r.header.cluster()
	for i, d := range r.cluster.Datasources {
		if err := r.datasource(d, r.header.Datasources[i].Segments); err != nil {
			return err
		}
	}
	switch _, err := r.lines.next(); err {
	case io.EOF:
		return nil
	case nil:
		return errors.New("there are more lines than the header announces")
	default:
		return err
	}
}

// prepared is for how many rows there is room at most before any is read: a header may promise anything.
const prepared = 1 << 20

// datasource reads the lines of one datasource.
func (r *reader) datasource(d *snapshot.Datasource, segments int) error {
	if segments == 0 {
		return nil
	}
	rows := newRows(d, min(segments, prepared))
	for n := range segments {
		line, err := r.lines.next()
		if err == io.EOF {
			return fmt.Errorf("%w: %d of the %d segments of %s are there", ErrCutShort, n, segments, d.Name)
		}
		if err != nil {
			return err
		}
		if err := rows.add(line); err != nil {
			return err
		}
	}
	return nil
}

// rows turns lines into the rows of one datasource.
type rows struct {
	of *snapshot.Datasource
	// head is how a line of this datasource begins, as the writer quotes it.
	head string
	// last is the line before, taken apart, and lastVersion where its version is.
	last        parts
	lastVersion uint32
	versions    map[string]uint32
	roots       map[string]uint32
	shards      map[string]uint32
}

func newRows(d *snapshot.Datasource, room int) *rows {
	d.Segments = make([]snapshot.Segment, 0, room)
	return &rows{of: d, head: newLineWriter(d).head, versions: map[string]uint32{}, roots: map[string]uint32{}, shards: map[string]uint32{}}
}

func (r *rows) add(line string) error {
	var p parts
	if !p.scan(line, r.head, &r.last) {
		if err := p.parse(line, r.of.Name); err != nil {
			return err
		}
	}
	if err := r.inOrder(&p); err != nil {
		return err
	}
	s := snapshot.Segment{Interval: p.interval, MarkedAt: p.markedAt, CreatedAt: p.createdAt, Bytes: snapshot.UnknownBytes,
		Version: r.version(&p), Partition: p.partition, Flags: p.flags}
	if p.root != "" {
		s.Root = 1 + intern(r.roots, &r.of.Roots, p.root)
	}
	if p.shard != "" {
		at, err := r.shard(p.shard)
		if err != nil {
			return err
		}
		s.Shard, s.Bytes, s.File = at, p.bytes, p.file
		s.Flags |= snapshot.Details
	}
	r.of.Segments = append(r.of.Segments, s)
	r.last = p
	return nil
}

// inOrder refuses a line that does not sort behind the one before.
func (r *rows) inOrder(p *parts) error {
	if len(r.of.Segments) == 0 {
		return nil
	}
	order := r.last.interval.Compare(p.interval)
	if order == 0 && r.last.version != p.version {
		order = druid.CompareVersions(r.last.version, p.version)
	} else if order == 0 {
		order = int(r.last.partition) - int(p.partition)
	}
	switch {
	case order == 0:
		return errors.New("the segment stands in the line before already")
	case order > 0:
		return errors.New("the segments are not in order of start, end, version and partition")
	}
	return nil
}

func (r *rows) version(p *parts) uint32 {
	if len(r.of.Segments) == 0 || p.version != r.last.version {
		r.lastVersion = intern(r.versions, &r.of.Versions, p.version)
	}
	return r.lastVersion
}

// intern gives a text its number in a list; the text may be part of a longer one.
func intern(numbers map[string]uint32, list *[]string, text string) uint32 {
	at, ok := numbers[text]
	if !ok {
		at = uint32(len(*list))
		*list = append(*list, string([]byte(text)))
		numbers[(*list)[at]] = at
	}
	return at
}

// shard gives a shard spec's JSON its number. Different texts may mean the same, which Finish sees.
func (r *rows) shard(text string) (uint32, error) {
	at, ok := r.shards[text]
	if ok {
		return at, nil
	}
	spec, err := parseShard(text)
	if err != nil {
		return 0, err
	}
	at = uint32(len(r.of.Shards))
	r.of.Shards = append(r.of.Shards, spec)
	r.shards[string([]byte(text))] = at
	return at, nil
}
