package snapfile

import (
	"errors"
	"fmt"
	"io"
	"os"

	"coppice/internal/snapshot"
)

// Stream is a snapshot's file while it is being read.
type Stream struct {
	// Cluster is finished, but for its rows: these stand elsewhere.
	Cluster *snapshot.Cluster
	coming  map[*snapshot.Datasource]*coming
	reader  *reader
	// ended is closed when nothing more is read; err is what was wrong.
	ended chan struct{}
	err   error
}

// coming is a datasource that is ready once it has all its rows, or nobody will get them.
type coming struct {
	ready chan struct{}
	whole *snapshot.Datasource
}

// Open begins to read a file that Save wrote, and returns when its header was read. The stream has to be ended with Wait.
func Open(path string) (*Stream, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read snapshot: %w", err)
	}
	return stream(file, usual, func(err error) error {
		if err != nil {
			err = fmt.Errorf("%s: %w", path, err)
		}
		return errors.Join(err, file.Close())
	})
}

// stream reads beside its caller. What it says of the end goes through end.
func stream(from io.Reader, how reading, end func(error) error) (*Stream, error) {
	s := &Stream{reader: &reader{pipeline: start(from, how)}, ended: make(chan struct{})}
	begun := make(chan struct{})
	s.reader.began = func() {
		s.begin()
		close(begun)
	}
	go func() {
		s.err = end(s.reader.all())
		s.giveUp()
		close(s.ended)
	}()
	select {
	case <-begun:
		return s, nil
	case <-s.ended: // it may have been all of the file, too
	}
	if s.Cluster == nil {
		return nil, s.err
	}
	return s, nil
}

// begin makes the cluster from the header. Datasources without rows are ready at once.
func (s *Stream) begin() {
	header := s.reader.pipeline.first
	c := header.cluster()
	list := make([]*coming, len(c.Datasources))
	s.coming = make(map[*snapshot.Datasource]*coming, len(list))
	for at, d := range c.Datasources {
		d.Elsewhere = header.Datasources[at].Segments
		list[at] = &coming{ready: make(chan struct{})}
		if s.coming[d] = list[at]; d.Elsewhere == 0 {
			list[at].give(s.reader.cluster.Datasources[at])
		}
	}
	c.Finish()
	s.reader.whole = func(at int, d *snapshot.Datasource) { list[at].give(d) }
	s.Cluster = c
}

func (c *coming) give(d *snapshot.Datasource) {
	c.whole = d
	close(c.ready)
}

// giveUp lets nobody wait for what does not come any more.
func (s *Stream) giveUp() {
	for d, c := range s.coming {
		select {
		case <-c.ready:
		default:
			c.give(&snapshot.Datasource{Name: d.Name})
		}
	}
}

// Rows waits for a datasource of the cluster and returns it finished, with its rows, once. When the file turns out to be wrong
// rows are missing, which only Wait tells: until then nobody may act on any of them.
func (s *Stream) Rows(d *snapshot.Datasource) *snapshot.Datasource {
	c := s.coming[d]
	if c == nil { // it is not of this cluster, and has what it has
		return d
	}
	<-c.ready
	whole := c.whole
	c.whole = nil
	whole.Finish()
	return whole
}

// Wait returns when the file was read to its end, with what is wrong with it.
func (s *Stream) Wait() error {
	<-s.ended
	return s.err
}
