package render

import (
	"fmt"
	"io"
	"strings"

	"coppice/internal/diag"
)

// Diagnostics writes complaints about a configuration, each with the source line it is about, and their number at the
// end. The list is written in the order given. Files are the sources by name; a line that is not in them is left out.
// The error is the writer's.
func Diagnostics(w io.Writer, list diag.List, files map[string][]byte, o Options) error {
	s := newScreen(w, o)
	for i := range list {
		s.diagnostic(&list[i], files)
	}
	if len(list) > 0 {
		s.line(0, span{numbers(list), inkBold})
	}
	return s.flush()
}

// diagnostic writes one complaint and a blank line.
func (s *screen) diagnostic(d *diag.Diagnostic, files map[string][]byte) {
	code := ""
	if d.Code != "" {
		code = " (" + clean(d.Code) + ")"
	}
	head := wrap(d.Summary+code, s.width-cells(severityWord(d.Severity))-2)
	for i, one := range head {
		if i == 0 {
			s.line(0, span{severityWord(d.Severity), severityInk(d.Severity)}, span{": " + one, inkBold})
			continue
		}
		s.line(detailIndent, span{one, inkBold})
	}
	if d.Range.Known() {
		s.line(2, plain(fmt.Sprintf("%s:%d:%d", clean(d.Range.File), d.Range.Line, d.Range.Column)))
		s.snippet(d.Range, files[d.Range.File], severityInk(d.Severity))
	}
	if d.Detail != "" {
		s.sentence(2, d.Detail, "")
	}
	if d.Hint != "" {
		s.hint(d.Hint)
	}
	s.blank()
}

// hint is something to do or to paste: a sentence is wrapped, several lines are left as they are.
func (s *screen) hint(text string) {
	if strings.Contains(strings.TrimRight(text, "\n"), "\n") {
		s.line(2, span{"hint:", inkGood})
		s.verbatim(detailIndent, text)
		return
	}
	for i, one := range wrap(text, s.width-8) {
		head := span{"hint: ", inkGood}
		if i > 0 {
			head = plain("      ")
		}
		s.line(2, head, plain(one))
	}
}

// numbers is "2 errors, 1 warning".
func numbers(list diag.List) string {
	var parts []string
	for _, severity := range []diag.Severity{diag.Error, diag.Warning, diag.Note} {
		n := 0
		for i := range list {
			if list[i].Severity == severity {
				n++
			}
		}
		if n > 0 {
			parts = append(parts, counted(int64(n), severity.String()))
		}
	}
	return strings.Join(parts, ", ")
}
