package render

import (
	"io"
	"path/filepath"
	"strings"
)

// Start is what init wrote, and what it left alone.
type Start struct {
	// Directory is the configuration's, as the user named it.
	Directory string
	Written   []string
	Left      []Kept
	// NeedsAddress: the cluster's URL comes from the environment.
	NeedsAddress bool
}

// Kept is a file that exists and stays as it is.
type Kept struct {
	File string `json:"file"`
	Why  string `json:"why"`
}

// Started says what was written and what comes next. The error is the writer's.
func Started(w io.Writer, i Start, o Options) error {
	s := newScreen(w, o)
	s.line(0, span{"coppice init", inkBold})
	for _, name := range i.Written {
		s.sentence(0, "Written: "+clean(filepath.Join(i.Directory, name)), "")
	}
	for _, l := range i.Left {
		s.sentence(0, "Left alone: "+clean(filepath.Join(i.Directory, l.File))+": "+clean(l.Why)+".", "")
	}
	s.blank()
	s.line(0, span{"Next:", inkBold})
	command := "coppice"
	if i.Directory != "." {
		command += " -C " + shellWord(clean(i.Directory))
	}
	rows := [][2]string{{command + " import", "declares the rules that the cluster has"},
		{command + " plan", "has no changes then; add a kill block, plan again"}}
	if i.NeedsAddress {
		rows = append([][2]string{{"export COPPICE_COORDINATOR=https://…", "or write the URL into " + clean(filepath.Join(i.Directory, "coppice.hcl"))}}, rows...)
	}
	s.commands(rows)
	return s.flush()
}

// commands writes what to type, each with what it does beside it, or below it where not all of them fit.
func (s *screen) commands(rows [][2]string) {
	typed, said := 0, 0
	for _, row := range rows {
		typed, said = max(typed, cells(row[0])), max(said, cells(row[1]))
	}
	for _, row := range rows {
		if 2+typed+4+said <= s.width {
			s.line(2, plain(padRight(row[0], typed)+"  # "+row[1]))
			continue
		}
		s.line(2, plain(row[0]))
		s.sentence(detailIndent, "# "+row[1], "")
	}
}

// shellWord is a text as one word of a shell.
func shellWord(text string) string {
	special := func(r rune) bool {
		return !strings.ContainsRune("./_-+:@%", r) && (r < '0' || r > '9') && (r|0x20 < 'a' || r|0x20 > 'z')
	}
	if text != "" && !strings.ContainsFunc(text, special) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
