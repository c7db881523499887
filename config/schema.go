package config

import "cmp"

// Kind is how an attribute is written in HCL and which Go type it becomes.
type Kind uint8

const (
	// KindText is a string that is not empty (string).
	KindText Kind = iota + 1
	// KindSensitive is a string that may come from env() and is never shown (Secret).
	KindSensitive
	// KindURL is an http or https base URL without credentials (string, no trailing slash); it may come from env().
	KindURL
	// KindBool is true or false (bool).
	KindBool
	// KindWhole is a whole number between Min and Max (int64).
	KindWhole
	// KindPercent is a number from 0 to 100 (float64).
	KindPercent
	// KindLength is a period that never moves forward in time (druid.Period).
	KindLength
	// KindLengthOrWord is a KindLength, or the attribute's Word, which becomes nil (*druid.Period).
	KindLengthOrWord
	// KindRulePeriod is a period as Druid's rules take it, judged with its rule (druid.Period).
	KindRulePeriod
	// KindInterval is "start/end" (druid.Interval).
	KindInterval
	// KindIntervals is a list of intervals ([]druid.Interval).
	KindIntervals
	// KindDate is a date, midnight UTC, or a date-time with zone (druid.Instant).
	KindDate
	// KindSize is a number of bytes such as "10TiB" (int64).
	KindSize
	// KindReplicants maps tiers to whole numbers of copies (druid.Replicants).
	KindReplicants
	// KindInstant is a date-time with its zone, never a date alone (druid.Instant).
	KindInstant
	// KindTexts is a list of strings, at least one, none of them twice ([]string).
	KindTexts
	// KindPatterns is a list of datasource names in which * stands for any characters, at least one ([]string).
	KindPatterns
	// KindObject is an object whose values become JSON (map[string]json.RawMessage).
	KindObject
	// KindRuleJSON is one rule as Druid writes it, in a string (druid.Rule).
	KindRuleJSON

	// What follows is not evaluated when it is read, but by its owner and in its own time (hclsyntax.Expression).

	// KindType is a type of values.
	KindType
	// KindAny is any value.
	KindAny
	// KindCondition gives true or false.
	KindCondition
	// KindMessage gives a string.
	KindMessage
)

var kindNames = [...]string{
	"invalid", "string", "string", "URL", "bool", "whole number", "number", "period", "period", "period", "interval",
	"list of intervals", "date", "size", "map of tiers", "date-time", "list of strings", "list of names", "object", "JSON in a string",
	"type", "any value", "bool", "string",
}

// String is the kind in the words of the documentation.
func (k Kind) String() string { return kindNames[min(int(k), len(kindNames)-1)] }

// sensitive reports whether values of env() may be used here.
func (k Kind) sensitive() bool { return k == KindSensitive || k == KindURL }

// deferred reports whether the owner of such an attribute evaluates it.
func (k Kind) deferred() bool { return k >= KindType }

// Attribute describes one attribute of a block.
type Attribute struct {
	Name     string
	Kind     Kind
	Required bool
	// Word is the one word that a KindLengthOrWord takes besides a period, such as "never".
	Word string
	// Default has the Go type of the kind; nil when an absent attribute means that there is none.
	Default any
	// Min and Max bound a KindWhole, both inclusive.
	Min, Max int64
	// Positive: a KindLength of zero is refused.
	Positive bool
	// Fixed: a KindLength has no years and months, whose length depends on the calendar.
	Fixed bool
	// Inherited: what is required may also be written in the block that this one overrides; the resolver looks.
	Inherited bool
	// DefaultRules: a KindPatterns takes "_default" too, Druid's key of the default rules.
	DefaultRules bool
	// Example is a value in HCL, ready to be pasted.
	Example string
	Meaning string
}

// Block describes one kind of block.
type Block struct {
	Name string
	// Labels names the labels in their order.
	Labels []string
	// Many: the block may be repeated (with other labels, when it has any).
	Many       bool
	Attributes []Attribute
	// Open describes attributes of all other names; nil when there are none.
	Open   *Attribute
	Blocks []*Block
	// Refused are names that have a meaning elsewhere or in another version, and why they are none here.
	Refused []Refusal
	Meaning string
}

// Refusal explains a name that is not taken, better than its nearest neighbour could.
type Refusal struct {
	Name, Why, Hint string
}

func (r *Refusal) hint() string { return cmp.Or(r.Hint, "Remove it.") }

// attribute returns the attribute of that name, or nil.
func (b *Block) attribute(name string) *Attribute {
	for i := range b.Attributes {
		if b.Attributes[i].Name == name {
			return &b.Attributes[i]
		}
	}
	return nil
}

// block returns the inner block of that name, or nil.
func (b *Block) block(name string) *Block {
	for _, inner := range b.Blocks {
		if inner.Name == name {
			return inner
		}
	}
	return nil
}

// refusal returns the explanation for a name, or nil.
func (b *Block) refusal(name string) *Refusal {
	for i := range b.Refused {
		if b.Refused[i].Name == name {
			return &b.Refused[i]
		}
	}
	return nil
}

// names lists attributes, then blocks, in the order of the table.
func (b *Block) names() (attributes, blocks []string) {
	for _, a := range b.Attributes {
		attributes = append(attributes, a.Name)
	}
	for _, inner := range b.Blocks {
		blocks = append(blocks, inner.Name)
	}
	return attributes, blocks
}

// homes lists the blocks of the whole language that take this attribute or block, without repeats.
func homes(root *Block, name string) []string {
	var found []string
	seen := map[string]bool{}
	var visit func(b *Block)
	visit = func(b *Block) {
		if b.Name != "" && !seen[b.Name] && (b.attribute(name) != nil || b.block(name) != nil) {
			seen[b.Name] = true
			found = append(found, b.Name)
		}
		for _, inner := range b.Blocks {
			visit(inner)
		}
	}
	visit(root)
	return found
}
