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

// Read reads what Write or Compress writes, and the same compressed by other means. The snapshot that it returns is
// finished, as if it had been collected just now.
func Read(from io.Reader) (*snapshot.Cluster, error) { return read(from, usual) }

func read(from io.Reader, how reading) (*snapshot.Cluster, error) {
	in := &reader{pipeline: start(from, how)}
	if err := in.all(); err != nil {
		return nil, err
	}
	in.cluster.Finish()
	return in.cluster, nil
}

// reader joins what was found in the pieces of a file, in its order.
type reader struct {
	pipeline *pipeline
	cluster  *snapshot.Cluster
	// at is the datasource of the header to which the next line belongs.
	at int
	// line is the number of the last line that was taken, or of the one that cannot be.
	line int
	// began is told that the header was read, and whole of each datasource, by its place in the header, that all its rows were;
	// nil when nobody asks. Who is told has the datasource then.
	began func()
	whole func(at int, d *snapshot.Datasource)
}

// all reads the file to its end, or to where it is wrong, and ends the pipeline.
func (r *reader) all() error {
	err := r.read()
	r.pipeline.end()
	if err != nil {
		return fmt.Errorf("read snapshot: %w", &LineError{r.line, err})
	}
	return nil
}

func (r *reader) read() error {
	for next := range r.pipeline.pieces {
		<-next.done
		if next.err != nil {
			return r.ending(next)
		}
		if err := r.join(next); err != nil {
			return err
		}
		r.pipeline.free <- next
	}
	return io.ErrUnexpectedEOF // the last piece has an error always
}

// ending is what is wrong with the file's end; nil when all is there.
func (r *reader) ending(last *piece) error {
	r.line++
	switch {
	case last.err == io.ErrUnexpectedEOF: // of a compressed stream
		return ErrCutShort
	case last.err != io.EOF:
		return last.err
	case len(last.rest.text) > 0:
		return fmt.Errorf("%w: its last line has no end", ErrCutShort)
	case !last.rest.begun:
		return ErrNotSnapshot
	}
	if announced := r.expected(); announced != nil {
		return fmt.Errorf("%w: %d of the %d segments of %s are there", ErrCutShort, len(r.cluster.Datasources[r.at].Segments),
			announced.Segments, announced.Name)
	}
	return nil
}

// join takes what was found in a piece.
func (r *reader) join(of *piece) error {
	if of.header {
		r.line++
		if r.pipeline.unreadable != nil {
			return r.pipeline.unreadable
		}
		r.cluster = r.pipeline.first.cluster()
		if r.began != nil {
			r.began()
		}
	}
	rows := of.rows
	for i := range of.runs {
		if err := r.take(&of.runs[i], rows[:of.runs[i].rows]); err != nil {
			return err
		}
		rows = rows[of.runs[i].rows:]
	}
	if of.bad == nil {
		return nil
	}
	r.line++
	return r.refuse(of.bad)
}

// expected is the datasource whose line comes next; nil behind the last.
func (r *reader) expected() *datasource {
	for list := r.pipeline.first.Datasources; r.at < len(list); r.at++ {
		if len(r.cluster.Datasources[r.at].Segments) < list[r.at].Segments {
			return &list[r.at]
		}
	}
	return nil
}

// prepared is for how many rows there is room at most before any is read: a header may promise anything.
const prepared = 1 << 20

// take adds the rows of a run, as far as the header announces them.
func (r *reader) take(of *run, rows []snapshot.Segment) error {
	announced := r.expected()
	if announced == nil || of.datasource != r.at {
		r.line++
		return r.misplaced(announced, r.pipeline.first.Datasources[of.datasource].Name)
	}
	d := r.cluster.Datasources[r.at]
	if d.Segments == nil {
		d.Segments = make([]snapshot.Segment, 0, min(announced.Segments, prepared))
	} else if err := inOrder(d, of, &rows[0]); err != nil {
		r.line++
		return err
	}
	wanted := min(len(rows), announced.Segments-len(d.Segments))
	add(d, of, rows[:wanted])
	if r.whole != nil && len(d.Segments) == announced.Segments {
		r.cluster.Datasources[r.at] = nil
		r.whole(r.at, d)
		r.at++
	}
	if r.line += wanted; wanted == len(rows) {
		return nil
	}
	r.line++
	return r.misplaced(r.expected(), announced.Name)
}

// misplaced says that a line is of another datasource than the one that is announced.
func (r *reader) misplaced(announced *datasource, found string) error {
	if announced == nil {
		return errors.New("there are more lines than the header announces")
	}
	return fmt.Errorf("expected a segment of %s, which the header announces, and found one of %q", announced.Name, found)
}

// inOrder refuses a run that does not sort behind the rows before.
func inOrder(d *snapshot.Datasource, of *run, next *snapshot.Segment) error {
	last := &d.Segments[len(d.Segments)-1]
	return ordered(last, d.Versions.At(last.Version), next, of.versions.At(next.Version))
}

func ordered(last *snapshot.Segment, lastVersion string, next *snapshot.Segment, version string) error {
	order := last.Interval.Compare(next.Interval)
	if order == 0 {
		order = druid.CompareVersions(lastVersion, version)
	}
	if order == 0 {
		order = int(last.Partition) - int(next.Partition)
	}
	switch {
	case order == 0:
		return errors.New("the segment stands in the line before already")
	case order > 0:
		return errors.New("the segments are not in order of start, end, version and partition")
	}
	return nil
}

// add appends rows, and what they refer to.
func add(d *snapshot.Datasource, of *run, rows []snapshot.Segment) {
	versions, roots, shards := uint32(d.Versions.Len()), uint32(len(d.Roots)), uint32(len(d.Shards))
	d.Versions.AddAll(&of.versions)
	d.Roots, d.Shards = append(d.Roots, of.roots...), append(d.Shards, of.shards...)
	at := len(d.Segments)
	d.Segments = append(d.Segments, rows...)
	for i := range d.Segments[at:] {
		s := &d.Segments[at+i]
		s.Version += versions
		if s.Root > 0 {
			s.Root += roots
		}
		if s.Has(snapshot.Details) {
			s.Shard += shards
		}
	}
}

// refuse says what is wrong with a line that could not be taken.
func (r *reader) refuse(line []byte) error {
	announced := r.expected()
	if announced == nil {
		return r.misplaced(nil, "")
	}
	var p parts
	err := p.parse(line)
	if p.object && p.datasource != announced.Name {
		return r.misplaced(announced, p.datasource)
	}
	if err != nil {
		return err
	}
	row, d := p.row(), r.cluster.Datasources[r.at]
	if n := len(d.Segments); n > 0 {
		if err := ordered(&d.Segments[n-1], d.Versions.At(d.Segments[n-1].Version), &row, p.version); err != nil {
			return err
		}
	}
	if _, err = parseShard([]byte(p.shard)); err == nil {
		err = errors.New("bad segment") // not reached: one of these is why it was not taken
	}
	return err
}
