package render

import (
	"strings"

	"coppice/internal/plan"
)

// Asked is a request in words: "kill wikipedia, 2026-01-01/2026-02-01, versions a, b".
func Asked(r *plan.Request) string {
	parts := []string{strings.TrimSpace(string(r.Command) + " " + clean(r.Datasource))}
	if r.Apply != "" {
		parts[0] = strings.TrimSpace("restore --apply " + clean(r.Apply) + " " + clean(r.Datasource))
	}
	if r.Command == plan.AskStamp {
		parts[0] = "mark-unused --restamp " + clean(r.Datasource)
	}
	if r.Interval != nil {
		parts = append(parts, interval(*r.Interval))
	}
	if n := len(r.Versions); n > 0 {
		parts = append(parts, pluralOf(n, "version")+" "+clean(strings.Join(r.Versions, ", ")))
	}
	if n := len(r.SegmentIDs); n > 0 {
		parts = append(parts, counted(int64(n), "segment id"))
	}
	if r.All {
		parts = append(parts, "all of it")
	}
	if r.OlderThanMarked != nil {
		parts = append(parts, "marked longer than "+r.OlderThanMarked.String()+" ago")
	}
	return strings.Join(parts, ", ")
}

func pluralOf(n int, one string) string {
	if n == 1 {
		return one
	}
	return one + "s"
}

// stampRuns are the runs that get a new marking time.
func stampRuns(d *plan.Datasource) []plan.Run {
	if d.Restamp == nil {
		return nil
	}
	return d.Restamp.Runs
}

// marksAlone: somebody asked for marks, and the plan has nothing to do with rules. A restore is shown as one.
func marksAlone(p *plan.Plan) bool { return p.Request != nil && p.Request.Command != plan.AskRestore }
