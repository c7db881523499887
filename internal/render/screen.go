package render

import (
	"bufio"
	"io"
	"strings"
)

// Options are what render knows of the place it writes to.
type Options struct {
	// Width is the number of columns; below 40 (or zero) stands for 80.
	Width int
	// Color switches colour on. It never carries a meaning of its own.
	Color bool
	// Verbose shows every run and every datasource instead of folding what is alike.
	Verbose bool
}

const (
	defaultWidth = 80
	// narrowest is the width below which right-aligned places and columns stop making sense.
	narrowest = 40
	// detailIndent is where the lines below a row start.
	detailIndent = 4
)

// screen is a writer of lines. Its first error sticks and is returned by flush.
type screen struct {
	out     *bufio.Writer
	width   int
	verbose bool
	paint   painter
}

func newScreen(w io.Writer, o Options) *screen {
	width := o.Width
	if width < narrowest {
		width = defaultWidth
	}
	return &screen{out: bufio.NewWriter(w), width: width, verbose: o.Verbose, paint: newPainter(o.Color)}
}

// flush ends the screen. bufio remembers the first failed write.
func (s *screen) flush() error { return s.out.Flush() }

// span is a piece of a line in one ink.
type span struct {
	text string
	ink  ink
}

// plain is a span without ink.
func plain(text string) span { return span{text: text} }

// line writes spans after an indent, without wrapping; blanks at the end are left out.
func (s *screen) line(indent int, spans ...span) {
	for len(spans) > 0 && strings.TrimRight(spans[len(spans)-1].text, " ") == "" {
		spans = spans[:len(spans)-1]
	}
	if len(spans) > 0 {
		s.out.WriteString(strings.Repeat(" ", indent))
		spans[len(spans)-1].text = strings.TrimRight(spans[len(spans)-1].text, " ")
	}
	for _, one := range spans {
		s.out.WriteString(s.paint.in(one.ink, one.text))
	}
	s.out.WriteByte('\n')
}

// blank writes an empty line.
func (s *screen) blank() { s.out.WriteByte('\n') }

// title opens a part of the screen.
func (s *screen) title(text string, color ink) {
	s.blank()
	s.line(0, span{text, color})
}

// sentence wraps text below an indent and puts a place ("policies.hcl:14", may be empty) at the right edge of its last
// line, or of a line of its own when there is no room.
func (s *screen) sentence(indent int, text, place string) { s.inked(indent, span{text: text}, place) }

// inked is sentence with ink on the text.
func (s *screen) inked(indent int, text span, place string) {
	lines := wrap(text.text, s.width-indent)
	for i, one := range lines {
		if i < len(lines)-1 || place == "" {
			s.line(indent, span{one, text.ink})
			continue
		}
		s.placed(indent, []span{{one, text.ink}}, place)
	}
}

// placed writes spans and a place at the right edge.
func (s *screen) placed(indent int, spans []span, place string) {
	used := indent
	for _, one := range spans {
		used += cells(one.text)
	}
	gap := s.width - used - cells(place)
	if gap < 2 {
		s.line(indent, spans...)
		s.line(max(s.width-cells(place), indent), span{place, inkFaint})
		return
	}
	s.line(indent, append(spans, plain(strings.Repeat(" ", gap)), span{place, inkFaint})...)
}

// verbatim writes text that is meant to be pasted: its own line ends, one indent, no wrapping.
func (s *screen) verbatim(indent int, text string) {
	for one := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		s.line(indent, plain(clean(one)))
	}
}
