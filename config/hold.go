package config

import (
	"strings"

	"coppice/internal/diag"
	"coppice/internal/druid"
)

func (r *resolver) hold(s *section) Hold {
	r.plainName(s)
	datasources, _ := setting[[]string](s, "datasources")
	reason, _ := setting[string](s, "reason")
	return Hold{
		Name: s.labels[0], Origin: s.origin, Datasources: datasources.Value,
		Interval: valueOf[druid.Interval](s, "interval"), Until: valueOf[druid.Instant](s, "until"), Reason: reason.Value,
	}
}

// valueOf is nil when the attribute is not written.
func valueOf[T any](s *section, name string) *T {
	if got, ok := setting[T](s, name); ok {
		return &got.Value
	}
	return nil
}

// plainName refuses names that a line of a plan could not show. They are free otherwise.
func (r *resolver) plainName(s *section) {
	name := s.labels[0]
	why := ""
	switch {
	case strings.TrimSpace(name) == "":
		why = "a name is not empty"
	case strings.TrimSpace(name) != name:
		why = "a name neither begins nor ends with a blank"
	case len(name) > 255:
		why = "a name has at most 255 bytes"
	case strings.ContainsFunc(name, isControl):
		why = "a name has no control characters, tabs or line ends"
	default:
		return
	}
	r.add(diag.Diagnostic{
		Code: "bad-name", Range: s.labelRanges[0], Summary: "Not a name of a " + s.schema.Name,
		Detail: "Found " + quote(name) + ": " + why + ". Plans name the block in their reasons.",
		Hint:   header(s.schema),
	})
}
