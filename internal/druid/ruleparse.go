package druid

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

// ParseRule reads one rule as Druid's JSON mapper does: unknown fields are ignored, absent ones get Druid's defaults,
// what Druid coerces is coerced. A type that this version does not know (partial loads among them) is not an error: its
// JSON is kept in Raw, byte for byte, and so is null. Text behind the rule, which Druid ignores, is refused.
func ParseRule(data []byte) (Rule, error) {
	data, err := oneValue(data)
	if err != nil {
		return Rule{}, err
	}
	return parseRule(data)
}

// ParseRuleList reads the list of one datasource, as stored and as the API answers. null is refused; [null] is a list
// that Druid stores.
func ParseRuleList(data []byte) (RuleList, error) {
	data, err := oneValue(data)
	if err != nil {
		return nil, err
	}
	if data[0] != '[' {
		return nil, badRule("expected a list of rules")
	}
	list := RuleList{}
	err = eachElement(data, func(element []byte) error {
		rule, err := parseRule(element)
		if err != nil {
			return fmt.Errorf("rule %d: %w", len(list)+1, err)
		}
		list = append(list, rule)
		return nil
	})
	return list, err
}

// UnmarshalJSON is ParseRule.
func (r *Rule) UnmarshalJSON(data []byte) (err error) {
	*r, err = ParseRule(bytes.Clone(data))
	return err
}

// UnmarshalJSON is ParseRuleList, but leaves the list alone for null, as is usual.
func (l *RuleList) UnmarshalJSON(data []byte) (err error) {
	if string(data) == "null" {
		return nil
	}
	*l, err = ParseRuleList(data)
	return err
}

// oneValue checks that data is one JSON value and cuts off blanks around it.
func oneValue(data []byte) ([]byte, error) {
	data = bytes.Trim(data, " \t\r\n")
	if !utf8.Valid(data) {
		return nil, badRule("not UTF-8")
	}
	if !json.Valid(data) {
		return nil, badRule(invalidJSON(data))
	}
	if !withinLimits(data) {
		return nil, badRule("nested too deep, or with a name or number too long for Druid's JSON reader")
	}
	return data, nil
}

// invalidJSON tells text behind a good value, which Druid's mapper would not even read, from bad JSON.
func invalidJSON(data []byte) string {
	var first json.RawMessage
	if json.NewDecoder(bytes.NewReader(data)).Decode(&first) == nil {
		return "text behind the JSON value"
	}
	return "not JSON"
}

func badRule(why string, args ...any) error { return fmt.Errorf("bad rule: "+why, args...) }

func parseRule(data []byte) (Rule, error) {
	if string(data) == "null" {
		return Rule{Raw: bytes.Clone(data)}, nil
	}
	if data[0] != '{' {
		return Rule{}, badRule("expected a JSON object")
	}
	var fields []field
	err := eachField(data, func(key, value []byte) { fields = append(fields, field{string(key), value}) })
	if err != nil {
		return Rule{}, err
	}
	name, err := typeName(fields)
	if err != nil {
		return Rule{}, err
	}
	rule := Rule{Type: name, IncludeFuture: true, UseDefaultTierForNull: true}
	if rule.Action() == ActionUnknown {
		return Rule{Type: name, Raw: bytes.Clone(data)}, nil
	}
	return rule, rule.fill(fields)
}

// field is one key with its raw value, in the order written, repetitions included.
type field struct {
	name  string
	value []byte
}

// typeName is the first type that is not null: Jackson looks no further.
func typeName(fields []field) (string, error) {
	for _, f := range fields {
		if f.name != "type" || f.value[0] == '{' || f.value[0] == '[' || string(f.value) == "null" {
			continue
		}
		if f.value[0] != '"' {
			return "", badRule("type is not a text")
		}
		var name string
		err := json.Unmarshal(f.value, &name)
		return name, err
	}
	return "", badRule("no type")
}

// Constructor parameters of Druid's rule classes, as bits.
const (
	hasPeriod = 1 << iota
	hasInterval
	hasFuture
	hasReplicants
	hasDefaultTier
)

// parameters are the fields that the constructor of this kind takes; all others are ignored, unread.
func (r *Rule) parameters() (bits int) {
	action, scope := r.kind()
	switch scope {
	case scopePeriod:
		bits = hasPeriod | hasFuture
	case scopeBeforePeriod:
		bits = hasPeriod
	case scopeInterval:
		bits = hasInterval
	}
	if action == ActionLoad {
		bits |= hasReplicants | hasDefaultTier
	}
	return bits
}

var parameterBits = map[string]int{"period": hasPeriod, "interval": hasInterval, "includeFuture": hasFuture,
	"tieredReplicants": hasReplicants, "useDefaultTierForNull": hasDefaultTier}

// fill reads the fields in order. Jackson builds the rule as soon as every parameter was seen: until then the last of a
// repeated field wins, after it a repetition is an error.
func (r *Rule) fill(fields []field) error {
	all, seen := r.parameters(), 0
	for _, f := range fields {
		bit := parameterBits[f.name] & all
		if bit == 0 {
			continue
		}
		if seen == all {
			return badRule("%s is written twice", f.name)
		}
		if err := r.set(bit, f.value); err != nil {
			return badRule("%s: %w", f.name, err)
		}
		seen |= bit
	}
	return r.settle()
}

func (r *Rule) set(bit int, value []byte) (err error) {
	switch bit {
	case hasPeriod:
		r.Period, err = periodValue(value)
	case hasInterval:
		r.Interval, err = intervalValue(value)
	case hasFuture:
		r.IncludeFuture, err = boolValue(value, true)
	case hasDefaultTier:
		r.UseDefaultTierForNull, err = boolValue(value, true)
	case hasReplicants:
		r.Replicants, err = replicantsValue(value)
	}
	return err
}

// settle does what the constructor does: fill in replicants (LoadRule.handleNullTieredReplicants) and check them.
func (r *Rule) settle() error {
	if r.parameters()&hasReplicants == 0 {
		return nil
	}
	r.Replicants = r.replicants()
	for _, tier := range r.Replicants {
		if tier.Count < 0 {
			return badRule("tieredReplicants: tier %q has no number of copies", tier.Tier)
		}
	}
	return nil
}

// replicants are those in effect: none given means Druid's default, or no copy at all.
func (r *Rule) replicants() Replicants {
	switch {
	case r.Replicants != nil:
		return r.Replicants
	case r.UseDefaultTierForNull:
		return Replicants{{Tier: DefaultTier, Count: DefaultReplicants}}
	default:
		return Replicants{}
	}
}
