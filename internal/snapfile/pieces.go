package snapfile

import (
	"bufio"
	"bytes"
	"io"
	"runtime"
	"sync"

	"github.com/klauspost/compress/zstd"

	"coppice/internal/snapshot"
)

// A file is read in pieces, by a pipeline whose memory is bounded by the number of pieces:
//
//	source ──▶ workers (decompress, scan lines) ──▶ reader (in the file's order: checks, joins rows)
//
// Pieces end anywhere. What stands behind the last end of a line goes to the piece that follows.

// piece is a part of the file on its way. It is used again for a later one.
type piece struct {
	// packed is a frame of zstd that is still to be decompressed into text; empty: text is there already.
	packed, text []byte
	// err is why the file ends here: io.EOF, or that it cannot be read on. Then there is no text.
	err error
	// before gives what the piece before leaves over, and after takes what this one does.
	before, after chan over
	// done is closed once the worker is through with it.
	done chan struct{}
	found
}

// over is what one piece leaves to the next: the beginning of a line, and whether a line has ended yet.
type over struct {
	text  []byte
	begun bool
}

// found is what the whole lines of a piece say.
type found struct {
	// header says that the first of the lines is the file's first.
	header bool
	rows   []snapshot.Segment
	runs   []run
	// bad is the line behind these rows when it cannot be taken; the rest of the piece was not looked at.
	bad []byte
	// rest is what is left over behind the last piece.
	rest over
}

// reading says how a file is read.
type reading struct {
	// size is how much text a piece has; one that comes packed has what its frame has.
	size int
	// slowly is for tests: no line is read the fast way.
	slowly bool
}

var usual = reading{size: 1 << 20}

// pipeline are the goroutines that read a file.
type pipeline struct {
	// pieces are in the file's order; the last one has an error.
	pieces chan *piece
	free   chan *piece
	// stop is closed when nobody wants the rest.
	stop  chan struct{}
	group sync.WaitGroup
	// known is closed once the file's first line was read: names and unreadable are its outcome.
	known      chan struct{}
	first      *header
	names      *names
	unreadable error
}

func start(from io.Reader, how reading) *pipeline {
	workers := runtime.GOMAXPROCS(0)
	p := &pipeline{pieces: make(chan *piece, 2*workers+2), free: make(chan *piece, 2*workers+2), stop: make(chan struct{}), known: make(chan struct{})}
	for range cap(p.free) {
		p.free <- &piece{}
	}
	work := make(chan *piece, cap(p.free))
	p.group.Go(func() { p.supply(&source{from: bufio.NewReaderSize(from, 1<<16), size: how.size}, work) })
	for range workers {
		p.group.Go(func() { p.work(work, &scanner{slowly: how.slowly}) })
	}
	return p
}

// end stops what is still at work, and waits for it.
func (p *pipeline) end() {
	close(p.stop)
	p.group.Wait()
}

// supply cuts the file into pieces until it ends or nobody wants more.
func (p *pipeline) supply(source *source, work chan<- *piece) {
	defer close(work)
	defer close(p.pieces)
	defer source.close()
	before := make(chan over, 1)
	before <- over{}
	for {
		var next *piece
		select {
		case next = <-p.free:
		case <-p.stop:
			return
		}
		next.before, next.after, next.done = before, make(chan over, 1), make(chan struct{})
		before = next.after
		source.fill(next)
		ends := next.err != nil
		work <- next
		p.pieces <- next
		if ends {
			return
		}
	}
}

// work does pieces until there are no more.
func (p *pipeline) work(pieces <-chan *piece, scanner *scanner) {
	unpack, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxUnpacked))
	if err == nil {
		defer unpack.Close()
	}
	for next := range pieces {
		if next.err == nil && err != nil {
			next.err = err
		}
		if next.err == nil && len(next.packed) > 0 {
			next.text, next.err = unpack.DecodeAll(next.packed, next.text[:0])
		}
		p.lines(next, scanner)
		close(next.done)
	}
}

// lines reads the whole lines of a piece.
func (p *pipeline) lines(of *piece, scanner *scanner) {
	of.found = found{rows: of.rows[:0], runs: of.runs[:0]}
	last := bytes.LastIndexByte(of.text, '\n') + 1
	if of.err == nil && last > 0 {
		of.after <- over{bytes.Clone(of.text[last:]), true}
	}
	before := <-of.before
	switch {
	case of.err != nil:
		of.rest = before
		of.after <- before
		return
	case last == 0:
		of.after <- over{append(before.text, of.text...), before.begun}
		return
	}
	end := bytes.IndexByte(of.text, '\n') + 1
	first, rest := of.text[:end], of.text[end:last]
	if len(before.text) > 0 {
		first = append(before.text, first...)
	}
	if !before.begun {
		of.header = true
		p.learn(first[:len(first)-1])
		first = nil
	}
	if <-p.known; p.unreadable == nil {
		scanner.names = p.names
		_ = scanner.lines(&of.found, first) && scanner.lines(&of.found, rest)
		scanner.close(&of.found)
	}
}

// learn reads the file's first line.
func (p *pipeline) learn(line []byte) {
	defer close(p.known)
	if p.first, p.unreadable = parseHeader(line); p.unreadable == nil {
		p.names = p.first.names()
	}
}

// source cuts a file into pieces: at its frames, so that these are decompressed at the same time, or by size.
type source struct {
	from *bufio.Reader
	size int
	// plain is the text itself; nil while there are frames.
	plain  io.Reader
	begun  bool
	stream *zstd.Decoder
	// ended is why there is no more of the text.
	ended error
}

func (s *source) close() {
	if s.stream != nil {
		s.stream.Close()
	}
}

// fill puts the next part of the file into a piece.
func (s *source) fill(next *piece) {
	next.packed, next.text, next.err = next.packed[:0], next.text[:0], nil
	if !s.begun {
		s.begun = true
		if first, _ := s.from.Peek(len(magic)); !isCompressed(first) {
			s.plain = s.from
		}
	}
	if s.plain == nil {
		whole, err := appendFrame(&next.packed, s.from)
		if whole || err != nil {
			next.err = err
			return
		}
		// What is no frame of the size that Compress makes is decompressed here, one after the other.
		s.stream, next.err = zstd.NewReader(io.MultiReader(bytes.NewReader(bytes.Clone(next.packed)), s.from), zstd.WithDecoderConcurrency(1))
		next.packed, s.plain = next.packed[:0], s.stream
		if next.err != nil {
			return
		}
	}
	if cap(next.text) < s.size {
		next.text = make([]byte, 0, s.size)
	}
	if s.ended == nil {
		next.text, s.ended = readFull(s.plain, next.text[:s.size])
	}
	if len(next.text) == 0 {
		next.err = s.ended
	}
}

// readFull reads until the buffer is full or there is no more, and says why there is no more.
func readFull(from io.Reader, buffer []byte) (text []byte, err error) {
	n := 0
	for n < len(buffer) && err == nil {
		var more int
		more, err = from.Read(buffer[n:])
		n += more
	}
	return buffer[:n], err
}
