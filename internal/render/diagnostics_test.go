package render

import (
	"io"
	"strings"
	"testing"

	"coppice/internal/diag"
)

// within is a range within one line.
func within(file string, line, from, to int) diag.Range {
	return diag.Range{File: file, Line: line, Column: from, EndLine: line, EndColumn: to}
}

var sources = map[string][]byte{
	"policies.hcl": []byte("policy \"web\" {\n\tretentoin {\r\n    name = \"größe 日本\" + keep\n}\n"),
	"wide.hcl":     []byte("datasources = [" + strings.Repeat("\"datasource\", ", 30) + "\"oops\", " + strings.Repeat("\"other\", ", 30) + "]\n"),
	"marks.hcl":    []byte("x = \"e\u0301e\u0301\" + bad\x1b[2J"),
}

var complaints = diag.List{
	{Severity: diag.Error, Code: "unknown-block", Summary: `Block "retentoin" is not known here`, Range: within("policies.hcl", 2, 2, 11),
		Detail: "A policy may hold retention, rules, kill, guard and restore.", Hint: `Did you mean "retention"?`},
	{Severity: diag.Error, Code: "wrong-type", Summary: "A period is a string", Range: within("policies.hcl", 3, 24, 28),
		Detail: "Found a reference."},
	{Severity: diag.Warning, Code: "wide", Summary: "A long line is cut around what it is about", Range: within("wide.hcl", 1, 436, 442)},
	{Severity: diag.Error, Code: "marks", Summary: "Marks sit on the letter before", Range: within("marks.hcl", 1, 12, 15)},
	{Severity: diag.Error, Code: "missing", Summary: "The range reaches over several lines",
		Range: diag.Range{File: "policies.hcl", Line: 1, Column: 1, EndLine: 4, EndColumn: 2},
		Hint:  "retention {\n  keep = \"P30D\"\n}"},
	{Severity: diag.Error, Code: "end", Summary: "The range points behind the end", Range: within("policies.hcl", 4, 2, 2)},
	{Severity: diag.Note, Code: "elsewhere", Summary: "The file is not known", Range: within("gone.hcl", 7, 1, 2)},
	{Severity: diag.Error, Code: "no-place", Summary: "There is no place at all, and the summary is so long that it does not fit on one line of eighty characters",
		Detail: "Nothing to show."},
}

func TestDiagnosticsScreens(t *testing.T) {
	screens(t, "diagnostics", func(w io.Writer, o Options) error { return Diagnostics(w, complaints, sources, o) })
}

func TestNoDiagnosticsIsNothing(t *testing.T) {
	if got := shot(t, func(w io.Writer, o Options) error { return Diagnostics(w, nil, nil, o) }, Options{}); len(got) > 0 {
		t.Errorf("Diagnostics(nothing) wrote %q", got)
	}
}

func TestSnippetPlaces(t *testing.T) {
	cases := []struct {
		name, file string
		at         diag.Range
		line, mark string
	}{
		{"first column", "abc", within("f", 1, 1, 2), "abc", "^"},
		{"whole line", "abc", within("f", 1, 1, 4), "abc", "^^^"},
		{"tab before", "\tabc", within("f", 1, 2, 5), "    abc", "    ^^^"},
		{"tab within", "a\tb", within("f", 1, 1, 4), "a   b", "^^^^^"},
		{"wide letters", "日本x", within("f", 1, 3, 4), "日本x", "    ^"},
		{"umlaut", "öx", within("f", 1, 2, 3), "öx", " ^"},
		{"line end of Windows", "a\r\nbc\r\n", within("f", 2, 1, 3), "bc", "^^"},
		{"byte order mark", "\ufeffabc", within("f", 1, 1, 2), "abc", "^"},
		{"behind the end", "ab", within("f", 1, 3, 3), "ab", "  ^"},
		{"far behind the end", "ab", within("f", 1, 40, 50), "ab", "  ^"},
		{"empty range", "abc", within("f", 1, 2, 2), "abc", " ^"},
		{"no end known", "abc", diag.Range{File: "f", Line: 1, Column: 2}, "abc", " ^"},
		{"no such line", "abc", within("f", 9, 1, 2), "", ""},
		{"line zero", "abc", within("f", 0, 1, 2), "", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := string(shot(t, func(w io.Writer, o Options) error {
				s := newScreen(w, o)
				s.snippet(c.at, []byte(c.file), inkPlain)
				return s.flush()
			}, Options{}))
			want := ""
			if c.line != "" {
				number := "1"
				if c.at.Line > 1 {
					number = "2"
				}
				want = "  " + number + " | " + c.line + "\n    | " + c.mark + "\n"
			}
			if got != want {
				t.Errorf("snippet(%v) wrote\n%q, want\n%q", c.at, got, want)
			}
		})
	}
}

// FuzzSnippet: no range and no bytes make it fail, and the mark stays on the screen.
func FuzzSnippet(f *testing.F) {
	f.Add("datasource \"x\" {", 1, 12, 15, 80)
	f.Add(strings.Repeat("日\t", 100), 1, 90, 95, 40)
	f.Fuzz(func(t *testing.T, file string, line, from, to, width int) {
		r := diag.Range{File: "f", Line: line % 1000, Column: from, EndLine: line % 1000, EndColumn: to}
		text := string(shot(t, func(w io.Writer, o Options) error {
			s := newScreen(w, o)
			s.snippet(r, []byte(file), inkPlain)
			return s.flush()
		}, Options{Width: 40 + abs(width)%200}))
		if text == "" {
			return
		}
		if lines := strings.Split(text, "\n"); len(lines) != 3 || !strings.Contains(lines[1], "^") {
			t.Errorf("snippet(%+v) of %q wrote %q", r, file, text)
		}
	})
}

func abs(n int) int {
	if n < 0 {
		return -(n + 1)
	}
	return n
}
