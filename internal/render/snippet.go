package render

import (
	"bytes"
	"strconv"
	"strings"
	"unicode"

	"coppice/internal/diag"
)

// tabWidth is how far tabs reach in shown source lines.
const tabWidth = 4

// snippet shows the first line of a range with the range underlined. A range over several lines is underlined to the
// end of its first line; a line longer than the screen is cut around the range.
func (s *screen) snippet(r diag.Range, file []byte, color ink) {
	text, ok := lineOf(file, r.Line)
	if !ok {
		return
	}
	number := strconv.Itoa(r.Line)
	shown := expand(text)
	from, to := shown.under(r)
	text, from, to = shown.window(from, to, s.width-cells(number)-6)
	margin := strings.Repeat(" ", len(number))
	s.line(2, span{number + " | ", inkFaint}, plain(text))
	s.line(2, span{margin + " | ", inkFaint}, plain(strings.Repeat(" ", from)), span{strings.Repeat("^", to-from), color})
}

// lineOf returns a line, counted from 1, without its line end.
func lineOf(file []byte, line int) (string, bool) {
	for ; line > 1; line-- {
		end := bytes.IndexByte(file, '\n')
		if end < 0 {
			return "", false
		}
		file = file[end+1:]
	}
	if line < 1 || len(file) == 0 {
		return "", false
	}
	text, _, _ := bytes.Cut(file, []byte("\n"))
	return strings.TrimPrefix(strings.TrimSuffix(string(text), "\r"), "\ufeff"), true
}

// shownLine is a source line as it appears: one glyph per character that HCL counts, with the column it starts in.
type shownLine struct {
	glyphs []string
	// starts has one element more than glyphs: the width of the whole.
	starts []int
}

// expand turns characters into what is shown: tabs into blanks, unprintable ones into their codes. Marks that combine
// with the character before belong to it.
func expand(text string) shownLine {
	line := shownLine{starts: []int{0}}
	for _, r := range text {
		at := line.starts[len(line.starts)-1]
		glyph := clean(string(r))
		switch {
		case r == '\t':
			glyph = strings.Repeat(" ", tabWidth-at%tabWidth)
		case unicode.In(r, unicode.Mn, unicode.Me) && len(line.glyphs) > 0:
			line.glyphs[len(line.glyphs)-1] += string(r)
			continue
		}
		line.glyphs = append(line.glyphs, glyph)
		line.starts = append(line.starts, at+cells(glyph))
	}
	return line
}

// under is the range of columns to underline, never empty: a range behind the end of the line marks the place after it.
func (l shownLine) under(r diag.Range) (from, to int) {
	last := len(l.glyphs)
	first := min(max(r.Column-1, 0), last)
	end := last
	if r.EndLine == r.Line || r.EndLine == 0 {
		end = min(max(r.EndColumn-1, first), last)
	}
	from, to = l.starts[first], l.starts[end]
	if to > from {
		return from, to
	}
	if first < last {
		return from, max(l.starts[first+1], from+1)
	}
	return from, from + 1
}

// window cuts a line to a width, around the range, and moves the range with it.
func (l shownLine) window(from, to, width int) (text string, cutFrom, cutTo int) {
	// A mark behind the end of the line needs its column too.
	whole := max(l.starts[len(l.glyphs)], to)
	if whole <= width {
		return strings.Join(l.glyphs, ""), from, to
	}
	// A third of the width stays in front of the range, for what it is about.
	left := max(0, min(from-width/3, whole-width))
	var b strings.Builder
	start := -1
	for i, glyph := range l.glyphs {
		if l.starts[i] < left || l.starts[i+1] > left+width-1 {
			continue
		}
		if start < 0 {
			start = l.starts[i]
		}
		b.WriteString(glyph)
	}
	start = max(start, 0)
	cutFrom = max(from-start+cutShift(start), 0)
	cutTo = max(min(to, left+width-1)-start+cutShift(start), cutFrom+1)
	return l.cutMark(b.String(), start, left+width-1), cutFrom, cutTo
}

// cutMark shows where a line goes on.
func (l shownLine) cutMark(text string, start, end int) string {
	if start > 0 {
		text = "…" + text
	}
	if l.starts[len(l.glyphs)] > end {
		text += "…"
	}
	return text
}

// cutShift is the width of the mark in front.
func cutShift(start int) int {
	if start > 0 {
		return 1
	}
	return 0
}
