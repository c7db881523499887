package diag

import (
	"cmp"
	"slices"
)

// Severity says how bad it is. The zero value is invalid.
type Severity uint8

const (
	Error Severity = iota + 1
	Warning
	Note
)

var severityNames = [...]string{"invalid", "error", "warning", "note"}

// String is the stable text form used in JSON.
func (s Severity) String() string { return severityNames[min(int(s), len(severityNames)-1)] }

// MarshalText implements encoding.TextMarshaler.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *Severity) UnmarshalText(text []byte) error {
	for i, name := range severityNames[1:] {
		if name == string(text) {
			*s = Severity(i + 1)
			return nil
		}
	}
	return &badSeverity{string(text)}
}

type badSeverity struct{ text string }

func (e *badSeverity) Error() string { return "unknown severity " + e.text }

// Range is a place in a configuration file. Line and Column count from 1 (columns in characters); EndLine and
// EndColumn point behind the last character. File is relative to the configuration directory. The zero value
// means that there is no place.
type Range struct {
	File      string `json:"file"`
	Line      int    `json:"line"`
	Column    int    `json:"column"`
	EndLine   int    `json:"-"`
	EndColumn int    `json:"-"`
}

// Known reports whether the range points anywhere.
func (r Range) Known() bool { return r.File != "" }

// Compare orders by file, line and column.
func (r Range) Compare(o Range) int {
	return cmp.Or(cmp.Compare(r.File, o.File), cmp.Compare(r.Line, o.Line), cmp.Compare(r.Column, o.Column))
}

// Diagnostic is one complaint about a configuration.
type Diagnostic struct {
	Severity Severity `json:"severity"`
	// Code is stable and explained in the docs: kebab-case, such as "unknown-attribute".
	Code string `json:"code"`
	// Summary says what is wrong in under ten words, without a final full stop.
	Summary string `json:"summary"`
	// Detail says what was found, what was expected, and why it matters.
	Detail string `json:"detail"`
	// Hint is something that can be done or pasted; may be empty.
	Hint  string `json:"hint"`
	Range Range  `json:"range"`
}

// List is a set of complaints. Functions return all they found, not just the first.
type List []Diagnostic

// HasErrors reports whether one of them is an error.
func (l List) HasErrors() bool {
	return slices.ContainsFunc(l, func(d Diagnostic) bool { return d.Severity == Error })
}

// Sort orders by file, position, severity, code and summary, so that equal input gives equal output.
func (l List) Sort() {
	slices.SortStableFunc(l, func(a, b Diagnostic) int {
		return cmp.Or(a.Range.Compare(b.Range), cmp.Compare(a.Severity, b.Severity), cmp.Compare(a.Code, b.Code),
			cmp.Compare(a.Summary, b.Summary))
	})
}
