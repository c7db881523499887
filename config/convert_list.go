package config

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"

	"coppice/internal/druid"
)

// eachItem walks a list, a set or a tuple; the complaint gets the item's place.
func eachItem(a *Attribute, v cty.Value, visit func(cty.Value) *complaint) *complaint {
	if t := v.Type(); !t.IsTupleType() && !t.IsListType() && !t.IsSetType() {
		return wrongType(a, v)
	}
	number := 0
	for _, item := range v.Elements() {
		number++
		if wrong := visit(item); wrong != nil {
			wrong.item = number
			return wrong
		}
	}
	return nil
}

func patternsValue(a *Attribute, v cty.Value) (any, *complaint) {
	var patterns []string
	wrong := eachItem(a, v, func(item cty.Value) *complaint {
		text, wrong := textOf(a, item)
		if wrong != nil {
			return wrong
		}
		if why := badPattern(a, text); why != "" {
			return &complaint{code: "bad-name", summary: "Not a name of datasources",
				detail: "Found " + quote(text) + ": " + why + "."}
		}
		patterns = append(patterns, text)
		return nil
	})
	if wrong == nil && len(patterns) == 0 {
		wrong = &complaint{code: "empty-value", summary: a.Name + " is empty", detail: "It names no datasource, so that the block would mean nothing."}
	}
	return patterns, wrong
}

func badPattern(a *Attribute, text string) string {
	if text == "_default" {
		// Findings about the default rules have Druid's key for them as their datasource; no data is filed under it.
		if a.DefaultRules {
			return ""
		}
		return "it is Druid's key of the cluster's default rules, and no datasource"
	}
	return badName(text)
}

func textsValue(a *Attribute, v cty.Value) (any, *complaint) {
	var texts []string
	wrong := eachItem(a, v, func(item cty.Value) *complaint {
		text, wrong := textOf(a, item)
		switch {
		case wrong != nil:
			return wrong
		case slices.Contains(texts, text):
			return &complaint{code: "duplicate-item", summary: "Second item of one text in " + a.Name,
				detail: "Found " + quote(text) + " twice; another item may have been meant.", hint: "Remove one of the two."}
		}
		texts = append(texts, text)
		return nil
	})
	if wrong == nil && len(texts) == 0 {
		wrong = &complaint{code: "empty-value", summary: a.Name + " is empty", detail: "It names nothing, so that the block would mean nothing."}
	}
	return texts, wrong
}

// badName says why Druid takes no datasource of that name (IdUtils.validateId), or nothing.
func badName(name string) string {
	switch {
	case name == "":
		return "a name has at least one character"
	case strings.HasPrefix(name, "."):
		return "a name cannot start with a dot"
	case strings.Contains(name, "/"):
		return "a name has no slash"
	case len(name) > 255:
		return "a name has at most 255 bytes"
	case name == "_default":
		return "it is Druid's key of the cluster's default rules; write default_rules"
	case strings.ContainsFunc(name, isControl):
		return "a name has no control characters, tabs or line ends"
	}
	return ""
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 }

func replicantsValue(a *Attribute, v cty.Value) (any, *complaint) {
	if t := v.Type(); !t.IsObjectType() && !t.IsMapType() {
		return nil, wrongType(a, v)
	}
	replicants := druid.Replicants{}
	number := 0
	for key, item := range v.Elements() {
		number++
		tier := key.AsString()
		count, wrong := replicas(a, tier, item)
		if wrong != nil {
			wrong.item = number
			return nil, wrong
		}
		replicants = append(replicants, druid.TierReplicants{Tier: tier, Count: count})
	}
	return replicants, nil
}

func replicas(a *Attribute, tier string, v cty.Value) (int32, *complaint) {
	n, whole := wholeNumber(v)
	switch {
	case strings.TrimSpace(tier) == "":
		return 0, &complaint{code: "bad-name", summary: "Tier has no name", detail: "A tier's name is not empty."}
	case v.IsNull() || v.Type() != cty.Number:
		c := wrongType(a, v)
		c.detail = fmt.Sprintf("Found %s for tier %s; expected a whole number of copies.", describe(a, v), quote(tier))
		return 0, c
	case v.AsBigFloat().Sign() < 0:
		return 0, &complaint{code: "negative-replicas", summary: "Number of copies is negative",
			detail: fmt.Sprintf("Found %s for tier %s. Druid refuses rules with less than no copy.", describe(a, v), quote(tier))}
	case !whole || n > math.MaxInt32:
		return 0, &complaint{code: "bad-number", summary: "Number of copies is out of range",
			detail: fmt.Sprintf("Found %s for tier %s; expected a whole number up to 2147483647.", describe(a, v), quote(tier))}
	}
	return int32(n), nil
}

func objectValue(a *Attribute, v cty.Value) (any, *complaint) {
	if t := v.Type(); !t.IsObjectType() && !t.IsMapType() {
		return nil, wrongType(a, v)
	}
	object := map[string]json.RawMessage{}
	number := 0
	for key, item := range v.Elements() {
		number++
		name := key.AsString()
		if why, refused := druid.LockContext[name]; refused {
			return nil, &complaint{code: "refused-context", summary: name + " may not be set in context", detail: why,
				hint: "Remove " + name + ".", item: number}
		}
		text, err := ctyjson.Marshal(item, item.Type())
		if err != nil || !json.Valid(text) { // 1 / 0 is a number without a JSON form
			return nil, &complaint{code: "wrong-type", summary: a.Name + " cannot be written as JSON",
				detail: "The value of " + quote(name) + " has no JSON form.", item: number}
		}
		object[name] = text
	}
	return object, nil
}
