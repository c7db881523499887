package config

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"coppice/internal/diag"
)

// complaint says what is wrong with a value; the place is the attribute's, or that of one of its items.
type complaint struct {
	code, summary, detail, hint string
	// item is the place of the item in a list or a map (1-based); 0 = the whole value.
	item int
}

// converters turn a known, unmarked value that is not null into the Go type of the kind.
var converters = map[Kind]func(*Attribute, cty.Value) (any, *complaint){
	KindText:         textValue,
	KindSensitive:    secretValue,
	KindURL:          urlValue,
	KindBool:         boolValue,
	KindWhole:        wholeValue,
	KindPercent:      percentValue,
	KindLength:       lengthValue,
	KindLengthOrWord: lengthOrWordValue,
	KindRulePeriod:   rulePeriodValue,
	KindInterval:     intervalValue,
	KindIntervals:    intervalsValue,
	KindDate:         dateValue,
	KindSize:         sizeValue,
	KindReplicants:   replicantsValue,
	KindInstant:      instantValue,
	KindTexts:        textsValue,
	KindPatterns:     patternsValue,
	KindObject:       objectValue,
	KindRuleJSON:     ruleJSONValue,
}

// convert checks the kind and the marks of a value. The second result is false when it cannot be used.
func (d *decoder) convert(a *Attribute, expr hclsyntax.Expression, got cty.Value) (value, bool) {
	out := value{sensitive: got.ContainsMarked(), items: itemRanges(expr)}
	if out.sensitive && !a.Kind.sensitive() {
		d.add(diag.Diagnostic{
			Code: "sensitive-value", Range: rangeOf(expr.Range()), Summary: "Sensitive value would be shown in " + a.Name,
			Detail: a.Name + " is printed and saved with plans. Values of env() and of sensitive variables may be used for dsn, username, password, token and the URLs.",
			Hint:   "Write the value out: " + pasted(a),
		})
		return value{}, false
	}
	plain, _ := got.UnmarkDeep()
	data, wrong := converters[a.Kind](a, plain)
	if wrong != nil {
		d.add(wrong.at(a, expr, out.items))
		return value{}, false
	}
	out.data = data
	return out, true
}

func (c *complaint) at(a *Attribute, expr hclsyntax.Expression, items []diag.Range) diag.Diagnostic {
	p := diag.Diagnostic{Code: c.code, Range: rangeOf(expr.Range()), Summary: c.summary, Detail: c.detail, Hint: c.hint}
	if c.item > 0 && c.item <= len(items) {
		p.Range = items[c.item-1]
	}
	if p.Hint == "" {
		p.Hint = pasted(a)
	}
	return p
}

// itemRanges are the places of the items of a list or of a map (in the order of keys, as values come) that is written
// out; nil for all other expressions.
func itemRanges(expr hclsyntax.Expression) []diag.Range {
	var ranges []diag.Range
	switch e := expr.(type) {
	case *hclsyntax.TupleConsExpr:
		for _, item := range e.Exprs {
			ranges = append(ranges, rangeOf(item.Range()))
		}
	case *hclsyntax.ObjectConsExpr:
		byKey := map[string]diag.Range{}
		for _, item := range e.Items {
			key, known := literalKey(item.KeyExpr)
			if !known {
				return nil
			}
			byKey[key] = rangeOf(item.ValueExpr.Range())
		}
		for _, key := range sortedKeys(byKey) {
			ranges = append(ranges, byKey[key])
		}
	}
	return ranges
}

// wrongType says what was found where the kind was expected.
func wrongType(a *Attribute, found cty.Value) *complaint {
	c := &complaint{
		code: "wrong-type", summary: fmt.Sprintf("%s is not %s", a.Name, article(a.Kind.String())),
		detail: fmt.Sprintf("Found %s; expected %s. Strings, numbers and booleans do not stand for each other.",
			describe(a, found), expectation(a)),
		hint: pasted(a),
	}
	if days, ok := wholeNumber(found); ok && days > 0 && isLength(a.Kind) {
		c.hint = fmt.Sprintf("%s = \"P%dD\"", a.Name, days)
	}
	return c
}

func isLength(k Kind) bool { return k == KindLength || k == KindLengthOrWord || k == KindRulePeriod }

// describe names a value in a sentence; of a sensitive kind only the type.
func describe(a *Attribute, v cty.Value) string {
	if v.IsNull() {
		return "null"
	}
	switch t := v.Type(); {
	case a.Kind.sensitive():
		return "a value of type " + t.FriendlyName()
	case t == cty.String:
		return "the string " + quote(v.AsString())
	case t == cty.Number:
		return "the number " + v.AsBigFloat().Text('g', 20)
	case t == cty.Bool && v.True():
		return "true"
	case t == cty.Bool:
		return "false"
	case t.IsObjectType() || t.IsMapType():
		return "a map"
	}
	return "a list"
}

// expectation names what an attribute takes.
func expectation(a *Attribute) string {
	text := article(a.Kind.String()) + " such as " + a.Example
	if a.Word != "" {
		text += " or " + quote(a.Word)
	}
	return text
}

func textOf(a *Attribute, v cty.Value) (string, *complaint) {
	if v.IsNull() || v.Type() != cty.String {
		return "", wrongType(a, v)
	}
	text := v.AsString()
	if strings.TrimSpace(text) == "" {
		return "", &complaint{code: "empty-value", summary: a.Name + " is empty",
			detail: "Expected " + expectation(a) + ". Leave the attribute out if there is none."}
	}
	return text, nil
}

func textValue(a *Attribute, v cty.Value) (any, *complaint) {
	text, wrong := textOf(a, v)
	if wrong != nil {
		return nil, wrong
	}
	if a.Name == "tables" && !tableName(text) {
		return nil, &complaint{code: "bad-table-name", summary: "tables is not a name of tables",
			detail: "Found " + quote(text) + "; expected letters, digits and underscores, for it becomes part of SQL."}
	}
	return text, nil
}

// tableName accepts what PostgreSQL takes without quotes.
func tableName(text string) bool {
	for i, r := range text {
		letter := r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return len(text) <= 48
}

func secretValue(a *Attribute, v cty.Value) (any, *complaint) {
	text, wrong := textOf(a, v)
	return NewSecret(text), wrong
}

func boolValue(a *Attribute, v cty.Value) (any, *complaint) {
	if v.Type() != cty.Bool {
		return nil, wrongType(a, v)
	}
	return v.True(), nil
}
