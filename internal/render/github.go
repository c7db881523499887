package render

import (
	"cmp"
	"fmt"
	"io"
	"path"
	"strings"

	"coppice/internal/diag"
	"coppice/internal/plan"
)

// GitHub writes complaints as workflow commands of GitHub Actions, which show each on its line of the pull request. Folder
// is the configuration's, seen from the repository's root. The error is the writer's.
func GitHub(w io.Writer, list diag.List, folder string) error {
	for i := range list {
		if _, err := io.WriteString(w, annotation(&list[i], folder)+"\n"); err != nil {
			return err
		}
	}
	return nil
}

// annotationKinds are GitHub's words for severities.
var annotationKinds = map[diag.Severity]string{diag.Error: "error", diag.Warning: "warning", diag.Note: "notice"}

func annotation(d *diag.Diagnostic, folder string) string {
	var properties []string
	add := func(name string, value any) {
		properties = append(properties, name+"="+escapedProperty(fmt.Sprint(value)))
	}
	if r := d.Range; r.Known() {
		add("file", path.Join(folder, r.File))
		add("line", r.Line)
		add("col", r.Column)
		if r.EndLine > 0 {
			add("endLine", r.EndLine)
		}
		if r.EndLine == r.Line && r.EndColumn > r.Column {
			add("endColumn", r.EndColumn-1) // GitHub's last column is part of it
		}
	}
	if d.Code != "" {
		add("title", d.Code)
	}
	text := d.Summary + "."
	for _, more := range []string{d.Detail, d.Hint} {
		if more != "" {
			text += "\n" + more
		}
	}
	return fmt.Sprintf("::%s %s::%s", annotationKinds[cmp.Or(d.Severity, diag.Error)], strings.Join(properties, ","), escapedData(text))
}

// escapedData is text behind the second colons: a line end would end the command.
func escapedData(text string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(text)
}

// escapedProperty is a value between the colons, where colons and commas mean something too.
func escapedProperty(text string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C").Replace(text)
}

// Complaints are findings as messages about lines: each with its datasource in front, and findings that say the same of
// one line for several datasources as one. What is allowed is a note.
func Complaints(found []plan.Finding) diag.List {
	var list diag.List
	alike, order := map[likeness][]string{}, []likeness(nil)
	for _, f := range found {
		if same := likenessOf(&f); same.at.Known() && f.Datasource != nil {
			if alike[same] = append(alike[same], clean(*f.Datasource)); len(alike[same]) > 1 {
				continue
			}
			order = append(order, same)
		} else {
			order = append(order, likeness{})
		}
		d := diag.Diagnostic{Severity: f.Severity, Code: f.Code, Summary: f.Summary, Detail: f.Detail, Hint: f.Hint}
		if f.Datasource != nil {
			d.Summary = *f.Datasource + ": " + f.Summary
		}
		if f.Witness != nil {
			d.Detail = strings.TrimSpace(d.Detail + "\nseen: " + *f.Witness)
		}
		if f.Range != nil {
			d.Range = *f.Range
		}
		if f.AllowedBy != nil {
			d.Severity, d.Hint = diag.Note, "Allowed by "+place(f.AllowedBy)+"."
		}
		list = append(list, d)
	}
	for n, same := range order {
		if names := alike[same]; len(names) > 1 {
			list[n].Detail = strings.TrimSpace(list[n].Detail + "\nThe same of " + moreDatasources(len(names)-1) + ": " + strings.Join(names[1:], ", ") + ".")
		}
	}
	return list
}

// likeness is what findings of several datasources must share to be shown as one: a family has one block.
type likeness struct {
	code, summary string
	severity      diag.Severity
	at            diag.Range
	allowed       bool
}

func likenessOf(f *plan.Finding) likeness {
	same := likeness{f.Code, f.Summary, f.Severity, diag.Range{}, f.AllowedBy != nil}
	if f.Range != nil {
		same.at = *f.Range
	}
	return same
}
