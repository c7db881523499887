package declare

import (
	"strings"

	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"

	"coppice/internal/druid"
)

// shape is what a retention block says, read off a rule list.
type shape struct {
	keepIntervals, dropIntervals []*druid.Rule
	stages                       []*druid.Rule
	// keep is the last load rule: by period, or forever.
	keep *druid.Rule
}

// retentionForm is a retention block that may compile to the list; whether it does is for the caller to see. ok is false
// where the list does not look like one.
func retentionForm(list druid.RuleList) (form, bool) {
	s, ok := shapeOf(list)
	if !ok {
		return form{}, false
	}
	return form{name: s.name(), write: func(body *hclwrite.Body) { s.write(body.AppendNewBlock("retention", nil).Body()) }}, true
}

// shapeOf cuts a list into interval rules, stages and keep. Whether stages are in the right order is not looked at.
func shapeOf(list druid.RuleList) (*shape, bool) {
	s, rest := &shape{}, list
	take := func(kind string) (taken []*druid.Rule) {
		for len(rest) > 0 && rest[0].Type == kind && (kind != "loadByInterval" && kind != "dropByInterval" || rest[0].Interval != nil) {
			taken, rest = append(taken, &rest[0]), rest[1:]
		}
		return taken
	}
	s.keepIntervals, s.dropIntervals, s.stages = take("loadByInterval"), take("dropByInterval"), take("loadByPeriod")
	if len(rest) != 1 {
		return nil, false
	}
	switch last := &rest[0]; {
	case last.Type == "loadForever":
		s.keep = last
	case last.Type == "dropForever" && len(s.stages) > 0:
		n := len(s.stages) - 1
		s.keep, s.stages = s.stages[n], s.stages[:n]
	default:
		return nil, false
	}
	return s, s.periods()
}

// periods reports whether every rule by period has one.
func (s *shape) periods() bool {
	for _, r := range append(s.stages, s.keep) {
		if r.Type == "loadByPeriod" && r.Period == nil {
			return false
		}
	}
	return true
}

func (s *shape) forever() bool { return s.keep.Type == "loadForever" }

// name is what a policy of this shape is called.
func (s *shape) name() string {
	name := "keep-forever"
	if !s.forever() {
		name = "keep-" + strings.ToLower(s.keep.Period.String())
	}
	if len(s.stages) > 0 {
		name += "-tiered"
	}
	return name
}

func (s *shape) write(body *hclwrite.Body) {
	keep := "forever"
	if !s.forever() {
		keep = s.keep.Period.String()
	}
	body.SetAttributeRaw("keep", text(keep))
	replicants(body, "replicants", s.keep.Replicants)
	s.writeFuture(body)
	writeIntervals(body, "keep_intervals", s.keepIntervals)
	writeIntervals(body, "drop_intervals", s.dropIntervals)
	for _, stage := range s.stages {
		inner := body.AppendNewBlock("stage", nil).Body()
		inner.SetAttributeRaw("newest", text(stage.Period.String()))
		written := stage.Replicants
		if isDefault(written) { // a stage has to say them
			inner.SetAttributeRaw("replicants", raw("{ _default_tier = 2 }"))
			continue
		}
		replicants(inner, "replicants", written)
	}
}

// writeFuture says so when rules by period leave the future out; if only some do, the block does not read back.
func (s *shape) writeFuture(body *hclwrite.Body) {
	for _, r := range append(s.stages, s.keep) {
		if r.Type == "loadByPeriod" && !r.IncludeFuture {
			body.SetAttributeValue("include_future", cty.False)
			return
		}
	}
}

func writeIntervals(body *hclwrite.Body, name string, rules []*druid.Rule) {
	if len(rules) == 0 {
		return
	}
	quoted := make([]string, len(rules))
	for n, r := range rules {
		quoted[n] = string(text(interval(*r.Interval)).Bytes())
	}
	body.SetAttributeRaw(name, raw("["+strings.Join(quoted, ", ")+"]"))
}
