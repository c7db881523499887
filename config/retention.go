package config

import (
	"fmt"
	"slices"

	"coppice/internal/diag"
	"coppice/internal/druid"
)

// retention compiles a retention block to rules: intervals first, then stages from the narrowest to the widest, then
// keep, then dropForever. The result is nil when the block cannot be read.
func (r *resolver) retention(s *section) *Rules {
	keep, ok := setting[*druid.Period](s, "keep")
	stages := r.stages(s)
	if !ok {
		return nil
	}
	c := &compiler{resolver: r, rules: &Rules{
		Origin: s.origin, List: druid.RuleList{}, Sources: []diag.Range{}, FromRetention: true,
	}}
	if future, written := setting[bool](s, "include_future"); written {
		c.future = &future.Value
	}
	c.outer, c.hasOuter = setting[druid.Replicants](s, "replicants")
	c.intervals(s)
	for _, stage := range r.inOrder(stages, keep) {
		c.add(druidRule{Type: "loadByPeriod", Period: &stage.newest.Value, IncludeFuture: c.future},
			&stage.replicants, stage.section.origin)
	}
	c.keep(keep)
	return c.rules
}

// compiler collects the rules of one retention block.
type compiler struct {
	*resolver
	rules    *Rules
	future   *bool
	outer    Setting[druid.Replicants]
	hasOuter bool
}

func (c *compiler) add(form druidRule, replicants *druid.Replicants, source diag.Range) {
	if replicants != nil {
		form.replicants(*replicants)
	}
	rule, err := form.parse()
	if err != nil {
		c.decoder.add(badRule(source, err))
		return
	}
	if c.runs(rule, source) {
		c.rules.List = append(c.rules.List, rule)
		c.rules.Sources = append(c.rules.Sources, source)
	}
}

// outerReplicants are those of the block itself; nil leaves them to Druid.
func (c *compiler) outerReplicants() *druid.Replicants {
	if !c.hasOuter {
		return nil
	}
	return &c.outer.Value
}

func (c *compiler) intervals(s *section) {
	for _, list := range []struct{ attribute, kind string }{
		{"keep_intervals", "loadByInterval"}, {"drop_intervals", "dropByInterval"},
	} {
		intervals, _ := setting[[]druid.Interval](s, list.attribute)
		for n, interval := range intervals.Value {
			replicants := c.outerReplicants()
			if list.kind == "dropByInterval" {
				replicants = nil
			}
			c.add(druidRule{Type: list.kind, Interval: &interval}, replicants, s.itemRange(list.attribute, n))
		}
	}
}

func (c *compiler) keep(keep Setting[*druid.Period]) {
	if keep.Value == nil {
		c.add(druidRule{Type: "loadForever"}, c.outerReplicants(), keep.Range)
		return
	}
	c.add(druidRule{Type: "loadByPeriod", Period: keep.Value, IncludeFuture: c.future}, c.outerReplicants(), keep.Range)
	c.add(druidRule{Type: "dropForever"}, nil, keep.Range)
}

// stage is a stage block that can be read.
type stage struct {
	section    *section
	newest     Setting[druid.Period]
	replicants druid.Replicants
}

func (r *resolver) stages(s *section) []stage {
	var stages []stage
	for _, block := range s.all("stage") {
		newest, ok := setting[druid.Period](block, "newest")
		replicants, known := setting[druid.Replicants](block, "replicants")
		if ok && known {
			stages = append(stages, stage{block, newest, replicants.Value})
		}
	}
	return stages
}

// inOrder sorts stages from the narrowest to the widest. Stages that have no fixed place are reported and left out.
func (r *resolver) inOrder(stages []stage, keep Setting[*druid.Period]) []stage {
	var fitting []stage
	for _, s := range stages {
		if keep.Value != nil && !r.within(s, *keep.Value, keep.Range) {
			continue
		}
		clash := slices.IndexFunc(fitting, func(o stage) bool { return r.clash(s, o) })
		if clash < 0 {
			fitting = append(fitting, s)
		}
	}
	slices.SortFunc(fitting, func(a, b stage) int {
		if r.order(a.newest.Value, b.newest.Value) == shorter {
			return -1
		}
		return 1
	})
	return fitting
}

// within reports a stage that does not end before keep does.
func (r *resolver) within(s stage, keep druid.Period, keepAt diag.Range) bool {
	p := diag.Diagnostic{Range: s.newest.Range}
	newest := s.newest.Value
	switch r.order(newest, keep) {
	case shorter:
		return true
	case unordered:
		p.Code, p.Summary = "periods-without-order", "Stage and keep cannot be compared"
		p.Detail = fmt.Sprintf("Whether %s is shorter than keep = %s (%s) depends on the day: months have 28 to 31 days, years 365 or 366.",
			newest, keep, place(keepAt))
		p.Hint = "Write both in the same unit, both in days or both in months."
	default:
		p.Code, p.Summary = "stage-not-shorter", "Stage is not shorter than keep"
		p.Detail = fmt.Sprintf("newest = %s reaches as far back as keep = %s (%s), or further: the data beyond keep is dropped, so that the stage would mean more than it does.",
			newest, keep, place(keepAt))
		p.Hint = "Shorten the stage or lengthen keep; a single window needs no stage."
	}
	r.add(p)
	return false
}

// clash reports two stages of which neither is always the narrower one.
func (r *resolver) clash(s, earlier stage) bool {
	p := diag.Diagnostic{Range: s.newest.Range}
	switch r.order(s.newest.Value, earlier.newest.Value) {
	case shorter, longer:
		return false
	case same:
		p.Code, p.Summary = "stage-twice", "Two stages reach equally far"
		p.Detail = fmt.Sprintf("newest = %s and newest = %s (%s) name the same data; only the first could count.",
			s.newest.Value, earlier.newest.Value, place(earlier.newest.Range))
		p.Hint = "Make one stage of the two."
	default:
		p.Code, p.Summary = "periods-without-order", "Stages cannot be compared"
		p.Detail = fmt.Sprintf("Whether %s is shorter than %s (%s) depends on the day: months have 28 to 31 days, years 365 or 366.",
			s.newest.Value, earlier.newest.Value, place(earlier.newest.Range))
		p.Hint = "Write both in the same unit, both in days or both in months."
	}
	r.add(p)
	return true
}
