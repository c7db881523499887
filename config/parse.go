package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"coppice/internal/diag"
)

// maxFileBytes bounds one file: the parser recurses over what it reads.
const maxFileBytes = 1 << 20

// source is one parsed file.
type source struct {
	name string
	body *hclsyntax.Body
	// broken are the places of syntax errors: what lies around them may be missing from body.
	broken []diag.Range
}

// readFiles reads the chosen *.hcl of the root, in the order of their names.
func (d *decoder) readFiles(fsys fs.FS, chosen func(name string) bool) {
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		d.add(diag.Diagnostic{
			Code: "unreadable-directory", Summary: "Configuration directory cannot be read",
			Detail: "Reading the directory gives: " + cause(err) + ".", Hint: "Name the directory that holds the *.hcl files with -C DIR.",
		})
		return
	}
	for _, entry := range entries {
		name := entry.Name()
		if entry.IsDir() || !strings.HasSuffix(name, ".hcl") || !chosen(name) {
			continue
		}
		d.readFile(fsys, name)
	}
}

var noFiles = diag.Diagnostic{
	Code: "no-configuration", Summary: "No configuration file found",
	Detail: "The directory has no file that ends in .hcl (policy tests, *.test.hcl, aside).",
	Hint: `coppice init writes one to start with. By hand, a file such as main.hcl:

cluster "prod" {
  coordinator = "https://router.example:8888"
}

datasource "wikipedia" {
  retention {
    keep = "P1Y"
  }
}
`,
}

func (d *decoder) readFile(fsys fs.FS, name string) {
	text, err := fs.ReadFile(fsys, name)
	if err != nil {
		d.add(diag.Diagnostic{
			Code: "unreadable-file", Range: fileStart(name), Summary: "Configuration file cannot be read",
			Detail: "Reading " + name + " gives: " + cause(err) + ".",
			Hint:   "Make the file readable, or give it a name that does not end in .hcl.",
		})
		return
	}
	d.files[name] = text
	if body, ok := d.parse(name, text); ok {
		d.sources = append(d.sources, body)
	}
}

// cause is the reason without the path, which may be a machine's own.
func cause(err error) string {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		err = path.Err
	}
	return err.Error()
}

func fileStart(name string) diag.Range {
	return diag.Range{File: name, Line: 1, Column: 1, EndLine: 1, EndColumn: 1}
}

func (d *decoder) parse(name string, text []byte) (source, bool) {
	if at, ok := badUTF8(name, text); !ok {
		d.add(diag.Diagnostic{
			Code: "not-utf8", Range: at, Summary: "File is not UTF-8 text",
			Detail: "The byte here belongs to no character. HCL files are UTF-8; this one seems to be in another encoding, or no text.",
			Hint:   "Save the file as UTF-8.",
		})
		return source{}, false
	}
	if len(text) > maxFileBytes {
		d.add(diag.Diagnostic{
			Code: "file-too-large", Range: fileStart(name), Summary: "File is larger than 1 MiB",
			Detail: fmt.Sprintf("It has %d bytes. A configuration of that size is likely to be something else.", len(text)),
			Hint:   "Split it into several *.hcl files.",
		})
		return source{}, false
	}
	if at, deep := tooDeep(name, text); deep {
		d.add(diag.Diagnostic{
			Code: "too-deep", Range: at, Summary: "Expression is nested too deeply",
			Detail: fmt.Sprintf("More than %d levels of brackets, operators or templates are open here.", maxDepth),
			Hint:   "Write the value out.",
		})
		return source{}, false
	}
	file, problems := hclsyntax.ParseConfig(text, name, hcl.InitialPos)
	return source{name: name, body: file.Body.(*hclsyntax.Body), broken: d.syntaxErrors(problems)}, true
}

func badUTF8(name string, text []byte) (diag.Range, bool) {
	if utf8.Valid(text) {
		return diag.Range{}, true
	}
	at := 0
	for r, size := utf8.DecodeRune(text); r != utf8.RuneError || size > 1; r, size = utf8.DecodeRune(text[at:]) {
		at += size
	}
	line := bytes.Count(text[:at], []byte{'\n'}) + 1
	column := utf8.RuneCount(text[bytes.LastIndexByte(text[:at], '\n')+1:at]) + 1
	return diag.Range{File: name, Line: line, Column: column, EndLine: line, EndColumn: column + 1}, false
}

// maxSyntaxErrors is how many of one file are shown: what is no text at all has one at each byte.
const maxSyntaxErrors = 50

// more stands for the syntax errors of a file that are not shown.
func more(count int, at diag.Range) diag.Diagnostic {
	return diag.Diagnostic{
		Code: "syntax-error", Range: at, Summary: "More syntax errors from here on",
		Detail: fmt.Sprintf("There are up to %d more in this file.", count), Hint: "Correct those above first, unless the file is something else.",
	}
}

// syntaxErrors reports what the parser found, without what follows from an earlier error at the same place.
func (d *decoder) syntaxErrors(problems hcl.Diagnostics) []diag.Range {
	var broken []diag.Range
	seen := map[[2]int]bool{}
	for n, p := range problems {
		if len(seen) == maxSyntaxErrors {
			d.add(more(len(problems)-n, rangeOf(*p.Subject)))
			return append(broken, rangeOf(*p.Subject))
		}
		at := rangeOf(*p.Subject)
		place := [2]int{at.Line, at.Column}
		if seen[place] || n > 0 && sameString(problems[n-1], p) {
			broken = append(broken, at)
			continue
		}
		seen[place] = true
		d.add(syntaxError(p, at))
		if p.Summary != redefined {
			broken = append(broken, at)
		}
	}
	return broken
}

// sameString reports whether a complaint goes on about the string that the one before was about: a quote that is
// missing turns all that follows inside out, line by line.
func sameString(before, p *hcl.Diagnostic) bool {
	return p.Summary == openString && before.Summary == p.Summary && p.Subject.Start.Line <= before.Subject.End.Line
}

// redefined is the parser's summary for an attribute that stands twice in a block; the rest of the block is whole.
const redefined = "Attribute redefined"

// openString is the parser's summary for a string that goes on behind the end of its line.
const openString = "Invalid multi-line string"

func syntaxError(p *hcl.Diagnostic, at diag.Range) diag.Diagnostic {
	if p.Summary == redefined {
		return diag.Diagnostic{
			Code: "duplicate-attribute", Range: at, Summary: "Attribute is set twice in one block",
			Detail: p.Detail, Hint: "Remove one of the two.",
		}
	}
	out := diag.Diagnostic{
		Code: "syntax-error", Range: at, Summary: shortSummary(p.Summary), Detail: p.Detail, Hint: syntaxHint(p.Summary),
	}
	if p.Summary == openString {
		out.Summary, out.Detail = "String is not closed on its line", "The quote has no partner before the end of the line."
	}
	return out
}

// shortSummary keeps the parser's words within the promise of ten.
func shortSummary(s string) string {
	words := strings.Fields(s)
	return strings.TrimRight(strings.Join(words[:min(len(words), 9)], " "), ".:;,")
}

func syntaxHint(summary string) string {
	switch summary {
	case "Argument or block definition required", "Invalid argument name":
		return "Write name = value, or a block: name { … }."
	case "Invalid block definition":
		return "A block is a name, its labels in quotes, and braces: datasource \"wikipedia\" { … }."
	case "Unclosed configuration block", "Unterminated object constructor expression":
		return "Add the missing }."
	case "Unterminated tuple constructor expression":
		return "Add the missing ]."
	case "Unterminated string literal", openString:
		return "Add the missing \" on the same line."
	case "Invalid single-argument block definition", "Missing newline after block definition", "Missing newline after argument":
		return "Give each attribute and each closing brace a line of its own."
	}
	return "Check quotes, brackets and commas here and in the line before."
}

// rangeOf converts a place; HCL counts columns in characters, as diag does.
func rangeOf(r hcl.Range) diag.Range {
	return diag.Range{
		File: r.Filename, Line: r.Start.Line, Column: r.Start.Column, EndLine: r.End.Line, EndColumn: r.End.Column,
	}
}
