package snapfile

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

// lines cuts a stream into lines. What is read at once is turned into one string, of which the lines are parts.
type lines struct {
	from   io.Reader
	buffer []byte
	// held is how much of the buffer is the beginning of a line.
	held int
	// whole are lines that are not handed out yet.
	whole string
	// number is that of the line handed out last, or of the one that could not be.
	number int
	ended  error
}

// block is how much is read at once.
const block = 256 << 10

// next is the next line without its end; io.EOF behind the last. It is good as long as it is needed.
func (l *lines) next() (string, error) {
	l.number++
	for l.whole == "" {
		if l.ended != nil {
			return "", l.ending()
		}
		l.fill()
	}
	line, rest, _ := strings.Cut(l.whole, "\n")
	l.whole = rest
	return line, nil
}

// ending is why there are no more lines.
func (l *lines) ending() error {
	switch {
	case l.ended == io.ErrUnexpectedEOF: // of a compressed stream
		return ErrCutShort
	case l.ended == io.EOF && l.held > 0:
		return fmt.Errorf("%w: its last line has no end", ErrCutShort)
	}
	return l.ended
}

// fill reads once.
func (l *lines) fill() {
	if len(l.buffer)-l.held < block {
		l.buffer = append(make([]byte, 0, 2*l.held+block), l.buffer[:l.held]...)[:2*l.held+block]
	}
	n, err := l.from.Read(l.buffer[l.held : l.held+block])
	l.ended = err
	read := l.buffer[:l.held+n]
	end := bytes.LastIndexByte(read[l.held:], '\n') + 1
	if end > 0 {
		end += l.held
	}
	l.whole = string(read[:end])
	l.held = copy(l.buffer, read[end:])
}
