package render

import (
	"fmt"
	"io"
	"strings"
)

// diffContext is how many lines that stay are shown around those that change.
const diffContext = 3

// FormatDiff writes what formatting changes in a file, as a unified diff. Formatting keeps the number of lines, but for a
// line end that is missing at the end of the file. The error is the writer's.
func FormatDiff(w io.Writer, name, before, after string, o Options) error {
	old, fresh := strings.SplitAfter(before, "\n"), strings.SplitAfter(after, "\n")
	old, fresh = withoutEnd(old), withoutEnd(fresh)
	s := newScreen(w, o)
	s.line(0, span{"--- " + clean(name), inkBold})
	s.line(0, span{"+++ " + clean(name) + " (formatted)", inkBold})
	for from := 0; from < len(old); {
		start := nextChange(old, fresh, from)
		if start < 0 {
			break
		}
		end := start + 1
		for next := nextChange(old, fresh, end); next >= 0 && next-end <= 2*diffContext; next = nextChange(old, fresh, end) {
			end = next + 1
		}
		s.hunk(old, fresh, start, end)
		from = end
	}
	return s.flush()
}

// withoutEnd drops what SplitAfter leaves behind the last line end.
func withoutEnd(lines []string) []string {
	if n := len(lines); n > 0 && lines[n-1] == "" {
		return lines[:n-1]
	}
	return lines
}

// nextChange is the first line from there on that changes, -1 when none does.
func nextChange(old, fresh []string, from int) int {
	for n := from; n < len(old); n++ {
		if old[n] != fresh[n] {
			return n
		}
	}
	return -1
}

// hunk writes changed lines with their neighbours.
func (s *screen) hunk(old, fresh []string, start, end int) {
	from, to := max(0, start-diffContext), min(len(old), end+diffContext)
	s.line(0, span{fmt.Sprintf("@@ -%[1]d,%[2]d +%[1]d,%[2]d @@", from+1, to-from), inkFaint})
	for n := from; n < to; {
		if old[n] == fresh[n] {
			s.diffLine(" ", old[n], inkPlain)
			n++
			continue
		}
		same := n
		for same < to && old[same] != fresh[same] {
			same++
		}
		for _, line := range old[n:same] {
			s.diffLine("-", line, inkDanger)
		}
		for _, line := range fresh[n:same] {
			s.diffLine("+", line, inkGood)
		}
		n = same
	}
}

func (s *screen) diffLine(sign, line string, color ink) {
	text, ended := strings.CutSuffix(line, "\n")
	s.line(0, span{sign + clean(strings.ReplaceAll(text, "\t", "    ")), color})
	if !ended {
		s.line(0, span{`\ No newline at end of file`, inkFaint})
	}
}
