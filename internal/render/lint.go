package render

import (
	"io"

	"coppice/internal/diag"
	"coppice/internal/druid"
	"coppice/internal/plan"
)

// Linted is what lint found.
type Linted struct {
	// Cluster is the name of the cluster in view, empty when only the configuration was looked at.
	Cluster string
	Now     druid.Instant
	// Findings are written in the order given.
	Findings []plan.Finding
	// Files are the sources by name; a line that is not in them is left out.
	Files map[string][]byte
}

// Lint writes each finding with the source line it is about, and their number at the end. The error is the writer's.
func Lint(w io.Writer, l Linted, o Options) error {
	s := newScreen(w, o)
	view := "the configuration alone"
	if l.Cluster != "" {
		view = "with " + clean(l.Cluster) + " in view"
	}
	s.line(0, span{"coppice lint · " + view + " · " + instantSeconds(l.Now), inkBold})
	var list diag.List
	for _, f := range l.Findings {
		s.finding(f)
		if f.Range != nil {
			s.snippet(*f.Range, l.Files[f.Range.File], severityInk(f.Severity))
		}
		if f.Severity != diag.Error || f.AllowedBy == nil {
			list = append(list, diag.Diagnostic{Severity: f.Severity})
		}
	}
	s.blank()
	s.line(0, span{lintNumbers(list, len(l.Findings)-len(list)), inkBold})
	return s.flush()
}

// lintNumbers is "1 error, 2 warnings; 1 error allowed".
func lintNumbers(list diag.List, allowed int) string {
	text := numbers(list)
	if text == "" {
		text = "No findings"
	}
	if allowed > 0 {
		return text + "; " + counted(int64(allowed), "error") + " allowed"
	}
	if len(list) == 0 {
		text += "."
	}
	return text
}
