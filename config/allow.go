package config

import (
	"fmt"
	"slices"

	"coppice/internal/diag"
	"coppice/internal/druid"
)

func (r *resolver) allow(s *section) (Allow, bool) {
	ok := r.allowedCode(s)
	a := Allow{Code: s.labels[0], Origin: s.origin}
	datasources, named := setting[[]string](s, "datasources")
	until, ends := setting[druid.Instant](s, "until")
	reason, explained := setting[string](s, "reason")
	a.Datasources, a.Until, a.Reason = datasources.Value, until.Value, reason.Value
	a.Interval, a.MaxSegments = valueOf[druid.Interval](s, "interval"), valueOf[int64](s, "max_segments")
	return a, ok && named && ends && explained
}

// allowedCode refuses codes that do not exist and those that nobody may consent to.
func (r *resolver) allowedCode(s *section) bool {
	code := s.labels[0]
	known := slices.IndexFunc(Findings(), func(f Finding) bool { return f.Code == code })
	p := diag.Diagnostic{Range: s.labelRanges[0]}
	switch {
	case known < 0:
		p.Code, p.Summary = "unknown-finding", "Unknown finding "+quote(code)
		p.Detail = fmt.Sprintf("The findings that can be allowed are %s.%s Warnings never block and need no consent.",
			list(AllowableCodes()), didYouMean(code, AllowableCodes()))
		p.Hint = "Remove the allow block."
		if near := diag.Nearest(code, AllowableCodes()); near != "" {
			p.Hint = fmt.Sprintf("allow %q {\n}", near)
		}
	case !Findings()[known].Allowable:
		p.Code, p.Summary = "not-allowable", code+" can never be allowed"
		p.Detail = Findings()[known].Why
		p.Hint = "Remove the allow block."
	default:
		return true
	}
	r.add(p)
	return false
}
