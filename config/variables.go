package config

import (
	"fmt"

	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"coppice/internal/diag"
)

// variable is one variable block.
type variable struct {
	name        string
	section     *section
	description string
	sensitive   bool
	// written is what the value must be; DynamicPseudoType for any. defaults fills optional attributes.
	written  cty.Type
	defaults *typeexpr.Defaults
	// plain: values that are given as text are that text, as for strings, numbers, bools and variables without a type.
	plain bool
	// given is where the value came from, and value what it is: unknown when there is none, which has been reported.
	given given
	value cty.Value
}

// settleNames gives variables and locals their values, and lets everything else use them.
func (d *decoder) settleNames(values *section) {
	variables := d.variables(values.all("variable"))
	inside := d.outside(variables)
	named := map[string]cty.Value{}
	for _, v := range variables {
		d.settleVariable(v, inside[v.name])
		named[v.name] = v.value
	}
	d.scope = &scope{functions: d.functions, variables: named, closed: "A condition looks at variables alone."}
	for _, v := range variables {
		if !d.valid(v) {
			named[v.name] = cty.DynamicVal // what uses it has nothing more to say
		}
	}
	d.scope = &scope{functions: d.functions, variables: named, locals: d.settleLocals(values.all("locals"))}
}

// variables reads the blocks, in the order of their names.
func (d *decoder) variables(sections []*section) []*variable {
	var variables []*variable
	for _, s := range byName(sections) {
		if d.variableName(s) && d.first(s) {
			variables = append(variables, d.variable(s))
		}
	}
	return variables
}

func (d *decoder) variableName(s *section) bool {
	if hclsyntax.ValidIdentifier(s.labels[0]) {
		return true
	}
	d.add(diag.Diagnostic{
		Code: "bad-name", Range: s.labelRanges[0], Summary: "Not a name of a variable",
		Detail: "Found " + quote(s.labels[0]) + "; expected letters, digits, underscores and hyphens, with a letter in front.",
		Hint:   "variable \"keep_raw\" {\n}",
	})
	return false
}

func (d *decoder) variable(s *section) *variable {
	v := &variable{name: s.labels[0], section: s, written: cty.DynamicPseudoType, plain: true, value: cty.DynamicVal}
	description, _ := setting[string](s, "description")
	v.description = description.Value
	v.sensitive = pickOr[bool](layers{s}, s.schema, "sensitive").Value
	if expr, ok := s.expression("type"); ok {
		d.variableType(v, expr)
	}
	if expr, ok := s.expression("default"); ok && v.sensitive {
		d.blanks = append(d.blanks, expr.Range())
	}
	return v
}

// expression is an attribute that its owner evaluates.
func (s *section) expression(name string) (hclsyntax.Expression, bool) {
	expr, ok := s.values[name].data.(hclsyntax.Expression)
	return expr, ok
}

func (d *decoder) variableType(v *variable, expr hclsyntax.Expression) {
	written, defaults, problems := typeexpr.TypeConstraintWithDefaults(expr)
	for _, p := range problems {
		d.add(diag.Diagnostic{
			Code: "bad-type", Range: rangeOf(*p.Subject), Summary: "Not a type of values", Detail: p.Detail,
			Hint: "type = string",
		})
	}
	if !problems.HasErrors() {
		v.written, v.defaults, v.plain = written, defaults, written.IsPrimitiveType()
	}
}

// settleVariable takes the value from outside, else the default.
func (d *decoder) settleVariable(v *variable, from given) {
	v.given = from
	expr, hasDefault := v.section.expression("default")
	fallback, usable := cty.DynamicVal, false
	d.secret = v.sensitive
	defer func() { d.secret = false }()
	if hasDefault {
		if fallback, usable = d.evaluate(expr); usable { // also when it is not needed, for its mistakes
			fallback, usable = d.fitted(v, fallback, given{from: "the default", at: rangeOf(expr.Range())})
		}
	}
	switch {
	case from.source != "":
		if value, ok := d.valueGiven(v, from); ok {
			v.value = value
		}
	case usable:
		v.value = fallback
	case hasDefault || v.section.damaged || v.sensitive && d.mayMiss(v.name):
	default:
		d.missingVariable(v)
	}
	if v.sensitive {
		v.value = v.value.Mark(sensitive)
	}
}

// fitted converts a value to the variable's type.
func (d *decoder) fitted(v *variable, value cty.Value, from given) (cty.Value, bool) {
	plain, marks := value.UnmarkDeepWithPaths()
	if v.defaults != nil && !plain.IsNull() {
		plain = v.defaults.Apply(plain)
	}
	converted, err := convert.Convert(plain, v.written)
	if err == nil && converted.IsWhollyKnown() {
		if len(marks) > 0 {
			converted = converted.Mark(sensitive) // of an env() inside
		}
		return converted, true
	}
	detail := "It comes from " + from.from + "."
	if err != nil && !v.sensitive && len(marks) == 0 {
		detail = fmt.Sprintf("The type is %s, and %s does not fit: %s.", typeexpr.TypeString(v.written), from.from, errorText(err))
	}
	d.add(diag.Diagnostic{
		Code: "wrong-type", Range: from.place(v), Summary: "Value of " + v.name + " is of another type",
		Detail: detail, Hint: "Give a value of that type.",
	})
	return cty.DynamicVal, false
}

// errorText is what a conversion complains about, with the place inside the value.
func errorText(err error) string {
	if at, ok := err.(cty.PathError); ok && len(at.Path) > 0 {
		return "in " + pathText(at.Path) + ", " + at.Error()
	}
	return err.Error()
}

func pathText(path cty.Path) string {
	text := ""
	for _, step := range path {
		switch s := step.(type) {
		case cty.GetAttrStep:
			text += "." + s.Name
		case cty.IndexStep:
			if s.Key.Type() == cty.Number {
				text += "[" + s.Key.AsBigFloat().Text('f', -1) + "]"
			} else if s.Key.Type() == cty.String {
				text += "[" + quote(s.Key.AsString()) + "]"
			}
		}
	}
	return text
}

// missingVariable says that a variable needs a value, and all ways of giving it one.
func (d *decoder) missingVariable(v *variable) {
	detail := "The variable has no default, and no value was given."
	if v.description != "" {
		detail = fmt.Sprintf("The variable (%s) has no default, and no value was given.", v.description)
	}
	d.add(diag.Diagnostic{
		Code: "missing-variable", Range: v.section.origin, Summary: "Variable " + v.name + " has no value", Detail: detail,
		Hint: fmt.Sprintf("--var %[1]s=…, or --var-file FILE with a line %[1]s = …, or export %[2]s%[1]s=…", v.name, variablePrefix),
	})
}

// valid holds a value against the conditions of its variable.
func (d *decoder) valid(v *variable) bool {
	good := true
	if !v.value.IsWhollyKnown() {
		return good // it has been reported
	}
	for _, s := range v.section.all("validation") {
		condition, ok := s.expression("condition")
		message, words := s.expression("error_message")
		if ok && words && d.refersTo(v, condition) && !d.holds(condition) {
			d.add(d.invalid(v, s, message))
			good = false
		}
	}
	return good
}

// refersTo refuses a condition that says nothing about its variable.
func (d *decoder) refersTo(v *variable, condition hclsyntax.Expression) bool {
	for _, t := range condition.Variables() {
		if t.RootName() == "var" && nameIn(t) == v.name {
			return true
		}
	}
	d.add(diag.Diagnostic{
		Code: "bad-condition", Range: rangeOf(condition.Range()), Summary: "Condition does not look at its variable",
		Detail: fmt.Sprintf("It stands in variable %q and does not mention var.%s, so that it could not tell good values.", v.name, v.name),
		Hint:   "Refer to var." + v.name + ".",
	})
	return false
}

// holds evaluates a condition; one that has no truth value is reported and counts as true.
func (d *decoder) holds(condition hclsyntax.Expression) bool {
	value, ok := d.evaluate(condition)
	if !ok {
		return true
	}
	plain, _ := value.UnmarkDeep()
	if plain.Type() == cty.Bool && !plain.IsNull() {
		return plain.True()
	}
	d.add(diag.Diagnostic{
		Code: "bad-condition", Range: rangeOf(condition.Range()), Summary: "Condition is neither true nor false",
		Detail: "Its value is of type " + plain.Type().FriendlyName() + ".", Hint: "Compare something: length(var.tiers) > 0",
	})
	return true
}

func (d *decoder) invalid(v *variable, s *section, message hclsyntax.Expression) diag.Diagnostic {
	said := "The error message is not shown, since it tells a sensitive value."
	value, ok := d.evaluate(message)
	if ok && !value.ContainsMarked() {
		said = textOrNothing(value)
	}
	from := v.given
	if from.source == "" {
		from = given{from: "the default", at: s.values["condition"].at}
	}
	return diag.Diagnostic{
		Code: "invalid-value", Range: from.place(v), Summary: "Variable " + v.name + " has an invalid value",
		Detail: fmt.Sprintf("%s It comes from %s and was held against the condition at %s.", said, from.from, place(s.values["condition"].at)),
		Hint:   "Give another value.",
	}
}

// textOrNothing is a message that was written as one sentence.
func textOrNothing(value cty.Value) string {
	if value.IsNull() || value.Type() != cty.String {
		return "The condition is false."
	}
	return value.AsString()
}
