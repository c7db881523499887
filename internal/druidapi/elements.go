package druidapi

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// elements cuts a JSON list into its elements while it arrives. It looks at nothing but texts and brackets: whether an
// element is valid JSON is for whoever reads it.
type elements struct {
	from io.Reader
	// buffer[at:] is what was read and not handed out yet; err is why nothing more comes.
	buffer []byte
	at     int
	err    error
	first  bool
}

const (
	firstBuffer = 64 << 10
	// largestElement is far more than any segment takes.
	largestElement = 64 << 20
)

// errNoList says that the answer does not begin as a list does.
var errNoList = errors.New("a list was expected")

func newElements(from io.Reader) *elements {
	return &elements{from: from, buffer: make([]byte, 0, firstBuffer), first: true}
}

// open reads the opening bracket.
func (e *elements) open() error {
	c, err := e.space()
	if err == nil && c != '[' {
		err = errNoList
	}
	e.at++
	return err
}

// next returns the next element, valid until the following call; nil behind the closing bracket.
func (e *elements) next() ([]byte, error) {
	c, err := e.space()
	switch {
	case err != nil:
		return nil, err
	case c == ']':
		e.at++
		return nil, nil
	case c == ',' && !e.first:
		e.at++
		if c, err = e.space(); err != nil {
			return nil, err
		}
	case !e.first:
		return nil, fmt.Errorf("%q stands where a comma was expected", c)
	}
	e.first = false
	if c == ']' || c == ',' || c == '}' {
		return nil, fmt.Errorf("%q stands where an element was expected", c)
	}
	return e.element()
}

// rest is what was read behind the list.
func (e *elements) rest() io.Reader { return bytes.NewReader(e.buffer[e.at:]) }

// space skips white space and returns the byte behind it without taking it.
func (e *elements) space() (byte, error) {
	for {
		for ; e.at < len(e.buffer); e.at++ {
			if c := e.buffer[e.at]; c != ' ' && c != '\n' && c != '\r' && c != '\t' {
				return c, nil
			}
		}
		if err := e.more(); err != nil {
			return 0, err
		}
	}
}

// element cuts out the value that begins here.
func (e *elements) element() ([]byte, error) {
	c := cutter{}
	for {
		n, done := c.cut(e.buffer[e.at:])
		if done {
			element := e.buffer[e.at : e.at+n : e.at+n]
			e.at += n
			return element, nil
		}
		if err := e.more(); err != nil {
			return nil, err
		}
	}
}

// more reads on. What was not handed out yet moves to the front, into a larger buffer when it fills this one.
func (e *elements) more() error {
	if e.err != nil {
		return e.err
	}
	left := len(e.buffer) - e.at
	if left > largestElement {
		return fmt.Errorf("an element is longer than %d bytes", largestElement)
	}
	room := e.buffer
	if left > cap(room)/2 {
		room = make([]byte, 0, 2*cap(room))
	}
	e.buffer, e.at = append(room[:0], e.buffer[e.at:]...), 0
	n, err := e.from.Read(e.buffer[left:cap(e.buffer)])
	e.buffer = e.buffer[:left+n]
	if err == io.EOF {
		err = io.ErrUnexpectedEOF // a list that is complete is not read on
	}
	if e.err = err; n > 0 {
		return nil
	}
	return err
}

// cutter finds the end of a value, going on where it stopped when more of it is there.
type cutter struct {
	at, depth int
	text      bool
}

// cut returns the length of the value that data begins with; done is false when its end is not there yet.
func (c *cutter) cut(data []byte) (length int, done bool) {
	for c.at < len(data) {
		if c.text {
			if !c.leaveText(data) {
				return 0, false
			}
			if c.depth == 0 {
				return c.at, true
			}
			continue
		}
		switch data[c.at] {
		case '"':
			c.text = true
		case '{', '[':
			c.depth++
		case '}', ']':
			if c.depth == 0 {
				return c.at, true // behind a number or a word
			}
			if c.depth--; c.depth == 0 {
				return c.at + 1, true
			}
		case ',', ' ', '\n', '\r', '\t':
			if c.depth == 0 {
				return c.at, true
			}
		}
		c.at++
	}
	return 0, false
}

// leaveText goes behind the quote that ends a text: one with an even number of backslashes in front of it.
func (c *cutter) leaveText(data []byte) bool {
	for {
		n := bytes.IndexByte(data[c.at:], '"')
		if n < 0 {
			c.at = len(data)
			return false
		}
		quote := c.at + n
		c.at = quote + 1
		slashes := 0
		for i := quote - 1; i >= 0 && data[i] == '\\'; i-- {
			slashes++
		}
		if slashes%2 == 0 {
			c.text = false
			return true
		}
	}
}
