package planner

import (
	"fmt"
	"slices"

	"coppice/config"
	"coppice/internal/diag"
	"coppice/internal/druid"
	"coppice/internal/plan"
)

// allowedBy is the allow block that consents to a complaint: its code and datasource match, it has not ended, and the
// complaint keeps within its interval and number of segments.
func (in *Input) allowedBy(datasource *string, c complaint) *config.Allow {
	for n := range in.Config.Allows {
		if a := &in.Config.Allows[n]; concerns(a, c.code, datasource) && in.shortOf(a, c) == "" {
			return a
		}
	}
	return nil
}

// concerns reports whether the block is about such a finding of the datasource; findings of a cluster cannot be allowed.
func concerns(a *config.Allow, code string, datasource *string) bool {
	return a.Code == code && datasource != nil && matchesAny(a.Datasources, *datasource)
}

// notAllowed says of each block that is about the complaint why it does not consent; empty when there is none.
func (in *Input) notAllowed(datasource *string, c complaint) string {
	text := ""
	for n := range in.Config.Allows {
		if a := &in.Config.Allows[n]; concerns(a, c.code, datasource) {
			text += fmt.Sprintf(" The allow block at %s does not consent: it %s.", where(a.Origin), in.shortOf(a, c))
		}
	}
	return text
}

func where(r diag.Range) string { return fmt.Sprintf("%s:%d", r.File, r.Line) }

// shortOf says, after "it", what an allow block lacks for a complaint; empty when it consents.
func (in *Input) shortOf(a *config.Allow, c complaint) string {
	switch {
	case in.Now >= a.Until:
		return "ended at " + a.Until.String()
	case a.MaxSegments != nil && c.segments > *a.MaxSegments:
		return fmt.Sprintf("is for %s segments at most, and this concerns %s", grouped(*a.MaxSegments), grouped(c.segments))
	case a.Interval != nil && c.interval == druid.Interval{}:
		return fmt.Sprintf("is for %s, and this concerns all time", a.Interval)
	case a.Interval != nil && !a.Interval.Contains(c.interval):
		return fmt.Sprintf("is for %s, and this concerns %s", a.Interval, c.interval)
	}
	return ""
}

// ConsentEnded is a finding of a plan that was allowed when the plan was made, and is not any more; nil when there is none.
func ConsentEnded(cfg *config.Config, p *plan.Plan, now druid.Instant) *plan.Finding {
	for n := range p.Findings {
		f := &p.Findings[n]
		lasts := func(a config.Allow) bool { return now < a.Until && concerns(&a, f.Code, f.Datasource) }
		if f.AllowedBy != nil && !slices.ContainsFunc(cfg.Allows, lasts) {
			return f
		}
	}
	return nil
}
