package planner

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"coppice/config"
	"coppice/internal/diag"
	"coppice/internal/druid"
	"coppice/internal/plan"
)

// A hold that is gone from the configuration, or that says less than it did, protects once more: taking a line away is
// easier than it should be to lose what the line kept. The last apply is the memory; the plan names such a hold, and only
// an apply of the whole configuration that was planned with it lets it go.

// Withdrawn are the holds of the last apply that the configuration does not say any more, with the datasource patterns for
// which it does not. One that has ended by itself is not withdrawn.
func Withdrawn(declared []config.Hold, remembered []plan.Hold, now druid.Instant) []plan.Hold {
	var list []plan.Hold
	for _, was := range remembered {
		if was.Until != nil && *was.Until <= now {
			continue
		}
		left := slices.DeleteFunc(slices.Clone(was.Datasources), func(pattern string) bool {
			return slices.ContainsFunc(declared, func(h config.Hold) bool { return stillSays(&h, &was, pattern) })
		})
		if len(left) > 0 {
			was.Datasources, was.Withdrawn, was.LetGo = left, true, false
			list = append(list, was)
		}
	}
	return list
}

// stillSays reports whether a declared hold protects everything that the remembered one did of a pattern's datasources. A
// pattern that fits another one's text fits all names that the other one does.
func stillSays(h *config.Hold, was *plan.Hold, pattern string) bool {
	time := h.Interval == nil || was.Interval != nil && h.Interval.Contains(*was.Interval)
	end := h.Until == nil || was.Until != nil && *h.Until >= *was.Until
	return time && end && matchesAny(h.Datasources, pattern)
}

// withdrawn are those of this plan, as blocks without a place.
func (in *Input) withdrawn() []*config.Hold {
	var list []*config.Hold
	for _, h := range Withdrawn(in.Config.Holds, in.Remembered, in.Now) {
		list = append(list, &config.Hold{Name: h.Name, Datasources: h.Datasources, Interval: h.Interval, Until: h.Until, Reason: h.Reason})
	}
	return list
}

// isWithdrawn: what is declared has a place.
func isWithdrawn(h *config.Hold) bool { return !h.Origin.Known() }

// holds are all that the plan obeys. Only an apply of the whole configuration lets a withdrawn one go: one of a part does
// not show what the hold was about.
func (in *Input) holds() []plan.Hold {
	var list []plan.Hold
	for n := range in.Config.Holds {
		if h := &in.Config.Holds[n]; h.Until == nil || in.Now < *h.Until {
			list = append(list, plan.Hold{Name: h.Name, Datasources: h.Datasources, Interval: h.Interval, Until: h.Until, Reason: h.Reason})
		}
	}
	for _, h := range Withdrawn(in.Config.Holds, in.Remembered, in.Now) {
		h.LetGo = in.whole()
		list = append(list, h)
	}
	slices.SortStableFunc(list, func(a, b plan.Hold) int { return cmp.Compare(a.Name, b.Name) })
	return list
}

func (in *Input) whole() bool { return in.Request == nil && in.Select == nil }

// withdrawnComplaints name each hold that binds without being declared.
func (in *Input) withdrawnComplaints() []complaint {
	var list []complaint
	for _, h := range Withdrawn(in.Config.Holds, in.Remembered, in.Now) {
		gone := !slices.ContainsFunc(in.Config.Holds, func(d config.Hold) bool { return d.Name == h.Name })
		c := complaint{severity: diag.Warning, code: "hold-withdrawn", summary: fmt.Sprintf("Hold %q protects less than at the last apply", h.Name),
			detail: fmt.Sprintf("It protected %s (%s), and does so once more.", heldWords(h), h.Reason),
			hint:   "To keep what it protects, write it again. To let it go, apply this plan, which\nleaves all of that as it is: the plan after it does not."}
		if gone {
			c.summary = fmt.Sprintf("Hold %q is not in the configuration any more", h.Name)
		}
		if !in.whole() {
			c.hint = "To keep what it protects, write it again. An apply of a part of the configuration does not\nlet it go; one of the whole does."
		}
		list = append(list, c)
	}
	return list
}

// heldWords say what a hold protects, and for how long.
func heldWords(h plan.Hold) string {
	text := strings.Join(h.Datasources, ", ")
	if h.Interval != nil {
		text += " over " + h.Interval.String()
	}
	if h.Until != nil {
		return text + " until " + h.Until.String()
	}
	return text + " for ever"
}
