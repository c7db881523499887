package config

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"coppice/internal/diag"
	"coppice/internal/druid"
)

func (r *resolver) defaultRules(s *section) *Rules {
	rules := r.ruleList(s)
	if len(s.sections) == 0 && !s.damaged {
		r.add(diag.Diagnostic{
			Code: "empty-default-rules", Range: s.origin, Summary: "default_rules holds no rule",
			Detail: "Druid refuses an empty list of default rules. Leave the block out to leave the rules in force alone.",
			Hint:   "default_rules {\n  load {\n    forever = true\n  }\n}",
		})
	}
	return rules
}

// ruleList reads rules in the order written. Rules that cannot be read are left out and reported.
func (r *resolver) ruleList(s *section) *Rules {
	rules := &Rules{Origin: s.origin, List: druid.RuleList{}, Sources: []diag.Range{}}
	for _, block := range s.sections {
		if rule, ok := r.rule(block); ok {
			rules.List = append(rules.List, rule)
			rules.Sources = append(rules.Sources, block.origin)
		}
	}
	return rules
}

func (r *resolver) rule(s *section) (druid.Rule, bool) {
	rule, at, ok := r.readRule(s)
	return rule, ok && r.runs(rule, at)
}

// readRule reads a rule in either form; the place is that of its condition or its JSON.
func (r *resolver) readRule(s *section) (druid.Rule, diag.Range, bool) {
	if s.schema.Name != "rule" {
		return r.plainRule(s)
	}
	raw, ok := setting[druid.Rule](s, "json")
	return raw.Value, raw.Range, ok
}

// ruleForms are the conditions of rules and how Druid names the kinds, behind load, drop and broadcast.
var ruleForms = []struct{ attribute, suffix string }{
	{"period", "ByPeriod"}, {"before_period", "BeforeByPeriod"}, {"interval", "ByInterval"}, {"forever", "Forever"},
}

// druidRule is a rule as Druid's API takes it. Absent fields are left to Druid's defaults, which druid.ParseRule
// fills in.
type druidRule struct {
	Type                  string           `json:"type"`
	Period                *druid.Period    `json:"period,omitempty"`
	Interval              *druid.Interval  `json:"interval,omitempty"`
	IncludeFuture         *bool            `json:"includeFuture,omitempty"`
	TieredReplicants      map[string]int32 `json:"tieredReplicants,omitzero"`
	UseDefaultTierForNull *bool            `json:"useDefaultTierForNull,omitempty"`
}

// plainRule reads a load, drop or broadcast block; the place is that of its condition.
func (r *resolver) plainRule(s *section) (druid.Rule, diag.Range, bool) {
	suffix, at, ok := r.condition(s)
	ok = r.futureNeedsPeriod(s) && ok
	form := druidRule{Type: s.schema.Name + suffix}
	for name := range s.written {
		_, readable := s.values[name]
		ok = ok && readable
	}
	if !ok {
		return druid.Rule{}, at, false
	}
	if r.reachesForward(s) {
		return druid.Rule{}, at, false
	}
	form.fill(s)
	rule, err := form.parse()
	if err != nil {
		r.add(badRule(at, err))
	}
	return rule, at, err == nil
}

// reachesForward refuses a negative before_period. Druid runs such a rule, but it drops data up to a moment that has
// not come yet, so that nobody can mean it.
func (r *resolver) reachesForward(s *section) bool {
	before, written := setting[druid.Period](s, "before_period")
	if !written || !before.Value.Negative() {
		return false
	}
	a := s.schema.attribute("before_period")
	wrong := badPeriod(a, before.Value.String(), "it is negative, so that data of the future would be dropped too")
	r.add(diag.Diagnostic{Code: wrong.code, Range: before.Range, Summary: wrong.summary, Detail: wrong.detail, Hint: pasted(a)})
	return true
}

func (f *druidRule) fill(s *section) {
	for _, name := range []string{"period", "before_period"} {
		if p, ok := setting[druid.Period](s, name); ok {
			f.Period = &p.Value
		}
	}
	if i, ok := setting[druid.Interval](s, "interval"); ok {
		f.Interval = &i.Value
	}
	if b, ok := setting[bool](s, "include_future"); ok {
		f.IncludeFuture = &b.Value
	}
	if t, ok := setting[druid.Replicants](s, "tiered_replicants"); ok {
		f.replicants(t.Value)
	}
	if b, ok := setting[bool](s, "use_default_tier_for_null"); ok {
		f.UseDefaultTierForNull = &b.Value
	}
}

func (f *druidRule) replicants(wanted druid.Replicants) {
	f.TieredReplicants = map[string]int32{}
	for _, tier := range wanted {
		f.TieredReplicants[tier.Tier] = tier.Count
	}
}

func (f *druidRule) parse() (druid.Rule, error) {
	text, err := json.Marshal(f)
	if err != nil {
		return druid.Rule{}, err
	}
	return druid.ParseRule(text)
}

func badRule(at diag.Range, err error) diag.Diagnostic {
	return diag.Diagnostic{
		Code: "bad-rule", Range: at, Summary: "Druid would refuse this rule", Detail: err.Error() + ".",
		Hint: "Correct the values of the rule.",
	}
}

// condition finds the one attribute that says which segments the rule is about.
func (r *resolver) condition(s *section) (suffix string, at diag.Range, ok bool) {
	var found, possible []string
	for _, form := range ruleForms {
		if s.schema.attribute(form.attribute) != nil {
			possible = append(possible, form.attribute)
		}
		if s.has(form.attribute) {
			found = append(found, form.attribute)
			suffix, at = form.suffix, s.written[form.attribute]
		}
	}
	p := diag.Diagnostic{Range: s.origin, Hint: pasted(s.schema.attribute("period"))}
	switch {
	case len(found) > 1:
		p.Code, p.Summary = "rule-conditions-conflict", fmt.Sprintf("%s rule has more than one condition", s.schema.Name)
		p.Detail = fmt.Sprintf("Found %s; a rule of Druid has exactly one of %s.", list(found), list(possible))
		p.Hint = "Make two rules of it, in the order in which they are to be tried."
	case len(found) == 0 && s.damaged:
		return "", s.origin, false
	case len(found) == 0:
		p.Code, p.Summary = "rule-condition-missing", fmt.Sprintf("%s rule has no condition", s.schema.Name)
		p.Detail = fmt.Sprintf("A rule of Druid has exactly one of %s.", list(possible))
	default:
		return suffix, at, r.foreverIsTrue(s)
	}
	r.add(p)
	return "", s.origin, false
}

func (r *resolver) foreverIsTrue(s *section) bool {
	forever, written := setting[bool](s, "forever")
	if !written || forever.Value {
		return true
	}
	r.add(diag.Diagnostic{
		Code: "forever-false", Range: forever.Range, Summary: "forever is false",
		Detail: "A rule that never applies means nothing. Expected forever = true, or another condition.",
		Hint:   "Remove the rule.",
	})
	return false
}

func (r *resolver) futureNeedsPeriod(s *section) bool {
	at, written := s.written["include_future"]
	if !written || s.has("period") || s.damaged {
		return true
	}
	r.add(diag.Diagnostic{
		Code: "include-future-without-period", Range: at, Summary: "include_future without period",
		Detail: "Only rules by period know include_future; Druid throws it away elsewhere.",
		Hint:   "Remove include_future.",
	})
	return false
}

// runs refuses rules that make the Coordinator's rule run throw, which stops the rules of all datasources.
func (r *resolver) runs(rule druid.Rule, at diag.Range) bool {
	reason, stops := rule.StopsCoordinator()
	if !stops {
		return true
	}
	r.add(diag.Diagnostic{
		Code: "rule-stops-coordinator", Range: at, Summary: "Rule would stop the Coordinator's rule run",
		Detail: fmt.Sprintf("%s. Druid accepts the rule, then every run of rules fails, and no rule of any datasource is carried out any more.", sentence(reason)),
		Hint:   "Correct the rule; a period reaches back in time: period = \"P30D\"",
	})
	return false
}

// ruleFields are the JSON fields of each kind that this version knows, besides type.
var ruleFields = map[string][]string{
	"loadForever":         {"tieredReplicants", "useDefaultTierForNull"},
	"loadByPeriod":        {"period", "includeFuture", "tieredReplicants", "useDefaultTierForNull"},
	"loadByInterval":      {"interval", "tieredReplicants", "useDefaultTierForNull"},
	"dropForever":         {},
	"dropByPeriod":        {"period", "includeFuture"},
	"dropBeforeByPeriod":  {"period"},
	"dropByInterval":      {"interval"},
	"broadcastForever":    {},
	"broadcastByPeriod":   {"period", "includeFuture"},
	"broadcastByInterval": {"interval"},
}

func ruleJSONValue(a *Attribute, v cty.Value) (any, *complaint) {
	text, wrong := textOf(a, v)
	if wrong != nil {
		return nil, wrong
	}
	rule, err := druid.ParseRule([]byte(text))
	if err != nil {
		return nil, &complaint{code: "bad-rule-json", summary: "json is not one rule of Druid",
			detail: fmt.Sprintf("%s. Expected one object with its type, such as {\"type\":\"loadForever\"}.", sentence(err.Error()))}
	}
	return rule, lostField(rule.Type, text)
}

// lostField looks for a field that Druid would throw away without a word, so that its default would count.
func lostField(kind, text string) *complaint {
	known, ok := ruleFields[kind]
	if !ok {
		return nil
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal([]byte(text), &fields) != nil {
		return nil
	}
	for _, name := range sortedKeys(fields) {
		if name == "type" || slices.Contains(known, name) {
			continue
		}
		return &complaint{code: "unknown-rule-field", summary: fmt.Sprintf("%s has no field %s", kind, quote(name)),
			detail: fmt.Sprintf("Druid throws unknown fields away without a word. The fields of %s are type and %s.%s",
				kind, orNone(known), didYouMean(name, known)),
			hint: cmp.Or(diag.Nearest(name, known), "Remove "+name+".")}
	}
	return nil
}

func orNone(names []string) string {
	if len(names) == 0 {
		return "no other"
	}
	return list(names)
}

// sentence begins a sentence with the text, without its full stop. A name in camel case stays as it is.
func sentence(text string) string {
	text = strings.TrimRight(text, ".")
	word, _, _ := strings.Cut(text, " ")
	if word == "" || word != strings.ToLower(word) {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}
